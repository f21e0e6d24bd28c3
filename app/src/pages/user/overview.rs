//! Who they are, and how the account stands.

use leptos::prelude::*;

use super::About;
use crate::pages::users::{badge, words};
use crate::pages::when::{Exactly, read};

pub(super) fn shown(about: &About) -> AnyView {
    let user = about.user().clone();
    let reason = about.one.disabled_reason.clone();
    let proven = match user.email_verified {
        true => view! { <span class="badge badge-good">"Confirmed"</span> },
        false => view! { <span class="badge">"Not confirmed"</span> },
    };
    let since = read(&user.created_at);
    let seen = user.last_login_at.as_deref().and_then(read);
    let disabled = user.disabled_at.as_deref().and_then(read);
    let disabled = disabled.map(|at| view! { <span class="quiet">"since "<Exactly at=at/></span> });
    let reason =
        reason.map(|reason| view! { <div class="fact"><dt>"Reason"</dt><dd>{reason}</dd></div> });
    let username = user
        .username
        .map(|name| view! { <div class="fact"><dt>"Username"</dt><dd>{name}</dd></div> });
    view! {
        <section class="section">
            <div class="section-head"><h2>"Overview"</h2><p>"Who they are, and how the account stands."</p></div>
            <div class="panel">
                <dl class="facts">
                    <div class="fact"><dt>"Email"</dt><dd class="table-wrap">{user.email}" "{proven}</dd></div>
                    {username}
                    <div class="fact"><dt>"Role"</dt><dd>{user.role}</dd></div>
                    <div class="fact"><dt>"State"</dt><dd><span class=badge(user.status)>{words(user.status)}</span>{disabled}</dd></div>
                    {reason}
                    <div class="fact"><dt>"Since"</dt><dd>{since.map(|at| view! { <Exactly at=at/> })}</dd></div>
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
