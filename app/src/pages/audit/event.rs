//! `/admin/audit/{id}`: one row of the log, whole: what it says, what it changed, and where it hangs in the
//! chain.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use wire::{AuditEvent, AuditFilters, ErrorCode, OneAuditEvent};

use super::party::Party;
use super::{badge, words};
use crate::pages::device;
use crate::pages::error::{Failed, Unavailable};
use crate::pages::frame::{House, PageTitle};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::pages::when::{Exactly, read};
use crate::server::{Session, viewer};

/// One row.
#[component]
pub(crate) fn AuditEventPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let id = use_params_map().read_untracked().get("id");
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match site.auth.audit_event(&id.unwrap_or_default()).await {
            Ok(Some(event)) => view! { <Shown session=session event=event/> }.into_any(),
            Ok(None) => view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Shown(session: Arc<Session>, event: AuditEvent) -> impl IntoView {
    let sentence = event.sentence.clone();
    let one = OneAuditEvent {
        event: event.clone(),
    };
    let json = one.pretty();
    let changes = one.changes();
    let held = session.user.permissions.clone();
    let facts = view! { <Facts event=event held=held/> }.into_any();
    let changes = (!changes.is_empty()).then(|| view! { <Changes changes=changes/> }.into_any());
    view! {
        <PageTitle text="A row of the audit log"/>
        <House session=session here=Place::Audit title="A row of the audit log" lead=sentence>
            <p class="small"><a href=paths::AUDIT>"The whole log"</a></p>
            {facts}
            {changes}
            <section class="section">
                <div class="section-head"><h2>"As JSON"</h2><p>"The row as the API gives it."</p></div>
                <div class="panel"><pre class="audit-json" tabindex="0" aria-label="The row as JSON"><code>{json}</code></pre></div>
            </section>
        </House>
    }
}

#[component]
fn Facts(event: AuditEvent, held: Vec<String>) -> impl IntoView {
    let at = read(&event.at);
    let device = device::name(&event.device);
    let same_request = paths::audit(
        &AuditFilters::read(|name| (name == "requestId").then(|| event.request_id.clone())),
        None,
    );
    let same_address = paths::audit(
        &AuditFilters::read(|name| (name == "ip").then(|| event.ip.clone())),
        None,
    );
    let actor = match event.actor {
        Some(actor) => view! { <Party party=actor held=held.clone()/> }.into_any(),
        None => view! { <span class="quiet">"Nobody who was signed in"</span> }.into_any(),
    };
    let subject = event.subject.map(|subject| {
        view! { <div class="fact"><dt>"Concerns"</dt><dd><Party party=subject held=held/></dd></div> }
    });
    let from = match event.ip.is_empty() {
        true => view! { <span class="quiet">"Forgotten, because the account was deleted"</span> }
            .into_any(),
        false => view! { <a href=same_address>{event.ip}</a><span class="quiet">{device}</span> }
            .into_any(),
    };
    let place = match event.seq {
        Some(seq) => view! { <span>"Row "{seq}</span> }.into_any(),
        None => view! { <span class="quiet">"Not yet: it happened a moment ago"</span> }.into_any(),
    };
    let hash = event.hash.map(|hash| {
        view! { <div class="fact"><dt>"Hash"</dt><dd><code class="table-wrap">{hash}</code></dd></div> }
    });
    view! {
        <section class="section">
            <div class="section-head"><h2>"What happened"</h2><p>{event.action}</p></div>
            <div class="panel">
                <dl class="facts">
                    <div class="fact"><dt>"Outcome"</dt><dd><span class=badge(event.outcome)>{words(event.outcome)}</span></dd></div>
                    <div class="fact"><dt>"When"</dt><dd>{at.map(|at| view! { <Exactly at=at/> })}</dd></div>
                    <div class="fact"><dt>"Who acted"</dt><dd>{actor}</dd></div>
                    {subject}
                    <div class="fact"><dt>"From"</dt><dd>{from}</dd></div>
                    <div class="fact"><dt>"Request"</dt><dd><a class="table-wrap" href=same_request>{event.request_id}</a></dd></div>
                    <div class="fact"><dt>"In the chain"</dt><dd>{place}</dd></div>
                    {hash}
                </dl>
            </div>
        </section>
    }
}

/// What is otherwise now.
#[component]
fn Changes(changes: Vec<(String, String, String)>) -> impl IntoView {
    let rows: Vec<_> = changes
        .into_iter()
        .map(|(name, before, after)| {
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td class="table-wrap" data-label="Before">{before}</td>
                    <td class="table-wrap" data-label="After">{after}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <section class="section">
            <div class="section-head"><h2>"What changed"</h2><p>"As it was, and as it is since."</p></div>
            <table class="table">
                <thead><tr><th scope="col">"What"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}
