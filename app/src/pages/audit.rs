//! `/admin/audit`: the audit log. Every filter is in the address, so that a view can be kept and passed on.

mod event;
mod filter;
mod party;

use std::sync::Arc;

use leptos::prelude::*;
use wire::{AuditEvent, AuditFilters, AuditOutcome, Error, Paging};

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::{Exactly, When, read};
use crate::forms::Summary;
use crate::server::{AuditPage, AuditQuery, Fault, Session, Site, Timestamp, viewer};
use filter::{Active, Filter, Presets};

pub(crate) use event::AuditEventPage;

/// How many rows a page shows.
const ROWS: u32 = 25;

/// The log.
#[component]
pub(crate) fn AuditLogPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let filters = AuditFilters::read(viewer::asked).clipped();
    let after = viewer::asked("cursor").and_then(|cursor| cursor.parse().ok());
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let is_first = after.is_none();
        let paging = Paging { limit: ROWS, after };
        match found(&site, &filters, paging).await {
            Ok(found) => {
                let now = site.auth.now();
                view! { <Shown session=session filters=filters found=found now=now is_first=is_first/> }
                    .into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

/// A page of the log, or what of the filters does not read.
async fn found(
    site: &Site,
    filters: &AuditFilters,
    paging: Paging,
) -> Result<Result<AuditPage, Error>, Fault> {
    match AuditQuery::read(filters, paging) {
        Ok(query) => Ok(Ok(site.auth.list_audit(&query).await?)),
        Err(error) => Ok(Err(error)),
    }
}

#[component]
fn Shown(
    session: Arc<Session>,
    filters: AuditFilters,
    found: Result<AuditPage, Error>,
    now: Timestamp,
    is_first: bool,
) -> impl IntoView {
    let mut flash = viewer::flash();
    let page = found.map_err(|error| flash.error = Some(error)).ok();
    let is_error = flash.error.is_some();
    let export = page
        .is_some()
        .then(|| view! { <Export filters=filters.clone()/> }.into_any());
    let rows = page.map(|page| {
        view! { <Rows filters=filters.clone() page=page now=now is_first=is_first/> }.into_any()
    });
    let filtering = view! {
        <div class="audit-head">
            <Presets filters=filters.clone()/>
            <Filter filters=filters.clone()/>
            <Active filters=filters/>
        </div>
    }
    .into_any();
    view! {
        <PageTitle text="Audit log" is_error=is_error/>
        <House session=session here=Place::Audit title="Audit log" lead="What happened in this portal, and what was refused, the newest first.">
            <Summary flash=flash/>
            <section class="list" aria-label="Audit log">
                {filtering}
                {rows}
            </section>
            {export}
        </House>
    }
}

#[component]
fn Rows(filters: AuditFilters, page: AuditPage, now: Timestamp, is_first: bool) -> impl IntoView {
    let older = page
        .next
        .as_ref()
        .map(|cursor| paths::audit(&filters, Some(&cursor.to_string())));
    let searched = page.searched_to.as_deref().and_then(read);
    let table = if page.events.is_empty() {
        view! { <Empty is_searching=searched.is_some() is_first=is_first/> }.into_any()
    } else {
        view! { <Table events=page.events now=now/> }.into_any()
    };
    let searched = searched.map(|at| {
        view! {
            <p class="small quiet" role="status">"Looked back to "<Exactly at=at/>". What is older has not been looked at yet."</p>
        }
    });
    let words = match searched.is_some() {
        true => "Look further back",
        false => "Older rows",
    };
    view! {
        {table}
        {searched}
        <nav class="actions" aria-label="Pages of the audit log">
            {(!is_first).then(|| view! { <a class="button" href=paths::audit(&filters, None)>"Newest"</a> })}
            {older.map(|older| view! { <a class="button" href=older rel="next">{words}</a> })}
        </nav>
    }
}

/// There is always something: whoever looks has signed in. So something was asked for that never was.
#[component]
fn Empty(is_searching: bool, is_first: bool) -> impl IntoView {
    let (title, words) = match (is_searching, is_first) {
        (true, _) => (
            "Nothing so far",
            "Nothing that fits was found as far back as was looked.",
        ),
        (false, true) => (
            "Nothing like that",
            "Nothing that fits these filters is in the log.",
        ),
        (false, false) => ("Nothing older", "Nothing older fits these filters."),
    };
    view! {
        <div class="empty">
            <Icon sign=Sign::List/>
            <h2>{title}</h2>
            <p>{words}</p>
            <a class="button" href=paths::AUDIT>"The whole log"</a>
        </div>
    }
}

#[component]
fn Table(events: Vec<AuditEvent>, now: Timestamp) -> impl IntoView {
    let rows: Vec<_> = events
        .into_iter()
        .map(|event| view! { <Row event=event now=now/> }.into_any())
        .collect();
    view! {
        <table class="table">
            <thead>
                <tr><th scope="col">"What"</th><th scope="col">"Outcome"</th><th scope="col">"From"</th><th scope="col">"When"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(event: AuditEvent, now: Timestamp) -> impl IntoView {
    let at = read(&event.at).unwrap_or(now);
    let device = super::device::name(&event.device);
    let from = match event.ip.is_empty() {
        true => view! { <span class="quiet">"Forgotten"</span> }.into_any(),
        false => view! {
            <div class="stack"><span class="table-wrap">{event.ip}</span><span class="small quiet">{device}</span></div>
        }
        .into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="table-wrap">
                <div class="stack">
                    <a href=paths::audit_event(&event.id)>{event.sentence}</a>
                    <span class="small quiet">{event.action}</span>
                </div>
            </th>
            <td data-label="Outcome"><span class=badge(event.outcome)>{words(event.outcome)}</span></td>
            <td data-label="From">{from}</td>
            <td data-label="When"><When at=at now=now/></td>
        </tr>
    }
}

/// What can be taken along, and what is in it.
#[component]
fn Export(filters: AuditFilters) -> impl IntoView {
    let is_whole = filters.set().is_empty();
    let (csv, ndjson) = match is_whole {
        true => (
            "Every row, the newest last, one line each, with people by their addresses. For a spreadsheet.",
            "Every row and what vouches for it. Whoever has the file and the key ring can check that nothing was changed: gatehouse audit verify --export.",
        ),
        false => (
            "The rows that fit the filters, the newest first, with people by their addresses. For a spreadsheet.",
            "The rows that fit the filters, one JSON object a line. It cannot be checked on its own: for that, export without filters.",
        ),
    };
    view! {
        <section class="section">
            <div class="section-head"><h2>"Export"</h2><p>"That you take it along is written into the log. You may be asked to confirm that it is you."</p></div>
            <div class="panel">
                <dl class="facts">
                    <div class="fact"><dt><a class="button" href=paths::audit_export("csv", &filters) download="">"Export CSV"</a></dt><dd>{csv}</dd></div>
                    <div class="fact"><dt><a class="button" href=paths::audit_export("ndjson", &filters) download="">"Export NDJSON"</a></dt><dd>{ndjson}</dd></div>
                </dl>
            </div>
        </section>
    }
}

/// How something ended, in a word.
pub(super) fn words(outcome: AuditOutcome) -> &'static str {
    match outcome {
        AuditOutcome::Success => "Done",
        AuditOutcome::Refused => "Refused",
    }
}

pub(super) fn badge(outcome: AuditOutcome) -> &'static str {
    match outcome {
        AuditOutcome::Success => "badge badge-good",
        AuditOutcome::Refused => "badge badge-bad",
    }
}
