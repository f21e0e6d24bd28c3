//! `/login/code`: signing in by a mailed code or its link (D7).
//!
//! What is shown follows from what the browser brought. A link that works, in the browser that asked
//! for it, wants one press of a button; elsewhere it wants the code of its letter as well. A sign-in
//! begun here wants its code, in the same words whether or not the address has an account. Opening
//! changes nothing.

use leptos::either::{Either, EitherOf5};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::SafeReturnTo;

use super::error::Unavailable;
use super::frame::{Gate, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use crate::forms::{Field, Kind, StaySignedIn, Summary};
use crate::islands::Countdown;
use crate::server::log_in_by_code::LogInByCode;
use crate::server::resend_sign_in_code::ResendSignInCode;
use crate::server::viewer;
use crate::server::{Brought, Fault, PendingSignIn, SignInLink, Site};

/// What there is to do.
enum Step {
    /// A link: `holds_flow` says whether it is enough.
    Link(SignInLink),
    /// A code; `true`: codes are refused for a while, links alone work.
    Code(PendingSignIn, bool),
    /// A link was opened that does not work, and no code is waited for.
    DeadLink,
    /// Nothing: whoever wants a code asks on the sign-in page.
    Nothing,
}

/// Signing in by letter.
#[component]
pub(crate) fn SignInCodePage() -> impl IntoView {
    let (site, brought) = (viewer::site(), viewer::brought());
    let asked = viewer::next();
    // The link in a letter knows nothing of where its reader was going; this browser does.
    let next = match &brought.sign_in_next {
        Some(kept) if asked.is_home() => kept.clone(),
        _ => asked,
    };
    let is_signed_in = viewer::viewer().is_some();
    Suspend::new(async move {
        match step(site, &brought).await {
            Ok(Step::Link(link)) => EitherOf5::A(view! { <ByLink link=link next=next/> }),
            Ok(_) if is_signed_in => {
                viewer::go(next.as_str());
                EitherOf5::E(())
            }
            Ok(Step::Code(pending, links_alone)) => {
                EitherOf5::B(view! { <ByCode pending=pending links_alone=links_alone next=next/> })
            }
            Ok(Step::DeadLink) => EitherOf5::C(view! { <DeadLink next=next/> }),
            Ok(Step::Nothing) => {
                viewer::go(&paths::log_in(&next));
                EitherOf5::E(())
            }
            Err(fault) => EitherOf5::D(view! { <Unavailable fault=fault/> }),
        }
    })
}

async fn step(site: Option<Site>, brought: &Brought) -> Result<Step, Fault> {
    let Some(Site { auth, .. }) = site else {
        return Ok(Step::Nothing);
    };
    let (token, flow) = (brought.sign_in.as_ref(), brought.sign_in_flow.as_ref());
    if let Some(token) = token
        && let Some(link) = auth.sign_in_link(token, flow).await?
    {
        return Ok(Step::Link(link));
    }
    let pending = match flow {
        Some(flow) => auth.pending_sign_in(flow).await?,
        None => None,
    };
    match pending {
        Some(pending) => Ok(Step::Code(pending, auth.links_alone().await?)),
        None if token.is_some() => Ok(Step::DeadLink),
        None => Ok(Step::Nothing),
    }
}

#[component]
fn ByLink(link: SignInLink, next: SafeReturnTo) -> impl IntoView {
    let flash = viewer::flash();
    let is_error = flash.error.is_some();
    let SignInLink {
        email,
        holds_flow,
        asked_by,
        asked_from,
    } = link;
    if holds_flow {
        return Either::Left(view! {
            <PageTitle text="Sign in" is_error=is_error/>
            <Gate title="Sign in" lead=view! { <p>"You asked for this link in this browser. It works once."</p> }.into_any()>
                <Summary flash=flash/>
                <form class="form" method="post" action=LogInByCode::PATH>
                    <Next next=next/>
                    <StaySignedIn is_ticked=viewer::brought().sign_in_remember/>
                    <button class="button button-main">{format!("Sign in as {email}")}</button>
                </form>
            </Gate>
        });
    }
    Either::Right(view! {
        <PageTitle text="Enter the code" is_error=is_error/>
        <Gate
            title="Enter the code too"
            lead=view! {
                <p>"This link signs in as " <b>{email.to_string()}</b> ". It was asked for in another browser: "
                {asked_by} ", " {asked_from} "."</p>
                <p>"If that was you, enter the six digits from the same letter."</p>
            }.into_any()
        >
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=LogInByCode::PATH novalidate=true>
                <Next next=next/>
                <Field kind=Kind::Code name="code" label="Code" flash=flash/>
                <StaySignedIn is_ticked=viewer::brought().sign_in_remember/>
                <button class="button button-main">"Sign in"</button>
            </form>
            <p class="gate-after">
                <span>"Was it not you? Then close this page: nobody is signed in without the code."</span>
            </p>
        </Gate>
    })
}

#[component]
fn ByCode(pending: PendingSignIn, links_alone: bool, next: SafeReturnTo) -> impl IntoView {
    let flash = viewer::flash();
    let is_error = flash.error.is_some();
    let has_mailbox = viewer::site().is_some_and(|site| site.has_mailbox);
    let PendingSignIn {
        email,
        again_in,
        has_tries,
    } = pending;
    let log_in = paths::log_in(&next);
    let code = if has_tries {
        let next = next.clone();
        Either::Left(view! {
            {links_alone.then(|| view! {
                <div class="note note-plain"><Icon sign=Sign::Alert/><p>"Codes do not work for a while, because too many wrong ones were entered on this portal. Open the link in the letter instead, in this browser."</p></div>
            })}
            <form class="form" method="post" action=LogInByCode::PATH novalidate=true>
                <Next next=next/>
                <Field kind=Kind::Code name="code" label="Code" flash=flash.clone()/>
                <StaySignedIn is_ticked=viewer::brought().sign_in_remember/>
                <button class="button button-main">"Sign in"</button>
            </form>
        })
    } else {
        Either::Right(view! {
            <p class="quiet small">"No more codes can be entered here. Open the link in the letter, or send another."</p>
        })
    };
    view! {
        <PageTitle text="Enter the code" is_error=is_error/>
        <Gate
            title="Check your mail"
            lead=view! {
                <p>"We sent a code to " <b>{email.to_string()}</b> ", if it has an account. Enter its six digits, or open the link in the letter."</p>
            }.into_any()
        >
            <Summary flash=flash.clone()/>
            {code}
            <div class="gate-after">
                <form method="post" action=ResendSignInCode::PATH>
                    <Next next=next/>
                    "No letter? Look in the spam folder, or "
                    <button class="button-link">"send another"</button>
                    <Countdown seconds=again_in/>"."
                </form>
                <p>"Not your address? " <a href=log_in.clone()>"Use a different one"</a>"."</p>
                <p><a href=log_in>"Use your password instead"</a></p>
                {has_mailbox.then(|| view! { <p><a href=paths::MAILBOX>"Open the development mailbox"</a></p> })}
            </div>
        </Gate>
    }
}

#[component]
fn DeadLink(next: SafeReturnTo) -> impl IntoView {
    let flash = viewer::flash();
    view! {
        <PageTitle text="This link does not work"/>
        <Gate
            title="This link does not work"
            lead=view! { <p>"It has been used or has expired. A new one is asked for on the sign-in page."</p> }.into_any()
        >
            <Summary flash=flash/>
            <a class="button" href=paths::log_in(&next)>"Go to sign-in"</a>
        </Gate>
    }
}

/// Where the form leads in the end.
#[component]
fn Next(next: SafeReturnTo) -> impl IntoView {
    let next = (!next.is_home()).then(|| next.to_string());
    next.map(|next| view! { <input type="hidden" name="next" value=next/> })
}
