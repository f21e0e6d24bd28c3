//! What stands on the page of a key, one's own or a tenant's: its facts, and what can be done with it. Each
//! button says before what will happen.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::ApiKey;

use super::form::{Permissions, Whose, ticked};
use super::{End, LastUse, badge, hint, words};
use crate::forms::{Choice, Field, Kind};
use crate::pages::when::{When, read};
use crate::server::api_keys::{
    ConfirmKey, RevokeKey, RevokeTenantKey, RollKey, TakeOverKey, UpdateKey,
};
use crate::server::{Flash, Timestamp};

/// When the old key ends: what is sent, and what is read.
const OVERLAPS: [(&str, &str); 4] = [
    ("0", "At once"),
    ("3600", "After an hour"),
    ("86400", "After 24 hours"),
    ("604800", "After 7 days"),
];

/// The tenant a key is of; empty where it is an account's.
pub(crate) fn tenant_of(key: &ApiKey) -> String {
    let tenant = key.tenant_id.as_ref().filter(|_| key.owned_by_tenant);
    tenant.cloned().unwrap_or_default()
}

#[component]
pub(crate) fn Facts(key_of: ApiKey, now: Timestamp) -> impl IntoView {
    let made = read(&key_of.created_at).unwrap_or(now);
    let status = key_of.status;
    let answers = key_of.owned_by_tenant.then(|| {
        let who = key_of.owner_email.clone();
        let who = who.unwrap_or_else(|| "Nobody".to_owned());
        view! { <div class="fact"><dt>"Answers for it"</dt><dd class="table-wrap">{who}</dd></div> }
    });
    let acts_in = key_of.tenant_name.clone().map(|name| {
        view! { <div class="fact"><dt>"Acts in"</dt><dd>{name}</dd></div> }
    });
    view! {
        <section class="panel lines">
            <h2 class="table-wrap">{key_of.name.clone()}</h2>
            <dl class="facts">
                <div class="fact"><dt>"Key"</dt><dd><code>{hint(&key_of)}</code></dd></div>
                <div class="fact"><dt>"State"</dt><dd><span class=badge(status)>{words(status)}</span></dd></div>
                {answers}
                <div class="fact"><dt>"Made"</dt><dd><When at=made now=now/></dd></div>
                <div class="fact"><dt>"Ends"</dt><dd><End key_of=key_of.clone() now=now/></dd></div>
                <div class="fact"><dt>"Last used"</dt><dd><LastUse key_of=key_of.clone() now=now/></dd></div>
                <div class="fact"><dt>"Uses an hour"</dt><dd>{key_of.rate_limit}</dd></div>
                {acts_in}
            </dl>
        </section>
    }
    .into_any()
}

#[component]
pub(crate) fn Confirm(key_of: ApiKey) -> impl IntoView {
    let tenant = tenant_of(&key_of);
    view! {
        <section class="panel panel-row">
            <div>
                <h2>"Is this key yours?"</h2>
                <p class="small quiet">"It does not work since your password was reset or your account was disabled. If you made it and know who holds it, let it work again. If not, revoke it."</p>
            </div>
            <form method="post" action=ConfirmKey::PATH>
                <Whose tenant=tenant/>
                <input type="hidden" name="id" value=key_of.id/>
                <button class="button">"It is mine, let it work again"</button>
            </form>
        </section>
    }
    .into_any()
}

