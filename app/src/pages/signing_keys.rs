//! `/admin/signing-keys`: what signs tokens and the revocation feed, what comes next, and until when
//! what was signed before is good.

mod revoke;
mod rotate;

use std::sync::Arc;

use leptos::prelude::*;

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::{Exactly, When};
use crate::forms::Summary;
use crate::server::viewer;
use crate::server::{Fault, Session, SigningKeyView, Site, Timestamp};

pub(crate) use revoke::RevokeSigningKeyPage;
pub(crate) use rotate::RotateSigningKeysPage;

/// The keys.
#[component]
pub(crate) fn SigningKeysPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match keys(&site).await {
            Ok(keys) => view! { <Page session=session site=site keys=keys/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

/// All published keys: those of tokens first, of each purpose the next one first.
async fn keys(site: &Site) -> Result<Vec<SigningKeyView>, Fault> {
    let mut keys = site.auth.signing_keys().await?;
    keys.extend(site.auth.feed_keys().await?);
    keys.sort_by_key(|key| (key.purpose != "token", order(key.state)));
    Ok(keys)
}

fn order(state: &str) -> usize {
    ["next", "current", "previous"]
        .iter()
        .position(|known| *known == state)
        .unwrap_or(usize::MAX)
}

#[component]
fn Page(session: Arc<Session>, site: Site, keys: Vec<SigningKeyView>) -> impl IntoView {
    let flash = viewer::flash();
    let now = site.auth.now();
    let days = site.auth.settings().rotate_days;
    let (tokens, feed): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| key.purpose == "token");
    view! {
        <PageTitle text="Signing keys" is_error=flash.error.is_some()/>
        <House session=session here=Place::SigningKeys title="Signing keys" lead="What services verify tokens with. The next key takes over by itself; here it can be hurried, and a key that fell into wrong hands taken out.">
            <Summary flash=flash/>
            <Keys title="Tokens" about="They sign every access token." keys=tokens days=days now=now/>
            <section class="panel panel-row">
                <div>
                    <h2>"Let the next key sign now"</h2>
                    <p class="small quiet">"Nobody notices: tokens signed before stay valid until they end."</p>
                </div>
                <a class="button" href=paths::ROTATE_KEYS>"Rotate…"</a>
            </section>
            <Keys title="Revocation feed" about="They sign the list of what has ended, and nothing else." keys=feed days=days now=now/>
            <p class="small quiet">
                "Services find the public halves at "<a href=paths::JWKS>{paths::JWKS}</a>" and "<a href=paths::FEED_KEYS>{paths::FEED_KEYS}</a>
                ". A token is refused and you wonder about its key? "<a href=paths::INSPECT_TOKEN>"Check it"</a>"."
            </p>
        </House>
    }
}

#[component]
fn Keys(
    title: &'static str,
    about: &'static str,
    keys: Vec<SigningKeyView>,
    /// After how many days the next one takes over.
    days: i64,
    now: Timestamp,
) -> impl IntoView {
    let rows: Vec<_> = keys
        .into_iter()
        .map(|key| view! { <Row key=key days=days now=now/> })
        .collect();
    view! {
        <section class="list" aria-label=title>
            <div><h2>{title}</h2><p class="small quiet">{about}</p></div>
            <table class="table">
                <thead><tr><th scope="col">"Key"</th><th scope="col">"Algorithm"</th><th scope="col">"Made"</th><th scope="col">"What it does"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

#[component]
fn Row(key: SigningKeyView, days: i64, now: Timestamp) -> impl IntoView {
    let revoke = paths::revoke_key(&key.kid);
    let (badge, name) = badge(key.state);
    let heard = format!("Revoke the {} key {}", key.state, short(&key.kid));
    view! {
        <tr>
            <th scope="row"><div class="stack"><span class=badge>{name}</span><code class="small table-wrap">{key.kid.clone()}</code></div></th>
            <td data-label="Algorithm">{key.algorithm.clone()}</td>
            <td data-label="Made"><When at=key.created_at now=now/></td>
            <td data-label="What it does">
                <div class="stack">
                    <span><Words key=key days=days/></span>
                    <a class="small" href=revoke aria-label=heard>"Revoke…"</a>
                </div>
            </td>
        </tr>
    }
}

/// What a key does, and until when.
#[component]
fn Words(key: SigningKeyView, days: i64) -> impl IntoView {
    let is_token = key.purpose == "token";
    match (key.state, key.active_at, key.leaves_at) {
        ("next", _, _) => {
            "Is published, so that every service knows it before it signs.".into_any()
        }
        ("current", Some(since), _) => {
            let what = if is_token {
                "Signs tokens since "
            } else {
                "Signs the feed since "
            };
            let due = since + days * 86_400;
            view! { {what}<Exactly at=since/>". The next one takes over on "<Exactly at=due/>"." }
                .into_any()
        }
        (_, _, Some(leaves)) => {
            let what = if is_token {
                "Signs no more. Tokens it signed are valid until they end; then, on "
            } else {
                "Signs no more. On "
            };
            view! { {what}<Exactly at=leaves/>", it is taken out." }.into_any()
        }
        _ => ().into_any(),
    }
}

fn badge(state: &str) -> (&'static str, &'static str) {
    match state {
        "next" => ("badge", "Next"),
        "current" => ("badge badge-good", "Current"),
        _ => ("badge", "Previous"),
    }
}

/// The beginning of a name: enough to tell a handful apart.
fn short(kid: &str) -> String {
    kid.chars().take(8).collect()
}

/// Something to read before it is done.
#[component]
fn Beware(text: &'static str) -> impl IntoView {
    view! { <div class="note note-bad"><Icon sign=Sign::Alert/><p>{text}</p></div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_key_comes_first_and_a_state_nobody_knows_last() {
        let mut states = ["previous", "odd", "current", "next"];
        states.sort_by_key(|state| order(state));
        assert_eq!(states, ["next", "current", "previous", "odd"]);
        assert_eq!(short("NzbLsXh8uDCcd"), "NzbLsXh8");
    }
}
