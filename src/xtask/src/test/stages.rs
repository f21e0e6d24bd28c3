//! The stages of a test run, in their order: what is quick to fail comes first.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::count::{Counts, is_dull};
use super::{Lacking, Run};
use crate::error::{Error, Result};
use crate::postgres::{self, Postgres};
use crate::process;
use crate::say;
use crate::site;
use crate::tools;
use crate::workspace::{self, Profile};

/// One stage.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// What it does, for the person waiting.
    pub(crate) what: &'static str,
    /// Whether names of tests apply to it.
    pub(crate) has_tests: bool,
    pub(crate) run: fn(&Run) -> Result<Counts>,
}

/// All of them.
pub(crate) const STAGES: [Stage; 8] = [
    Stage {
        name: "format",
        what: "rustfmt",
        has_tests: false,
        run: format,
    },
    // The portal embeds the site, so nothing that compiles the portal can come before.
    Stage {
        name: "site",
        what: "style sheet and WebAssembly",
        has_tests: false,
        run: site,
    },
    Stage {
        name: "lint",
        what: "clippy, warnings are errors",
        has_tests: false,
        run: lint,
    },
    Stage {
        name: "docs",
        what: "rustdoc, warnings are errors",
        has_tests: false,
        run: docs,
    },
    Stage {
        name: "house",
        what: "layers, supply chain, the tasks themselves",
        has_tests: true,
        run: house,
    },
    Stage {
        name: "tests",
        what: "units, contract and stories, on SQLite and PostgreSQL",
        has_tests: true,
        run: tests,
    },
    Stage {
        name: "node",
        what: "types, and the tests of the client and the example",
        has_tests: false,
        run: node,
    },
    Stage {
        name: "browser",
        what: "stories in Chromium, with and without JavaScript",
        has_tests: true,
        run: browser,
    },
];

/// The packages that are built together. `hydrate` turns features on that the server must not have, and `xtask` would
/// make cargo build half the graph a second time with its own.
const PRODUCT: [&str; 5] = ["--workspace", "--exclude", "hydrate", "--exclude", "xtask"];
const TASKS: [&str; 4] = ["--package", "xtask", "--features", "load"];
const BROWSER: [&str; 5] = ["--package", "hydrate", "--lib", "--target", tools::WASM];

const STORIES: &str = "end2end";

impl Run {
    /// Tells tests which Python holds a mail server and PyJWT, and whether they may leave something out.
    fn equip(&self, command: &mut Command) -> Result<()> {
        match tools::python() {
            Ok(python) => {
                command.env("PYTHON", python);
            }
            Err(error @ Error::Missing { .. }) if self.lacking == Lacking::Skips => {
                say::warning(format!("{error} What needs it is left out."));
            }
            Err(error) => return Err(error),
        }
        if self.lacking == Lacking::Fails {
            command.env("CI", "true");
        }
        Ok(())
    }

    /// The hostile tokens that are fired at the middleware for axum are the npm package's.
    fn equip_with_kit(&self) -> Result<()> {
        match tools::client() {
            Err(error @ Error::Missing { .. }) if self.lacking == Lacking::Skips => {
                say::warning(format!("{error} The hostile-token kit is left out."));
                Ok(())
            }
            outcome => outcome.map(drop),
        }
    }
}

fn format(_: &Run) -> Result<Counts> {
    process::run(workspace::cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Counts::default())
}

fn site(_: &Run) -> Result<Counts> {
    site::build()?;
    Ok(Counts::default())
}

fn lint(_: &Run) -> Result<Counts> {
    tools::wasm_target()?;
    let parts: [(&[&str], &[&str]); 3] = [
        (&PRODUCT, &["--all-targets"]),
        (&TASKS, &["--all-targets"]),
        (&BROWSER, &[]),
    ];
    for (packages, targets) in parts {
        let mut clippy = workspace::cargo();
        process::run(
            clippy
                .arg("clippy")
                .args(packages)
                .args(targets)
                .args(["--", "-D", "warnings"]),
        )?;
    }
    Ok(Counts::default())
}

fn docs(_: &Run) -> Result<Counts> {
    for packages in [PRODUCT.as_slice(), &TASKS] {
        let mut doc = workspace::cargo();
        process::run(
            doc.arg("doc")
                .args(packages)
                .arg("--no-deps")
                .env("RUSTDOCFLAGS", "-D warnings"),
        )?;
    }
    Ok(Counts::default())
}

