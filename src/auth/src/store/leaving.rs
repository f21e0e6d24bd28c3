//! Accounts whose owners are leaving: closed, restored, deleted for good.
//!
//! Undoing and deleting each look at `deletes_at` in the statement that acts, from opposite sides of
//! the moment: of the two, one finds the row.

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

impl Tx {
    /// Closes an account that may sign in, until it is deleted; `false` when it is none.
    pub(crate) async fn set_deletion(
        &mut self,
        id: &str,
        now: Timestamp,
        deletes_at: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update users set deletes_at = $3, updated_at = $2
             where id = $1 and deletes_at is null and disabled_at is null")
            .bind(id)
            .bind(now)
            .bind(deletes_at)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Gives a closed account back to its owner; `false` when its time is over, or when whoever looks
    /// after people has disabled it: then it is not theirs to keep.
    pub(crate) async fn set_deletion_undone(&mut self, id: &str, now: Timestamp) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update users set deletes_at = null, updated_at = $2
             where id = $1 and deletes_at > $2 and disabled_at is null")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Keeps an account that was to be deleted, disabled or not: for whoever looks after people. `false`
    /// when its time is over, or it was to stay anyway.
    pub(crate) async fn set_deletion_called_off(
        &mut self,
        id: &str,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update users set deletes_at = null, updated_at = $2 where id = $1 and deletes_at > $2")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Accounts whose time is over, those that waited longest first.
    pub(crate) async fn list_users_to_delete(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select id from users where deletes_at <= $1 order by deletes_at, id limit $2")
            .bind(now)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// Removes some refresh tokens of an account whose time is over. Returns how many.
    pub(crate) async fn delete_refresh_tokens_of_leaver(
        &mut self,
        id: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "delete from refresh_tokens where digest in (
                 select r.digest from refresh_tokens r
                 join sessions s on s.id = r.session_id join users u on u.id = s.user_id
                 where u.id = $1 and u.deletes_at <= $2 limit $3)")
            .bind(id)
            .bind(now)
            .bind(limit)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// Removes some sessions of an account whose time is over. Returns how many.
    pub(crate) async fn delete_sessions_of_leaver(
        &mut self,
        id: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "delete from sessions where id in (
                 select s.id from sessions s join users u on u.id = s.user_id
                 where u.id = $1 and u.deletes_at <= $2 limit $3)")
            .bind(id)
            .bind(now)
            .bind(limit)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// Deletes an account whose time is over, and with it whatever refers to it. Its address; `None`
    /// when it was restored, or deleted already.
    pub(crate) async fn delete_user(&mut self, id: &str, now: Timestamp) -> Result<Option<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "delete from users where id = $1 and deletes_at <= $2 returning email")
            .bind(id)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// Removes every one-time secret about something: an account, a registration, an address.
    pub(crate) async fn delete_all_one_time_tokens_of(&mut self, subject: &str) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from one_time_tokens where subject = $1")
            .bind(subject)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }

    /// Removes the one-time secrets of one purpose about something.
    pub(crate) async fn delete_one_time_tokens_of(
        &mut self,
        purpose: &str,
        subject: &str,
    ) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from one_time_tokens where purpose = $1 and subject = $2")
            .bind(purpose)
            .bind(subject)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }

    /// Removes what was begun for an address, or sent to it: sign-ins by code, invitations, letters.
    pub(crate) async fn delete_traces_of_address(&mut self, email: &str) -> Result<()> {
        for statement in [
            "delete from sign_in_flows where email = $1",
            "delete from invitations where email = $1",
            "delete from outbox where recipient = $1",
        ] {
            on!(self, c => sqlx::query(statement)
                .bind(email)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Removes every letter about something, due or sent.
    pub(crate) async fn delete_letters_by_subject(&mut self, subject: &str) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from outbox where subject = $1")
            .bind(subject)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
