//! Sign-ins, day by day: a drawing, and the numbers behind it as a table for who cannot or will not look
//! at drawings.

use leptos::prelude::*;
use wire::SignInDay;

use crate::pages::number::grouped;

/// The drawing's own measure; it is scaled to the room there is.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 180;
/// Room between the bars of two days, in hundredths of a day's room.
const GAP: i64 = 20;

#[component]
pub(super) fn SignIns(days: Vec<SignInDay>) -> impl IntoView {
    let sum = |of: fn(&SignInDay) -> i64| days.iter().map(of).sum::<i64>();
    let (succeeded, failed) = (sum(|day| day.succeeded), sum(|day| day.failed));
    let told = format!(
        "{} completed and {} refused in {} days",
        grouped(succeeded),
        grouped(failed),
        days.len()
    );
    let drawing = match succeeded + failed {
        0 => view! { <p class="quiet">"Nobody has signed in, or tried to, in this time."</p> }
            .into_any(),
        _ => view! { <Drawing days=days.clone() label=told.clone()/> }.into_any(),
    };
    let rows: Vec<_> = days
        .into_iter()
        .rev()
        .map(|day| {
            view! { <tr><th scope="row">{day.date}</th><td data-label="Completed">{grouped(day.succeeded)}</td><td data-label="Refused">{grouped(day.failed)}</td></tr> }
        })
        .collect();
    view! {
        <section class="section-wide">
            <h2>"Sign-ins"</h2>
            <p class="small quiet">{told}". Days are UTC’s."</p>
            <div class="panel chart-panel">{drawing}</div>
            <details class="more">
                <summary>"The numbers as a table"</summary>
                <table class="table">
                    <thead><tr><th scope="col">"Day"</th><th scope="col">"Completed"</th><th scope="col">"Refused"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        </section>
    }
}

#[component]
fn Drawing(days: Vec<SignInDay>, label: String) -> impl IntoView {
    let most = ceiling(&days);
    let bars: Vec<_> = bars(&days, most)
        .into_iter()
        .map(|bar| {
            view! {
                <g>
                    <title>{bar.title}</title>
                    <rect class="chart-good" x=bar.x y=HEIGHT - bar.good width=bar.width height=bar.good></rect>
                    <rect class="chart-bad" x=bar.x y=HEIGHT - bar.good - bar.bad width=bar.width height=bar.bad></rect>
                </g>
            }
            .into_any()
        })
        .collect();
    let view_box = format!("0 0 {WIDTH} {HEIGHT}");
    let (first, last) = (
        days.first().map(|day| day.date.clone()),
        days.last().map(|day| day.date.clone()),
    );
    view! {
        <figure class="chart">
            <p class="chart-most small quiet">{grouped(most)}</p>
            <svg class="chart-drawing" viewBox=view_box preserveAspectRatio="none" role="img" aria-label=label>{bars}</svg>
            <figcaption class="chart-days small quiet">
                <span>{first}</span>
                <span class="chart-keys"><span class="chart-key chart-key-good">"Completed"</span><span class="chart-key chart-key-bad">"Refused"</span></span>
                <span>{last}</span>
            </figcaption>
        </figure>
    }
}

/// The bars of one day, one upon the other.
#[derive(Debug, PartialEq, Eq)]
struct Bar {
    x: i64,
    width: i64,
    good: i64,
    bad: i64,
    title: String,
}

fn bars(days: &[SignInDay], most: i64) -> Vec<Bar> {
    let many = i64::try_from(days.len()).unwrap_or(1).max(1);
    let height = |count: i64| {
        let scaled = count * HEIGHT / most;
        // One among thousands is still to be seen.
        scaled.max(i64::from(count > 0) * 2)
    };
    let bar = |(at, day): (usize, &SignInDay)| {
        let at = i64::try_from(at).unwrap_or_default();
        let (from, to) = (at * WIDTH / many, (at + 1) * WIDTH / many);
        let width = ((to - from) * (100 - GAP) / 100).max(1);
        let good = height(day.succeeded);
        Bar {
            x: from,
            width,
            good,
            bad: height(day.failed).min(HEIGHT - good.min(HEIGHT)),
            title: format!(
                "{}: {} completed, {} refused",
                day.date,
                grouped(day.succeeded),
                grouped(day.failed)
            ),
        }
    };
    days.iter().enumerate().map(bar).collect()
}

/// What the drawing's full height stands for: the next round number over the busiest day.
fn ceiling(days: &[SignInDay]) -> i64 {
    let busiest = days.iter().map(|day| day.succeeded + day.failed).max();
    let busiest = busiest.unwrap_or_default().max(1);
    let mut step = 1;
    loop {
        for round in [1, 2, 5] {
            if round * step >= busiest {
                return round * step;
            }
        }
        step *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(succeeded: i64, failed: i64) -> SignInDay {
        SignInDay {
            date: "2026-11-21".to_owned(),
            succeeded,
            failed,
        }
    }

    #[test]
    fn the_busiest_day_fits_under_a_round_number() {
        for (most, round) in [(0, 1), (1, 1), (3, 5), (6, 10), (11, 20), (1001, 2000)] {
            assert_eq!(ceiling(&[day(most, 0), day(0, 0)]), round, "{most}");
        }
        assert_eq!(ceiling(&[day(3, 4)]), 10);
        assert_eq!(ceiling(&[]), 1);
    }

    #[test]
    fn bars_stand_side_by_side_and_stay_inside() {
        for many in [7, 30, 90] {
            let days: Vec<_> = (0..many).map(|at| day(at * 1000, at + 1)).collect();
            let bars = bars(&days, ceiling(&days));
            for (at, bar) in bars.iter().enumerate() {
                assert!(bar.x + bar.width <= WIDTH && bar.width > 0, "{bar:?}");
                assert!(bar.good + bar.bad <= HEIGHT, "{bar:?}");
                assert!(bar.bad >= 1, "a refusal among thousands is seen: {bar:?}");
                let next = bars.get(at + 1).map_or(WIDTH, |next| next.x);
                assert!(bar.x + bar.width < next || at + 1 == bars.len(), "{bar:?}");
            }
        }
    }

    #[test]
    fn a_day_without_sign_ins_has_no_bar() {
        let bars = bars(&[day(0, 0)], 10);
        assert_eq!((bars[0].good, bars[0].bad), (0, 0));
    }
}
