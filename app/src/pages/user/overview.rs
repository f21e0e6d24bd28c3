//! Who they are, how the account stands, what helps somebody who does not get in, and their names.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{ManagedUser, UserStatus};

use super::About;
use crate::forms::{Field, Kind, waiting};
use crate::pages::users::state;
use crate::pages::when::{Exactly, read};
use crate::server::manage_user::{MailResetToUser, UnlockUser, UpdateUser};
use crate::server::{Flash, Timestamp};

pub(super) fn shown(about: &About) -> AnyView {
    let user = about.user().clone();
    let help = (about.one.manageable && !about.is_own())
        .then(|| view! { <Help user=user.clone()/> }.into_any());
    let names = about
        .one
        .manageable
        .then(|| view! { <Names user=user.clone() flash=about.flash.clone()/> }.into_any());
    let reason = about.one.disabled_reason.clone();
    view! {
        <Facts user=user reason=reason now=about.now/>
        {help}
        {names}
    }
    .into_any()
}

#[component]
fn Facts(user: ManagedUser, reason: Option<String>, now: Timestamp) -> impl IntoView {
    let proven = match user.email_verified {
        true => view! { <span class="badge badge-good">"Confirmed"</span> },
        false => view! { <span class="badge">"Not confirmed"</span> },
    };
    let fact = |name: &'static str, at: &Option<String>| {
        let at = at.as_deref().and_then(read)?;
        Some(view! { <div class="fact"><dt>{name}</dt><dd><Exactly at=at/></dd></div> })
    };
    let since = fact("Since", &Some(user.created_at.clone()));
    let locked = user.locked_until.as_deref().and_then(read).map(|at| {
        let left = u32::try_from(at - now).unwrap_or(u32::MAX);
        let until = match waiting(left) {
            Some(_) => view! { <Exactly at=at/> }.into_any(),
            None => view! { "Somebody unlocks it" }.into_any(),
        };
        view! { <div class="fact"><dt>"Locked until"</dt><dd>{until}</dd></div> }
    });
    let moments = (
        fact("Disabled since", &user.disabled_at),
        fact("Suspended until", &user.disabled_until),
        locked,
        fact("Deleted on", &user.deletes_at),
    );
    let seen = user.last_login_at.as_deref().and_then(read);
    let reason =
        reason.map(|reason| view! { <div class="fact"><dt>"Reason"</dt><dd>{reason}</dd></div> });
    let username = user
        .username
        .clone()
        .map(|name| view! { <div class="fact"><dt>"Username"</dt><dd>{name}</dd></div> });
    let stands = state(user.clone(), now);
    view! {
        <section class="section">
            <div class="section-head"><h2>"Overview"</h2><p>"Who they are, and how the account stands."</p></div>
            <div class="panel">
                <dl class="facts">
                    <div class="fact"><dt>"Email"</dt><dd class="table-wrap">{user.email}" "{proven}</dd></div>
                    {username}
                    <div class="fact"><dt>"Role"</dt><dd>{user.role}</dd></div>
                    <div class="fact"><dt>"State"</dt><dd>{stands}</dd></div>
                    {moments}
                    {reason}
                    {since}
                    <div class="fact"><dt>"Last signed in"</dt><dd>{match seen {
                        Some(at) => view! { <Exactly at=at/> }.into_any(),
                        None => view! { "Never" }.into_any(),
                    }}</dd></div>
                    <div class="fact"><dt>"Id"</dt><dd><code class="table-wrap">{user.id}</code></dd></div>
                </dl>
            </div>
        </section>
    }
    .into_any()
}

/// For somebody who does not get in.
#[component]
fn Help(user: ManagedUser) -> impl IntoView {
    // Offered to whoever is not locked, too: one network alone may have to wait, which is no state of the
    // account and cannot be seen here.
    let unlock = view! {
        <form class="row" method="post" action=UnlockUser::PATH>
            <input type="hidden" name="user" value=user.id.clone()/>
            <button class="button">"Unlock"</button>
            <span class="small quiet">"Forgets the wrong passwords that were counted, in every place: they can try again at once."</span>
        </form>
    };
    let is_open = matches!(user.status, UserStatus::Active | UserStatus::Locked);
    let reset = match is_open {
        true => view! {
            <form class="row" method="post" action=MailResetToUser::PATH>
                <input type="hidden" name="user" value=user.id/>
                <button class="button">"Send password reset"</button>
                <span class="small quiet">"Mails them a link that chooses a new password. You do not see it, and the old one works until they use it."</span>
            </form>
        }
        .into_any(),
        false => view! { <p class="quiet">"The account may not sign in, so a letter with a way to a new password would help nobody."</p> }.into_any(),
    };
    view! {
        <section class="section">
            <div class="section-head"><h2>"Help with signing in"</h2><p>"When they do not get in."</p></div>
            <div class="panel form">{unlock}{reset}</div>
        </section>
    }
}

#[component]
fn Names(user: ManagedUser, flash: Flash) -> impl IntoView {
    let flash = flash.with_known(&[
        ("firstName", user.first_name.as_deref()),
        ("lastName", user.last_name.as_deref()),
        ("username", user.username.as_deref()),
    ]);
    view! {
        <section class="section">
            <div class="section-head"><h2>"Names"</h2><p>"Seen at once wherever they are signed in. The audit log keeps what they were before."</p></div>
            <div class="panel">
                <form class="form" method="post" action=UpdateUser::PATH novalidate=true>
                    <input type="hidden" name="user" value=user.id/>
                    <div class="pair">
                        <Field kind=Kind::Text("off") name="first_name" wire="firstName" label="First name" flash=flash.clone() is_optional=true/>
                        <Field kind=Kind::Text("off") name="last_name" wire="lastName" label="Last name" flash=flash.clone() is_optional=true/>
                    </div>
                    <Field kind=Kind::Text("off") name="username" label="Username" flash=flash is_optional=true/>
                    <div class="actions"><button class="button">"Save names"</button></div>
                </form>
            </div>
        </section>
    }
}
