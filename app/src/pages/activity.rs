//! `/account/activity`: what happened to the account, day by day, newest first.

use leptos::either::Either;
use leptos::prelude::*;
use wire::{Event, Page, Paging};

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::{Hour, day_of, read};
use crate::forms::Summary;
use crate::server::viewer;
use crate::server::{Site, Timestamp};

/// How much is on a page.
const LIMIT: u32 = 25;

/// The timeline.
#[component]
pub(crate) fn ActivityPage() -> impl IntoView {
    let (Some(session), Some(site)) = (viewer::viewer(), viewer::site()) else {
        viewer::go(paths::LOG_IN);
        return Either::Left(());
    };
    // A cursor that is none of ours is no reason for an error page: the list begins anew.
    let after = viewer::asked("cursor").and_then(|cursor| cursor.parse().ok());
    let flash = viewer::flash();
    Either::Right(Suspend::new(async move {
        let paging = Paging {
            limit: LIMIT,
            after,
        };
        match site.auth.list_events(&session, &paging).await {
            Ok(page) => {
                let is_first = paging.after.is_none();
                view! {
                    <PageTitle text="Activity" is_error=flash.error.is_some()/>
                    <House session=session here=Place::Activity title="Activity" lead="What happened to your account, and what was tried. If something was not you, say so here.">
                        <Summary flash=flash/>
                        <Timeline page=page site=site is_first=is_first/>
                    </House>
                }
                .into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    }))
}

#[component]
fn Timeline(page: Page<Event>, site: Site, is_first: bool) -> impl IntoView {
    if page.items.is_empty() {
        return Either::Left(view! {
            <div class="empty">
                <Icon sign=Sign::Clock/>
                <h2>"Nothing more"</h2>
                <p>"What you do here and what others try with your account is listed on this page."</p>
                {(!is_first).then(|| view! { <a class="button" href=paths::ACTIVITY>"Back to the newest"</a> })}
            </div>
        });
    }
    let now = site.auth.now();
    let older = page
        .next_cursor()
        .map(|cursor| format!("{}?cursor={cursor}", paths::ACTIVITY));
    let days = by_day(page.items, now)
        .into_iter()
        .map(|(day, events)| view! { <DayOf day=day events=events/> })
        .collect::<Vec<_>>();
    Either::Right(view! {
        <div class="days">{days}</div>
        <nav class="actions" aria-label="Pages of activity">
            {(!is_first).then(|| view! { <a class="button" href=paths::ACTIVITY>"Newest"</a> })}
            {older.map(|older| view! { <a class="button" href=older rel="next">"Older"</a> })}
        </nav>
    })
}

#[component]
fn DayOf(day: String, events: Vec<Event>) -> impl IntoView {
    let rows = events
        .into_iter()
        .map(|event| view! { <Row event=event/> })
        .collect::<Vec<_>>();
    view! {
        <section class="day">
            <h2>{day}</h2>
            <ul class="events panel">{rows}</ul>
        </section>
    }
}

#[component]
fn Row(event: Event) -> impl IntoView {
    let is_refused = event.outcome == "refused";
    let sign = if is_refused { Sign::Alert } else { Sign::Done };
    let class = if is_refused {
        "event event-refused"
    } else {
        "event"
    };
    let from = whence(&event);
    let page = format!("{}/{}", paths::ACTIVITY, event.id);
    // Read out of the list, "This wasn't me" alone would not say of what.
    let what = event.sentence.clone();
    view! {
        <li class=class>
            <Icon sign=sign small=true/>
            <div class="event-what">
                <p>{event.sentence}</p>
                {from.map(|from| view! { <p class="event-from">{from}</p> })}
            </div>
            <div class="event-end">
                {read(&event.at).map(|at| view! { <Hour at=at/> })}
                {event.disownable.then(|| view! { <a href=page aria-label=format!("This wasn’t me: {what}")>"This wasn’t me"</a> })}
            </div>
        </li>
    }
}

/// `Firefox on Linux, 192.0.2.1`.
pub(super) fn whence(event: &Event) -> Option<String> {
    let device = event.device.as_ref().map(wire::Device::words);
    let parts: Vec<_> = device.into_iter().chain(event.ip.clone()).collect();
    let mut words = parts.join(", ").chars().collect::<Vec<_>>();
    if let Some(first) = words.first_mut() {
        *first = first.to_uppercase().next().unwrap_or(*first);
    }
    (!words.is_empty()).then(|| words.into_iter().collect())
}

/// Groups what is in order already.
fn by_day(events: Vec<Event>, now: Timestamp) -> Vec<(String, Vec<Event>)> {
    let mut days: Vec<(String, Vec<Event>)> = Vec::new();
    for event in events {
        let day = read(&event.at)
            .map(|at| day_of(at, now))
            .unwrap_or_default();
        match days.last_mut() {
            Some((last, events)) if *last == day => events.push(event),
            _ => days.push((day, vec![event])),
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: Timestamp) -> Event {
        Event {
            id: at.to_string(),
            at: crate::server::rfc3339(at),
            action: "session.started".to_owned(),
            outcome: "success".to_owned(),
            sentence: "You signed in.".to_owned(),
            ip: Some("192.0.2.1".to_owned()),
            device: None,
            disownable: true,
        }
    }

    #[test]
    fn events_stand_under_their_day() {
        let now = 1_767_225_600 + 43_200;
        let at = [now, now - 60, now - 86_400, now - 3 * 86_400];
        let days = by_day(at.map(event).to_vec(), now);
        let told: Vec<_> = days
            .iter()
            .map(|(day, events)| (day.as_str(), events.len()))
            .collect();
        assert_eq!(
            told,
            [("Today", 2), ("Yesterday", 1), ("29 December 2025", 1)]
        );
    }

    #[test]
    fn where_it_came_from_begins_with_a_capital() {
        let mut event = event(0);
        assert_eq!(whence(&event).as_deref(), Some("192.0.2.1"));
        event.device = Some(wire::Device {
            browser: None,
            os: None,
            kind: "unknown".to_owned(),
        });
        assert_eq!(
            whence(&event).as_deref(),
            Some("An unknown device, 192.0.2.1")
        );
        event.ip = None;
        event.device = None;
        assert_eq!(whence(&event), None);
    }
}