/// Answering for a tenant's key whose member has gone. `held` is what whoever looks holds there.
#[component]
pub(crate) fn TakeOver(key_of: ApiKey, held: Vec<String>) -> impl IntoView {
    let tenant = tenant_of(&key_of);
    let (kept, lost): (Vec<_>, Vec<_>) = key_of
        .permissions
        .iter()
        .cloned()
        .partition(|name| held.contains(name));
    let listed = |names: Vec<String>| match names.is_empty() {
        true => "nothing".to_owned(),
        false => names.join(", "),
    };
    let keeps = format!("It may do, by your rights from then on: {}.", listed(kept));
    let loses = (!lost.is_empty()).then(|| {
        let words = format!(
            "It loses, because you do not hold it here: {}.",
            listed(lost)
        );
        view! { <li>{words}</li> }
    });
    view! {
        <section class="panel lines">
            <h2>"Take it over"</h2>
            <p class="small quiet">"Nobody answers for this key, so it opens nothing: whoever did left, was suspended, or has no account any more. Only take over a key whose program you know."</p>
            <ul class="steps">
                <li>"The key works again at once, wherever it is in use."</li>
                <li>{keeps}</li>
                {loses}
            </ul>
            <form class="actions" method="post" action=TakeOverKey::PATH>
                <Whose tenant=tenant/>
                <input type="hidden" name="id" value=key_of.id/>
                <button class="button button-main">"Answer for this key"</button>
            </form>
        </section>
    }
    .into_any()
}

/// `held` is what whoever looks can give it.
#[component]
pub(crate) fn ChangeForm(key_of: ApiKey, held: Vec<String>, flash: Flash) -> impl IntoView {
    let tenant = tenant_of(&key_of);
    let mut offered = held;
    offered.extend(key_of.permissions.iter().cloned());
    offered.sort();
    offered.dedup();
    let chosen = ticked(&flash).unwrap_or(key_of.permissions);
    let rate = key_of.rate_limit.to_string();
    let flash = flash.with_known(&[("name", Some(&key_of.name)), ("rateLimit", Some(&rate))]);
    view! {
        <form class="form panel" method="post" action=UpdateKey::PATH novalidate=true>
            <h2>"Change it"</h2>
            <Whose tenant=tenant/>
            <input type="hidden" name="id" value=key_of.id/>
            <Field kind=Kind::Text("off") name="name" label="Name" flash=flash.clone()/>
            <Permissions held=offered chosen=chosen/>
            <Field kind=Kind::Text("off") name="rate_limit" wire="rateLimit" label="Uses an hour" flash=flash/>
            <p class="small quiet">"Where permissions change, programs fetch their next token with the new ones: what they hold ends at once."</p>
            <div class="actions"><button class="button button-main">"Save"</button></div>
        </form>
    }
    .into_any()
}

#[component]
pub(crate) fn Roll(key_of: ApiKey, flash: Flash) -> impl IntoView {
    let tenant = tenant_of(&key_of);
    let overlaps = OVERLAPS.map(|(value, words)| (value.to_owned(), words.to_owned()));
    view! {
        <form class="form panel" method="post" action=RollKey::PATH>
            <h2>"Roll it"</h2>
            <p class="small quiet">"You get a new key with the same name and what you hold of its permissions. The old one goes on working as long as you say, so that the program can be given the new one without a gap."</p>
            <Whose tenant=tenant/>
            <input type="hidden" name="id" value=key_of.id/>
            <Choice name="overlap_seconds" wire="overlapSeconds" label="The old key ends" options=overlaps.to_vec() chosen="86400".to_owned() flash=flash/>
            <div class="actions"><button class="button">"Make a new key"</button></div>
        </form>
    }
    .into_any()
}

#[component]
pub(crate) fn Revoke(key_of: ApiKey) -> impl IntoView {
    let tenant = tenant_of(&key_of);
    let action = match tenant.is_empty() {
        true => RevokeKey::PATH,
        false => RevokeTenantKey::PATH,
    };
    view! {
        <section class="panel panel-row">
            <div>
                <h2>"Revoke it"</h2>
                <p class="small quiet">"It is refused everywhere within seconds, and so is what programs made from it. It cannot be brought back."</p>
            </div>
            <details class="more">
                <summary>"Revoke"</summary>
                <form method="post" action=action>
                    <Whose tenant=tenant/>
                    <input type="hidden" name="id" value=key_of.id/>
                    <button class="button button-danger">"Revoke it now"</button>
                </form>
            </details>
        </section>
    }
    .into_any()
}
