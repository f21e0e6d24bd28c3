//! `cargo xtask`: every chore of the project by one name each.
#![expect(
    clippy::disallowed_methods,
    reason = "a tool for the developer's machine reads its environment and waits; the ports are for the product"
)]

mod bench;
mod ci;
mod error;
mod http;
mod pictures;
mod portal;
mod postgres;
mod process;
mod release;
mod say;
mod serve;
mod site;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::Result;

/// The chores of Gatehouse.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build what is missing and run the portal at http://localhost:3000, with SQLite in ./data
    Serve(serve::Options),
    /// Build the release binary, which carries its site
    Build,
    /// Build the site alone: style sheet, WebAssembly, public files
    Site,
    /// Check and test everything: format, lints, documentation, both databases, browsers
    Test(test::Options),
    /// The same, and nothing may be skipped
    Ci,
    /// Take a picture of every page and letter into target/pictures
    Pictures,
    /// Measure the hot paths beside a bare server, as ratios
    Bench(bench::Options),
}

fn main() -> ExitCode {
    match process::watch_signals().and_then(|()| run(&Cli::parse().task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::failure(error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<()> {
    match task {
        Task::Serve(options) => serve::serve(options),
        Task::Build => release::build(),
        Task::Site => site::build(),
        Task::Test(options) => test::test(options),
        Task::Ci => ci::ci(),
        Task::Pictures => pictures::pictures(),
        Task::Bench(options) => bench::bench(options),
    }
}
