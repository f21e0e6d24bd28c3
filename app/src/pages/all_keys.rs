//! `/admin/keys`: everybody's API keys. Filters, search and the place in the list are in the address; a
//! value that is none of ours counts as none.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{ApiKey, ApiKeyStatus, Page, Paging, searched};

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::keys::{Life, hint, words};
use super::paths;
use super::place::Place;
use crate::forms::Summary;
use crate::server::api_keys::RevokeKeyOf;
use crate::server::{ApiKeyQuery, Fault, Flash, Session, Site, Timestamp, viewer};

/// How many keys a page shows.
const ROWS: u32 = 25;

/// What was asked for, as it stands in the address.
#[derive(Clone, Default)]
struct Asked {
    status: String,
    used: String,
    part: String,
    user_id: String,
    tenant_id: String,
}

impl Asked {
    fn address(&self, status: &str, used: &str, cursor: Option<&str>) -> String {
        paths::all_keys(&[
            ("status", status),
            ("used", used),
            ("q", &self.part),
            ("userId", &self.user_id),
            ("tenantId", &self.tenant_id),
            ("cursor", cursor.unwrap_or_default()),
        ])
    }
}

/// The list.
#[component]
pub(crate) fn AllKeysPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let mut flash = viewer::flash();
    let text = |name: &str| viewer::asked(name).unwrap_or_default();
    let part = searched(&text("q"));
    let asked = Asked {
        status: text("status"),
        used: text("used"),
        part: part.clone().unwrap_or_default(),
        user_id: text("userId"),
        tenant_id: text("tenantId"),
    };
    let after = viewer::asked("cursor").and_then(|cursor| cursor.parse().ok());
    if let Err(error) = part {
        flash.error = Some(error);
    }
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let paging = Paging { limit: ROWS, after };
        match listed(&site, &asked, paging).await {
            Ok(page) => {
                let now = site.auth.now();
                view! { <Shown session=session asked=asked page=page now=now flash=flash/> }
                    .into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

async fn listed(site: &Site, asked: &Asked, paging: Paging) -> Result<Page<ApiKey>, Fault> {
    let id = |text: &String| (!text.is_empty()).then(|| text.clone());
    let query = ApiKeyQuery {
        status: ApiKeyStatus::parse(&asked.status),
        ending: asked.status == "expiring",
        never_used: asked.used == "never",
        unused: asked.used == "unused",
        user_id: id(&asked.user_id),
        tenant_id: id(&asked.tenant_id),
        part: asked.part.clone(),
        paging,
    };
    site.auth.list_all_api_keys(&query).await
}

#[component]
fn Shown(
    session: Arc<Session>,
    asked: Asked,
    page: Page<ApiKey>,
    now: Timestamp,
    flash: Flash,
) -> impl IntoView {
    let next = page.next_cursor();
    let older = next.map(|cursor| asked.address(&asked.status, &asked.used, Some(&cursor)));
    let back = Back::List(asked.address(&asked.status, &asked.used, None));
    let rows = match page.items.is_empty() {
        true => view! { <Empty/> }.into_any(),
        false => {
            view! { <Table keys=page.items back=back now=now flash=flash.clone()/> }.into_any()
        }
    };
    view! {
        <PageTitle text="API keys of all" is_error=flash.error.is_some()/>
        <House session=session here=Place::AllKeys title="API keys" lead="Everybody’s keys, the newest first. What a key may do is never more than its owner may.">
            <Summary flash=flash/>
            <section class="list" aria-label="API keys">
                <div class="list-head">
                    <Filter asked=asked.clone()/>
                    <Search asked=asked/>
                </div>
                {rows}
                {older.map(|older| view! { <p><a class="button" href=older rel="next">"Older keys"</a></p> })}
            </section>
        </House>
    }
}

#[component]
fn Filter(asked: Asked) -> impl IntoView {
    let chip = |name: &'static str, status: &str, used: &str| {
        let is_current = asked.status == status && asked.used == used;
        let current = is_current.then_some("true");
        let href = asked.address(status, used, None);
        view! { <li><a class="chip" href=href aria-current=current>{name}</a></li> }
    };
    let mut chips = vec![chip("All", "", "")];
    for status in ApiKeyStatus::ALL {
        chips.push(chip(words(status), status.as_str(), ""));
    }
    chips.push(chip("Ends within 7 days", "expiring", ""));
    chips.push(chip("Never used", "", "never"));
    chips.push(chip("Not used for 90 days", "", "unused"));
    view! { <nav aria-label="Filter"><ul class="chips">{chips}</ul></nav> }
}

#[component]
fn Search(asked: Asked) -> impl IntoView {
    let kept = [
        ("status", asked.status),
        ("used", asked.used),
        ("userId", asked.user_id),
        ("tenantId", asked.tenant_id),
    ];
    let kept: Vec<_> = kept
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    view! {
        <form class="search" method="get" action=paths::ALL_KEYS role="search">
            {kept}
            <input class="input" type="search" name="q" value=asked.part aria-label="Search names, owners and last four characters" placeholder="Name, owner or last four characters" autocomplete="off" spellcheck="false"/>
            <button class="button">"Search"</button>
        </form>
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="empty">
            <Icon sign=Sign::Key/>
            <h2>"No key like that"</h2>
            <p>"People make keys on their own page. Look at all of them, or search for something else."</p>
            <a class="button" href=paths::ALL_KEYS>"All keys"</a>
        </div>
    }
}

#[component]
fn Table(keys: Vec<ApiKey>, back: Back, now: Timestamp, flash: Flash) -> impl IntoView {
    let rows: Vec<_> = keys
        .into_iter()
        .map(|key| {
            view! { <Row key_of=key back=back.clone() now=now flash=flash.clone()/> }.into_any()
        })
        .collect();
    view! {
        <table class="table table-keys">
            <thead>
                <tr><th scope="col">"Name"</th><th scope="col">"Owner"</th><th scope="col">"State"</th><th scope="col">"Ends"</th><th scope="col">"Last used"</th><th scope="col">"Revoke"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(key_of: ApiKey, back: Back, now: Timestamp, flash: Flash) -> impl IntoView {
    let key = key_of;
    let owner = match (&key.owner_email, &key.user_id) {
        (Some(email), Some(id)) => view! { <a href=paths::user(id)>{email.clone()}</a> }.into_any(),
        _ => view! { <span class="quiet">"Nobody"</span> }.into_any(),
    };
    let revoke = (!key.status.is_over())
        .then(|| view! { <RevokeOf key_of=key.clone() back=back flash=flash/> });
    let tenant = key.tenant_name.clone();
    view! {
        <tr class=key.status.is_over().then_some("quiet")>
            <th scope="row" class="table-wrap">
                <div class="stack"><span>{key.name.clone()}</span><code class="small quiet">{hint(&key)}</code></div>
            </th>
            <td data-label="Owner" class="table-wrap">
                <div class="stack">{owner}{tenant.map(|name| view! { <span class="small quiet">{name}</span> })}</div>
            </td>
            <Life key_of=key.clone() now=now/>
            <td data-label="Revoke">{revoke}</td>
        </tr>
    }
}

/// The page a form stands on, and leads back to.
#[derive(Clone)]
pub(crate) enum Back {
    /// The list, as it stood.
    List(String),
    /// The tab of an account.
    User(String),
}

/// Ending somebody's key. Where the form was sent and is back, it stands open with what was typed.
#[component]
pub(crate) fn RevokeOf(key_of: ApiKey, back: Back, flash: Flash) -> impl IntoView {
    let ApiKey { id, name, .. } = key_of;
    let is_back = flash.kept.get("id") == Some(&id);
    let reason = flash.kept.get("reason").filter(|_| is_back).cloned();
    let error = flash.error.filter(|_| is_back);
    let message = error.and_then(|error| {
        let field = error.fields.first()?;
        Some(field.message(viewer::password_rule()))
    });
    let reason_id = match message.is_some() {
        // What the summary leads to.
        true => "reason".to_owned(),
        false => format!("reason-{id}"),
    };
    let back = match back {
        Back::List(list) => view! { <input type="hidden" name="back" value=list/> }.into_any(),
        Back::User(user) => view! { <input type="hidden" name="user" value=user/> }.into_any(),
    };
    let invalid = message.is_some().then_some("true");
    view! {
        <details class="more" open=is_back>
            <summary aria-label=format!("Revoke {name}")>"Revoke"</summary>
            <form method="post" action=RevokeKeyOf::PATH>
                <input type="hidden" name="id" value=id/>
                {back}
                <p class="small quiet">"It is refused everywhere within seconds, and its owner gets a letter. It cannot be brought back."</p>
                <label for=reason_id.clone()>"Reason"</label>
                <input class="input" id=reason_id name="reason" value=reason autocomplete="off" aria-invalid=invalid aria-describedby=invalid.map(|_| "reason-error")/>
                {message.map(|message| view! { <p class="field-error" id="reason-error"><Icon sign=Sign::Alert small=true/>{message}</p> })}
                <button class="button button-danger">"Revoke it now"</button>
            </form>
        </details>
    }
    .into_any()
}
