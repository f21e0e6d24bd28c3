//! `/step-up`: it is you, is it not? Asked before what cannot be taken back easily, when the last
//! proof is older than ten minutes (D26).

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::SafeReturnTo;

use super::error::Unavailable;
use super::frame::{Gate, PageTitle};
use super::paths;
use crate::forms::{Field, Kind, Summary};
use crate::server::log_out::LogOut;
use crate::server::step_up::StepUp;
use crate::server::viewer;

/// Confirming that it is the account's owner who is here.
#[component]
pub(crate) fn StepUpPage() -> impl IntoView {
    let (site, session, next) = (viewer::site(), viewer::viewer(), viewer::next());
    Suspend::new(async move {
        let (Some(site), Some(session)) = (site, session) else {
            viewer::go(&paths::log_in(&next));
            return ().into_any();
        };
        let email = session.user.email.clone();
        match site.auth.has_password(&session).await {
            Ok(true) => view! { <ByPassword email=email next=next/> }.into_any(),
            Ok(false) => view! { <BySigningIn/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn ByPassword(email: String, next: SafeReturnTo) -> impl IntoView {
    let flash = viewer::flash();
    let lead = view! { <p>"You are about to change something important. Enter your password to go on."</p> };
    view! {
        <PageTitle text="Confirm it is you" is_error=flash.error.is_some()/>
        <Gate title="Confirm it is you" lead=lead.into_any()>
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=StepUp::PATH novalidate=true>
                <input type="hidden" name="next" value=next.to_string()/>
                // For password managers, which want to know whose password it is.
                <input type="hidden" name="username" autocomplete="username" value=email.clone()/>
                <Field kind=Kind::OwnPassword name="password" label="Password" flash=flash/>
                <button class="button button-main">"Continue"</button>
            </form>
            <div class="gate-after">
                <p>"You are signed in as " <b>{email}</b>"."</p>
                <p><a href=paths::ACCOUNT>"Back to your account"</a></p>
            </div>
        </Gate>
    }
}

#[component]
fn BySigningIn() -> impl IntoView {
    let lead = view! {
        <p>"Your account has no password, so please sign in once more. Then you have ten minutes for changes like this one."</p>
    };
    view! {
        <PageTitle text="Confirm it is you"/>
        <Gate title="Confirm it is you" lead=lead.into_any()>
            <form class="form" method="post" action=LogOut::PATH>
                <button class="button button-main">"Sign out and in again"</button>
            </form>
            <p class="gate-after"><a href=paths::ACCOUNT>"Back to your account"</a></p>
        </Gate>
    }
}
