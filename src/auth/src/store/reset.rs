//! Wishes for another password.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// One wish, as stored.
#[derive(Clone, FromRow)]
pub(crate) struct ResetRow {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) flow_digest: Option<Vec<u8>>,
    pub(crate) tries: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// The columns of [`ResetRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, email, flow_digest, tries, created_at, expires_at from resets ",
            $rest
        )
    };
}

impl Tx {
    pub(crate) async fn add_reset(&mut self, row: &ResetRow) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into resets (id, email, flow_digest, tries, created_at, expires_at)
             values ($1, $2, $3, 0, $4, $5)")
            .bind(&row.id)
            .bind(&row.email)
            .bind(&row.flow_digest)
            .bind(row.created_at)
            .bind(row.expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn reset_by_id(
        &mut self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<ResetRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where id = $1 and expires_at > $2"))
            .bind(id)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    pub(crate) async fn reset_by_flow(
        &mut self,
        flow: &[u8],
        now: Timestamp,
    ) -> Result<Option<ResetRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where flow_digest = $1 and expires_at > $2"))
            .bind(flow)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// Spends one of a wish's tries; `false` when none is left.
    pub(crate) async fn consume_reset_try(&mut self, id: &str, tries: i64) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("update resets set tries = tries + 1 where id = $1 and tries < $2")
            .bind(id)
            .bind(tries)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    /// Takes back the try that was spent ahead of a right code.
    pub(crate) async fn set_reset_try_taken_back(&mut self, id: &str) -> Result<()> {
        on!(self, c => sqlx::query("update resets set tries = tries - 1 where id = $1 and tries > 0")
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Removes what was mailed for other wishes of the same address that are no newer. A letter that
    /// leaves late must not kill the link of a newer one.
    pub(crate) async fn delete_older_reset_secrets(&mut self, id: &str) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "delete from one_time_tokens
             where purpose = 'reset_password' and subject in (
                 select older.id from resets this join resets older on older.email = this.email
                 where this.id = $1 and older.id <> $1 and older.created_at <= this.created_at)")
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// Removes every wish of an address, and the secrets mailed for them. Returns how many there were.
    pub(crate) async fn delete_resets_by_email(&mut self, email: &str) -> Result<u64> {
        on!(self, c => sqlx::query(
            "delete from one_time_tokens
             where purpose = 'reset_password' and subject in (select id from resets where email = $1)")
            .bind(email)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(
            on!(self, c => sqlx::query("delete from resets where email = $1")
            .bind(email)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }

    pub(crate) async fn delete_resets_before(&mut self, now: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from resets where expires_at <= $1")
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
