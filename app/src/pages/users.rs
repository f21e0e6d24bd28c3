//! `/admin/users`: the accounts of the portal.
//!
//! Filters, search, order and the place in the list are in the address, so that a list can be kept and
//! passed on; a value that is none of ours counts as none. What is selected goes to the page that says what
//! would happen (`act`), by a form that changes nothing.

pub(crate) mod act;
mod filter;
mod table;

use std::sync::Arc;

use leptos::prelude::*;
use wire::{Error, ManagedUsers, UserCursor, UserSort, UserStatus, searched};

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::number::counted;
use super::paths;
use super::place::Place;
use crate::forms::Summary;
use crate::server::{Fault, Flash, Session, Site, Timestamp, UserQuery, viewer};
use filter::{Filter, Search};
use table::Table;

pub(super) use table::state;

/// How many accounts a page shows.
const ROWS: u32 = 25;

/// The list.
#[component]
pub(crate) fn UsersPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let query = asked();
    let flash = viewer::flash();
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match listed(&site, query).await {
            Ok(list) => view! { <Shown session=session list=list flash=flash/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

/// A list, and what it was asked for.
struct List {
    query: UserQuery,
    page: ManagedUsers,
    roles: Vec<String>,
    /// The name of the tenant it is narrowed to.
    tenant: Option<String>,
    now: Timestamp,
}

/// What was asked for, or what is wrong with what was searched for.
fn asked() -> Result<UserQuery, Error> {
    let given = |name: &str| viewer::asked(name).filter(|text| !text.is_empty());
    let sort = given("sort").and_then(|sort| UserSort::parse(&sort));
    let sort = sort.unwrap_or_default();
    Ok(UserQuery {
        status: given("status").and_then(|status| UserStatus::parse(&status)),
        part: searched(&given("q").unwrap_or_default())?,
        role: given("role"),
        tenant_id: given("tenantId"),
        sort,
        limit: ROWS,
        after: given("cursor").and_then(|cursor| UserCursor::parse(sort, &cursor)),
    })
}

async fn listed(
    site: &Site,
    query: Result<UserQuery, Error>,
) -> Result<Result<List, Error>, Fault> {
    let mut query = match query {
        Ok(query) => query,
        Err(error) => return Ok(Err(error)),
    };
    let roles = site.auth.role_names().await?;
    query.role = query.role.filter(|role| roles.contains(role));
    let tenant = match &query.tenant_id {
        Some(id) => site.auth.tenant_name(id).await?,
        None => None,
    };
    if tenant.is_none() {
        query.tenant_id = None;
    }
    let page = site.auth.list_users(&query).await?;
    Ok(Ok(List {
        page,
        roles,
        tenant,
        now: site.auth.now(),
        query,
    }))
}

#[component]
fn Shown(session: Arc<Session>, list: Result<List, Error>, flash: Flash) -> impl IntoView {
    let shown = match list {
        Ok(list) => view! { <Listed list=list/> }.into_any(),
        Err(error) => view! { <TooMuch error=error/> }.into_any(),
    };
    view! {
        <PageTitle text="Users" is_error=flash.error.is_some()/>
        <House session=session here=Place::Users title="Users" lead="Everybody with an account.">
            <Summary flash=flash.clone()/>
            {flash.acted.map(|acted| view! { <act::Outcome acted=acted/> })}
            <section class="list" aria-label="Users">{shown}</section>
        </House>
    }
}

/// What was searched for is nothing anybody is called.
#[component]
fn TooMuch(error: Error) -> impl IntoView {
    let rule = viewer::password_rule();
    let sentences = error.fields.iter().map(|field| field.message(rule));
    let sentences: Vec<_> = sentences
        .map(|sentence| view! { <p>{sentence}</p> })
        .collect();
    view! {
        <div class="note note-bad" role="alert"><Icon sign=Sign::Alert/>
            <div><p class="note-title">"That cannot be searched for"</p>{sentences}</div>
        </div>
        <p><a class="button" href=paths::USERS>"All users"</a></p>
    }
}

#[component]
fn Listed(list: List) -> impl IntoView {
    let List {
        query,
        page,
        roles,
        tenant,
        now,
    } = list;
    let is_first = query.after.is_none();
    let after = query.after.as_ref().map(ToString::to_string);
    let here = paths::users(&query, after.as_deref());
    let next = page.next_cursor.as_deref();
    let next = next.map(|cursor| paths::users(&query, Some(cursor)));
    let first = (!is_first).then(|| paths::users(&query, None));
    let total = page.total.map(|total| counted(total, "account"));
    let rows = if page.users.is_empty() {
        view! { <Empty is_first=is_first/> }.into_any()
    } else {
        view! { <Table users=page.users now=now here=here/> }.into_any()
    };
    view! {
        <div class="list-head">
            <Filter query=query.clone() tenant=tenant/>
            <Search query=query roles=roles/>
        </div>
        {total.map(|total| view! { <p class="small quiet">{total}</p> })}
        {rows}
        <nav class="actions" aria-label="Pages of users">
            {first.map(|first| view! { <a class="button" href=first>"First page"</a> })}
            {next.map(|next| view! { <a class="button" href=next rel="next">"Next page"</a> })}
        </nav>
    }
}

/// There is always somebody: whoever looks. So something was asked for that nobody is, or the page before
/// has meanwhile become the last one.
#[component]
fn Empty(is_first: bool) -> impl IntoView {
    let (title, advice) = match is_first {
        true => (
            "Nobody like that",
            "Look at everybody, or search for something else.",
        ),
        false => (
            "Nobody further on",
            "The page before was the last one. The first page shows how it is now.",
        ),
    };
    view! {
        <div class="empty">
            <Icon sign=Sign::People/>
            <h2>{title}</h2>
            <p>{advice}</p>
            <a class="button" href=paths::USERS>"All users"</a>
        </div>
    }
}

/// How an account stands, in a word.
pub(super) fn words(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Active => "Active",
        UserStatus::Locked => "Locked",
        UserStatus::Suspended => "Suspended",
        UserStatus::Disabled => "Disabled",
        UserStatus::Leaving => "Leaving",
    }
}

pub(super) fn badge(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Active => "badge badge-good",
        UserStatus::Locked | UserStatus::Suspended | UserStatus::Disabled => "badge badge-bad",
        UserStatus::Leaving => "badge",
    }
}
