//! `gatehouse audit list`.

use clap::Args;
use wire::{AuditEvent, AuditEvents, AuditOutcome};

use super::{Failure, Outcome, Which, print, print_json, say};
use crate::compose;
use crate::config::Config;

pub(super) const EXAMPLES: &str = "\
Examples:
  gatehouse audit list --limit 20
  gatehouse audit list --actor ada@example.com --from 2026-11-01
  gatehouse audit list --action 'user.*' --outcome refused --json";

#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    which: Which,
    /// At most so many rows
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(wanted: &List, config: &Config) -> Outcome {
    let query = wanted.which.query(wanted.limit)?;
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let found = read(&auth, query, wanted.limit).await;
    auth.close().await;
    let found = found.map_err(Failure::because)?;
    if wanted.json {
        return print_json(&found);
    }
    for event in &found.events {
        print(&line(event))?;
    }
    if found.next_cursor.is_some() {
        say("There is more; ask for it with --limit or --until.");
    }
    Ok(())
}

/// Page after page until there are as many as were asked for.
async fn read(
    auth: &auth::Auth,
    mut query: auth::AuditQuery,
    limit: u32,
) -> Result<AuditEvents, auth::Fault> {
    let mut found = AuditEvents {
        events: Vec::new(),
        next_cursor: None,
        searched_to: None,
    };
    loop {
        let have = u32::try_from(found.events.len()).unwrap_or(limit);
        query.paging.limit = limit - have;
        let page = auth.list_audit(&query).await?;
        found.events.extend(page.events);
        found.next_cursor = page.next.as_ref().map(ToString::to_string);
        query.paging.after = page.next;
        let is_full = u32::try_from(found.events.len()).unwrap_or(limit) >= limit;
        if is_full || query.paging.after.is_none() {
            return Ok(found);
        }
    }
}

/// Control characters never reach a terminal: what a row holds was partly chosen by strangers.
fn line(event: &AuditEvent) -> String {
    let refused = match event.outcome {
        AuditOutcome::Success => "",
        AuditOutcome::Refused => "  (refused)",
    };
    let text = format!(
        "{}  {:<24}  {}{refused}  {}  {}",
        event.at, event.action, event.sentence, event.ip, event.id
    );
    text.chars().filter(|c| !c.is_control()).collect()
}
