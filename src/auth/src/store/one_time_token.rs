//! Secrets that work once. Every statement names the purpose: a token for one thing is nothing
//! for another.

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// A one-time secret to be.
pub(crate) struct NewOneTimeToken<'a> {
    pub(crate) digest: &'a [u8],
    pub(crate) purpose: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) code_digest: Option<&'a [u8]>,
    pub(crate) code_expires_at: Option<Timestamp>,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl Tx {
    pub(crate) async fn add_one_time_token(&mut self, token: &NewOneTimeToken<'_>) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into one_time_tokens (digest, purpose, subject, code_digest, code_expires_at, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)")
            .bind(token.digest)
            .bind(token.purpose)
            .bind(token.subject)
            .bind(token.code_digest)
            .bind(token.code_expires_at)
            .bind(token.now)
            .bind(token.expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Whom a living token concerns, without using it up.
    pub(crate) async fn one_time_token_by_digest(
        &mut self,
        purpose: &str,
        digest: &[u8],
        now: Timestamp,
    ) -> Result<Option<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select subject from one_time_tokens
             where digest = $1 and purpose = $2 and consumed_at is null and expires_at > $3")
            .bind(digest)
            .bind(purpose)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// Uses a token up; `None` when it was used, has ended or never was.
    pub(crate) async fn consume_one_time_token(
        &mut self,
        purpose: &str,
        digest: &[u8],
        now: Timestamp,
    ) -> Result<Option<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "update one_time_tokens set consumed_at = $3
             where digest = $1 and purpose = $2 and consumed_at is null and expires_at > $3
             returning subject")
            .bind(digest)
            .bind(purpose)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// Uses a code up; `false` when it is none of the subject's living ones.
    pub(crate) async fn consume_code(
        &mut self,
        purpose: &str,
        subject: &str,
        code_digest: &[u8],
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update one_time_tokens set consumed_at = $4
             where purpose = $1 and subject = $2 and code_digest = $3
               and consumed_at is null and code_expires_at > $4")
            .bind(purpose)
            .bind(subject)
            .bind(code_digest)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0))?)
    }

    /// The digest of the living token a code belongs to, without using it up.
    pub(crate) async fn one_time_token_by_code(
        &mut self,
        purpose: &str,
        subject: &str,
        code_digest: &[u8],
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select digest from one_time_tokens
             where purpose = $1 and subject = $2 and code_digest = $3
               and consumed_at is null and code_expires_at > $4")
            .bind(purpose)
            .bind(subject)
            .bind(code_digest)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// Removes every secret of a purpose.
    pub(crate) async fn delete_one_time_tokens_by_purpose(&mut self, purpose: &str) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from one_time_tokens where purpose = $1")
            .bind(purpose)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }

    /// Removes the secrets of a purpose about one subject that are no newer than this one, and spares
    /// it. Nothing goes where this one is not there.
    pub(crate) async fn delete_older_one_time_tokens(
        &mut self,
        purpose: &str,
        subject: &str,
        than: &[u8],
    ) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "delete from one_time_tokens where purpose = $1 and subject = $2 and digest <> $3
               and created_at <= (select this.created_at from one_time_tokens this where this.digest = $3)")
            .bind(purpose)
            .bind(subject)
            .bind(than)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    pub(crate) async fn delete_one_time_tokens_before(&mut self, now: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from one_time_tokens where expires_at <= $1")
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