fn house(run: &Run) -> Result<Counts> {
    cargo_tests(workspace::cargo().arg("test").args(TASKS), run)
}

fn tests(run: &Run) -> Result<Counts> {
    let database = match Postgres::start() {
        Ok(database) => Some(database),
        Err(error @ Error::Missing { .. }) if run.lacking == Lacking::Skips => {
            say::warning(format!("{error} The tests run on SQLite alone."));
            None
        }
        Err(error) => return Err(error),
    };
    let mut cargo = workspace::cargo();
    cargo.arg("test").args(PRODUCT);
    if let Some(database) = &database {
        cargo.env(postgres::URL, database.url());
    }
    run.equip(&mut cargo)?;
    run.equip_with_kit()?;
    let mut counts = cargo_tests(&mut cargo, run)?;
    if database.is_none() {
        counts.note = "PostgreSQL is missing: SQLite alone".to_owned();
    }
    Ok(counts)
}

/// Runs cargo's tests, showing what is not dull, and counts them.
fn cargo_tests(cargo: &mut Command, run: &Run) -> Result<Counts> {
    let mut counts = Counts::default();
    let outcome = process::follow(
        cargo.args(["--no-fail-fast", "--"]).args(&run.filters),
        |line| {
            counts.read_cargo(line);
            if !is_dull(line) {
                say::result(line);
            }
        },
    );
    settle(counts, outcome)
}

fn node(_: &Run) -> Result<Counts> {
    let client = tools::client()?;
    let example = tools::npm_install(tools::EXAMPLE)?;
    let stories = tools::npm_install(STORIES)?;
    for folder in [&client, &example, &stories] {
        process::run(
            Command::new("npm")
                .current_dir(folder)
                .args(["run", "--silent", "check"]),
        )?;
    }
    let mut counts = Counts::default();
    for folder in [client, example] {
        let more = node_tests(&folder)?;
        counts.add(&more);
        if !more.note.is_empty() {
            counts.note = more.note;
        }
    }
    Ok(counts)
}

/// Runs a package's tests, showing what they said if one of them failed, and counts them.
fn node_tests(folder: &Path) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut said = Vec::new();
    let outcome = process::follow(
        Command::new("npm")
            .current_dir(folder)
            .args(["test", "--silent"]),
        |line| {
            counts.read_node(line);
            said.push(line.to_owned());
        },
    );
    if outcome.is_err() {
        say::result(said.join("\n"));
    }
    settle(counts, outcome)
}

fn browser(run: &Run) -> Result<Counts> {
    let chromium = tools::chromium()?;
    tools::example()?;
    let folder = tools::npm_install(STORIES)?;
    let binary = workspace::portal(Profile::Debug)?;
    // One of those who read tokens in `interop`. Selected like the tests, so that nothing is built a second time.
    process::run(
        workspace::cargo()
            .arg("build")
            .args(PRODUCT)
            .args(["--example", "protected"]),
    )?;
    let report = workspace::path("target/end2end.json");
    let _absent = fs::remove_file(&report);
    let mut playwright = Command::new("npx");
    playwright.current_dir(folder).args(["playwright", "test"]);
    playwright
        .env("CHROMIUM_PATH", chromium)
        .env("GATEHOUSE_BIN", binary);
    if !run.filters.is_empty() {
        playwright.args(["--grep", &run.filters.join("|"), "--pass-with-no-tests"]);
    }
    run.equip(&mut playwright)?;
    let outcome = process::run(&mut playwright);
    let report = fs::read(&report).unwrap_or_default();
    let counts = Counts::read_playwright(&serde_json::from_slice(&report).unwrap_or(Value::Null));
    settle(counts, outcome)
}

/// Failed tests speak for themselves; a program that failed without one is the failure.
fn settle(mut counts: Counts, outcome: Result<()>) -> Result<Counts> {
    match outcome {
        Err(error @ Error::Failed { .. }) if counts.failed == 0 => {
            say::failure(error.to_string());
            counts.failed = 1;
            counts.note = error.to_string();
            Ok(counts)
        }
        Ok(()) | Err(Error::Failed { .. }) => Ok(counts),
        Err(error) => Err(error),
    }
}
