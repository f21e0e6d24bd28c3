//! Counts over all accounts.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// How accounts stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub(crate) struct AccountCounts {
    pub(crate) total: i64,
    /// Made since a moment.
    pub(crate) new: i64,
    /// May not sign in, by an admin's will: for a time or until enabled.
    pub(crate) disabled: i64,
    /// Will be deleted.
    pub(crate) leaving: i64,
    /// No password is tried just now.
    pub(crate) locked: i64,
}

/// How many people were there since each of three moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub(crate) struct ActiveCounts {
    pub(crate) first: i64,
    pub(crate) second: i64,
    pub(crate) third: i64,
}

impl Tx {
    /// How accounts stand now, and how many were made since `since`. Each count reads an index.
    pub(crate) async fn count_accounts(
        &mut self,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<AccountCounts> {
        Ok(on!(self, c => sqlx::query_as(
            "select (select count(*) from users) as total,
                    (select count(*) from users where created_at >= $1) as new,
                    (select count(*) from users where disabled_at is not null) as disabled,
                    (select count(*) from users where deletes_at is not null) as leaving,
                    (select count(*) from failures
                     where account_id is not null and lane = 'account' and locked_until > $2) as locked")
            .bind(since)
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// How many people signed in or used a session since each moment; the third is the earliest.
    pub(crate) async fn count_active(&mut self, since: [Timestamp; 3]) -> Result<ActiveCounts> {
        Ok(on!(self, c => sqlx::query_as(
            "select count(case when at >= $1 then 1 end) as first,
                    count(case when at >= $2 then 1 end) as second,
                    count(*) as third
             from (select id, max(at) as at
                   from (select id, last_login_at as at from users where coalesce(last_login_at, 0) >= $3
                         union all
                         select user_id as id, last_seen_at as at from sessions where last_seen_at >= $3) as seen
                   group by id) as people")
            .bind(since[0])
            .bind(since[1])
            .bind(since[2])
            .fetch_one(c)
            .await)?)
    }

    /// Admins who may sign in: how many, and how many of them with an address that is not proven.
    pub(crate) async fn count_admins(&mut self) -> Result<(i64, i64)> {
        Ok(on!(self, c => sqlx::query_as(
            "select count(*), count(case when email_verified_at is null then 1 end) from users
             where role = 'admin' and disabled_at is null and deletes_at is null")
            .fetch_one(c)
            .await)?)
    }
}
