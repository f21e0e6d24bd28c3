//! `gatehouse keys`.

use auth::{Auth, Client, RevokedKey};
use clap::{Args, Subcommand};
use wire::SigningKey;

use super::{Failure, Outcome, print, print_json};
use crate::api::signing_keys::view;
use crate::compose;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the keys tokens and the revocation feed are signed with
    #[command(after_help = "Examples:\n  gatehouse keys list\n  gatehouse keys list --json")]
    List(Format),
    /// Let the next key sign from now on, also beside a running server
    #[command(
        after_help = "Example:\n  gatehouse keys rotate\n\nTokens signed before stay good until they end. The next key must have been published for 15 minutes."
    )]
    Rotate(Format),
    /// Take a key out of use at once, because somebody else may hold it; also beside a running server
    #[command(
        after_help = "Examples:\n  gatehouse keys revoke NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs        says what will happen\n  gatehouse keys revoke NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs --yes  does it\n\nEverything the key signed is refused from then on. Sessions go on: apps fetch other tokens."
    )]
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(super) struct Format {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// Its name, as `gatehouse keys list` shows it
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    kid: String,
    /// Do it
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let done = match command {
        Command::List(format) => list(&auth, &format).await,
        Command::Rotate(format) => rotate(&auth, &format).await,
        Command::Revoke(revoke) => revoke_key(&auth, &revoke).await,
    };
    auth.close().await;
    done
}

async fn list(auth: &Auth, format: &Format) -> Outcome {
    show(all(auth).await?, format)
}

/// Every published key, those of tokens first.
async fn all(auth: &Auth) -> Result<Vec<SigningKey>, Failure> {
    let mut keys = auth.signing_keys().await.map_err(Failure::because)?;
    keys.extend(auth.feed_keys().await.map_err(Failure::because)?);
    Ok(keys.into_iter().map(view).collect())
}

async fn rotate(auth: &Auth, format: &Format) -> Outcome {
    let current = auth.rotate_signing_keys(None, &Client::operator()).await;
    show(vec![view(current.map_err(Failure::because)?)], format)
}

/// Without `--yes` it says what would happen, and fails, so that no script takes that for done.
async fn revoke_key(auth: &Auth, Revoke { kid, yes }: &Revoke) -> Outcome {
    if !yes {
        let keys = all(auth).await?;
        let key = keys.iter().find(|key| key.kid == *kid);
        let key = key.ok_or_else(|| Failure(format!("No published key is called {kid}.")))?;
        print(&consequences(key))?;
        return Err(Failure("Nothing was done. Say --yes to do it.".to_owned()));
    }
    let operator = Client::operator();
    let revoked = auth.revoke_signing_key(kid, None, &operator).await;
    print(&report(&revoked.map_err(Failure::because)?))
}

/// What revoking a key means, before it is done.
fn consequences(key: &SigningKey) -> String {
    let signs = if key.purpose == "feed" {
        "Services take no document of the revocation feed that it signed."
    } else {
        "Every access token it signed is refused: here at once, within seconds by services that follow \
         the revocation feed, and by others until they load the keys again. Nobody is signed out; apps \
         fetch other tokens."
    };
    let then = match key.state.as_str() {
        "current" => "It is the current key: the next one signs from then on.",
        "next" => "It has signed nothing yet: another next key is made.",
        _ => "It signs no more already; the current key stays.",
    };
    format!("Revoking {} cannot be undone.\n{signs}\n{then}", key.kid)
}

fn report(revoked: &RevokedKey) -> String {
    format!(
        "{} is out of use. {} signs from now on.",
        revoked.kid, revoked.current
    )
}

fn show(keys: Vec<SigningKey>, format: &Format) -> Outcome {
    if format.json {
        print_json(&serde_json::json!({ "signingKeys": keys }))
    } else {
        print(&table(&keys))
    }
}

fn table(keys: &[SigningKey]) -> String {
    let lines = keys.iter().map(|key| {
        let since = key.active_at.as_deref().unwrap_or("not yet");
        format!(
            "{:<5}  {:<8}  {:<6}  {}  signs since {since}",
            key.purpose, key.state, key.algorithm, key.kid
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
