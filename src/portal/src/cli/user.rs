//! `gatehouse user`: people come over from another system, and leave for one.
//!
//! Formats of files are this edge's; what becomes of an account is the core's (`Auth::import_accounts`).
//! A file is read record by record, each within bounds, so that neither its length nor a hostile field
//! costs memory.

mod bytes;
mod csv;
mod draft;
mod export;
mod formats;
mod import;
mod json;
mod record;
mod report;
mod taking;
mod unread;

use std::process::ExitCode;

use clap::Subcommand;

use super::Failure;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Bring people over from another system, with their passwords
    #[command(after_help = import::EXAMPLES)]
    Import(Box<import::Import>),
    /// Write all accounts into a CSV file that `user import --from csv` reads
    #[command(after_help = export::EXAMPLES)]
    Export(export::Export),
}

pub(super) async fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        Command::Import(wanted) => import::run(*wanted, config).await,
        Command::Export(wanted) => export::run(wanted, config)
            .await
            .map(|()| ExitCode::SUCCESS),
    }
}
