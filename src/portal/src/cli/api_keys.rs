//! `gatehouse api-keys`: the keys people give their programs. Those tokens are signed with are
//! `gatehouse keys`.

use auth::{ApiKeyQuery, Auth, Client};
use clap::{Args, Subcommand};
use wire::{ApiKey, ApiKeyStatus, Cursor, Paging, searched};

use super::{Failure, Outcome, print, print_json};
use crate::compose;
use crate::config::Config;

/// Keys read at once.
const PAGE: u32 = 200;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List everybody's API keys, without the keys themselves
    #[command(
        after_help = "Examples:\n  gatehouse api-keys list\n  gatehouse api-keys list --status active --search ada@ --json"
    )]
    List(List),
    /// Revoke somebody's API key for good, also beside a running server
    #[command(
        after_help = "Example:\n  gatehouse api-keys revoke 01994f3a-6c1e-7b0e-9d0c-6f3b1f0a2b11\n\nIts owner gets a letter. A server beside refuses it within two seconds, services within ten."
    )]
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those that stand like this: active, suspended, stopped, expired, revoked
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Only those whose name or owner's address holds this, or whose last four characters it is
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// Its id, as `gatehouse api-keys list` shows it
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let done = match command {
        Command::List(asked) => list(&auth, &asked).await,
        Command::Revoke(asked) => revoke(&auth, &asked).await,
    };
    auth.close().await;
    done
}

async fn list(auth: &Auth, asked: &List) -> Outcome {
    let keys = all(auth, query(asked)?).await?;
    match asked.json {
        true => print_json(&serde_json::json!({ "keys": keys })),
        false => print(&table(&keys)),
    }
}

fn query(asked: &List) -> Result<ApiKeyQuery, Failure> {
    let status = match asked.status.as_deref() {
        None => None,
        Some(text) => Some(ApiKeyStatus::parse(text).ok_or_else(|| {
            Failure(format!(
                "{text} is no status: active, suspended, stopped, expired, revoked."
            ))
        })?),
    };
    let part = searched(asked.search.as_deref().unwrap_or_default());
    let part = part.map_err(|_| Failure("Nothing is called that.".to_owned()))?;
    Ok(ApiKeyQuery {
        status,
        part,
        ..ApiKeyQuery::default()
    })
}

async fn all(auth: &Auth, mut query: ApiKeyQuery) -> Result<Vec<ApiKey>, Failure> {
    let mut keys = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        query.paging = Paging { limit: PAGE, after };
        let page = auth.list_all_api_keys(&query).await;
        let page = page.map_err(Failure::because)?;
        keys.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(keys);
        }
    }
}

async fn revoke(auth: &Auth, Revoke { id, json }: &Revoke) -> Outcome {
    let revoked = auth.revoke_key_by_operator(id, &Client::operator()).await;
    if !revoked.map_err(Failure::because)? {
        return Err(Failure(format!("No key that is not over has the id {id}.")));
    }
    match json {
        true => print_json(&serde_json::json!({ "revoked": id })),
        false => print(&format!("{id} is revoked, and its owner is told.")),
    }
}

fn table(keys: &[ApiKey]) -> String {
    let lines = keys.iter().map(|key| {
        let owner = key.owner_email.as_deref().unwrap_or("nobody");
        let used = key.last_used_at.as_deref().unwrap_or("never");
        format!(
            "{}  {:<9}  {}…{}  {owner}  {}  used {used}",
            key.id,
            key.status.as_str(),
            key.prefix,
            key.last4,
            key.name
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
