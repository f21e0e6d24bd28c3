//! `/setup`: the first admin (D12).

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::error::Unavailable;
use super::frame::{Gate, PageTitle};
use super::paths;
use super::register::Names;
use crate::forms::{Field, Kind, NewPassword, Summary};
use crate::server::set_up::SetUp;
use crate::server::viewer;

/// Makes the first admin, for whoever holds the printed link.
#[component]
pub(crate) fn SetUpPage() -> impl IntoView {
    let (site, token) = (viewer::site(), viewer::brought().set_up);
    Suspend::new(async move {
        let open = match (site, token.filter(|token| !token.is_empty())) {
            (Some(site), Some(token)) => site.auth.set_up_is_open(&token).await,
            _ => Ok(false),
        };
        match open {
            Ok(true) => view! { <FirstAdmin/> }.into_any(),
            Ok(false) => view! { <DeadLink/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn FirstAdmin() -> impl IntoView {
    let flash = viewer::flash();
    view! {
        <PageTitle text="Set up the portal" is_error=flash.error.is_some()/>
        <Gate
            title="Set up the portal"
            lead=view! { <p>"Create the first admin. The link that brought you here works once."</p> }.into_any()
        >
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=SetUp::PATH novalidate=true>
                <Field kind=Kind::NewEmail name="email" label="Email" flash=flash.clone()/>
                <NewPassword flash=flash.clone()/>
                <Names flash=flash/>
                <button class="button button-main">"Create account"</button>
            </form>
        </Gate>
    }
}

/// What to do depends on who looks: the operator prints another link, anyone else signs in.
#[component]
fn DeadLink() -> impl IntoView {
    let flash = viewer::flash();
    let is_signed_in = viewer::viewer().is_some();
    view! {
        <PageTitle text="This link does not work"/>
        <Gate
            title="This link does not work"
            lead=view! {
                <p>"It has been used or has ended, or the portal has an admin already."</p>
            }.into_any()
        >
            <Summary flash=flash/>
            <p class="quiet small">
                "If you run this portal and there is no admin yet, start it again: it prints a new link. "
                "At the machine itself, " <code>"gatehouse admin create"</code> " does the same."
            </p>
            {if is_signed_in {
                Either::Left(view! { <a class="button" href=paths::ACCOUNT>"Go to your account"</a> })
            } else {
                Either::Right(view! { <a class="button" href=paths::LOG_IN>"Go to sign-in"</a> })
            }}
        </Gate>
    }
}
