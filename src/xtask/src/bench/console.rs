//! `cargo xtask bench --console`: how long the administration's lists and pages take over a big portal, beside a bare
//! answer of the same run. The portal is made up: people, sessions and audit rows, in seconds.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::json;

use super::{EMAIL, PASSWORD, bare_server, load_generator, sign_in};
use crate::error::{Error, Result};
use crate::http;
use crate::portal::Portal;
use crate::process;
use crate::say;
use crate::workspace::{self, Profile};

/// No list may take longer, in milliseconds (issue 5).
const LIMIT: f64 = 200.0;
/// How often each is asked for.
const ASKED: usize = 40;

/// What is asked for: a name, and where it is. A path that ends in `cursor=` is walked to a page far behind first.
const LISTS: &[(&str, &str)] = &[
    ("users, newest first", "/api/admin/users?limit=50"),
    (
        "users, oldest first",
        "/api/admin/users?limit=50&sort=createdAt",
    ),
    ("users, by address", "/api/admin/users?limit=50&sort=email"),
    (
        "users, by last sign-in",
        "/api/admin/users?limit=50&sort=-lastLoginAt",
    ),
    (
        "users, a page far behind",
        "/api/admin/users?limit=200&sort=-lastLoginAt&cursor=",
    ),
    ("users, active", "/api/admin/users?limit=50&status=active"),
    (
        "users, locked (nobody)",
        "/api/admin/users?limit=50&status=locked",
    ),
    (
        "users, suspended (nobody)",
        "/api/admin/users?limit=50&status=suspended",
    ),
    ("users, one role", "/api/admin/users?limit=50&role=viewer"),
    (
        "users, one role by address",
        "/api/admin/users?limit=50&role=viewer&sort=email",
    ),
    ("search, many hits", "/api/admin/users?limit=50&q=person"),
    (
        "search, one hit",
        "/api/admin/users?limit=50&q=person99999%40",
    ),
    (
        "search, no hit",
        "/api/admin/users?limit=50&q=nobody-like-that",
    ),
    (
        "search by name, no hit, by address",
        "/api/admin/users?limit=50&q=Love%20lace&sort=email",
    ),
    ("page of users", "/admin/users"),
    ("stats, 7 days", "/api/admin/stats?days=7"),
    ("stats, 90 days", "/api/admin/stats?days=90"),
    ("dashboard page, 90 days", "/admin?days=90"),
    ("audit, newest", "/api/admin/audit?limit=50"),
    ("settings page", "/admin/settings"),
];

/// Seeds, measures, prints the table; fails where a list is over the limit.
pub(crate) fn console(users: u64, events: u64) -> Result<()> {
    say::step("Building the portal and the load generator (release, some minutes)");
    let binary = workspace::portal(Profile::Release)?;
    let load = load_generator()?;
    say::step("Starting the bare server and the portal");
    let portal = Portal::start(&binary, &[("GATEHOUSE_LIMITS__MULTIPLIER", "0")])?;
    let (limit, _bare) = bare_server(&load)?;
    say::step(format!("Making up {users} people and {events} audit rows"));
    seed(&load, &portal, users, events)?;
    let cookie = admin(&portal)?;

    let bare = measured(limit, "/", None)?;
    let mut rows = vec![
        ["", "median ms", "95 % ms", "beside a bare answer", ""]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.push(line("bare axum, the limit", bare, bare));
    let mut slow = Vec::new();
    for (name, path) in LISTS {
        let path = match path.strip_suffix("&cursor=") {
            Some(list) => far_behind(&portal, list, &cookie)?,
            None => (*path).to_owned(),
        };
        let Some(times) = of_list(&portal, &path, &cookie)? else {
            say::note(format!("{name}: there is no such list"));
            continue;
        };
        if times.late > LIMIT {
            slow.push(*name);
        }
        rows.push(line(name, times, bare));
    }
    say::result(format!("\n{}", say::table(&rows)));
    match slow.is_empty() {
        true => Ok(()),
        false => Err(Error::other(format!(
            "Over {LIMIT:.0} ms: {}.",
            slow.join(", ")
        ))),
    }
}

fn seed(load: &Path, portal: &Portal, users: u64, events: u64) -> Result<()> {
    let mut command = Command::new(load);
    command
        .args([
            "seed",
            &portal.database_url(),
            &users.to_string(),
            &events.to_string(),
        ])
        .stdout(Stdio::null());
    process::run(&mut command)
}

/// The session cookie of an admin who was just made.
fn admin(portal: &Portal) -> Result<String> {
    let mut create = portal.command();
    create
        .args(["admin", "create", "--email", EMAIL, "--password-stdin"])
        .stdout(Stdio::null());
    process::feed(&mut create, PASSWORD.as_bytes())?;
    let credentials = json!({ "email": EMAIL, "password": PASSWORD, "useCookie": true });
    let answer = sign_in(portal, &credentials)?;
    let cookie = answer.cookie("gatehouse").map(str::to_owned);
    cookie.ok_or_else(|| Error::other("The portal signed the admin in but gave no cookie."))
}

/// Half and nearly all of so many answers came within, in milliseconds.
#[derive(Clone, Copy)]
struct Times {
    median: f64,
    late: f64,
}

/// `None` where there is no such route.
fn of_list(portal: &Portal, path: &str, cookie: &str) -> Result<Option<Times>> {
    match http::get_as(portal.address, path, cookie)?.status {
        200 => measured(portal.address, path, Some(cookie)).map(Some),
        404 => Ok(None),
        status => Err(Error::other(format!(
            "The portal answered {status} to {path}."
        ))),
    }
}

fn measured(address: SocketAddr, path: &str, cookie: Option<&str>) -> Result<Times> {
    let mut times = Vec::with_capacity(ASKED);
    for _ in 0..ASKED {
        let begun = Instant::now();
        match cookie {
            Some(cookie) => http::get_as(address, path, cookie)?,
            None => http::get(address, path)?,
        };
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(Times {
        median: times[ASKED / 2],
        late: times[ASKED * 95 / 100],
    })
}

/// The address of the twentieth page: a list by key takes no longer there than at its beginning.
fn far_behind(portal: &Portal, list: &str, cookie: &str) -> Result<String> {
    let mut path = list.to_owned();
    for _ in 0..20 {
        let answer = http::get_as(portal.address, &path, cookie)?;
        let page: serde_json::Value = serde_json::from_str(&answer.body)
            .map_err(|error| Error::other(format!("A page was not understood: {error}.")))?;
        let cursor = page["nextCursor"].as_str();
        let cursor =
            cursor.ok_or_else(|| Error::other("There are fewer people than were asked for."))?;
        path = format!("{list}&cursor={cursor}");
    }
    Ok(path)
}

fn line(name: &str, times: Times, bare: Times) -> Vec<String> {
    let verdict = match times.late > LIMIT {
        true => format!("over {LIMIT:.0} ms"),
        false => String::new(),
    };
    vec![
        name.to_owned(),
        format!("{:.1}", times.median),
        format!("{:.1}", times.late),
        format!("{:.0} times", (times.median / bare.median).max(1.0)),
        verdict,
    ]
}
