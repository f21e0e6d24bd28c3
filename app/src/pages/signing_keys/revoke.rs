//! `/admin/signing-keys/{kid}/revoke`: what breaks, and the button.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use wire::ErrorCode;

use super::{Beware, badge, keys};
use crate::forms::Summary;
use crate::pages::error::{Failed, Unavailable};
use crate::pages::frame::{House, PageTitle};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::server::signing_keys::RevokeSigningKey;
use crate::server::viewer;
use crate::server::{Session, SigningKeyView};

/// The last question before a key is taken out.
#[component]
pub(crate) fn RevokeSigningKeyPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let kid = use_params_map().with_untracked(|params| params.get("kid"));
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let keys = match keys(&site).await {
            Ok(keys) => keys,
            Err(fault) => return view! { <Unavailable fault=fault/> }.into_any(),
        };
        match keys.into_iter().find(|key| Some(&key.kid) == kid.as_ref()) {
            Some(key) => view! { <Page session=session key=key/> }.into_any(),
            None => view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
        }
    })
}

#[component]
fn Page(session: Arc<Session>, key: SigningKeyView) -> impl IntoView {
    let flash = viewer::flash();
    let (class, state) = badge(key.state);
    let what = if key.purpose == "token" {
        view! { <Tokens state=key.state/> }.into_any()
    } else {
        view! { <Feed/> }.into_any()
    };
    view! {
        <PageTitle text="Revoke a signing key" is_error=flash.error.is_some()/>
        <House session=session here=Place::SigningKeys title="Revoke a signing key" lead="For the day somebody else may hold it. To replace a key in peace, rotate instead.">
            <Summary flash=flash/>
            <Beware text="What this key signed is refused from now on. It cannot be taken back."/>
            <section class="panel">
                <dl class="facts">
                    <div class="fact"><dt>"Key"</dt><dd><code>{key.kid.clone()}</code><span class=class>{state}</span></dd></div>
                    {what}
                </dl>
                <form class="below" method="post" action=RevokeSigningKey::PATH>
                    <input type="hidden" name="kid" value=key.kid/>
                    <div class="actions">
                        <button class="button button-danger">"Revoke this key"</button>
                        <a class="button" href=paths::SIGNING_KEYS>"Keep it"</a>
                    </div>
                </form>
            </section>
        </House>
    }
}

#[component]
fn Tokens(state: &'static str) -> impl IntoView {
    let then = match state {
        "current" => {
            "The next key signs at once, whether or not services know it yet: they look for a key they do not know, at most twice a minute. Another next key is made."
        }
        "next" => {
            "It has signed nothing yet. Another next key is made, which may sign in 15 minutes."
        }
        _ => "The current key signs as before.",
    };
    view! {
        <div class="fact"><dt>"This portal"</dt><dd><p>"refuses every token it signed, at once; other nodes within seconds."</p></dd></div>
        <div class="fact"><dt>"Services"</dt><dd><p>"that follow the revocation feed refuse them within seconds. The others go on taking them for as long as they keep their keys: 10 minutes with our recipes."</p></dd></div>
        <div class="fact"><dt>"People and programs"</dt><dd><p>"stay signed in. What they use fetches new tokens and goes on; whatever cannot do that has to sign in again."</p></dd></div>
        <div class="fact"><dt>"What signs then"</dt><dd><p>{then}</p></dd></div>
    }
}

#[component]
fn Feed() -> impl IntoView {
    view! {
        <div class="fact"><dt>"Services"</dt><dd><p>"that follow the feed load its keys again, at most every 30 seconds, and go on with what they know until then. No token is refused for it."</p></dd></div>
        <div class="fact"><dt>"People and programs"</dt><dd><p>"notice nothing."</p></dd></div>
    }
}
