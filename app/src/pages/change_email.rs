//! `/change-email`: what the link in the letter to a new address opens.
//!
//! The address is proven by the letter and a session of the account. Whoever opens the link elsewhere
//! signs in first and comes back; whoever is signed in to another account is told so.

use crate::server::EmailChangeLink;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::SafeReturnTo;

use super::error::Unavailable;
use super::frame::{Gate, PageTitle};
use super::paths;
use crate::forms::Summary;
use crate::server::confirm_email_change::ConfirmEmailChange;
use crate::server::viewer;

/// Confirming a new address.
#[component]
pub(crate) fn ChangeEmailPage() -> impl IntoView {
    let (site, brought) = (viewer::site(), viewer::brought());
    let session = viewer::viewer();
    Suspend::new(async move {
        let link = match (site, &brought.change_email) {
            (Some(site), Some(token)) => {
                site.auth.email_change_link(token, session.as_deref()).await
            }
            _ => Ok(None),
        };
        match (link, session) {
            (Ok(Some(link)), Some(_)) if link.is_own => view! { <Confirm link=link/> }.into_any(),
            (Ok(Some(link)), None) => view! { <SignInFirst link=link/> }.into_any(),
            (Ok(Some(link)), Some(session)) => {
                view! { <OtherAccount link=link own=session.user.email.clone()/> }.into_any()
            }
            (Ok(None), _) => view! { <Dead/> }.into_any(),
            (Err(fault), _) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Confirm(link: EmailChangeLink) -> impl IntoView {
    let flash = viewer::flash();
    let title = "Confirm your new address";
    view! {
        <PageTitle text=title is_error=flash.error.is_some()/>
        <Gate title=title lead=view! { <p><b>{link.email.to_string()}</b></p><p>"becomes the address you sign in with. Every other device is signed out."</p> }.into_any()>
            <Summary flash=flash/>
            <form class="form" method="post" action=ConfirmEmailChange::PATH>
                <button class="button button-main">"Confirm new address"</button>
            </form>
            <p class="gate-after"><a href=paths::ACCOUNT>"Leave it as it is"</a></p>
        </Gate>
    }
}

#[component]
fn SignInFirst(link: EmailChangeLink) -> impl IntoView {
    let next = paths::log_in(&SafeReturnTo::parse(paths::CHANGE_EMAIL));
    let title = "Sign in to confirm";
    view! {
        <PageTitle text=title/>
        <Gate title=title lead=view! { <p><b>{link.email.to_string()}</b></p><p>"To make this the address of your account, sign in to it in this browser."</p> }.into_any()>
            <div class="form"><a class="button button-main" href=next>"Sign in"</a></div>
        </Gate>
    }
}

#[component]
fn OtherAccount(link: EmailChangeLink, own: String) -> impl IntoView {
    let title = "This link is for another account";
    view! {
        <PageTitle text=title/>
        <Gate title=title lead=view! { <p>"You are signed in as " <b>{own}</b>". Sign in to the account that shall have the address " <b>{link.email.to_string()}</b>", then open the link again."</p> }.into_any()>
            <div class="form"><a class="button" href=paths::LOG_OUT>"Sign out"</a></div>
            <p class="gate-after"><a href=paths::ACCOUNT>"Back to your account"</a></p>
        </Gate>
    }
}

#[component]
fn Dead() -> impl IntoView {
    let flash = viewer::flash();
    let title = "This link does not work";
    view! {
        <PageTitle text=title is_error=flash.error.is_some()/>
        <Gate title=title lead=view! { <p>"It has been used, has expired, or another change was asked for since. Your account page says which address you have, and can send another letter."</p> }.into_any()>
            <Summary flash=flash/>
            <div class="form"><a class="button" href=paths::ACCOUNT>"To your account"</a></div>
        </Gate>
    }
}
