//! `gatehouse audit`.

use auth::AuditReport;
use clap::{Args, Subcommand};

use super::{Failure, Outcome, print, print_json};
use crate::compose;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check that no row of the audit log was altered, removed or moved
    #[command(
        after_help = "Examples:\n  gatehouse audit verify\n  gatehouse audit verify --json\n\nExits 1 when the log does not hold."
    )]
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(Command::Verify(Verify { json }): Command, config: &Config) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let report = auth.verify_audit().await;
    auth.close().await;
    let report = report.map_err(Failure::because)?;
    if json {
        print_json(&report)?;
    } else {
        print(&counts(&report))?;
    }
    if report.holds() {
        Ok(())
    } else {
        Err(Failure(breach(&report)))
    }
}

fn counts(report: &AuditReport) -> String {
    format!(
        "{} rows sealed, {} not yet, {} checkpoints.",
        report.sealed, report.unsealed, report.checkpoints
    )
}

fn breach(report: &AuditReport) -> String {
    match (report.first_broken, report.first_broken_checkpoint) {
        (Some(row), _) => {
            format!("The audit log does not hold: row {row} was altered, removed or moved.")
        }
        (None, checkpoint) => format!(
            "The audit log does not hold: checkpoint {} was altered.",
            checkpoint.unwrap_or_default()
        ),
    }
}
