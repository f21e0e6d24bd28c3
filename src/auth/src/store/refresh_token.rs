//! Refresh tokens (D9). All state of a rotation is here: a restart forgets nothing.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// One refresh token, as stored.
#[derive(Clone, FromRow)]
pub(crate) struct RefreshRow {
    pub(crate) session_id: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) rotated_at: Option<Timestamp>,
    pub(crate) successor_sealed: Option<Vec<u8>>,
    pub(crate) rotated_network: Option<String>,
    pub(crate) rotated_agent: Option<Vec<u8>>,
}

/// One token exchanged for another.
pub(crate) struct Exchange<'a> {
    pub(crate) digest: &'a [u8],
    pub(crate) successor_digest: &'a [u8],
    pub(crate) successor_sealed: &'a [u8],
    pub(crate) network: &'a str,
    pub(crate) agent: &'a [u8],
    pub(crate) now: Timestamp,
}

impl Tx {
    pub(crate) async fn add_refresh_token(
        &mut self,
        digest: &[u8],
        session_id: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into refresh_tokens (digest, session_id, created_at, expires_at) values ($1, $2, $3, $4)")
            .bind(digest)
            .bind(session_id)
            .bind(now)
            .bind(expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn refresh_token_by_digest(
        &mut self,
        digest: &[u8],
    ) -> Result<Option<RefreshRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select session_id, expires_at, rotated_at, successor_sealed, rotated_network, rotated_agent
             from refresh_tokens where digest = $1")
            .bind(digest)
            .fetch_optional(c)
            .await)?)
    }

    /// Uses a token up in favour of its successor; `None` when it was used, has ended or never was.
    /// Of any number of simultaneous calls exactly one gets the session's id.
    pub(crate) async fn consume_refresh_token(
        &mut self,
        exchange: &Exchange<'_>,
    ) -> Result<Option<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "update refresh_tokens set rotated_at = $2, successor_digest = $3, successor_sealed = $4,
                                       rotated_network = $5, rotated_agent = $6
             where digest = $1 and rotated_at is null and expires_at > $2
             returning session_id")
            .bind(exchange.digest)
            .bind(exchange.now)
            .bind(exchange.successor_digest)
            .bind(exchange.successor_sealed)
            .bind(exchange.network)
            .bind(exchange.agent)
            .fetch_optional(c)
            .await)?)
    }

    /// A token was presented: nobody gets it from its predecessor any more.
    pub(crate) async fn delete_sealed_successor(&mut self, successor_digest: &[u8]) -> Result<()> {
        on!(self, c => sqlx::query("update refresh_tokens set successor_sealed = null where successor_digest = $1")
            .bind(successor_digest)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Whether any successor is readable longer than it should be.
    pub(crate) async fn has_sealed_successors_before(
        &mut self,
        rotated_before: Timestamp,
    ) -> Result<bool> {
        let one: Option<i64> = on!(self, c => sqlx::query_scalar(
            "select rotated_at from refresh_tokens
             where rotated_at < $1 and successor_sealed is not null limit 1")
            .bind(rotated_before)
            .fetch_optional(c)
            .await)?;
        Ok(one.is_some())
    }

    /// The time for a repeat is over for all tokens exchanged before `rotated_before`.
    pub(crate) async fn delete_sealed_successors_before(
        &mut self,
        rotated_before: Timestamp,
    ) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "update refresh_tokens set successor_sealed = null
             where rotated_at < $1 and successor_sealed is not null")
            .bind(rotated_before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}
