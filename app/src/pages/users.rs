//! `/admin/users`: the accounts of the portal.
//!
//! Filter, search and the place in the list are in the address, so that a list can be kept and passed
//! on; a value that is none of ours counts as none.

use std::sync::Arc;

use leptos::prelude::*;
use wire::{ManagedUser, Page, Paging, UserStatus};

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::{Day, When, read};
use crate::forms::Summary;
use crate::server::{Session, Timestamp, UserQuery, viewer};

/// How many accounts a page shows.
const ROWS: u32 = 25;

/// The list.
#[component]
pub(crate) fn UsersPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let query = asked();
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match site.auth.list_users(&query).await {
            Ok(page) => {
                let now = site.auth.now();
                view! { <Shown session=session query=query page=page now=now/> }.into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

fn asked() -> UserQuery {
    let status = viewer::asked("status").and_then(|status| UserStatus::parse(&status));
    let part = viewer::asked("q").unwrap_or_default();
    let after = viewer::asked("cursor").and_then(|cursor| cursor.parse().ok());
    UserQuery {
        status,
        part: part.trim().chars().take(254).collect(),
        paging: Paging { limit: ROWS, after },
    }
}

#[component]
fn Shown(
    session: Arc<Session>,
    query: UserQuery,
    page: Page<ManagedUser>,
    now: Timestamp,
) -> impl IntoView {
    let flash = viewer::flash();
    let older = page
        .next_cursor()
        .map(|cursor| paths::users(query.status, &query.part, Some(&cursor)));
    let rows = if page.items.is_empty() {
        view! { <Empty/> }.into_any()
    } else {
        view! { <Table users=page.items now=now/> }.into_any()
    };
    view! {
        <PageTitle text="Users" is_error=flash.error.is_some()/>
        <House session=session here=Place::Users title="Users" lead="Everybody with an account, the newest first.">
            <Summary flash=flash/>
            <section class="list" aria-label="Users">
                <div class="list-head">
                    <Filter query=query.clone()/>
                    <Search query=query/>
                </div>
                {rows}
                {older.map(|older| view! { <p><a class="button" href=older rel="next">"Older accounts"</a></p> })}
            </section>
        </House>
    }
}

/// All, or those that stand like this.
#[component]
fn Filter(query: UserQuery) -> impl IntoView {
    let choices = std::iter::once(None).chain(UserStatus::ALL.map(Some));
    let chips: Vec<_> = choices
        .map(|status| {
            let current = (status == query.status).then_some("true");
            let href = paths::users(status, &query.part, None);
            let name = status.map_or("All", words);
            view! { <li><a class="chip" href=href aria-current=current>{name}</a></li> }
        })
        .collect();
    view! { <nav aria-label="Filter"><ul class="chips">{chips}</ul></nav> }
}

#[component]
fn Search(query: UserQuery) -> impl IntoView {
    let status = query.status.map(|status| {
        view! { <input type="hidden" name="status" value=status.as_str()/> }
    });
    view! {
        <form class="search" method="get" action=paths::USERS role="search">
            {status}
            <input class="input" type="search" name="q" value=query.part aria-label="Search addresses and names" placeholder="Search addresses and names" autocomplete="off" spellcheck="false"/>
            <button class="button">"Search"</button>
        </form>
    }
}

/// There is always somebody: whoever looks. So something was asked for that nobody is.
#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="empty">
            <Icon sign=Sign::People/>
            <h2>"Nobody like that"</h2>
            <p>"Look at everybody, or search for something else."</p>
            <a class="button" href=paths::USERS>"All users"</a>
        </div>
    }
}

#[component]
fn Table(users: Vec<ManagedUser>, now: Timestamp) -> impl IntoView {
    let rows: Vec<_> = users
        .into_iter()
        .map(|user| view! { <Row user=user now=now/> }.into_any())
        .collect();
    view! {
        <table class="table">
            <thead>
                <tr><th scope="col">"Who"</th><th scope="col">"Role"</th><th scope="col">"State"</th><th scope="col">"Last signed in"</th><th scope="col">"Since"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(user: ManagedUser, now: Timestamp) -> impl IntoView {
    let name = user.name();
    let seen = user.last_login_at.as_deref().and_then(read);
    let since = read(&user.created_at).unwrap_or(now);
    let seen = match seen {
        Some(at) => view! { <When at=at now=now/> }.into_any(),
        None => view! { <span class="quiet">"Never"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="table-wrap">
                <div class="stack">
                    <a href=paths::user(&user.id)>{user.email}</a>
                    {name.map(|name| view! { <span class="small quiet">{name}</span> })}
                </div>
            </th>
            <td data-label="Role">{user.role}</td>
            <td data-label="State"><span class=badge(user.status)>{words(user.status)}</span></td>
            <td data-label="Last signed in">{seen}</td>
            <td data-label="Since"><Day at=since/></td>
        </tr>
    }
}

/// How an account stands, in a word.
pub(super) fn words(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Active => "Active",
        UserStatus::Disabled => "Disabled",
        UserStatus::Leaving => "Leaving",
    }
}

pub(super) fn badge(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Active => "badge badge-good",
        UserStatus::Disabled => "badge badge-bad",
        UserStatus::Leaving => "badge",
    }
}
