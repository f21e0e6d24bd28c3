//! `/forgot-password`: asking for a reset letter.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::frame::{Gate, PageTitle};
use super::paths;
use crate::forms::{Field, Kind, Summary};
use crate::server::request_reset::RequestReset;
use crate::server::viewer;

/// For whoever forgot their password, or never had one.
#[component]
pub(crate) fn ForgotPasswordPage() -> impl IntoView {
    view! {
        <AskForLetter
            title="Forgot your password?"
            lead="Tell us the address of your account, and we send you a letter with a link and a code to choose another."
        />
    }
}

/// The one form such letters are asked for with.
#[component]
pub(crate) fn AskForLetter(title: &'static str, lead: &'static str) -> impl IntoView {
    let flash = viewer::flash();
    view! {
        <PageTitle text=title is_error=flash.error.is_some()/>
        <Gate title=title lead=view! { <p>{lead}</p> }.into_any()>
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=RequestReset::PATH novalidate=true>
                <Field kind=Kind::OwnEmail name="email" label="Email" flash=flash/>
                <button class="button button-main">"Send letter"</button>
            </form>
            <p class="gate-after">
                <span>"Remembered it? " <a href=paths::LOG_IN>"Sign in"</a></span>
            </p>
        </Gate>
    }
}
