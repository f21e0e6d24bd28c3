//! A new count of changes: after the database was restored from a backup.
//!
//! The restored database has forgotten which numbers it has given, and knows sessions that have ended
//! since. A new stream makes clients load everything anew; numbers go on far above any that can have
//! been given, and everything issued before is stale.

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::secret::draw_id;
use crate::store::Store;

/// The fact that names the stream.
pub(super) const STREAM: &str = "feed_stream";
/// More changes than any portal makes between a backup and the day it is needed; a token's `epoch`
/// stays a number that JSON keeps exactly for millions of restores.
const FAR_AHEAD: i64 = 1_000_000_000;

/// What a new stream began with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestartedFeed {
    /// Its name.
    pub stream: String,
    /// Tokens of a lower `epoch` are stale.
    pub number: i64,
    /// How many sessions ended, where that was asked for.
    pub sessions_ended: u64,
}

/// Names the stream of a new database; what was noted first holds.
pub(crate) async fn claim_stream(store: &Store, id: &str) -> Result<(), Fault> {
    let known = store.read().await?.meta_by_name(STREAM).await?;
    if known.is_none() {
        let mut tx = store.write().await?;
        tx.add_meta(STREAM, id).await?;
        tx.commit().await?;
    }
    Ok(())
}

impl Auth {
    /// Begins a new stream and makes every access token stale that was ever issued. Their owners fetch
    /// others, unless `end_sessions`: then everybody signs in again, because sessions that had ended
    /// after the backup live again.
    ///
    /// # Errors
    /// When the database does not answer; nothing has changed then.
    pub async fn restart_revocations(
        &self,
        end_sessions: bool,
        client: &Client,
    ) -> Result<RestartedFeed, Fault> {
        let now = self.now();
        let stream = draw_id(self.entropy(), self.0.clock.now_millis());
        let mut tx = self.store().write().await?;
        let sessions_ended = match end_sessions {
            true => tx.set_all_sessions_revoked(now, "restored").await?,
            false => 0,
        };
        let detail = serde_json::json!({ "stream": stream, "sessionsEnded": sessions_ended });
        let entry = Entry::done("revocations.restarted", client).detail(detail);
        self.audit(&mut tx, entry).await?;
        tx.set_meta(STREAM, &stream).await?;
        tx.set_change_number_ahead(FAR_AHEAD).await?;
        let until = self.tokens_end_by(&mut tx).await?;
        let number = tx.add_revocation("all", "", now, until).await?;
        tx.notify(crate::session::EVERYTHING).await?;
        tx.commit().await?;
        self.cache().drop_all();
        self.feed().changed();
        tracing::warn!(%stream, number, "the revocation feed was begun anew");
        Ok(RestartedFeed {
            stream,
            number,
            sessions_ended,
        })
    }
}
