//! What is not easily taken back: whether they can sign in at all.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{ManagedUser, UserStatus};

use super::About;
use crate::forms::{Field, Kind};
use crate::server::Flash;
use crate::server::manage_user::{DisableUser, EnableUser};

pub(super) fn shown(about: &About) -> AnyView {
    let (user, flash) = (about.user().clone(), about.flash.clone());
    let reason = about.one.disabled_reason.clone();
    match (about.one.manageable, about.is_own()) {
        (false, _) => view! { <p class="quiet">"Nothing here is yours to do."</p> }.into_any(),
        (true, true) => view! { <Own/> }.into_any(),
        (true, false) => view! { <Change user=user reason=reason flash=flash/> }.into_any(),
    }
}

/// Disabling, or enabling again.
#[component]
fn Change(user: ManagedUser, reason: Option<String>, flash: Flash) -> impl IntoView {
    let form = match user.status {
        UserStatus::Disabled => view! {
            <form class="form" method="post" action=EnableUser::PATH>
                <input type="hidden" name="user" value=user.id/>
                {reason.map(|reason| view! { <p>"Disabled because: "{reason}</p> })}
                <p>"They can sign in again, with the password they had. What ended stays ended."</p>
                <div class="actions"><button class="button">"Enable account"</button></div>
            </form>
        }
        .into_any(),
        _ => view! {
            <form class="form" method="post" action=DisableUser::PATH novalidate=true>
                <input type="hidden" name="user" value=user.id/>
                <ul class="steps">
                    <li>"Every session ends at once, and services refuse what they hold within seconds."</li>
                    <li>"They cannot sign in, and are told nothing but that address or password is wrong."</li>
                    <li>"Nothing is deleted. You can enable the account again."</li>
                </ul>
                <Field kind=Kind::Text("off") name="reason" label="Reason" hint="For whoever looks at this account next. They do not see it." flash=flash is_optional=true/>
                <div class="actions"><button class="button button-danger">"Disable account"</button></div>
            </form>
        }
        .into_any(),
    };
    view! {
        <section class="section">
            <div class="section-head"><h2>"Access"</h2><p>"Whether they can sign in at all."</p></div>
            <div class="panel">{form}</div>
        </section>
    }
}

#[component]
fn Own() -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head"><h2>"Access"</h2><p>"Whether they can sign in at all."</p></div>
            <div class="panel"><p>"This is your own account: only another admin can disable it."</p></div>
        </section>
    }
}
