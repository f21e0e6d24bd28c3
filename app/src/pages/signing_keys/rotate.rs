//! `/admin/signing-keys/rotate`: what will happen, and the button.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::short;
use crate::forms::{Summary, duration};
use crate::pages::error::Unavailable;
use crate::pages::frame::{House, PageTitle};
use crate::pages::icon::{Icon, Sign};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::pages::when::Exactly;
use crate::server::signing_keys::RotateSigningKeys;
use crate::server::viewer;
use crate::server::{Fault, Session, Site, Timestamp};

/// What there is to know before.
struct Outlook {
    next: String,
    /// From when on it may sign.
    possible_at: Timestamp,
    now: Timestamp,
    /// How long a token lives.
    access_seconds: i64,
}

/// The last question before a rotation.
#[component]
pub(crate) fn RotateSigningKeysPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match outlook(&site).await {
            Ok(outlook) => view! { <Page session=session outlook=outlook/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

async fn outlook(site: &Site) -> Result<Outlook, Fault> {
    let (next, possible_at) = site.auth.rotation_possible_at().await?;
    let now = site.auth.now();
    Ok(Outlook {
        next: short(&next.kid),
        possible_at,
        now,
        access_seconds: site.auth.settings().access_seconds,
    })
}

#[component]
fn Page(session: Arc<Session>, outlook: Outlook) -> impl IntoView {
    let flash = viewer::flash();
    let is_possible = outlook.possible_at <= outlook.now;
    let wait = u32::try_from(outlook.possible_at - outlook.now).unwrap_or_default();
    view! {
        <PageTitle text="Rotate signing keys" is_error=flash.error.is_some()/>
        <House session=session here=Place::SigningKeys title="Rotate signing keys" lead="Please read this first. It cannot be taken back, and nobody will notice.">
            <Summary flash=flash/>
            {(!is_possible).then(|| view! {
                <div class="note note-plain">
                    <Icon sign=Sign::Clock/>
                    <div>
                        <p class="note-title">"It is too soon"</p>
                        <p>
                            "The next key was published a moment ago, and services may not know it yet. It may sign from "
                            <Exactly at=outlook.possible_at/>" on, in "{duration(wait)}
                            ". If a key fell into wrong hands, revoke that key: it waits for nothing."
                        </p>
                    </div>
                </div>
            })}
            <section class="panel">
                <What outlook=outlook/>
                <div class="below actions">
                    {is_possible.then(|| view! {
                        <form method="post" action=RotateSigningKeys::PATH><button class="button button-main">"Rotate now"</button></form>
                    })}
                    <a class="button" href=paths::SIGNING_KEYS>"Leave it"</a>
                </div>
            </section>
        </House>
    }
}

#[component]
fn What(outlook: Outlook) -> impl IntoView {
    let is_possible = outlook.possible_at <= outlook.now;
    let (when, known) = match is_possible {
        true => ("At once", " Every service knows it already."),
        false => ("Then", ""),
    };
    let life = u32::try_from(outlook.access_seconds).unwrap_or_default();
    let end = is_possible.then(|| {
        view! { ", by "<Exactly at=outlook.now + outlook.access_seconds/>" if you rotate now" }
    });
    view! {
        <dl class="facts">
            <div class="fact"><dt>{when}</dt><dd><p>"The next key, "<code>{outlook.next}</code>"…, signs every new token."{known}</p></dd></div>
            <div class="fact"><dt>"Tokens signed before"</dt><dd><p>"stay valid until they end: after "{duration(life)}" at most"{end}". The key that signed them stays published until then."</p></dd></div>
            <div class="fact"><dt>"People and programs"</dt><dd><p>"stay signed in. Services need no restart."</p></dd></div>
            <div class="fact"><dt>"The one after"</dt><dd><p>"Another next key is made and published. It may sign 15 minutes later."</p></dd></div>
        </dl>
    }
}
