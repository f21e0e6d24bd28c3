//! Keys that sign access tokens.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// One signing key, as stored.
#[derive(Clone, FromRow)]
pub(crate) struct SigningKeyRow {
    pub(crate) kid: String,
    pub(crate) algorithm: String,
    pub(crate) public_jwk: String,
    pub(crate) private_sealed: Vec<u8>,
    pub(crate) created_at: Timestamp,
    pub(crate) active_at: Option<Timestamp>,
    pub(crate) retired_at: Option<Timestamp>,
    pub(crate) purpose: String,
}

impl Tx {
    /// Every published key of one purpose: next, current, previous ones; oldest first.
    pub(crate) async fn list_signing_keys(&mut self, purpose: &str) -> Result<Vec<SigningKeyRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select kid, algorithm, public_jwk, private_sealed, created_at, active_at, retired_at, purpose
             from signing_keys where removed_at is null and purpose = $1 order by created_at, kid")
            .bind(purpose)
            .fetch_all(c)
            .await)?)
    }

    /// What a published key signs.
    pub(crate) async fn signing_key_purpose_by_kid(&mut self, kid: &str) -> Result<Option<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select purpose from signing_keys where kid = $1 and removed_at is null")
            .bind(kid)
            .fetch_optional(c)
            .await)?)
    }

    /// When a key left the published set; `None` for one that is still in it, or was never ours.
    pub(crate) async fn signing_key_removal_by_kid(
        &mut self,
        kid: &str,
    ) -> Result<Option<Timestamp>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select removed_at from signing_keys where kid = $1 and removed_at is not null")
            .bind(kid)
            .fetch_optional(c)
            .await)?)
    }

    pub(crate) async fn add_signing_key(&mut self, key: &SigningKeyRow) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into signing_keys (kid, algorithm, public_jwk, private_sealed, created_at, active_at, purpose)
             values ($1, $2, $3, $4, $5, $6, $7)")
            .bind(&key.kid)
            .bind(&key.algorithm)
            .bind(&key.public_jwk)
            .bind(&key.private_sealed)
            .bind(key.created_at)
            .bind(key.active_at)
            .bind(&key.purpose)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The key signs from now on.
    pub(crate) async fn set_signing_key_active(&mut self, kid: &str, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query("update signing_keys set active_at = $2 where kid = $1 and active_at is null")
            .bind(kid)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Whatever of this purpose signed before `kid` signs no more.
    pub(crate) async fn set_other_signing_keys_retired(
        &mut self,
        purpose: &str,
        kid: &str,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update signing_keys set retired_at = $2
             where kid <> $1 and purpose = $3 and active_at is not null and retired_at is null")
            .bind(kid)
            .bind(now)
            .bind(purpose)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Keys retired before `retired_before` leave the published set.
    pub(crate) async fn set_signing_keys_removed(
        &mut self,
        retired_before: Timestamp,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "update signing_keys set removed_at = $2 where retired_at <= $1 and removed_at is null")
            .bind(retired_before)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// The key leaves the published set at once, whatever it signed.
    pub(crate) async fn set_signing_key_revoked(
        &mut self,
        kid: &str,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update signing_keys set retired_at = coalesce(retired_at, $2), removed_at = $2
             where kid = $1 and removed_at is null")
            .bind(kid)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
