//! `/login`.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::frame::{Gate, PageTitle};
use super::paths;
use crate::forms::{Field, Kind, StaySignedIn, Summary};
use crate::server::log_in::LogIn;
use crate::server::request_sign_in_code::RequestSignInCode;
use crate::server::{Flash, viewer};

/// Signing in, by password or by a mailed code. Whoever is signed in already is sent on.
#[component]
pub(crate) fn LogInPage() -> impl IntoView {
    let next = viewer::next();
    if viewer::viewer().is_some() {
        viewer::go(next.as_str());
        return Either::Left(());
    }
    let flash = viewer::flash();
    let mails_codes = viewer::site().is_some_and(|site| site.auth.settings().email_code);
    let register = paths::register(&next);
    let remember = is_kept(&flash);
    let next = (!next.is_home()).then(|| next.to_string());
    Either::Right(view! {
        <PageTitle text="Sign in" is_error=flash.error.is_some()/>
        <Gate title="Sign in">
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=LogIn::PATH novalidate=true>
                {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
                <Field kind=Kind::OwnEmail name="email" label="Email" flash=flash.clone()/>
                <Field kind=Kind::OwnPassword name="password" label="Password" flash=flash/>
                <StaySignedIn is_ticked=remember/>
                <button class="button button-main">"Sign in"</button>
                {mails_codes.then(|| view! {
                    <button class="button" formaction=RequestSignInCode::PATH>"Email me a code instead"</button>
                })}
            </form>
            <div class="gate-after">
                <p><a href=paths::FORGOT_PASSWORD>"Forgot your password?"</a></p>
                <p>"New here? " <a href=register>"Create an account"</a></p>
            </div>
        </Gate>
    })
}

/// Whether the box was ticked when the form was sent.
pub(super) fn is_kept(flash: &Flash) -> bool {
    let kept = flash.kept.get("remember");
    kept.is_some_and(|value| !value.is_empty())
}
