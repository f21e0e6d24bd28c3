//! The change number and what it was raised for (D21, D23).

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// Something that ended or changed.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct RevocationRow {
    pub(crate) number: i64,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) until: Timestamp,
}

impl Tx {
    /// The number of the newest committed change.
    pub(crate) async fn change_number(&mut self) -> Result<i64> {
        Ok(
            on!(self, c => sqlx::query_scalar("select value from change_number where id = 1")
            .fetch_one(c)
            .await)?,
        )
    }

    /// Raises the change number. Locks the one row until the transaction ends: call it last. Returns
    /// the new number.
    pub(crate) async fn add_change(&mut self) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "update change_number set value = value + 1 where id = 1 returning value")
            .fetch_one(c)
            .await)?)
    }

    /// Raises the change number as [`Self::add_change`] does, and notes what for.
    pub(crate) async fn add_revocation(
        &mut self,
        kind: &str,
        subject: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<i64> {
        let number = self.add_change().await?;
        on!(self, c => sqlx::query(
            "insert into revocations (number, kind, subject, at, until) values ($1, $2, $3, $4, $5)")
            .bind(number)
            .bind(kind)
            .bind(subject)
            .bind(now)
            .bind(until)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(number)
    }

    /// What was given a number up to `number` and can concern a token that lives after `now`; the
    /// newest `most` of it, newest first.
    pub(crate) async fn list_revocations(
        &mut self,
        number: i64,
        now: Timestamp,
        most: i64,
    ) -> Result<Vec<RevocationRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select number, kind, subject, until from revocations
             where number <= $1 and until > $2 order by number desc limit $3")
            .bind(number)
            .bind(now)
            .bind(most)
            .fetch_all(c)
            .await)?)
    }

    /// Until when anything with a number up to `number` can concern a token.
    pub(crate) async fn latest_revocation_until_by_number(
        &mut self,
        number: i64,
    ) -> Result<Option<Timestamp>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select max(until) from revocations where number <= $1")
            .bind(number)
            .fetch_one(c)
            .await)?)
    }

    /// Leaves out `by` numbers, for when it is not known which have been given.
    pub(crate) async fn set_change_number_ahead(&mut self, by: i64) -> Result<()> {
        on!(self, c => sqlx::query("update change_number set value = value + $1 where id = 1")
            .bind(by)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The newest change that concerns `subject`; 0 when there is none on record.
    pub(crate) async fn newest_revocation_by_subject(
        &mut self,
        kind: &str,
        subject: &str,
    ) -> Result<i64> {
        let number: Option<i64> = on!(self, c => sqlx::query_scalar(
            "select number from revocations where kind = $1 and subject = $2 order by number desc limit 1")
            .bind(kind)
            .bind(subject)
            .fetch_optional(c)
            .await)?;
        Ok(number.unwrap_or(0))
    }

    /// Forgets what can concern no living token any more.
    pub(crate) async fn delete_revocations_before(&mut self, now: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from revocations where until < $1")
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
