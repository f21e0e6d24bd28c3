//! `/admin/tenants`: the organisations of the portal, and adding one.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{Error, Page, Paging, Tenant, searched};

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::{When, read};
use crate::forms::{Field, Kind, Summary};
use crate::server::tenants::AddTenant;
use crate::server::{Flash, Session, Timestamp, viewer};

/// How many a page shows.
const ROWS: u32 = 25;

/// The list.
#[component]
pub(crate) fn TenantsPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let part = searched(&viewer::asked("q").unwrap_or_default());
    let after = viewer::asked("cursor").and_then(|cursor| cursor.parse().ok());
    let paging = Paging { limit: ROWS, after };
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let part = match part {
            Ok(part) => part,
            Err(error) => {
                let room = view! { <Unsearchable error=error back=paths::TENANTS.to_owned()/> };
                return view! {
                    <PageTitle text="Organisations" is_error=true/>
                    <House session=session here=Place::Tenants title="Organisations" lead="Groups of people who work apart from each other.">{room}</House>
                }
                .into_any();
            }
        };
        match site.auth.list_tenants(&part, &paging).await {
            Ok(page) => {
                let now = site.auth.now();
                view! { <Shown session=session part=part page=page now=now/> }.into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

/// What was searched for is nothing anything is called.
#[component]
pub(super) fn Unsearchable(error: Error, back: String) -> impl IntoView {
    let rule = viewer::password_rule();
    let sentences = error.fields.iter().map(|field| field.message(rule));
    let sentences: Vec<_> = sentences
        .map(|sentence| view! { <p>{sentence}</p> })
        .collect();
    view! {
        <div class="note note-bad" role="alert">
            <Icon sign=Sign::Alert/>
            <div><p class="note-title">"That cannot be searched for"</p>{sentences}</div>
        </div>
        <p><a class="button" href=back>"Show all"</a></p>
    }
    .into_any()
}

#[component]
fn Shown(session: Arc<Session>, part: String, page: Page<Tenant>, now: Timestamp) -> impl IntoView {
    let flash = viewer::flash();
    let older = page
        .next_cursor()
        .map(|cursor| paths::tenants(&part, Some(&cursor)));
    let rows = match page.items.is_empty() {
        true => view! { <Empty is_filtered=!part.is_empty()/> }.into_any(),
        false => view! { <Table tenants=page.items now=now/> }.into_any(),
    };
    let add = view! { <Add flash=flash.clone()/> }.into_any();
    view! {
        <PageTitle text="Organisations" is_error=flash.error.is_some()/>
        <House session=session here=Place::Tenants title="Organisations" lead="Groups of people who work apart from each other. Each can have admins of its own.">
            <Summary flash=flash/>
            {add}
            <section class="list" aria-label="Organisations">
                <div class="list-head">
                    <form class="search" method="get" action=paths::TENANTS role="search">
                        <input class="input" type="search" name="q" value=part aria-label="Search names" placeholder="Search names" autocomplete="off" spellcheck="false"/>
                        <button class="button">"Search"</button>
                    </form>
                </div>
                {rows}
                {older.map(|older| view! { <p><a class="button" href=older rel="next">"Older organisations"</a></p> })}
            </section>
        </House>
    }
}

#[component]
fn Add(flash: Flash) -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head">
                <h2>"Add an organisation"</h2>
                <p>"Nobody belongs to it at first, you included. Its id goes into the access tokens of those who act in it."</p>
            </div>
            <div class="panel">
                <form class="form" method="post" action=AddTenant::PATH novalidate=true>
                    <Field kind=Kind::Text("off") name="name" label="Name" hint="Up to 100 characters." flash=flash/>
                    <div class="actions"><button class="button button-main">"Add organisation"</button></div>
                </form>
            </div>
        </section>
    }
}

#[component]
fn Empty(is_filtered: bool) -> impl IntoView {
    let (title, advice) = match is_filtered {
        true => ("No such organisation", "Look for another part of its name."),
        false => (
            "No organisations yet",
            "You need none as long as everybody works together.",
        ),
    };
    view! {
        <div class="empty">
            <Icon sign=Sign::House/>
            <h2>{title}</h2>
            <p>{advice}</p>
            {is_filtered.then(|| view! { <a class="button" href=paths::TENANTS>"All organisations"</a> })}
        </div>
    }
}

#[component]
fn Table(tenants: Vec<Tenant>, now: Timestamp) -> impl IntoView {
    let rows: Vec<_> = tenants
        .into_iter()
        .map(|tenant| {
            let since = read(&tenant.created_at).unwrap_or(now);
            view! {
                <tr>
                    <th scope="row" class="table-wrap"><a href=paths::tenant(&tenant.id)>{tenant.name}</a></th>
                    <td data-label="Id"><code class="table-wrap">{tenant.id}</code></td>
                    <td data-label="Added"><When at=since now=now/></td>
                </tr>
            }
        })
        .collect();
    view! {
        <table class="table">
            <thead><tr><th scope="col">"Name"</th><th scope="col">"Id"</th><th scope="col">"Added"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
