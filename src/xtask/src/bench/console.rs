//! `cargo xtask bench --console`: how long the administration's lists and pages take over a big portal, beside a bare
//! answer of the same run, and how long its audit log takes to be checked. The portal is made up: people, tenants,
//! sessions, keys and audit rows, which it has sealed itself.

mod lists;

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
const ASKED: usize = 12;
/// How many pages on is far behind.
const PAGES: usize = 20;

/// Seeds, measures, prints the table, says what is over the limit and checks the log.
pub(crate) fn console(users: u64, events: u64) -> Result<()> {
    say::step("Building the portal and the load generator (release, some minutes)");
    let binary = workspace::portal(Profile::Release)?;
    let load = load_generator()?;
    say::step("Starting the bare server and the portal");
    let portal = Portal::start(&binary, &[("GATEHOUSE_LIMITS__MULTIPLIER", "0")])?;
    let (limit, _bare) = bare_server(&load)?;
    say::step(format!("Making up {users} people and {events} audit rows"));
    let begun = Instant::now();
    seed(&load, &portal, users, events)?;
    say::note(format!("{:.0} s", begun.elapsed().as_secs_f64()));
    let cookie = admin(&portal)?;

    say::step("Measuring, some minutes");
    let bare = measured(limit, "/", None)?;
    let mut rows = vec![
        ["", "median ms", "worst ms", "beside a bare answer", ""]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.push(line("bare axum, the limit", bare, bare));
    let mut slow = Vec::new();
    for list in lists::all() {
        let path = match list.is_far_behind {
            true => far_behind(&portal, &list.path, &cookie)?,
            false => list.path,
        };
        let times = of_list(&portal, &path, &cookie)?;
        if times.worst > LIMIT {
            slow.push(list.name.clone());
        }
        rows.push(line(&list.name, times, bare));
    }
    say::result(format!("\n{}", say::table(&rows)));
    say::result(match slow.is_empty() {
        true => format!("All of it within {LIMIT:.0} ms."),
        false => format!("Over {LIMIT:.0} ms: {}.", slow.join("; ")),
    });
    verify(&portal)
}

/// Has the portal check its log, which must be whole.
fn verify(portal: &Portal) -> Result<()> {
    say::step("Checking the audit log (`gatehouse audit verify`)");
    let begun = Instant::now();
    let mut command = portal.command();
    let said = process::read(command.args(["audit", "verify"]))?;
    say::result(said.trim_end());
    say::result(format!("It took {:.1} s.", begun.elapsed().as_secs_f64()));
    Ok(())
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

/// Half of so many answers, and all of them, came within: in milliseconds.
#[derive(Clone, Copy)]
struct Times {
    median: f64,
    worst: f64,
}

fn of_list(portal: &Portal, path: &str, cookie: &str) -> Result<Times> {
    match http::get_as(portal.address, path, cookie)?.status {
        200 => measured(portal.address, path, Some(cookie)),
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
        worst: times[ASKED - 1],
    })
}

/// The address of a page far behind: a list by key takes no longer there than at its beginning.
fn far_behind(portal: &Portal, list: &str, cookie: &str) -> Result<String> {
    let mut path = list.to_owned();
    for _ in 0..PAGES {
        let answer = http::get_as(portal.address, &path, cookie)?;
        let page: serde_json::Value = serde_json::from_str(&answer.body)
            .map_err(|error| Error::other(format!("A page was not understood: {error}.")))?;
        let cursor = page["nextCursor"].as_str();
        let cursor =
            cursor.ok_or_else(|| Error::other("There are fewer rows than were asked for."))?;
        path = format!("{list}&cursor={}", cursor.replace('@', "%40"));
    }
    Ok(path)
}

fn line(name: &str, times: Times, bare: Times) -> Vec<String> {
    let verdict = match times.worst > LIMIT {
        true => format!("over {LIMIT:.0} ms"),
        false => String::new(),
    };
    vec![
        name.to_owned(),
        format!("{:.1}", times.median),
        format!("{:.1}", times.worst),
        format!("{:.0} times", (times.median / bare.median).max(1.0)),
        verdict,
    ]
}
