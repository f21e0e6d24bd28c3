//! `gatehouse revocations`.

use auth::{Client, RestartedFeed};
use clap::{Args, Subcommand};

use super::{Failure, Outcome, print};
use crate::compose;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Begin the revocation feed anew, after the database was restored from a backup
    #[command(
        after_help = "Examples:\n  gatehouse revocations restart\n  gatehouse revocations restart --end-sessions\n\nEvery access token issued so far is refused from then on; apps fetch others. Sessions that were ended\nafter the backup live again, unless all are ended."
    )]
    Restart(Restart),
}

#[derive(Debug, Args)]
pub(super) struct Restart {
    /// Also end every session: everybody signs in again
    #[arg(long)]
    end_sessions: bool,
}

pub(super) async fn run(
    Command::Restart(Restart { end_sessions }): Command,
    config: &Config,
) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let restarted = auth
        .restart_revocations(end_sessions, &Client::operator())
        .await;
    auth.close().await;
    print(&report(&restarted.map_err(Failure::because)?, end_sessions))
}

fn report(restarted: &RestartedFeed, end_sessions: bool) -> String {
    let sessions = if end_sessions {
        format!("{} sessions were ended.", restarted.sessions_ended)
    } else {
        "Sessions go on.".to_owned()
    };
    format!(
        "The revocation feed begins anew at {} as stream {}. Access tokens issued until now are refused. {sessions}",
        restarted.number, restarted.stream
    )
}
