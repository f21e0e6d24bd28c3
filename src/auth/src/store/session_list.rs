//! The sessions of one account: to be looked at, ended by their owner, and kept to a number.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// One live session, as it is listed.
#[derive(Clone, FromRow)]
pub(crate) struct ListedSessionRow {
    pub(crate) id: String,
    pub(crate) methods: String,
    pub(crate) created_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) idle_seconds: i64,
    pub(crate) expires_at: Timestamp,
    pub(crate) remembered: bool,
    pub(crate) has_cookie: bool,
    pub(crate) address: String,
    pub(crate) agent: String,
}

impl Tx {
    /// The live sessions of an account, the one that was used last first.
    pub(crate) async fn list_sessions_by_user(
        &mut self,
        user_id: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedSessionRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, methods, created_at, last_seen_at, idle_seconds, expires_at, remembered,
                    cookie_digest is not null as has_cookie, address, agent
             from sessions
             where user_id = $1 and revoked_at is null and expires_at > $2 and last_seen_at + idle_seconds > $2
             order by last_seen_at desc, id desc")
            .bind(user_id)
            .bind(now)
            .fetch_all(c)
            .await)?)
    }

    /// Ends one live session of an account; `false` when it has none of this id.
    pub(crate) async fn set_session_revoked_by_user(
        &mut self,
        user_id: &str,
        id: &str,
        now: Timestamp,
        reason: &str,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update sessions set revoked_at = $3, revoked_reason = $4, flash = null
             where id = $2 and user_id = $1 and revoked_at is null and expires_at > $3
               and last_seen_at + idle_seconds > $3")
            .bind(user_id)
            .bind(id)
            .bind(now)
            .bind(reason)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Ends the live sessions of an account that are more than `kept` besides `but`: those that were
    /// not used for longest. Returns their ids. The account's row must be held: two sign-ins at once
    /// would each see too few.
    pub(crate) async fn set_excess_sessions_revoked(
        &mut self,
        user_id: &str,
        but: &str,
        kept: i64,
        now: Timestamp,
        reason: &str,
    ) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "update sessions set revoked_at = $4, revoked_reason = $5, flash = null
             where id in (
                 select id from sessions
                 where user_id = $1 and id <> $2 and revoked_at is null and expires_at > $4
                   and last_seen_at + idle_seconds > $4
                 order by last_seen_at desc, id desc limit 1000000 offset $3)
             returning id")
            .bind(user_id)
            .bind(but)
            .bind(kept)
            .bind(now)
            .bind(reason)
            .fetch_all(c)
            .await)?)
    }
}
