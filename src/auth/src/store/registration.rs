//! Registrations whose address is not proven yet (D13).

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// One pending registration, as stored.
#[derive(Clone, FromRow)]
pub(crate) struct RegistrationRow {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) flow_digest: Vec<u8>,
    pub(crate) password_hash: String,
    pub(crate) username: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) tries: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// The columns of [`RegistrationRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, email, flow_digest, password_hash, username, first_name, last_name, address, agent, tries, created_at, expires_at from registrations ",
            $rest
        )
    };
}

impl Tx {
    pub(crate) async fn add_registration(&mut self, row: &RegistrationRow) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into registrations (id, email, flow_digest, password_hash, username, first_name,
                                        last_name, tries, address, agent, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11)")
            .bind(&row.id)
            .bind(&row.email)
            .bind(&row.flow_digest)
            .bind(&row.password_hash)
            .bind(&row.username)
            .bind(&row.first_name)
            .bind(&row.last_name)
            .bind(&row.address)
            .bind(&row.agent)
            .bind(row.created_at)
            .bind(row.expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn registration_by_id(
        &mut self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<RegistrationRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where id = $1 and expires_at > $2"))
            .bind(id)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    pub(crate) async fn registration_by_flow(
        &mut self,
        flow: &[u8],
        now: Timestamp,
    ) -> Result<Option<RegistrationRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where flow_digest = $1 and expires_at > $2"))
            .bind(flow)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// The newest pending registration of an address.
    pub(crate) async fn registration_by_email(
        &mut self,
        email: &str,
        now: Timestamp,
    ) -> Result<Option<RegistrationRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where email = $1 and expires_at > $2 order by created_at desc, id desc limit 1"))
            .bind(email)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// A letter was written: the registration waits as long as its link lives.
    pub(crate) async fn set_registration_expiry(
        &mut self,
        id: &str,
        expires_at: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query("update registrations set expires_at = $2 where id = $1")
            .bind(id)
            .bind(expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Spends one of a registration's tries; `false` when none is left.
    pub(crate) async fn consume_registration_try(&mut self, id: &str, tries: i64) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("update registrations set tries = tries + 1 where id = $1 and tries < $2")
            .bind(id)
            .bind(tries)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    /// Removes every pending registration of an address, and the secrets mailed for them. Returns
    /// how many there were.
    pub(crate) async fn delete_registrations_by_email(&mut self, email: &str) -> Result<u64> {
        on!(self, c => sqlx::query(
            "delete from one_time_tokens
             where purpose = 'verify_email' and subject in (select id from registrations where email = $1)")
            .bind(email)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(
            on!(self, c => sqlx::query("delete from registrations where email = $1")
            .bind(email)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }

    pub(crate) async fn delete_registrations_before(&mut self, now: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from registrations where expires_at <= $1")
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
