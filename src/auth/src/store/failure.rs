//! Failures in a row (D10).

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// How one lane stands for one key.
#[derive(Clone, Copy, Debug, Default, FromRow)]
pub(crate) struct Failure {
    pub(crate) count: i64,
    pub(crate) locked_until: Timestamp,
}

impl Tx {
    pub(crate) async fn failure_by_key(
        &mut self,
        lane: &str,
        key: &[u8],
    ) -> Result<Option<Failure>> {
        Ok(on!(self, c => sqlx::query_as(
            "select count, locked_until from failures where lane = $1 and key = $2")
            .bind(lane)
            .bind(key)
            .fetch_optional(c)
            .await)?)
    }

    /// Counts one failure ahead of the check, unless the lane is locked (`None`). A run that began
    /// before `window_start` is over and counting begins anew.
    pub(crate) async fn add_failure(
        &mut self,
        lane: &str,
        key: &[u8],
        now: Timestamp,
        window_start: Timestamp,
    ) -> Result<Option<Failure>> {
        Ok(on!(self, c => sqlx::query_as(
            "insert into failures (lane, key, count, first_at, locked_until) values ($1, $2, 1, $3, 0)
             on conflict (lane, key) do update set
                 count = case when failures.first_at < $4 then 1 else failures.count + 1 end,
                 first_at = case when failures.first_at < $4 then $3 else failures.first_at end
             where failures.locked_until <= $3
             returning count, locked_until")
            .bind(lane)
            .bind(key)
            .bind(now)
            .bind(window_start)
            .fetch_optional(c)
            .await)?)
    }

    /// Nothing is tried on this lane until then. Notes whose it is, where it is an account's.
    pub(crate) async fn set_locked_until(
        &mut self,
        lane: &str,
        key: &[u8],
        until: Timestamp,
        account_id: Option<&str>,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update failures set locked_until = $3, account_id = $4 where lane = $1 and key = $2")
            .bind(lane)
            .bind(key)
            .bind(until)
            .bind(account_id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A complete sign-in ends the run.
    pub(crate) async fn delete_failures(&mut self, lane: &str, key: &[u8]) -> Result<()> {
        on!(self, c => sqlx::query("delete from failures where lane = $1 and key = $2")
            .bind(lane)
            .bind(key)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Forgets every run that locked something of an account. Returns how many.
    ///
    /// In the order in which a failure is counted: else each could hold the row the other waits for.
    pub(crate) async fn delete_failures_of_account(&mut self, account_id: &str) -> Result<u64> {
        let mut deleted = 0;
        for lane in ["account_network", "account"] {
            deleted += on!(self, c => sqlx::query(
                "delete from failures where account_id = $1 and lane = $2")
                .bind(account_id)
                .bind(lane)
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?;
        }
        Ok(deleted)
    }

    /// Takes back the one failure that was counted ahead of a check that then succeeded.
    pub(crate) async fn set_failure_taken_back(&mut self, lane: &str, key: &[u8]) -> Result<()> {
        on!(self, c => sqlx::query(
            "update failures set count = count - 1, locked_until = 0 where lane = $1 and key = $2 and count > 0")
            .bind(lane)
            .bind(key)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn delete_failures_before(
        &mut self,
        first_at: Timestamp,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from failures where first_at < $1 and locked_until < $2")
            .bind(first_at)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
