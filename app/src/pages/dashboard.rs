//! `/admin`: how the portal does. Over how many days is in the address.

mod chart;

use std::sync::Arc;

use leptos::prelude::*;
use wire::{PostureFinding, Stats, Weight};

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::number::grouped;
use super::paths;
use super::place::{Place, may_open};
use crate::forms::duration;
use crate::server::{Session, viewer};
use chart::SignIns;

/// What the switch offers.
const DAYS: [u32; 3] = [7, 30, 90];

/// The page.
#[component]
pub(crate) fn DashboardPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let days = viewer::asked("days").and_then(|days| Stats::days(&days));
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let stats = site
            .auth
            .stats(days.unwrap_or(30), &site.deployment())
            .await;
        match stats {
            Ok(stats) => view! { <Shown session=session stats=stats/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Shown(session: Arc<Session>, stats: Stats) -> impl IntoView {
    let days = stats.days;
    let switch: Vec<_> = DAYS
        .into_iter()
        .map(|one| {
            let current = (one == days).then_some("true");
            let href = format!("{}?days={one}", paths::DASHBOARD);
            view! { <li><a class="chip" href=href aria-current=current>{format!("{one} days")}</a></li> }
        })
        .collect();
    let held = session.user.permissions.clone();
    let sees = Sees {
        users: may_open(&held, paths::USERS),
        keys: may_open(&held, paths::ALL_KEYS),
    };
    view! {
        <PageTitle text="Dashboard"/>
        <House session=session here=Place::Dashboard title="Dashboard" lead="How the portal does, as of a second ago.">
            <Posture findings=stats.posture.clone() held=held/>
            <nav aria-label="Time"><ul class="chips">{switch}</ul></nav>
            <Tiles stats=stats.clone() sees=sees/>
            <SignIns days=stats.sign_ins/>
        </House>
    }
}

/// One number, and where it leads.
struct Tile {
    name: &'static str,
    number: i64,
    about: String,
    href: Option<&'static str>,
}

/// Which lists are open to whoever looks.
#[derive(Clone, Copy)]
struct Sees {
    users: bool,
    keys: bool,
}

fn tiles(stats: &Stats, sees: Sees) -> Vec<Tile> {
    let users = &stats.users;
    let tile = |name, number, about: String, href| Tile {
        name,
        number,
        about,
        href,
    };
    let list = |href| sees.users.then_some(href);
    let letters = match stats.outbox.oldest_due_seconds {
        0 => "waiting to be sent".to_owned(),
        seconds => {
            let waited = duration(u32::try_from(seconds).unwrap_or(u32::MAX));
            format!("waiting to be sent, the oldest for {waited}")
        }
    };
    vec![
        tile(
            "Accounts",
            users.total,
            format!("{} new in {} days", grouped(users.new), stats.days),
            list(paths::USERS),
        ),
        tile(
            "Active today",
            users.active.day,
            "in the last 24 hours".to_owned(),
            list("/admin/users?sort=-lastLoginAt"),
        ),
        tile(
            "Active this week",
            users.active.week,
            "in the last 7 days".to_owned(),
            None,
        ),
        tile(
            "Active this month",
            users.active.month,
            "in the last 30 days".to_owned(),
            None,
        ),
        tile(
            "Locked",
            users.locked,
            "after too many wrong passwords".to_owned(),
            list("/admin/users?status=locked"),
        ),
        tile(
            "Suspended",
            users.suspended,
            "cannot sign in for a time".to_owned(),
            list("/admin/users?status=suspended"),
        ),
        tile(
            "Disabled",
            users.disabled,
            "cannot sign in until enabled".to_owned(),
            list("/admin/users?status=disabled"),
        ),
        tile(
            "Leaving",
            users.leaving,
            "will be deleted".to_owned(),
            list("/admin/users?status=leaving"),
        ),
        tile("Letters", stats.outbox.due, letters, Some(paths::OUTBOX)),
        tile(
            "Letters given up",
            stats.outbox.dead,
            "nobody got them".to_owned(),
            Some("/admin/outbox?status=dead"),
        ),
        tile(
            "Keys that end soon",
            stats.api_keys.ending,
            "within 7 days".to_owned(),
            sees.keys.then_some("/admin/keys?status=expiring"),
        ),
    ]
}

#[component]
fn Tiles(stats: Stats, sees: Sees) -> impl IntoView {
    let tiles: Vec<_> = tiles(&stats, sees)
        .into_iter()
        .map(|tile| {
            let name = match tile.href {
                Some(href) => view! { <a href=href>{tile.name}</a> }.into_any(),
                None => view! { {tile.name} }.into_any(),
            };
            view! {
                <div class="tile">
                    <dt>{name}</dt>
                    <dd class="tile-number">{grouped(tile.number)}</dd>
                    <dd class="small quiet">{tile.about}</dd>
                </div>
            }
            .into_any()
        })
        .collect();
    view! {
        <section class="section-wide" aria-label="Numbers"><dl class="tiles">{tiles}</dl></section>
    }
}

/// What should be looked at, with the way there.
#[component]
fn Posture(findings: Vec<PostureFinding>, held: Vec<String>) -> impl IntoView {
    if findings.is_empty() {
        return view! {
            <div class="note note-good"><Icon sign=Sign::Done/><p>"Nothing about this portal asks for attention."</p></div>
        }
        .into_any();
    }
    let rows: Vec<_> = findings
        .into_iter()
        .map(|finding| view! { <Case finding=finding held=held.clone()/> }.into_any())
        .collect();
    view! {
        <section class="section-wide">
            <h2>"Worth a look"</h2>
            <ul class="rows panel">{rows}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn Case(finding: PostureFinding, held: Vec<String>) -> impl IntoView {
    let (class, word) = match finding.weight {
        Weight::Danger => ("badge badge-bad", "Danger"),
        Weight::Warning => ("badge", "Warning"),
        Weight::Advice => ("badge", "Advice"),
    };
    let label = format!("Look at it: {}", finding.sentence);
    let page = finding.page.filter(|page| may_open(&held, page));
    let way = page.map(|page| {
        view! { <a class="button" href=page aria-label=label.clone()>"Look at it"</a> }
    });
    view! {
        <li class="row-item">
            <div class="row-words">
                <h3>{finding.sentence}" "<span class=class>{word}</span></h3>
                <p class="small quiet">{finding.advice}</p>
            </div>
            <div class="row-act">{way}</div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{ActiveUsers, ApiKeyTotals, OutboxState, UserTotals};

    #[test]
    fn numbers_lead_only_where_their_reader_may_go() {
        let stats = Stats {
            days: 7,
            users: UserTotals {
                total: 12_345,
                new: 6,
                active: ActiveUsers {
                    day: 1,
                    week: 2,
                    month: 3,
                },
                locked: 4,
                suspended: 3,
                disabled: 5,
                leaving: 0,
            },
            sign_ins: Vec::new(),
            outbox: OutboxState {
                due: 2,
                dead: 0,
                oldest_due_seconds: 600,
            },
            api_keys: ApiKeyTotals { ending: 9 },
            posture: Vec::new(),
        };
        let everything = Sees {
            users: true,
            keys: true,
        };
        let told = tiles(&stats, everything);
        assert_eq!(told[0].about, "6 new in 7 days");
        assert!(told[8].about.ends_with("the oldest for 10 minutes"));
        let of_users = |tile: &&Tile| tile.href.is_some_and(|href| href.starts_with(paths::USERS));
        assert_eq!(told.iter().filter(of_users).count(), 6);
        let of_keys = |tile: &&Tile| {
            tile.href
                .is_some_and(|href| href.starts_with(paths::ALL_KEYS))
        };
        let keys: Vec<_> = told
            .iter()
            .filter(of_keys)
            .map(|tile| tile.number)
            .collect();
        assert_eq!(keys, [9]);
        let nothing = Sees {
            users: false,
            keys: false,
        };
        let narrowed = tiles(&stats, nothing);
        assert_eq!(narrowed.iter().filter(of_keys).count(), 0);
        assert_eq!(narrowed.iter().filter(of_users).count(), 0);
        assert!(narrowed.iter().any(|tile| tile.href == Some(paths::OUTBOX)));
    }
}
