//! `/reset-password`: by link or by code.
//!
//! What is shown follows from what the browser brought. A link that works, or a code that was taken for
//! one, asks for the password. A letter asked for here is waited for with its code, whether or not
//! anybody got one. Anything else offers a letter. Opening changes nothing.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::Email;

use super::error::Unavailable;
use super::forgot_password::AskForLetter;
use super::frame::{Gate, PageTitle};
use super::paths;
use crate::forms::{Field, Kind, NewPassword, Summary};
use crate::server::redeem_reset_code::RedeemResetCode;
use crate::server::request_reset::RequestReset;
use crate::server::reset_password::ResetPassword;
use crate::server::viewer;
use crate::server::{Brought, Fault, Site};

/// What there is to do.
enum Step {
    Choose(Email),
    Code(Email),
    /// A link was opened, and does not work.
    DeadLink,
    /// Nothing was brought.
    Ask,
}

/// Choosing another password.
#[component]
pub(crate) fn ResetPasswordPage() -> impl IntoView {
    let (site, brought) = (viewer::site(), viewer::brought());
    Suspend::new(async move {
        match step(site, &brought).await {
            Ok(Step::Choose(email)) => view! { <Choose email=email/> }.into_any(),
            Ok(Step::Code(email)) => view! { <ByCode email=email/> }.into_any(),
            Ok(Step::DeadLink) => view! {
                <AskForLetter
                    title="This link does not work"
                    lead="It has been used, has expired, or a newer letter took its place: then open the newest one. Or ask for another letter here."
                />
            }
            .into_any(),
            Ok(Step::Ask) => view! {
                <AskForLetter
                    title="Choose a new password"
                    lead="Open the link from our letter, or tell us the address of your account and we send you one."
                />
            }
            .into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

async fn step(site: Option<Site>, brought: &Brought) -> Result<Step, Fault> {
    let Some(site) = site else {
        return Ok(Step::Ask);
    };
    if let Some(token) = &brought.reset_password {
        let email = site.auth.reset_link(token).await?;
        return Ok(email.map_or(Step::DeadLink, Step::Choose));
    }
    let email = match &brought.reset {
        Some(flow) => site.auth.reset_address(flow).await?,
        None => None,
    };
    Ok(email.map_or(Step::Ask, Step::Code))
}

#[component]
fn Choose(email: Email) -> impl IntoView {
    let flash = viewer::flash();
    view! {
        <PageTitle text="Choose a new password" is_error=flash.error.is_some()/>
        <Gate
            title="Choose a new password"
            lead=view! { <p>"For " <b>{email.to_string()}</b>". It signs out every device of this account."</p> }.into_any()
        >
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=ResetPassword::PATH novalidate=true>
                // Password managers keep a password with the name it belongs to.
                <input type="text" class="input" name="username" autocomplete="username" value=email.to_string() hidden=true readonly=true/>
                <NewPassword flash=flash.clone()/>
                <Field kind=Kind::SamePassword name="confirm_password" wire="confirmPassword" label="Confirm password" flash=flash/>
                <button class="button button-main">"Save new password"</button>
            </form>
        </Gate>
    }
}

#[component]
fn ByCode(email: Email) -> impl IntoView {
    let flash = viewer::flash();
    let has_mailbox = viewer::site().is_some_and(|site| site.has_mailbox);
    view! {
        <PageTitle text="Enter the code" is_error=flash.error.is_some()/>
        <Gate
            title="Check your mail"
            lead=view! { <p>"If " <b>{email.to_string()}</b>" has an account, a letter is on its way. Enter its six-digit code, or open its link."</p> }.into_any()
        >
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=RedeemResetCode::PATH novalidate=true>
                <Field kind=Kind::Code name="code" label="Code" flash=flash/>
                <button class="button button-main">"Confirm code"</button>
            </form>
            <div class="gate-after">
                <form class="row" method="post" action=RequestReset::PATH>
                    <span>"No letter? Look in the spam folder, or "
                    <button class="button-link">"send another"</button>": it takes the place of the first."</span>
                </form>
                <p>"Not your address? " <a href=paths::FORGOT_PASSWORD>"Use a different one"</a>"."</p>
                {has_mailbox.then(|| view! { <p><a href=paths::MAILBOX>"Open the development mailbox"</a></p> })}
            </div>
        </Gate>
    }
}
