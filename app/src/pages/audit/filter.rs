//! Filters of the audit log: some at hand, all in a form, and those in force as chips that take themselves
//! away.

use leptos::prelude::*;
use wire::{AuditFilters, AuditOutcome};

use crate::pages::paths;

/// What is looked for most. Each keeps nothing of the other filters: it is a place to begin.
const PRESETS: [(&str, &str, &str); 6] = [
    ("All", "", ""),
    ("Refused", "outcome", "refused"),
    ("Sign-ins", "action", "session.*"),
    ("Accounts", "action", "user.*"),
    ("Not let in", "action", "access.*"),
    ("Exports", "action", "audit.*"),
];

#[component]
pub(super) fn Presets(filters: AuditFilters) -> impl IntoView {
    let chips: Vec<_> = PRESETS
        .into_iter()
        .map(|(name, filter, text)| {
            let preset = AuditFilters::read(|one| (one == filter).then(|| text.to_owned()));
            let current = (preset == filters).then_some("true");
            let href = paths::audit(&preset, None);
            view! { <li><a class="chip" href=href aria-current=current>{name}</a></li> }
        })
        .collect();
    view! { <nav aria-label="Filter"><ul class="chips">{chips}</ul></nav> }
}

/// What a filter is called where it is typed.
fn label(name: &str) -> &'static str {
    match name {
        "actor" => "Who acted",
        "subject" => "Whom it concerns",
        "action" => "Act",
        "outcome" => "Outcome",
        "ip" => "Address",
        "requestId" => "Request",
        "from" => "From",
        _ => "To",
    }
}

#[component]
pub(super) fn Filter(filters: AuditFilters) -> impl IntoView {
    let is_open = !filters.set().is_empty();
    let chosen = filters.outcome.clone();
    let outcomes: Vec<_> = AuditOutcome::ALL
        .into_iter()
        .map(|outcome| {
            let is_chosen = outcome.as_str() == chosen;
            view! { <option value=outcome.as_str() selected=is_chosen>{super::words(outcome)}</option> }
        })
        .collect();
    view! {
        <details class="more audit-more" open=is_open>
            <summary>"Search the log"</summary>
            <form class="audit-form" method="get" action=paths::AUDIT role="search">
                <Text name="actor" id="actor" value=filters.actor hint="An e-mail address or an id"/>
                <Text name="subject" id="subject" value=filters.subject hint="An e-mail address or an id"/>
                <Text name="action" id="action" value=filters.action hint="user.disabled, or user.* for all of a kind"/>
                <div class="field">
                    <label class="label" for="outcome">{label("outcome")}</label>
                    <select class="input" id="outcome" name="outcome">
                        <option value="">"Any"</option>
                        {outcomes}
                    </select>
                </div>
                <Text name="ip" id="ip" value=filters.ip hint="192.0.2.1 or 2001:db8::1"/>
                <Text name="requestId" id="request_id" value=filters.request_id hint="As an error page names it"/>
                <Day name="from" value=filters.from/>
                <Day name="to" value=filters.to/>
                <div class="actions audit-actions"><button class="button button-main">"Search"</button></div>
            </form>
        </details>
    }
}

#[component]
fn Text(name: &'static str, id: &'static str, value: String, hint: &'static str) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label class="label" for=id>{label(name)}</label>
            <input class="input" id=id name=name value=value maxlength="254" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby=hint_id.clone()/>
            <p class="hint" id=hint_id>{hint}</p>
        </div>
    }
}

/// A day, in UTC. A moment that came by a link stays what it is, which a field for days could not show.
#[component]
fn Day(name: &'static str, value: String) -> impl IntoView {
    let kind = match value.is_empty() || value.len() == 10 {
        true => "date",
        false => "text",
    };
    let hint_id = format!("{name}-hint");
    let hint = match name {
        "from" => "That day and later, in UTC",
        _ => "That day and earlier, in UTC",
    };
    view! {
        <div class="field">
            <label class="label" for=name>{label(name)}</label>
            <input class="input" type=kind id=name name=name value=value aria-describedby=hint_id.clone()/>
            <p class="hint" id=hint_id>{hint}</p>
        </div>
    }
}

/// The filters in force; each leads to the same without it.
#[component]
pub(super) fn Active(filters: AuditFilters) -> impl IntoView {
    let set = filters.set();
    if set.is_empty() {
        return ().into_any();
    }
    let chips: Vec<_> = set
        .into_iter()
        .map(|(name, text)| {
            let href = paths::audit(&filters.without(name), None);
            let words = format!("{}: {text}", label(name));
            let spoken = format!("Remove the filter {words}");
            view! { <li><a class="chip audit-chip" href=href aria-label=spoken>{words}<span aria-hidden="true">"×"</span></a></li> }
        })
        .collect();
    view! { <nav aria-label="Filters in force"><ul class="chips">{chips}</ul></nav> }.into_any()
}
