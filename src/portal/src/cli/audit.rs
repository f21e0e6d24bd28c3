//! `gatehouse audit`.

mod export;
mod list;
mod verify;

use clap::{Args, Subcommand};
use wire::AuditFilters;

use super::{Failure, Outcome, print, print_json, say};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what happened, newest first
    #[command(after_help = list::EXAMPLES)]
    List(list::List),
    /// Write the log into a file: NDJSON to keep and to check, CSV for a spreadsheet
    #[command(after_help = export::EXAMPLES)]
    Export(export::Export),
    /// Check that no row was altered, removed, moved or inserted: in the database, or in an export
    #[command(after_help = verify::EXAMPLES)]
    Verify(verify::Verify),
}

/// Which rows.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Who acted: an id, or an e-mail address
    #[arg(long, value_name = "WHO")]
    actor: Option<String>,
    /// Whom or what it was done to: an id, or an e-mail address
    #[arg(long, value_name = "WHOM")]
    subject: Option<String>,
    /// user.disabled, or all of a kind: 'user.*'
    #[arg(long, value_name = "ACT")]
    action: Option<String>,
    /// success or refused
    #[arg(long)]
    outcome: Option<String>,
    /// From which address
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<String>,
    /// In which request
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// Not before: a date, or a moment like 2026-11-21T08:00:00Z
    #[arg(long, value_name = "WHEN")]
    from: Option<String>,
    /// Not after: a date, which counts whole, or a moment
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
}

impl Which {
    /// As the core reads it.
    fn query(&self, limit: u32) -> Result<auth::AuditQuery, Failure> {
        let filters = AuditFilters::read(|name| {
            let text = match name {
                "actor" => &self.actor,
                "subject" => &self.subject,
                "action" => &self.action,
                "outcome" => &self.outcome,
                "ip" => &self.ip,
                "requestId" => &self.request_id,
                "from" => &self.from,
                _ => &self.until,
            };
            text.clone()
        });
        let paging = wire::Paging { limit, after: None };
        auth::AuditQuery::read(&filters, paging).map_err(|error| {
            let fields: Vec<_> = error.fields.iter().map(|one| one.field.as_str()).collect();
            Failure(format!("This does not read: {}.", fields.join(", ")))
        })
    }
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    match command {
        Command::List(wanted) => list::run(&wanted, config).await,
        Command::Export(wanted) => export::run(&wanted, config).await,
        Command::Verify(wanted) => verify::run(&wanted, config).await,
    }
}
