//! `/account/keys/new`: what a key shall be. Whoever comes here proved a factor just now, so that the form
//! is not interrupted.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::form::KeyForm;
use crate::forms::Summary;
use crate::pages::error::Unavailable;
use crate::pages::frame::{House, PageTitle};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::server::api_keys::CreateKey;
use crate::server::{Flash, Session, viewer};

/// The form.
#[component]
pub(crate) fn NewKeyPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let flash = viewer::flash();
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        // It acts where the one who makes it does.
        let tenant = session.tenant_id.as_deref();
        match site.auth.key_rights(&session, tenant).await {
            Ok(rights) => {
                let held = rights.permissions;
                view! { <Page session=session held=held flash=flash/> }.into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Page(session: Arc<Session>, held: Vec<String>, flash: Flash) -> impl IntoView {
    let back = paths::KEYS.to_owned();
    view! {
        <PageTitle text="New API key" is_error=flash.error.is_some()/>
        <House session=session here=Place::Keys title="New API key" lead="It is shown once, on the next page.">
            <Summary flash=flash.clone()/>
            <KeyForm action=CreateKey::PATH tenant=String::new() held=held back=back flash=flash/>
        </House>
    }
}
