//! Tickets that open a WebSocket.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// What a ticket opens.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub(crate) struct WsTicketRow {
    pub(crate) session_id: String,
    /// When the session, or the token it was asked for with, ends.
    pub(crate) ends_at: Timestamp,
}

impl Tx {
    pub(crate) async fn add_ws_ticket(
        &mut self,
        digest: &[u8],
        opens: &WsTicketRow,
        audience: &str,
        expires_at: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into ws_tickets (digest, session_id, audience, expires_at, ends_at)
             values ($1, $2, $3, $4, $5)")
            .bind(digest)
            .bind(&opens.session_id)
            .bind(audience)
            .bind(expires_at)
            .bind(opens.ends_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Uses a living ticket of a service up: what it opens.
    pub(crate) async fn consume_ws_ticket(
        &mut self,
        digest: &[u8],
        audience: &str,
        now: Timestamp,
    ) -> Result<Option<WsTicketRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "update ws_tickets set consumed_at = $3
             where digest = $1 and audience = $2 and consumed_at is null and expires_at > $3
             returning session_id, ends_at")
            .bind(digest)
            .bind(audience)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// Removes tickets that open nothing any more.
    pub(crate) async fn delete_ws_tickets_before(&mut self, now: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from ws_tickets where expires_at <= $1")
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
