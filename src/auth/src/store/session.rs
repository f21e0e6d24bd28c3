//! Sessions. A session that was ended stays ended: no statement here clears `revoked_at`.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// A session to be.
pub(crate) struct NewSession<'a> {
    pub(crate) id: &'a str,
    pub(crate) user_id: &'a str,
    pub(crate) cookie_digest: Option<&'a [u8]>,
    pub(crate) tenant_id: Option<&'a str>,
    pub(crate) methods: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) idle_seconds: i64,
    pub(crate) expires_at: Timestamp,
    pub(crate) address: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) remembered: bool,
}

/// One live session, as stored.
#[derive(Clone, FromRow)]
pub(crate) struct SessionRow {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) cookie_digest: Option<Vec<u8>>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) methods: String,
    pub(crate) auth_time: Timestamp,
    pub(crate) step_up_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) idle_seconds: i64,
    pub(crate) expires_at: Timestamp,
    pub(crate) remembered: bool,
}

/// A flash and the version it was read at.
#[derive(Clone, Debug, FromRow)]
pub struct Flash {
    /// To be named when writing it.
    pub version: i64,
    /// JSON, or nothing yet.
    #[sqlx(rename = "flash")]
    pub text: Option<String>,
}

/// The columns of [`SessionRow`], once. A session acts in a tenant for as long as its owner's membership
/// is in force, whatever was written into it.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, user_id, cookie_digest,
                (select m.tenant_id from memberships m
                 where m.user_id = s.user_id and m.tenant_id = s.tenant_id and m.suspended_at is null) as tenant_id,
                methods, auth_time, step_up_at, created_at, last_seen_at, idle_seconds, expires_at, remembered
             from sessions s ",
            $rest
        )
    };
}

