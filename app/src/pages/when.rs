//! Moments, as people read them.

use crate::server::{Timestamp, rfc3339};
use leptos::prelude::*;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment relative to now where that says more, exact in the tooltip and for machines.
#[component]
pub(crate) fn When(
    at: Timestamp,
    now: Timestamp,
    /// It does not begin one: in small letters, and a date with its `on`.
    #[prop(optional)]
    in_sentence: bool,
) -> impl IntoView {
    let words = match (relative(at, now), in_sentence) {
        (Some(words), true) => words.to_lowercase(),
        (Some(words), false) => words,
        (None, true) => format!("on {}", exact(at)),
        (None, false) => exact(at),
    };
    view! { <time datetime=rfc3339(at) title=exact(at)>{words}</time> }
}

/// A moment as date and time.
#[component]
pub(crate) fn Exactly(at: Timestamp) -> impl IntoView {
    view! { <time datetime=rfc3339(at)>{exact(at)}</time> }
}

/// A moment as a day, exact in the tooltip.
#[component]
pub(crate) fn Day(at: Timestamp) -> impl IntoView {
    let words = exact(at);
    let day = words.split(',').next().unwrap_or_default().to_owned();
    view! { <time datetime=rfc3339(at) title=words>{day}</time> }
}

/// A moment as the time of its day, exact in the tooltip.
#[component]
pub(crate) fn Hour(at: Timestamp) -> impl IntoView {
    let words = exact(at);
    let hour = words
        .split(", ")
        .nth(1)
        .unwrap_or_default()
        .trim_end_matches(" UTC")
        .to_owned();
    view! { <time datetime=rfc3339(at) title=words>{hour}</time> }
}

/// The day of a moment, as people call it: `Today`, `Yesterday`, `21 November 2026`. Days are UTC's.
pub(crate) fn day_of(at: Timestamp, now: Timestamp) -> String {
    const DAY: Timestamp = 86_400;
    match now.div_euclid(DAY) - at.div_euclid(DAY) {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => exact(at).split(',').next().unwrap_or_default().to_owned(),
    }
}

/// Reads a moment as it crosses the wire.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .map(OffsetDateTime::unix_timestamp)
}

/// `21 November 2026, 07:44 UTC`.
pub(crate) fn exact(at: Timestamp) -> String {
    let Ok(at) = OffsetDateTime::from_unix_timestamp(at) else {
        return String::new();
    };
    format!(
        "{} {} {}, {:02}:{:02} UTC",
        at.day(),
        at.month(),
        at.year(),
        at.hour(),
        at.minute()
    )
}

/// `just now`, `3 minutes ago`, `2 hours ago`; `None` past a day.
fn relative(at: Timestamp, now: Timestamp) -> Option<String> {
    let (count, unit) = match now - at {
        ..=59 => return Some("Just now".to_owned()),
        seconds @ 60..=3599 => (seconds / 60, "minute"),
        seconds @ 3600..=86_399 => (seconds / 3600, "hour"),
        _ => return None,
    };
    let ending = if count == 1 { "" } else { "s" };
    Some(format!("{count} {unit}{ending} ago"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_moments_are_told_from_here_and_far_ones_by_date() {
        assert_eq!(relative(1000, 1030).as_deref(), Some("Just now"));
        assert_eq!(relative(1000, 1060).as_deref(), Some("1 minute ago"));
        assert_eq!(relative(0, 7200).as_deref(), Some("2 hours ago"));
        assert_eq!(relative(0, 90_000), None);
        assert_eq!(exact(1_767_225_600), "1 January 2026, 00:00 UTC");
    }
}
