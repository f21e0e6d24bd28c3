//! Suspensions: accounts that are disabled until a moment.

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

impl Tx {
    /// Disables an account until a moment, or with `None` until somebody enables it. Ends nothing by
    /// itself.
    pub(crate) async fn set_suspended(
        &mut self,
        id: &str,
        at: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update users set disabled_at = $2, disabled_until = $3, updated_at = $2 where id = $1")
            .bind(id)
            .bind(at)
            .bind(until)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Accounts whose suspension is over and that stay, the one that ended first first.
    pub(crate) async fn list_suspensions_over(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select id from users where disabled_until <= $1 and deletes_at is null
             order by disabled_until, id limit $2")
            .bind(now)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// Ends a suspension whose time is over; `false` when it is not, when the account is about to be
    /// deleted, or another node was faster.
    pub(crate) async fn set_suspension_over(&mut self, id: &str, now: Timestamp) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update users set disabled_at = null, disabled_until = null, updated_at = $2
             where id = $1 and disabled_until <= $2 and deletes_at is null")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Has an account deleted at a moment, whatever else it is: for whoever looks after people.
    pub(crate) async fn set_deletion_ordered(
        &mut self,
        id: &str,
        now: Timestamp,
        deletes_at: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update users set deletes_at = $3, updated_at = $2 where id = $1")
            .bind(id)
            .bind(now)
            .bind(deletes_at)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }
}
