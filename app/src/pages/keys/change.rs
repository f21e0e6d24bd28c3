//! `/account/keys/{id}`: one key, and what can be done with it. Each button says before what will happen.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use wire::{ApiKey, ApiKeyStatus, ErrorCode};

use super::create::Permissions;
use super::{End, LastUse, badge, hint, words};
use crate::forms::{Choice, Summary};
use crate::pages::error::Failed;
use crate::pages::frame::{House, PageTitle};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::pages::when::{When, read};
use crate::server::api_keys::{ConfirmKey, RevokeKey, RollKey, UpdateKey};
use crate::server::{Flash, Session, Timestamp, viewer};

/// One key of whoever looks.
#[component]
pub(crate) fn KeyPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let id = use_params_map().read_untracked().get("id");
    let flash = viewer::flash();
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let id = id.unwrap_or_default();
        match site.auth.own_api_key(&session, &id).await {
            Ok(Some(key)) => {
                let now = site.auth.now();
                view! { <Shown session=session key_of=key now=now flash=flash/> }.into_any()
            }
            Ok(None) => view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
            Err(error) => {
                tracing::error!(reason = %error, "a key was not read");
                view! { <Failed code=ErrorCode::Internal/> }.into_any()
            }
        }
    })
}

#[component]
fn Shown(session: Arc<Session>, key_of: ApiKey, now: Timestamp, flash: Flash) -> impl IntoView {
    let key = key_of;
    let held = session.user.permissions.clone();
    let is_over = key.status.is_over();
    let is_suspended = key.status == ApiKeyStatus::Suspended;
    let can_roll = !is_over && key.rolled_at.is_none();
    view! {
        <PageTitle text="API key" is_error=flash.error.is_some()/>
        <House session=session here=Place::Keys title="API key" lead="What it may do, how long it lives, and ending it.">
            <Summary flash=flash.clone()/>
            <Facts key_of=key.clone() now=now/>
            {is_suspended.then(|| view! { <Confirm id=key.id.clone()/> })}
            {(!is_over).then(|| view! { <Change key_of=key.clone() held=held/> })}
            {can_roll.then(|| view! { <Roll id=key.id.clone() flash=flash/> })}
            {(!is_over).then(|| view! { <Revoke id=key.id.clone()/> })}
            <p><a href=paths::KEYS>"All keys"</a></p>
        </House>
    }
}

#[component]
fn Facts(key_of: ApiKey, now: Timestamp) -> impl IntoView {
    let made = read(&key_of.created_at).unwrap_or(now);
    let status = key_of.status;
    view! {
        <section class="panel">
            <h2>{key_of.name.clone()}</h2>
            <dl class="facts">
                <div class="fact"><dt>"Key"</dt><dd><code>{hint(&key_of)}</code></dd></div>
                <div class="fact"><dt>"State"</dt><dd><span class=badge(status)>{words(status)}</span></dd></div>
                <div class="fact"><dt>"Made"</dt><dd><When at=made now=now/></dd></div>
                <div class="fact"><dt>"Ends"</dt><dd><End key_of=key_of.clone() now=now/></dd></div>
                <div class="fact"><dt>"Last used"</dt><dd><LastUse key_of=key_of.clone() now=now/></dd></div>
                <div class="fact"><dt>"Uses an hour"</dt><dd>{key_of.rate_limit}</dd></div>
                {key_of.tenant_name.map(|name| view! { <div class="fact"><dt>"Acts in"</dt><dd>{name}</dd></div> })}
            </dl>
        </section>
    }
    .into_any()
}

#[component]
fn Confirm(id: String) -> impl IntoView {
    view! {
        <section class="panel panel-row">
            <div>
                <h2>"Is this key yours?"</h2>
                <p class="small quiet">"It does not work since your password was reset or your account was disabled. If you made it and know who holds it, let it work again. If not, revoke it."</p>
            </div>
            <form method="post" action=ConfirmKey::PATH>
                <input type="hidden" name="id" value=id/>
                <button class="button">"It is mine, let it work again"</button>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn Change(key_of: ApiKey, held: Vec<String>) -> impl IntoView {
    let mut offered = held;
    offered.extend(key_of.permissions.iter().cloned());
    offered.sort();
    offered.dedup();
    view! {
        <form class="form panel" method="post" action=UpdateKey::PATH>
            <h2>"Change it"</h2>
            <input type="hidden" name="id" value=key_of.id/>
            <div class="field">
                <div class="label"><label for="name">"Name"</label></div>
                <div class="box"><input class="input" id="name" name="name" value=key_of.name autocomplete="off" required=true/></div>
            </div>
            <Permissions held=offered chosen=key_of.permissions/>
            <div class="field">
                <div class="label"><label for="rate_limit">"Uses an hour"</label></div>
                <div class="box"><input class="input" id="rate_limit" name="rate_limit" value=key_of.rate_limit inputmode="numeric" autocomplete="off"/></div>
            </div>
            <p class="small quiet">"Where permissions change, programs fetch their next token with the new ones: what they hold ends at once."</p>
            <div class="actions"><button class="button button-main">"Save"</button></div>
        </form>
    }
    .into_any()
}

#[component]
fn Roll(id: String, flash: Flash) -> impl IntoView {
    let overlaps = [
        ("0", "At once"),
        ("3600", "After an hour"),
        ("86400", "After 24 hours"),
        ("604800", "After 7 days"),
    ];
    let overlaps = overlaps.map(|(value, words)| (value.to_owned(), words.to_owned()));
    view! {
        <form class="form panel" method="post" action=RollKey::PATH>
            <h2>"Roll it"</h2>
            <p class="small quiet">"You get a new key with the same name and what you hold of its permissions. The old one goes on working as long as you say, so that the program can be given the new one without a gap."</p>
            <input type="hidden" name="id" value=id/>
            <Choice name="overlap_seconds" wire="overlapSeconds" label="The old key ends" options=overlaps.to_vec() chosen="86400".to_owned() flash=flash/>
            <div class="actions"><button class="button">"Make a new key"</button></div>
        </form>
    }
    .into_any()
}

#[component]
fn Revoke(id: String) -> impl IntoView {
    view! {
        <section class="panel panel-row">
            <div>
                <h2>"Revoke it"</h2>
                <p class="small quiet">"It is refused everywhere within seconds, and so is what programs made from it. It cannot be brought back."</p>
            </div>
            <details class="more">
                <summary>"Revoke"</summary>
                <form method="post" action=RevokeKey::PATH>
                    <input type="hidden" name="id" value=id/>
                    <button class="button button-danger">"Revoke it now"</button>
                </form>
            </details>
        </section>
    }
    .into_any()
}
