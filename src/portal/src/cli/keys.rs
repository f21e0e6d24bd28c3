//! `gatehouse keys`.

use auth::{Client, SigningKeyView, rfc3339};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Failure, Outcome, print, print_json};
use crate::compose;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the keys tokens are signed with
    #[command(after_help = "Examples:\n  gatehouse keys list\n  gatehouse keys list --json")]
    List(Format),
    /// Let the next key sign from now on, also beside a running server
    #[command(
        after_help = "Example:\n  gatehouse keys rotate\n\nTokens signed before stay good until they end. The next key must have been published for 15 minutes."
    )]
    Rotate(Format),
}

#[derive(Debug, Args)]
pub(super) struct Format {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A key as it is printed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed {
    kid: String,
    algorithm: String,
    state: &'static str,
    created_at: String,
    active_at: Option<String>,
    leaves_at: Option<String>,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let (keys, json) = match command {
        Command::List(Format { json }) => {
            (auth.signing_keys().await.map_err(Failure::because), json)
        }
        Command::Rotate(Format { json }) => {
            let current = auth.rotate_signing_keys(&Client::operator()).await;
            (current.map(|key| vec![key]).map_err(Failure::because), json)
        }
    };
    auth.close().await;
    let keys: Vec<Printed> = keys?.into_iter().map(Printed::from).collect();
    if json {
        print_json(&serde_json::json!({ "signingKeys": keys }))
    } else {
        print(&table(&keys))
    }
}

impl From<SigningKeyView> for Printed {
    fn from(key: SigningKeyView) -> Self {
        Self {
            kid: key.kid,
            algorithm: key.algorithm,
            state: key.state,
            created_at: rfc3339(key.created_at),
            active_at: key.active_at.map(rfc3339),
            leaves_at: key.leaves_at.map(rfc3339),
        }
    }
}

fn table(keys: &[Printed]) -> String {
    let lines = keys.iter().map(|key| {
        let since = key.active_at.as_deref().unwrap_or("not yet");
        format!(
            "{:<8}  {:<6}  {}  signs since {since}",
            key.state, key.algorithm, key.kid
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
