//! How many sign-ins there were each day.

use sqlx::FromRow;

use crate::store::{Result, Tx};

/// One day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub(crate) struct SignInDayRow {
    /// Days since 1970, UTC.
    pub(crate) day: i64,
    pub(crate) succeeded: i64,
    pub(crate) refused: i64,
}

impl Tx {
    /// Adds to a day.
    pub(crate) async fn add_sign_ins(&mut self, row: &SignInDayRow) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into sign_in_days (day, succeeded, refused) values ($1, $2, $3)
             on conflict (day) do update set
                 succeeded = sign_in_days.succeeded + excluded.succeeded,
                 refused = sign_in_days.refused + excluded.refused")
            .bind(row.day)
            .bind(row.succeeded)
            .bind(row.refused)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Days from `first` on, in order. A day without sign-ins is not among them.
    pub(crate) async fn list_sign_in_days(&mut self, first: i64) -> Result<Vec<SignInDayRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select day, succeeded, refused from sign_in_days where day >= $1 order by day")
            .bind(first)
            .fetch_all(c)
            .await)?)
    }
}
