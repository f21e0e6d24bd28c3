//! `cargo xtask bench`: the hot paths beside a bare server on the same machine, in the same run.
//!
//! Absolute numbers belong to the machine they were taken on; a ratio to the fastest answer that the same stack can
//! give (a bare axum `GET /`, 1.0) travels. The load comes from a small release program of our own, so that every line
//! of the table, the limit included, pays the same for its client.

mod console;
mod import;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Doing, Error, Result};
use crate::http;
use crate::portal::Portal;
use crate::process::{self, Running};
use crate::say;
use crate::site;
use crate::workspace::{self, Profile};

const EMAIL: &str = "bench@example.test";
const PASSWORD: &str = "correct horse battery staple 9";

/// What may be asked of `bench`.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds for each line and round
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Rounds; the table shows the median
    #[arg(long, default_value_t = 3)]
    rounds: u64,
    /// Connections kept open
    #[arg(long, default_value_t = 32)]
    connections: u64,
    /// Measure an import of that many people instead
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(10..))]
    import: Option<u64>,
    /// Measure the administration's lists and pages over a big made-up portal instead
    #[arg(long)]
    console: bool,
    /// How many people that portal has
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(10_000..))]
    users: u64,
    /// How many rows its audit log has
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
}

/// What the load program says about one line.
#[derive(Deserialize)]
struct Measured {
    name: String,
    per_second: f64,
    median_ms: f64,
    slowest_ms: f64,
}

/// Measures and prints the table.
pub(crate) fn bench(options: &Options) -> Result<()> {
    if let Some(rows) = options.import {
        return import::import(rows);
    }
    if options.console {
        return console::console(options.users, options.events);
    }
    site::build()?;
    say::step("Building the portal and the load generator (release, some minutes)");
    let binary = workspace::portal(Profile::Release)?;
    let load = load_generator()?;

    say::step("Starting the bare server and the portal");
    let portal = Portal::start(&binary, &[("GATEHOUSE_LIMITS__MULTIPLIER", "0")])?;
    let (limit, _bare) = bare_server(&load)?;
    let plan = plan(options, limit, &portal)?;

    let lines = plan["targets"].as_array().map_or(0, Vec::len) as u64;
    say::step(format!(
        "Measuring, about {} s",
        options.seconds * options.rounds * lines
    ));
    let answer = process::read(Command::new(&load).args(["fire", &plan.to_string()]))?;
    let measured: Vec<Measured> = serde_json::from_str(&answer).map_err(|error| {
        Error::other(format!(
            "The load generator's answer was not understood: {error}."
        ))
    })?;
    say::result(format!("\n{}", table(&measured)));
    Ok(())
}

fn load_generator() -> Result<std::path::PathBuf> {
    let mut cargo = workspace::cargo();
    cargo.args([
        "build",
        "--release",
        "--package",
        "xtask",
        "--bin",
        "xtask-load",
    ]);
    cargo.args(["--no-default-features", "--features", "load"]);
    workspace::artifact(&mut cargo, "xtask-load", |artifact| {
        artifact["executable"].as_str()
    })
}

/// Starts the bare server; it prints the address it listens on.
fn bare_server(load: &Path) -> Result<(SocketAddr, Running)> {
    let mut running = Running::start(Command::new(load).arg("bare").stdout(Stdio::piped()))?;
    let mut line = String::new();
    if let Some(stdout) = running.stdout() {
        BufReader::new(stdout)
            .read_line(&mut line)
            .doing("Reading the bare server's address")?;
    }
    let address = line
        .trim()
        .parse()
        .map_err(|_| Error::other("The bare server named no address."))?;
    Ok((address, running))
}

