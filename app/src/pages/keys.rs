//! `/account/keys`: one's own API keys. The page a key is shown on, once: without a script it is selected
//! and copied by hand, and the next look at the page does not have it any more.

mod change;
mod create;
mod form;
mod made;
mod parts;

use std::sync::Arc;

use leptos::prelude::*;
use wire::{ApiKey, ApiKeyStatus, Page, Paging};

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::{When, exact, read};
use crate::forms::{Summary, duration};
use crate::server::{Flash, Session, Timestamp, rfc3339, viewer};

pub(crate) use change::{KeyPage, known, unread};
pub(crate) use create::NewKeyPage;
pub(crate) use form::KeyForm;
pub(crate) use made::Made;
pub(crate) use parts::{ChangeForm, Confirm, Facts, Revoke, Roll, TakeOver};

/// How many keys a page shows.
const ROWS: u32 = 50;

/// The keys.
#[component]
pub(crate) fn KeysPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let flash = viewer::flash();
    let after = viewer::asked("cursor").and_then(|cursor| cursor.parse().ok());
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let paging = Paging { limit: ROWS, after };
        match site.auth.list_api_keys(&session, &paging).await {
            Ok(page) => {
                let now = site.auth.now();
                view! { <Shown session=session page=page now=now flash=flash/> }.into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Shown(session: Arc<Session>, page: Page<ApiKey>, now: Timestamp, flash: Flash) -> impl IntoView {
    let older = page.next_cursor().map(|cursor| paths::keys_after(&cursor));
    let made = flash.made_key.clone();
    let rows = match page.items.is_empty() {
        true => view! { <Empty/> }.into_any(),
        false => view! { <Table keys=page.items now=now/> }.into_any(),
    };
    view! {
        <PageTitle text="API keys" is_error=flash.error.is_some()/>
        <House session=session here=Place::Keys title="API keys" lead="What programs show instead of you. A key may do at most what you may, and only what you tick.">
            <Summary flash=flash/>
            {made.map(|made| view! { <Made made=made done=paths::KEYS.to_owned()/> })}
            <section class="list" aria-label="API keys">
                <p><a class="button button-main" href=paths::NEW_KEY>"New key"</a></p>
                {rows}
                {older.map(|older| view! { <p><a class="button" href=older rel="next">"Older keys"</a></p> })}
            </section>
        </House>
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="empty">
            <Icon sign=Sign::Key/>
            <h2>"No keys yet"</h2>
            <p>"A key lets a program, a build server for example, use services in your name. Give each program its own, so that you can revoke one without the others."</p>
        </div>
    }
}

#[component]
fn Table(keys: Vec<ApiKey>, now: Timestamp) -> impl IntoView {
    let rows: Vec<_> = keys
        .into_iter()
        .map(|key| view! { <Row key_of=key now=now/> }.into_any())
        .collect();
    view! {
        <table class="table table-keys">
            <thead>
                <tr><th scope="col">"Name"</th><th scope="col">"State"</th><th scope="col">"Ends"</th><th scope="col">"Last used"</th><th scope="col">"May"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(key_of: ApiKey, now: Timestamp) -> impl IntoView {
    let key = key_of;
    let may = may(&key);
    view! {
        <tr class=key.status.is_over().then_some("quiet")>
            <th scope="row" class="table-wrap">
                <div class="stack">
                    <a href=paths::key(&key.id)>{key.name.clone()}</a>
                    <code class="small quiet">{hint(&key)}</code>
                </div>
            </th>
            <Life key_of=key.clone() now=now/>
            <td data-label="May" class="table-wrap small">{may}</td>
        </tr>
    }
}

/// How a key stands, when it ends and when it was last used: three cells of every list of keys.
#[component]
pub(crate) fn Life(key_of: ApiKey, now: Timestamp) -> impl IntoView {
    view! {
        <td data-label="State"><span class=badge(key_of.status)>{words(key_of.status)}</span></td>
        <td data-label="Ends"><End key_of=key_of.clone() now=now/></td>
        <td data-label="Last used"><LastUse key_of=key_of now=now/></td>
    }
}

/// When a key ends, or ended.
#[component]
pub(crate) fn End(key_of: ApiKey, now: Timestamp) -> impl IntoView {
    let over = key_of.revoked_at.as_deref().and_then(read);
    let end = over.or_else(|| key_of.ends_at.as_deref().and_then(read));
    let Some(at) = end else {
        return view! { <span>"Never"</span> }.into_any();
    };
    let seconds = at - now;
    let words = match key_of.rolled_at.is_some() && over.is_none() {
        // Its successor is there: what counts is how long is left.
        true => format!("Replaced, ends in {}", left(seconds)),
        false => format!(
            "In {}",
            duration(u32::try_from(seconds).unwrap_or(u32::MAX))
        ),
    };
    match seconds > 0 {
        true => view! { <time datetime=rfc3339(at) title=exact(at)>{words}</time> }.into_any(),
        false => view! { <When at=at now=now/> }.into_any(),
    }
}

/// When and from where a key was last used.
#[component]
pub(crate) fn LastUse(key_of: ApiKey, now: Timestamp) -> impl IntoView {
    match key_of.last_used_at.as_deref().and_then(read) {
        Some(at) => view! {
            <div class="stack">
                <When at=at now=now/>
                {key_of.last_used_ip.map(|ip| view! { <span class="small quiet">{ip}</span> })}
            </div>
        }
        .into_any(),
        None => view! { <span class="quiet">"Never"</span> }.into_any(),
    }
}

/// What a key may do at most, as far as there is room.
pub(crate) fn may(key: &ApiKey) -> String {
    match key.permissions.len() {
        0 => "Nothing but say who it is".to_owned(),
        1..=3 => key.permissions.join(", "),
        many => format!("{} and {} more", key.permissions[..2].join(", "), many - 2),
    }
}

/// How a key is written: its beginning and its end.
pub(crate) fn hint(key: &ApiKey) -> String {
    format!("{}…{}", key.prefix, key.last4)
}

/// `23 h`, `6 d`: whole units, rounded down.
fn left(seconds: i64) -> String {
    match seconds {
        ..60 => "less than a minute".to_owned(),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How a key stands, in a word.
pub(crate) fn words(status: ApiKeyStatus) -> &'static str {
    match status {
        ApiKeyStatus::Active => "Active",
        ApiKeyStatus::Suspended => "Suspended",
        ApiKeyStatus::Stopped => "Stopped",
        ApiKeyStatus::Expired => "Expired",
        ApiKeyStatus::Revoked => "Revoked",
    }
}

pub(crate) fn badge(status: ApiKeyStatus) -> &'static str {
    match status {
        ApiKeyStatus::Active => "badge badge-good",
        ApiKeyStatus::Suspended | ApiKeyStatus::Stopped => "badge badge-bad",
        ApiKeyStatus::Expired | ApiKeyStatus::Revoked => "badge",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_in_whole_units() {
        assert_eq!(left(59), "less than a minute");
        assert_eq!(left(3599), "59 min");
        assert_eq!(left(86_399), "23 h");
        assert_eq!(left(604_800), "7 d");
    }
}
