//! What somebody did, and what was done to them: the rows of the audit log about both.

use leptos::prelude::*;
use wire::{AuditEvent, AuditOutcome, Paging};

use super::{About, Tab};
use crate::pages::device;
use crate::pages::icon::{Icon, Sign};
use crate::pages::paths;
use crate::pages::when::{Exactly, read};
use crate::server::{Fault, viewer};

/// How much is on a page.
const LIMIT: u32 = 25;

/// Reading the log of somebody is a right of its own.
pub(super) const NEEDED: &str = "audit:read";

pub(super) async fn shown(about: &About, cursor: Option<String>) -> Result<AnyView, Fault> {
    let held = &about.session.user.permissions;
    if !held.iter().any(|held| held == NEEDED) {
        return Ok(view! {
            <div class="note note-plain"><Icon sign=Sign::Lock/><p>"Reading what happened to somebody takes the right "<code>{NEEDED}</code>", which you lack."</p></div>
        }
        .into_any());
    }
    let after = cursor.and_then(|cursor| cursor.parse().ok());
    let is_first = after.is_none();
    let paging = Paging {
        limit: LIMIT,
        after,
    };
    let user = &about.user().id;
    let page = about.site.auth.list_audit_of(user, &paging).await?;
    let here = paths::user_tab(user, Tab::Audit);
    let older = page.next_cursor();
    let older = older.map(|cursor| format!("{here}&cursor={cursor}"));
    let rows: Vec<_> = page
        .items
        .into_iter()
        .map(|event| view! { <Row event=event/> }.into_any())
        .collect();
    let list = match rows.is_empty() {
        true => view! { <p class="quiet">"Nothing more is known of this account."</p> }.into_any(),
        false => view! { <ul class="events panel">{rows}</ul> }.into_any(),
    };
    Ok(view! {
        <section class="section-wide">
            <h2>"What happened"</h2>
            <p class="small quiet">"What they did and what was done to them, the newest first."</p>
            {list}
            <nav class="actions" aria-label="Pages of events">
                {(!is_first).then(|| view! { <a class="button" href=here>"Newest"</a> })}
                {older.map(|older| view! { <a class="button" href=older rel="next">"Older"</a> })}
            </nav>
        </section>
    }
    .into_any())
}

/// The place in the list that was asked for.
pub(super) fn asked() -> Option<String> {
    viewer::asked("cursor")
}

#[component]
fn Row(event: AuditEvent) -> impl IntoView {
    let (sign, class) = match event.outcome {
        AuditOutcome::Refused => (Sign::Alert, "event event-refused"),
        AuditOutcome::Success => (Sign::Done, "event"),
    };
    let from = match event.ip.is_empty() {
        true => "From somewhere that is forgotten".to_owned(),
        false => format!("{}, {}", device::name(&event.device), event.ip),
    };
    view! {
        <li class=class>
            <Icon sign=sign small=true/>
            <div class="event-what">
                <p><a href=paths::audit_event(&event.id)>{event.sentence}</a></p>
                <p class="event-from">{from}</p>
                <p class="event-from"><code>{event.action}</code></p>
            </div>
            <div class="event-end">{read(&event.at).map(|at| view! { <Exactly at=at/> })}</div>
        </li>
    }
}
