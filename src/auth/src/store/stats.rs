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
    /// May not sign in for a time, by an admin's will.
    pub(crate) suspended: i64,
    /// May not sign in until somebody enables them.
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

/// How many admins there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub(crate) struct AdminCounts {
    /// Neither disabled nor about to be deleted.
    pub(crate) may_sign_in: i64,
    /// Of those, with a proven address: no right is in force without one.
    pub(crate) may_act: i64,
}

impl Tx {
    /// How accounts stand now, each in one way as in their list, and how many were made since `since`. Each
    /// count reads an index.
    pub(crate) async fn count_accounts(
        &mut self,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<AccountCounts> {
        Ok(on!(self, c => sqlx::query_as(
            "select (select count(*) from users) as total,
                    (select count(*) from users where created_at >= $1) as new,
                    (select count(*) from users where disabled_until is not null and deletes_at is null) as suspended,
                    (select count(*) from users
                     where disabled_at is not null and disabled_until is null and deletes_at is null) as disabled,
                    (select count(*) from users where deletes_at is not null) as leaving,
                    (select count(*) from failures f join users u on u.id = f.account_id
                     where f.account_id is not null and f.lane = 'account' and f.locked_until > $2
                       and u.disabled_at is null and u.deletes_at is null) as locked")
            .bind(since)
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// How many people signed in or used a session since each moment; the third is the earliest.
    ///
    /// Whoever signed in is counted along an index. To them come those who only used a session that is
    /// older than the moment: a session begins with a sign-in, so there are few, and nobody is sorted.
    pub(crate) async fn count_active(&mut self, since: [Timestamp; 3]) -> Result<ActiveCounts> {
        Ok(on!(self, c => sqlx::query_as(
            "select (select count(*) from users where coalesce(last_login_at, 0) >= $1)
                        + count(distinct case when began < $1 and seen >= $1 and login < $1 then id end) as first,
                    (select count(*) from users where coalesce(last_login_at, 0) >= $2)
                        + count(distinct case when began < $2 and seen >= $2 and login < $2 then id end) as second,
                    (select count(*) from users where coalesce(last_login_at, 0) >= $3)
                        + count(distinct case when began < $3 and seen >= $3 and login < $3 then id end) as third
             from (select u.id as id, s.created_at as began, s.last_seen_at as seen, coalesce(u.last_login_at, 0) as login
                   from sessions s join users u on u.id = s.user_id
                   where s.last_seen_at >= $3
                     and ((s.created_at < $1 and s.last_seen_at >= $1)
                          or (s.created_at < $2 and s.last_seen_at >= $2)
                          or s.created_at < $3)) as used")
            .bind(since[0])
            .bind(since[1])
            .bind(since[2])
            .fetch_one(c)
            .await)?)
    }

    /// How many admins there are besides an account; besides nobody where the id is empty.
    pub(crate) async fn count_admins(&mut self, but: &str) -> Result<AdminCounts> {
        Ok(on!(self, c => sqlx::query_as(
            "select count(*) as may_sign_in,
                    count(case when email_verified_at is not null then 1 end) as may_act
             from users
             where role = 'admin' and id <> $1 and disabled_at is null and deletes_at is null")
            .bind(but)
            .fetch_one(c)
            .await)?)
    }
}
