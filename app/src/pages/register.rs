//! `/register`.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::frame::{Gate, PageTitle};
use super::paths;
use crate::forms::{Field, Kind, NewPassword, Summary};
use crate::server::Flash;
use crate::server::register::Register;
use crate::server::viewer;

/// Creating an account.
#[component]
pub(crate) fn RegisterPage() -> impl IntoView {
    let next = viewer::next();
    if viewer::viewer().is_some() {
        viewer::go(next.as_str());
        return Either::Left(());
    }
    let flash = viewer::flash();
    Either::Right(view! {
        <PageTitle text="Create an account" is_error=flash.error.is_some()/>
        <Gate title="Create an account">
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=Register::PATH novalidate=true>
                <Field kind=Kind::NewEmail name="email" label="Email" flash=flash.clone()/>
                <NewPassword flash=flash.clone()/>
                <Names flash=flash/>
                <button class="button button-main">"Create account"</button>
            </form>
            <p class="gate-after">
                <span>"Have an account? " <a href=paths::log_in(&next)>"Sign in"</a></span>
            </p>
        </Gate>
    })
}

/// First and last name, side by side.
#[component]
pub(crate) fn Names(flash: Flash) -> impl IntoView {
    view! {
        <div class="pair">
            <Field kind=Kind::Text("given-name") name="first_name" wire="firstName" label="First name" is_optional=true flash=flash.clone()/>
            <Field kind=Kind::Text("family-name") name="last_name" wire="lastName" label="Last name" is_optional=true flash=flash/>
        </div>
    }
}
