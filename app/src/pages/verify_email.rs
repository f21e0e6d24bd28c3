//! `/verify-email`: by link or by code.
//!
//! What is shown follows from what the browser brought. A link that works asks for one press of a
//! button, and for a password where the registration was begun elsewhere (D13). A registration
//! begun here asks for its code. Anything else offers another letter. Opening changes nothing.

use crate::server::{Fault, VerificationLink};
use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::Email;

use super::error::Unavailable;
use super::frame::{Gate, PageTitle};
use super::paths;
use crate::forms::{Field, Kind, NewPassword, Summary};
use crate::server::resend_verification::ResendVerification;
use crate::server::verify_email::VerifyEmail;
use crate::server::viewer;
use crate::server::{Brought, Site};

/// What there is to do.
enum Step {
    Link(VerificationLink),
    Code(Email),
    /// `true`: a link was opened, and does not work.
    Letter(bool),
}

/// Proving an address.
#[component]
pub(crate) fn VerifyEmailPage() -> impl IntoView {
    let (site, brought) = (viewer::site(), viewer::brought());
    Suspend::new(async move {
        match step(site, &brought).await {
            Ok(Step::Link(link)) => view! { <ByLink link=link/> }.into_any(),
            Ok(Step::Code(email)) => view! { <ByCode email=email/> }.into_any(),
            Ok(Step::Letter(dead_link)) => {
                view! { <AnotherLetter dead_link=dead_link/> }.into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

async fn step(site: Option<Site>, brought: &Brought) -> Result<Step, Fault> {
    let Some(site) = site else {
        return Ok(Step::Letter(false));
    };
    let (token, flow) = (brought.verify_email.as_ref(), brought.flow.as_ref());
    if let Some(token) = token {
        let link = site.auth.verification_link(token, flow).await?;
        return Ok(link.map_or(Step::Letter(true), Step::Link));
    }
    let pending = match flow {
        Some(flow) => site.auth.pending_address(flow).await?,
        None => None,
    };
    Ok(pending.map_or(Step::Letter(false), Step::Code))
}

#[component]
fn ByLink(link: VerificationLink) -> impl IntoView {
    let flash = viewer::flash();
    let needs_password = !link.holds_flow;
    let lead = if needs_password {
        "Choose a password to finish. One that was given elsewhere for this address does not count."
    } else {
        "One press, and your account is ready."
    };
    let (title, button) = (
        "Confirm your address",
        if needs_password {
            "Confirm and sign in"
        } else {
            "Confirm"
        },
    );
    view! {
        <PageTitle text=title is_error=flash.error.is_some()/>
        <Gate title=title lead=view! { <p><b>{link.email.to_string()}</b></p><p>{lead}</p> }.into_any()>
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=VerifyEmail::PATH novalidate=true>
                {needs_password.then(|| view! {
                    // Password managers keep a password with the name it belongs to.
                    <input type="text" class="input" name="username" autocomplete="username" value=link.email.to_string() hidden=true readonly=true/>
                    <NewPassword flash=flash/>
                })}
                <button class="button button-main">{button}</button>
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
            lead=view! { <p>"We sent a letter to " <b>{email.to_string()}</b>". Enter its six-digit code, or open its link."</p> }.into_any()
        >
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=VerifyEmail::PATH novalidate=true>
                <Field kind=Kind::Code name="code" label="Code" flash=flash/>
                <button class="button button-main">"Confirm"</button>
            </form>
            <div class="gate-after">
                <form class="row" method="post" action=ResendVerification::PATH>
                    <span>"No letter? Look in the spam folder, or "
                    <button class="button-link">"send another"</button>"."</span>
                </form>
                <p>"Not your address? " <a href=paths::REGISTER>"Use a different one"</a>"."</p>
                {has_mailbox.then(|| view! { <p><a href=paths::MAILBOX>"Open the development mailbox"</a></p> })}
            </div>
        </Gate>
    }
}

#[component]
fn AnotherLetter(dead_link: bool) -> impl IntoView {
    let flash = viewer::flash();
    let (title, lead) = if dead_link {
        (
            "This link does not work",
            "It has been used or has expired. If your address is confirmed already, just sign in.",
        )
    } else {
        (
            "Confirm your address",
            "Tell us the address you registered with, and we send you a new letter.",
        )
    };
    let letter_sent = flash.notice.is_some();
    view! {
        <PageTitle text=title is_error=flash.error.is_some()/>
        <Gate title=title lead=view! { <p>{lead}</p> }.into_any()>
            <Summary flash=flash.clone()/>
            {if letter_sent {
                Either::Left(())
            } else {
                Either::Right(view! {
                    <form class="form" method="post" action=ResendVerification::PATH novalidate=true>
                        <Field kind=Kind::NewEmail name="email" label="Email" flash=flash/>
                        <button class="button button-main">"Send a new letter"</button>
                    </form>
                })
            }}
            <p class="gate-after">
                <span><a href=paths::LOG_IN>"Sign in"</a>" or "<a href=paths::REGISTER>"create an account"</a></span>
            </p>
        </Gate>
    }
}
