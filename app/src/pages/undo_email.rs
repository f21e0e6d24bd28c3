//! `/undo-email`: what the link in a letter to a former address opens. Opening it does nothing; its one
//! button takes the account back, and says before what that means.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::Email;

use super::error::Unavailable;
use super::frame::{Gate, PageTitle};
use super::paths;
use crate::forms::Summary;
use crate::server::undo_email_change::UndoEmailChange;
use crate::server::viewer;

/// Taking an account back.
#[component]
pub(crate) fn UndoEmailPage() -> impl IntoView {
    let (site, brought) = (viewer::site(), viewer::brought());
    let is_done = viewer::flash().notice.is_some();
    Suspend::new(async move {
        if is_done {
            return view! { <Done/> }.into_any();
        }
        let address = match (site, &brought.undo_email) {
            (Some(site), Some(token)) => site.auth.undo_link(token).await,
            _ => Ok(None),
        };
        match address {
            Ok(Some(address)) => view! { <Undo address=address/> }.into_any(),
            Ok(None) => view! { <Dead/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Undo(address: Email) -> impl IntoView {
    let flash = viewer::flash();
    let title = "Was this not you?";
    view! {
        <PageTitle text=title is_error=flash.error.is_some()/>
        <Gate title=title lead=view! { <p>"Then take your account back. This is what happens:"</p> }.into_any()>
            <Summary flash=flash/>
            <ul class="steps">
                <li>"Your account has the address " <b>{address.to_string()}</b>", and every later change of it is undone."</li>
                <li>"Every session ends, on every device."</li>
                <li>"Your password stops working. We send a letter to that address, and you choose a new one."</li>
            </ul>
            <form class="form" method="post" action=UndoEmailChange::PATH>
                <button class="button button-main">"Take my account back"</button>
            </form>
            <p class="gate-after">"If it was you, close this page. Nothing has changed."</p>
        </Gate>
    }
}

#[component]
fn Done() -> impl IntoView {
    let title = "You have your account back";
    view! {
        <PageTitle text=title/>
        <Gate title=title>
            <Summary flash=viewer::flash()/>
            <p class="gate-after"><a href=paths::LOG_IN>"Sign in"</a></p>
        </Gate>
    }
}

#[component]
fn Dead() -> impl IntoView {
    let flash = viewer::flash();
    let title = "This link does not work";
    view! {
        <PageTitle text=title is_error=flash.error.is_some()/>
        <Gate title=title lead=view! { <p>"It has been used, has expired, or an earlier change was undone, and this one with it. If you cannot get into your account, ask whoever runs this portal."</p> }.into_any()>
            <Summary flash=flash/>
            <p class="gate-after"><a href=paths::LOG_IN>"Sign in"</a></p>
        </Gate>
    }
}
