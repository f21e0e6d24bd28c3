//! Consents. Rows are added and, once, withdrawn; the history stays as long as the account.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// One consent, as stored.
#[derive(Clone, FromRow)]
pub(crate) struct ConsentRow {
    pub(crate) purpose: String,
    pub(crate) version: String,
    pub(crate) given_at: Timestamp,
    pub(crate) withdrawn_at: Option<Timestamp>,
    pub(crate) address: String,
    pub(crate) agent: String,
}

/// A consent to be.
pub(crate) struct NewConsent<'a> {
    pub(crate) id: &'a str,
    pub(crate) user_id: &'a str,
    pub(crate) purpose: &'a str,
    pub(crate) version: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) address: &'a str,
    pub(crate) agent: &'a str,
}

impl Tx {
    /// All of an account, oldest first.
    pub(crate) async fn list_consents_by_user(&mut self, user_id: &str) -> Result<Vec<ConsentRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select purpose, version, given_at, withdrawn_at, address, agent from consents
             where user_id = $1 order by given_at, id")
            .bind(user_id)
            .fetch_all(c)
            .await)?)
    }

    /// Adds a consent; `false` when this version was given and not taken back.
    pub(crate) async fn add_consent(&mut self, consent: &NewConsent<'_>) -> Result<bool> {
        let added: Option<String> = on!(self, c => sqlx::query_scalar(
            "insert into consents (id, user_id, purpose, version, given_at, address, agent)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning id")
            .bind(consent.id)
            .bind(consent.user_id)
            .bind(consent.purpose)
            .bind(consent.version)
            .bind(consent.now)
            .bind(consent.address)
            .bind(consent.agent)
            .fetch_optional(c)
            .await)?;
        Ok(added.is_some())
    }

    /// Takes back what an account gave for a purpose, in whatever version. Returns how many.
    pub(crate) async fn set_consents_withdrawn(
        &mut self,
        user_id: &str,
        purpose: &str,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "update consents set withdrawn_at = $3
             where user_id = $1 and purpose = $2 and withdrawn_at is null")
            .bind(user_id)
            .bind(purpose)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}