impl Tx {
    pub(crate) async fn add_session(&mut self, session: &NewSession<'_>) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into sessions (id, user_id, cookie_digest, tenant_id, methods, auth_time, created_at,
                                   last_seen_at, idle_seconds, expires_at, address, agent, remembered, version)
             values ($1, $2, $3, $4, $5, $6, $6, $6, $7, $8, $9, $10, $11, 0)")
            .bind(session.id)
            .bind(session.user_id)
            .bind(session.cookie_digest)
            .bind(session.tenant_id)
            .bind(session.methods)
            .bind(session.now)
            .bind(session.idle_seconds)
            .bind(session.expires_at)
            .bind(session.address)
            .bind(session.agent)
            .bind(session.remembered)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The live session of a cookie.
    pub(crate) async fn session_by_cookie(
        &mut self,
        digest: &[u8],
        now: Timestamp,
    ) -> Result<Option<SessionRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where cookie_digest = $1 and revoked_at is null and expires_at > $2 and last_seen_at + idle_seconds > $2"))
            .bind(digest)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// The live session of an id.
    pub(crate) async fn session_by_id(
        &mut self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<SessionRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where id = $1 and revoked_at is null and expires_at > $2 and last_seen_at + idle_seconds > $2"))
            .bind(id)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// The ids of an account's live sessions.
    pub(crate) async fn list_session_ids_by_user(
        &mut self,
        user_id: &str,
        now: Timestamp,
    ) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select id from sessions
             where user_id = $1 and revoked_at is null and expires_at > $2 and last_seen_at + idle_seconds > $2
             order by id")
            .bind(user_id)
            .bind(now)
            .fetch_all(c)
            .await)?)
    }

    /// Whose a session is, living or not.
    pub(crate) async fn owner_by_session(&mut self, id: &str) -> Result<Option<String>> {
        Ok(
            on!(self, c => sqlx::query_scalar("select user_id from sessions where id = $1")
            .bind(id)
            .fetch_optional(c)
            .await)?,
        )
    }

    /// Notes a request, unless one was noted after `unless_after`.
    pub(crate) async fn set_session_seen(
        &mut self,
        id: &str,
        now: Timestamp,
        unless_after: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update sessions set last_seen_at = $2
             where id = $1 and revoked_at is null and last_seen_at <= $3")
            .bind(id)
            .bind(now)
            .bind(unless_after)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Notes that the owner of a live session confirmed it is them; `false` when it has ended.
    pub(crate) async fn set_session_stepped_up(
        &mut self,
        id: &str,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update sessions set step_up_at = $2
             where id = $1 and revoked_at is null and expires_at > $2 and last_seen_at + idle_seconds > $2")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Notes how the owner of a session has proven who they are by now.
    pub(crate) async fn set_session_methods(&mut self, id: &str, methods: &str) -> Result<()> {
        on!(self, c => sqlx::query("update sessions set methods = $2 where id = $1")
            .bind(id)
            .bind(methods)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Gives a session that is carried by a cookie another one; `false` when it is carried by tokens,
    /// or has ended.
    pub(crate) async fn set_session_cookie(&mut self, id: &str, digest: &[u8]) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update sessions set cookie_digest = $2
             where id = $1 and cookie_digest is not null and revoked_at is null")
            .bind(id)
            .bind(digest)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Ends one session; `false` when it had ended before.
    pub(crate) async fn set_session_revoked(
        &mut self,
        id: &str,
        now: Timestamp,
        reason: &str,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update sessions set revoked_at = $2, revoked_reason = $3, flash = null
             where id = $1 and revoked_at is null")
            .bind(id)
            .bind(now)
            .bind(reason)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Ends all sessions of an account but one; returns the ids of those it ended.
    pub(crate) async fn set_sessions_revoked(
        &mut self,
        user_id: &str,
        but: Option<&str>,
        now: Timestamp,
        reason: &str,
    ) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "update sessions set revoked_at = $3, revoked_reason = $4, flash = null
             where user_id = $1 and id <> $2 and revoked_at is null and expires_at > $3
             returning id")
            .bind(user_id)
            .bind(but.unwrap_or_default())
            .bind(now)
            .bind(reason)
            .fetch_all(c)
            .await)?)
    }

    /// Ends every session there is. How many there were.
    pub(crate) async fn set_all_sessions_revoked(
        &mut self,
        now: Timestamp,
        reason: &str,
    ) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "update sessions set revoked_at = $1, revoked_reason = $2, flash = null
             where revoked_at is null and expires_at > $1")
            .bind(now)
            .bind(reason)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// Lets the live sessions of an account that act in no tenant act in this one (`None`: leaves
    /// them). Returns the ids of all its live sessions.
    pub(crate) async fn set_sessions_tenant(
        &mut self,
        user_id: &str,
        tenant_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "update sessions set tenant_id = coalesce(tenant_id, $2)
             where user_id = $1 and revoked_at is null and expires_at > $3
             returning id")
            .bind(user_id)
            .bind(tenant_id)
            .bind(now)
            .fetch_all(c)
            .await)?)
    }

    /// Lets one live session act in a tenant, or in none; `false` when it has ended.
    pub(crate) async fn set_session_tenant(
        &mut self,
        id: &str,
        tenant_id: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update sessions set tenant_id = $2
             where id = $1 and revoked_at is null and expires_at > $3 and last_seen_at + idle_seconds > $3")
            .bind(id)
            .bind(tenant_id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Takes an account, and whatever it has open, out of a tenant it acts in.
    pub(crate) async fn delete_acting_by_user(
        &mut self,
        user_id: &str,
        tenant_id: &str,
    ) -> Result<()> {
        on!(self, c => sqlx::query("update users set tenant_id = null where id = $1 and tenant_id = $2")
            .bind(user_id)
            .bind(tenant_id)
            .execute(c)
            .await
            .map(|_| ()))?;
        on!(self, c => sqlx::query("update sessions set tenant_id = null where user_id = $1 and tenant_id = $2")
            .bind(user_id)
            .bind(tenant_id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The flash of a live session.
    pub(crate) async fn flash_by_cookie(
        &mut self,
        digest: &[u8],
        now: Timestamp,
    ) -> Result<Option<Flash>> {
        Ok(on!(self, c => sqlx::query_as(
            "select version, flash from sessions
             where cookie_digest = $1 and revoked_at is null and expires_at > $2
               and last_seen_at + idle_seconds > $2")
            .bind(digest)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// Writes the flash of a live session, if nobody wrote it since `version` was read (D2).
    pub(crate) async fn set_flash(
        &mut self,
        digest: &[u8],
        version: i64,
        text: &str,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update sessions set flash = $3, version = version + 1
             where cookie_digest = $1 and version = $2 and revoked_at is null and expires_at > $4
               and last_seen_at + idle_seconds > $4")
            .bind(digest)
            .bind(version)
            .bind(text)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Removes sessions that ended, or went idle, before `before`; their refresh tokens go with them.
    pub(crate) async fn delete_sessions_before(&mut self, before: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "delete from sessions
             where expires_at <= $1 or revoked_at <= $1 or last_seen_at + idle_seconds <= $1")
            .bind(before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}
