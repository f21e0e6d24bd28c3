//! What is not easily taken back: whether they can sign in at all, and whether the account stays.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{ManagedUser, UserStatus};

use super::About;
use crate::forms::{Choice, Field, Kind};
use crate::pages::paths;
use crate::pages::when::{Exactly, read};
use crate::server::Flash;
use crate::server::manage_user::{DeleteUser, DisableUser, EnableUser, KeepUser};

/// For how long somebody may be suspended, as forms offer it: seconds, and words.
pub(crate) fn durations() -> Vec<(String, String)> {
    let offered = [
        ("", "Until somebody enables it"),
        ("3600", "1 hour"),
        ("86400", "1 day"),
        ("604800", "7 days"),
        ("2592000", "30 days"),
    ];
    let owned = |(seconds, words): (&str, &str)| (seconds.to_owned(), words.to_owned());
    offered.map(owned).to_vec()
}

pub(super) fn shown(about: &About) -> AnyView {
    let (user, flash) = (about.user().clone(), about.flash.clone());
    let reason = about.one.disabled_reason.clone();
    match (about.one.manageable, about.is_own()) {
        (false, _) => view! { <p class="quiet">"Nothing here is yours to do."</p> }.into_any(),
        (true, true) => view! { <Own/> }.into_any(),
        (true, false) => {
            // While it is about to be deleted nothing opens it: it is kept first.
            let access = (user.status != UserStatus::Leaving)
                .then(|| view! { <Access user=user.clone() reason=reason flash=flash.clone()/> });
            view! { {access}<Deletion user=user.clone() flash=flash.clone()/> }.into_any()
        }
    }
}

/// Suspending, or enabling again; or another end than the one that was chosen.
#[component]
fn Access(user: ManagedUser, reason: Option<String>, flash: Flash) -> impl IntoView {
    let form = match user.disabled_at {
        Some(_) => view! {
            <Enable user=user.clone() reason=reason/>
            <Disable user=user flash=flash/>
        }
        .into_any(),
        None => view! { <Disable user=user flash=flash/> }.into_any(),
    };
    view! {
        <section class="section">
            <div class="section-head"><h2>"Access"</h2><p>"Whether they can sign in at all."</p></div>
            <div class="panel">{form}</div>
        </section>
    }
}

#[component]
fn Enable(user: ManagedUser, reason: Option<String>) -> impl IntoView {
    let until = user.disabled_until.as_deref().and_then(read);
    let until = until.map(|at| view! { <p>"Suspended until "<Exactly at=at/>". Then they can sign in again by themselves."</p> });
    view! {
        <form class="form" method="post" action=EnableUser::PATH>
            <input type="hidden" name="user" value=user.id/>
            {reason.map(|reason| view! { <p>"Disabled because: "{reason}</p> })}
            {until}
            <p>"Once enabled, they can sign in again with the password they had. What ended stays ended, and an API key works again when they say on its page that it is theirs."</p>
            <div class="actions"><button class="button">"Enable account"</button></div>
        </form>
    }
}

#[component]
fn Disable(user: ManagedUser, flash: Flash) -> impl IntoView {
    let is_disabled = user.disabled_at.is_some();
    let steps = match is_disabled {
        true => view! { <ul class="steps"><li>"What you choose here replaces the end and the reason from before. It counts from now on."</li></ul> }.into_any(),
        false => view! {
            <ul class="steps">
                <li>"Every session ends at once, and services refuse what they hold within seconds."</li>
                <li>"They cannot sign in, and are told nothing but that address or password is wrong."</li>
                <li>"Every API key of theirs stops, and those of organisations that they answer for. Programs that use one stay out until its owner confirms it."</li>
                <li>"Nothing is deleted. You can enable the account again; with an end, that happens by itself."</li>
            </ul>
        }
        .into_any(),
    };
    let act = match is_disabled {
        true => "Change how long",
        false => "Disable account",
    };
    view! {
        <form class="form" class:below=is_disabled method="post" action=DisableUser::PATH novalidate=true>
            <input type="hidden" name="user" value=user.id/>
            {steps}
            <Choice name="seconds" label="For how long" options=durations() chosen=String::new() flash=flash.clone()/>
            <Field kind=Kind::Text("off") name="reason" label="Reason" hint="For whoever looks at this account next. They do not see it." flash=flash is_optional=true/>
            <div class="actions"><button class="button button-danger">{act}</button></div>
        </form>
    }
}

/// Deleting, or keeping after all.
#[component]
fn Deletion(user: ManagedUser, flash: Flash) -> impl IntoView {
    let keep = (user.status == UserStatus::Leaving).then(|| {
        let at = user.deletes_at.as_deref().and_then(read);
        view! {
            <form class="form" method="post" action=KeepUser::PATH>
                <input type="hidden" name="user" value=user.id.clone()/>
                <p>"This account will be deleted for good"{at.map(|at| view! { " on "<Exactly at=at/> })}". Until then nobody can sign in to it, and nothing of it is lost."</p>
                <div class="actions"><button class="button">"Keep account"</button></div>
            </form>
        }
    });
    view! {
        <section class="section">
            <div class="section-head"><h2>"Deletion"</h2><p>"Whether the account stays."</p></div>
            <div class="panel">
                {keep}
                <Delete user=user flash=flash/>
            </div>
        </section>
    }
}

#[component]
fn Delete(user: ManagedUser, flash: Flash) -> impl IntoView {
    let is_leaving = user.status == UserStatus::Leaving;
    let mut when = vec![
        (
            "later".to_owned(),
            "In 14 days: until then you can keep it".to_owned(),
        ),
        ("now".to_owned(), "Now: nothing brings it back".to_owned()),
    ];
    if is_leaving {
        when.remove(0);
    }
    let chosen = when.first().map(|(value, _)| value.clone());
    view! {
        <form class="form" class:below=is_leaving method="post" action=DeleteUser::PATH novalidate=true>
            <input type="hidden" name="user" value=user.id.clone()/>
            <ul class="steps">
                <li>"From now on nothing of the account works: no way in, no session, no token, no API key."</li>
                <li>"When it is deleted, its sessions, memberships, API keys, consents and letters go with it. Its address is free again."</li>
                <li>"The audit log keeps what was done, without address, device or detail of this person."</li>
            </ul>
            <Choice name="when" label="When" options=when chosen=chosen.unwrap_or_default() flash=flash.clone()/>
            <Field kind=Kind::Text("off") name="confirmation" label="Type the account’s e-mail address" hint=format!("To be sure that this one is meant: {}", user.email) flash=flash/>
            <div class="actions">
                <button class="button button-danger">"Delete account"</button>
                <a class="button" href=paths::user(&user.id)>"Leave it"</a>
            </div>
        </form>
    }
}

#[component]
fn Own() -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head"><h2>"Access"</h2><p>"Whether they can sign in at all."</p></div>
            <div class="panel"><p>"This is your own account: only another admin can disable it. "<a href=paths::PRIVACY>"Closing it is yours to do."</a></p></div>
        </section>
    }
}