/// The lines of the table, as the load program reads them.
fn plan(options: &Options, limit: SocketAddr, portal: &Portal) -> Result<Value> {
    say::note("making an account");
    let mut create = portal.command();
    create
        .args(["admin", "create", "--email", EMAIL, "--password-stdin"])
        .stdout(Stdio::null());
    process::feed(&mut create, PASSWORD.as_bytes())?;
    let credentials = json!({ "email": EMAIL, "password": PASSWORD });
    let answer = sign_in(portal, &credentials)?;
    let token = serde_json::from_str::<Value>(&answer.body)
        .ok()
        .and_then(|body| Some(body["accessToken"].as_str()?.to_owned()));
    let answer = sign_in(
        portal,
        &json!({ "email": EMAIL, "password": PASSWORD, "useCookie": true }),
    )?;
    let (Some(token), Some(cookie)) = (token, answer.cookie("gatehouse")) else {
        return Err(Error::other(
            "The portal signed the account in but gave no token or no cookie.",
        ));
    };

    let (used, exchanged) = (api_key(portal, &token)?, api_key(portal, &token)?);

    let at = |path: &str, name: &str| json!({ "name": name, "address": portal.address, "method": "GET", "path": path });
    let with = |mut target: Value, header: &str, value: &str| {
        target["headers"] = json!([[header, value]]);
        target
    };
    let mut login = with(
        at("/api/auth/login", "sign-in (Argon2)"),
        "content-type",
        "application/json",
    );
    login["method"] = json!("POST");
    login["body"] = json!(credentials.to_string());
    let mut exchange = with(
        at("/api/keys/exchange", "API key for a token"),
        "x-api-key",
        &exchanged,
    );
    exchange["method"] = json!("POST");
    // More would only wait in the queue, and past its bound be refused.
    login["connections"] = json!(std::thread::available_parallelism().map_or(1, usize::from));
    Ok(json!({
        "seconds": options.seconds, "rounds": options.rounds, "connections": options.connections,
        "targets": [
            { "name": "bare axum, the limit", "address": limit, "method": "GET", "path": "/" },
            with(at("/api/auth/me", "me, bearer token"), "authorization", &format!("Bearer {token}")),
            with(at("/api/auth/me", "me, session cookie"), "cookie", cookie),
            with(at("/api/auth/me", "me, API key"), "x-api-key", &used),
            exchange,
            at("/.well-known/jwks.json", "signing keys"),
            at("/.well-known/revocations", "revocation feed"),
            at("/login", "sign-in page"),
            login,
        ],
    }))
}

/// A key that may be used as often as any may in an hour: a million times, more than a run asks for. Each line has
/// its own.
fn api_key(portal: &Portal, token: &str) -> Result<String> {
    let wanted = json!({ "name": "bench", "permissions": [], "rateLimit": 1_000_000 });
    let answer = http::post_json_by(portal.address, "/api/keys", &wanted.to_string(), token)?;
    let made = serde_json::from_str::<Value>(&answer.body).ok();
    let key = made.and_then(|made| Some(made["key"].as_str()?.to_owned()));
    key.ok_or_else(|| {
        Error::other(format!(
            "The portal answered {} to the wish for a key: {}",
            answer.status, answer.body
        ))
    })
}

fn sign_in(portal: &Portal, credentials: &Value) -> Result<http::Answer> {
    let answer = http::post_json(portal.address, "/api/auth/login", &credentials.to_string())?;
    if answer.status != 200 {
        return Err(Error::other(format!(
            "The portal answered {} to a sign-in: {}",
            answer.status, answer.body
        )));
    }
    Ok(answer)
}

fn table(measured: &[Measured]) -> String {
    let limit = measured.first().map_or(f64::NAN, |first| first.per_second);
    let mut rows = vec![
        ["", "ratio", "per second", "median ms", "99 % ms"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(measured.iter().map(|line| {
        let ratio = line.per_second / limit;
        vec![
            line.name.clone(),
            if ratio < 0.01 {
                format!("{ratio:.5}")
            } else {
                format!("{ratio:.2}")
            },
            format!("{:.0}", line.per_second),
            format!("{:.2}", line.median_ms),
            format!("{:.2}", line.slowest_ms),
        ]
    }));
    say::table(&rows)
}
