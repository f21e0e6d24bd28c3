//! Changes of an account's address. A pending one is proven within its time, once; what ends it sets
//! that time to now, so that it still has its place when an earlier change is undone.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// A change to be.
pub(crate) struct NewEmailChange<'a> {
    pub(crate) id: &'a str,
    pub(crate) user_id: &'a str,
    pub(crate) session_id: &'a str,
    pub(crate) old_email: &'a str,
    pub(crate) new_email: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// One change, as stored.
#[derive(Clone, FromRow)]
pub(crate) struct EmailChangeRow {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) session_id: String,
    pub(crate) place: i64,
    pub(crate) old_email: String,
    pub(crate) new_email: String,
    pub(crate) tries: i64,
    pub(crate) expires_at: Timestamp,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) undone_at: Option<Timestamp>,
}

impl EmailChangeRow {
    /// Whether it still waits to be proven.
    pub(crate) fn is_pending(&self, now: Timestamp) -> bool {
        self.completed_at.is_none() && self.undone_at.is_none() && self.expires_at > now
    }
}

/// The columns of [`EmailChangeRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, user_id, session_id, place, old_email, new_email, tries, expires_at, completed_at, undone_at from email_changes ",
            $rest
        )
    };
}

impl Tx {
    /// Adds a change after all others of its account. Hold the account's row: places are unique.
    pub(crate) async fn add_email_change(&mut self, change: &NewEmailChange<'_>) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into email_changes (id, user_id, session_id, place, old_email, new_email, tries, created_at, expires_at)
             select $1, $2, $3, coalesce(max(place), 0) + 1, $4, $5, 0, $6, $7 from email_changes where user_id = $2")
            .bind(change.id)
            .bind(change.user_id)
            .bind(change.session_id)
            .bind(change.old_email)
            .bind(change.new_email)
            .bind(change.now)
            .bind(change.expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A change in whatever state.
    pub(crate) async fn email_change_by_id(&mut self, id: &str) -> Result<Option<EmailChangeRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where id = $1"))
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// The change of an account that waits to be proven.
    pub(crate) async fn pending_email_change_by_user(
        &mut self,
        user_id: &str,
        now: Timestamp,
    ) -> Result<Option<EmailChangeRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where user_id = $1 and expires_at > $2 and completed_at is null and undone_at is null
                     order by place desc limit 1"))
            .bind(user_id)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// The first change of an account that was completed at `since` or later and still stands.
    pub(crate) async fn standing_email_change_by_user(
        &mut self,
        user_id: &str,
        since: Timestamp,
    ) -> Result<Option<EmailChangeRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where user_id = $1 and completed_at >= $2 and undone_at is null order by place limit 1"))
            .bind(user_id)
            .bind(since)
            .fetch_optional(c)
            .await)?)
    }

    /// Spends one of a change's tries; `false` when none is left.
    pub(crate) async fn consume_email_change_try(&mut self, id: &str, tries: i64) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("update email_changes set tries = tries + 1 where id = $1 and tries < $2")
            .bind(id)
            .bind(tries)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    /// A letter was written: the change waits as long as its link lives, if it still waits.
    pub(crate) async fn set_email_change_expiry(
        &mut self,
        id: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update email_changes set expires_at = $3
             where id = $1 and expires_at > $2 and completed_at is null and undone_at is null")
            .bind(id)
            .bind(now)
            .bind(expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Completes a pending change; `false` when it is none any more.
    pub(crate) async fn consume_email_change(&mut self, id: &str, now: Timestamp) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update email_changes set completed_at = $2
             where id = $1 and completed_at is null and undone_at is null and expires_at > $2")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Ends what waits to be proven for an account, and the secrets mailed for it. What was completed
    /// stands, and every undo stays good. Returns how many there were.
    pub(crate) async fn set_email_changes_ended(
        &mut self,
        user_id: &str,
        now: Timestamp,
    ) -> Result<u64> {
        on!(self, c => sqlx::query(
            "delete from one_time_tokens
             where purpose = 'change_email' and subject in (select id from email_changes where user_id = $1)")
            .bind(user_id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(on!(self, c => sqlx::query(
            "update email_changes set expires_at = $2
             where user_id = $1 and expires_at > $2 and completed_at is null and undone_at is null")
            .bind(user_id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// Undoes every change of an account from a place on, pending or completed, and takes back all
    /// secrets mailed for them.
    pub(crate) async fn set_email_changes_undone(
        &mut self,
        user_id: &str,
        from: i64,
        now: Timestamp,
    ) -> Result<u64> {
        on!(self, c => sqlx::query(
            "delete from one_time_tokens
             where purpose in ('change_email', 'undo_email')
               and subject in (select id from email_changes where user_id = $1 and place >= $2)")
            .bind(user_id)
            .bind(from)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(on!(self, c => sqlx::query(
            "update email_changes set undone_at = $3
             where user_id = $1 and place >= $2 and undone_at is null")
            .bind(user_id)
            .bind(from)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    pub(crate) async fn delete_email_changes_before(&mut self, before: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from email_changes where expires_at <= $1")
            .bind(before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
