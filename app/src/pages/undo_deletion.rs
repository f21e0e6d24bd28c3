//! `/undo-deletion`: the button that keeps an account. Opening the link uses nothing up.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::error::Unavailable;
use super::frame::{Gate, PageTitle};
use super::paths;
use super::when::Exactly;
use crate::forms::Summary;
use crate::server::undo_deletion::UndoDeletion;
use crate::server::viewer;
use crate::server::{Closing, Fault};

/// Keeping an account that is about to be deleted.
#[component]
pub(crate) fn UndoDeletionPage() -> impl IntoView {
    Suspend::new(async move {
        match closing().await {
            Ok(Some(closing)) => view! { <Keep closing=closing/> }.into_any(),
            Ok(None) => view! { <DeadLink/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

async fn closing() -> Result<Option<Closing>, Fault> {
    match (viewer::site(), viewer::brought().undo_deletion) {
        (Some(site), Some(token)) => site.auth.closing_by_token(&token).await,
        _ => Ok(None),
    }
}

#[component]
fn Keep(closing: Closing) -> impl IntoView {
    let flash = viewer::flash();
    view! {
        <PageTitle text="Keep your account" is_error=flash.error.is_some()/>
        <Gate title="Keep your account" lead=view! {
            <p><b>{closing.email}</b></p>
            <p>"This account is closed. It will be deleted on "<Exactly at=closing.deletes_at/>"."</p>
        }.into_any()>
            <Summary flash=flash/>
            <form class="form" method="post" action=UndoDeletion::PATH>
                <button class="button button-main">"Keep my account"</button>
            </form>
            <p class="gate-after">"If you want it to go, there is nothing to do."</p>
        </Gate>
    }
}

#[component]
fn DeadLink() -> impl IntoView {
    let flash = viewer::flash();
    view! {
        <PageTitle text="This link does not work"/>
        <Gate title="This link does not work" lead=view! {
            <p>"It has been used, or the 14 days are over. If you pressed its button before, your account stays: just sign in."</p>
        }.into_any()>
            <Summary flash=flash/>
            <a class="button button-main" href=paths::LOG_IN>"Go to sign-in"</a>
        </Gate>
    }
}
