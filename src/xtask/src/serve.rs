//! `cargo xtask serve`: the portal in development mode, the example beside it when asked for.

use std::process::{Command, ExitStatus};

use clap::Args;

use crate::error::{Error, Result};
use crate::process::{self, Running};
use crate::say;
use crate::site;
use crate::tools::{self, EXAMPLE};
use crate::workspace::{self, Profile};

const EXAMPLE_PORT: &str = "3013";
const PORTAL: &str = "http://localhost:3000";

/// What may be asked of `serve`.
#[derive(Args)]
pub(crate) struct Options {
    /// Also start examples/workflow-api, a service that trusts the portal's tokens, at http://localhost:3013
    #[arg(long)]
    with_example: bool,
    /// Arguments for `gatehouse serve`
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Builds what is missing and serves until one of the programs ends or the person has had enough.
pub(crate) fn serve(options: &Options) -> Result<()> {
    site::build()?;
    say::step("Building the portal (debug)");
    let binary = workspace::portal(Profile::Debug)?;
    let example = if options.with_example {
        Some(tools::example()?)
    } else {
        None
    };

    say::step(format!(
        "Starting the portal at {PORTAL}, data in ./data; Ctrl-C ends it"
    ));
    let mut command = Command::new(binary);
    command
        .current_dir(workspace::root())
        .args(["serve", "--dev"])
        .args(&options.arguments);
    let mut programs = vec![Running::start(&mut command)?];
    if let Some(folder) = example {
        say::step(format!(
            "Starting {EXAMPLE} at http://localhost:{EXAMPLE_PORT}"
        ));
        let mut npm = Command::new("npm");
        npm.current_dir(folder)
            .arg("start")
            .env("PORT", EXAMPLE_PORT)
            .env("AUTH_ISSUER", PORTAL);
        programs.push(Running::start(&mut npm)?);
    }
    match first_to_end(&mut programs) {
        Ok((first, status)) => programs[first].judge(status),
        // Ctrl-C is how serving is meant to end.
        Err(Error::Interrupted) => Ok(()),
        Err(error) => Err(error),
    }
}

fn first_to_end(programs: &mut [Running]) -> Result<(usize, ExitStatus)> {
    loop {
        for (at, program) in programs.iter_mut().enumerate() {
            if let Some(status) = program.ended()? {
                return Ok((at, status));
            }
        }
        process::pause()?;
    }
}
