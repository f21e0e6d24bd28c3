//! `gatehouse user`: looking after people without a browser (`accounts`); and people come over from
//! another system, and leave for one.
//!
//! Formats of files are this edge's; what becomes of an account is the core's (`Auth::import_accounts`).
//! A file is read record by record, each within bounds, so that neither its length nor a hostile field
//! costs memory.

mod accounts;
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
    /// List accounts
    #[command(after_help = accounts::LIST)]
    List(accounts::List),
    /// Show one account
    #[command(after_help = accounts::SHOW)]
    Show(accounts::Who),
    /// Take somebody's right to sign in, for a time or until it is given back
    #[command(after_help = accounts::SUSPEND)]
    Suspend(accounts::Suspend),
    /// Give it back
    #[command(after_help = "Example:\n  gatehouse user enable ada@example.com")]
    Enable(accounts::Who),
    /// Let somebody who failed too often try again at once, from everywhere
    #[command(after_help = "Example:\n  gatehouse user unlock ada@example.com")]
    Unlock(accounts::Who),
    /// End every session of somebody
    #[command(after_help = "Example:\n  gatehouse user sign-out ada@example.com")]
    SignOut(accounts::Who),
    /// Delete an account, after 14 days or now
    #[command(after_help = accounts::DELETE)]
    Delete(accounts::Delete),
    /// Keep an account that was to be deleted
    #[command(after_help = "Example:\n  gatehouse user keep ada@example.com")]
    Keep(accounts::Who),
}

pub(super) async fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    let done = match command {
        Command::Import(wanted) => return import::run(*wanted, config).await,
        Command::Export(wanted) => export::run(wanted, config).await,
        Command::List(wanted) => accounts::list(wanted, config).await,
        Command::Show(wanted) => accounts::show(wanted, config).await,
        Command::Suspend(wanted) => accounts::suspend(wanted, config).await,
        Command::Enable(wanted) => accounts::enable(wanted, config).await,
        Command::Unlock(wanted) => accounts::unlock(wanted, config).await,
        Command::SignOut(wanted) => accounts::sign_out(wanted, config).await,
        Command::Delete(wanted) => accounts::delete(wanted, config).await,
        Command::Keep(wanted) => accounts::keep(wanted, config).await,
    };
    done.map(|()| ExitCode::SUCCESS)
}
