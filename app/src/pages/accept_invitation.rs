//! `/accept-invitation`: who invites, to what, and the one thing to do.
//!
//! What that is follows from the link this browser opened, and from who is signed in. A new address
//! chooses a password. One that has an account signs in as it, comes back here, and joins by a press
//! of a button. Whoever is signed in as somebody else is told so. Opening changes nothing.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::SafeReturnTo;

use super::error::Unavailable;
use super::frame::{Gate, PageTitle};
use super::log_in::is_kept;
use super::paths;
use super::register::Names;
use crate::forms::{Field, Kind, NewPassword, StaySignedIn, Summary};
use crate::server::accept_invitation::AcceptInvitation;
use crate::server::log_out::LogOut;
use crate::server::viewer;
use crate::server::{Fault, Flash, InvitationLink, Session, Site};

/// Accepting an invitation.
#[component]
pub(crate) fn AcceptInvitationPage() -> impl IntoView {
    let (site, token) = (viewer::site(), viewer::brought().invitation);
    let session = viewer::viewer();
    Suspend::new(async move {
        match look(site, token).await {
            Ok(Some(link)) => view! { <Invited link=link session=session/> }.into_any(),
            Ok(None) => view! { <DeadLink/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

async fn look(
    site: Option<Site>,
    token: Option<wire::Secret>,
) -> Result<Option<InvitationLink>, Fault> {
    match (site, token.filter(|token| !token.is_empty())) {
        (Some(site), Some(token)) => site.auth.invitation_link(&token).await,
        _ => Ok(None),
    }
}

#[component]
fn Invited(link: InvitationLink, session: Option<Arc<Session>>) -> impl IntoView {
    let flash = viewer::flash();
    let title = match &link.tenant {
        Some(tenant) => format!("Join {tenant}"),
        None => "You are invited".to_owned(),
    };
    let (inviter, role) = (link.inviter.clone(), link.role.clone());
    let to = match &link.tenant {
        Some(tenant) => format!("to {tenant}"),
        None => "to an account here".to_owned(),
    };
    let lead = view! {
        <p><b>{inviter}</b>" invites you "{to}", as "<b>{role}</b>"."</p>
    };
    let is_theirs = |session: &Arc<Session>| session.user.email == link.email.as_str();
    let step = match (&session, link.has_account) {
        (Some(session), true) if is_theirs(session) => view! { <Join link=link/> }.into_any(),
        (Some(session), _) => {
            view! { <Somebody link=link email=session.user.email.clone()/> }.into_any()
        }
        (None, true) => view! { <SignInFirst link=link/> }.into_any(),
        (None, false) => view! { <NewAccount link=link flash=flash.clone()/> }.into_any(),
    };
    view! {
        <PageTitle text=title.clone() is_error=flash.error.is_some()/>
        <Gate title=title lead=lead.into_any()>
            <Summary flash=flash/>
            {step}
        </Gate>
    }
}

/// A new account: the address is proven by the link, the rest is theirs to say.
#[component]
fn NewAccount(link: InvitationLink, flash: Flash) -> impl IntoView {
    let email = link.email.to_string();
    let names = [("firstName", link.first_name), ("lastName", link.last_name)];
    let remember = is_kept(&flash);
    // What was typed before goes first; an emptied field stays empty.
    let mut flash = flash;
    for (name, value) in names {
        if let Some(value) = value {
            flash.kept.entry(name.to_owned()).or_insert(value);
        }
    }
    view! {
        <form class="form" method="post" action=AcceptInvitation::PATH novalidate=true>
            <div class="field">
                <div class="label"><label for="email">"Email"</label></div>
                <input class="input" id="email" type="email" value=email autocomplete="username" readonly=true/>
            </div>
            <Field kind=Kind::Text("nickname") name="username" label="Username" is_optional=true hint="To sign in with, instead of the address." flash=flash.clone()/>
            <NewPassword flash=flash.clone()/>
            <Names flash=flash/>
            <StaySignedIn is_ticked=remember/>
            <button class="button button-main">"Create account"</button>
        </form>
    }
}

/// The address has an account: only its owner joins.
#[component]
fn SignInFirst(link: InvitationLink) -> impl IntoView {
    let next = SafeReturnTo::parse(paths::ACCEPT_INVITATION);
    view! {
        <p>"Your address has an account already. Sign in as "<b>{link.email.to_string()}</b>", then join."</p>
        <a class="button button-main" href=paths::log_in(&next)>"Sign in"</a>
    }
}

#[component]
fn Join(link: InvitationLink) -> impl IntoView {
    view! {
        <p>"You are signed in as "<b>{link.email.to_string()}</b>". Your account and your password stay as they are."</p>
        <form class="form" method="post" action=AcceptInvitation::PATH>
            <button class="button button-main">"Join"</button>
        </form>
        <p class="gate-after"><a href=paths::ACCOUNT>"Not now"</a></p>
    }
}

/// Signed in as somebody else.
#[component]
fn Somebody(link: InvitationLink, email: String) -> impl IntoView {
    view! {
        <p>
            "You are signed in as "<b>{email}</b>", and the invitation is for "<b>{link.email.to_string()}</b>
            ". Sign out, and you come back here."
        </p>
        <form class="form" method="post" action=LogOut::PATH>
            <input type="hidden" name="next" value=paths::ACCEPT_INVITATION/>
            <button class="button button-main">"Sign out"</button>
        </form>
        <p class="gate-after"><a href=paths::ACCOUNT>"Stay signed in"</a></p>
    }
}

#[component]
fn DeadLink() -> impl IntoView {
    let flash = viewer::flash();
    let title = "This invitation does not work";
    let lead = "It was used, taken back, or is older than seven days.";
    view! {
        <PageTitle text=title is_error=flash.error.is_some()/>
        <Gate title=title lead=view! { <p>{lead}</p> }.into_any()>
            <p>"If you have accepted it, just sign in. If not, ask whoever invited you to send it again: your letter names them."</p>
            <div class="actions"><a class="button" href=paths::LOG_IN>"Sign in"</a></div>
        </Gate>
    }
}
