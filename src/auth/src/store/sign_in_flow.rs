//! Sign-ins by mailed code that somebody began.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// One flow, as stored.
#[derive(Clone, FromRow)]
pub(crate) struct SignInFlowRow {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) flow_digest: Vec<u8>,
    pub(crate) tries: i64,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) asked_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// The columns of [`SignInFlowRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, email, flow_digest, tries, address, agent, asked_at, created_at, expires_at from sign_in_flows ",
            $rest
        )
    };
}

impl Tx {
    pub(crate) async fn add_sign_in_flow(&mut self, row: &SignInFlowRow) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into sign_in_flows (id, email, flow_digest, tries, address, agent, asked_at, created_at, expires_at)
             values ($1, $2, $3, 0, $4, $5, $6, $7, $8)")
            .bind(&row.id)
            .bind(&row.email)
            .bind(&row.flow_digest)
            .bind(&row.address)
            .bind(&row.agent)
            .bind(row.asked_at)
            .bind(row.created_at)
            .bind(row.expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn sign_in_flow_by_id(
        &mut self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<SignInFlowRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where id = $1 and expires_at > $2"))
            .bind(id)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    pub(crate) async fn sign_in_flow_by_secret(
        &mut self,
        flow: &[u8],
        now: Timestamp,
    ) -> Result<Option<SignInFlowRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where flow_digest = $1 and expires_at > $2"))
            .bind(flow)
            .bind(now)
            .fetch_optional(c)
            .await)?)
    }

    /// When each living flow of an address ends, the soonest first.
    pub(crate) async fn list_sign_in_flow_ends(
        &mut self,
        email: &str,
        now: Timestamp,
    ) -> Result<Vec<Timestamp>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select expires_at from sign_in_flows where email = $1 and expires_at > $2 order by expires_at")
            .bind(email)
            .bind(now)
            .fetch_all(c)
            .await)?)
    }

    /// Another letter was asked for: the flow lives on, its tries stay spent. `false` when it has
    /// ended, or one was asked for after `unless_after`.
    pub(crate) async fn set_sign_in_flow_asked(
        &mut self,
        id: &str,
        now: Timestamp,
        unless_after: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update sign_in_flows set asked_at = $2, expires_at = $4
             where id = $1 and expires_at > $2 and asked_at <= $3")
            .bind(id)
            .bind(now)
            .bind(unless_after)
            .bind(expires_at)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Spends one of a flow's tries; `false` when none is left.
    pub(crate) async fn consume_sign_in_try(&mut self, id: &str, tries: i64) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("update sign_in_flows set tries = tries + 1 where id = $1 and tries < $2")
            .bind(id)
            .bind(tries)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    /// Uses a flow up; `false` when it was used or has ended. The first of all that are for one flow
    /// holds it until its transaction ends, so they never wait for each other in a ring.
    pub(crate) async fn consume_sign_in_flow(&mut self, id: &str, now: Timestamp) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("delete from sign_in_flows where id = $1 and expires_at > $2")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    /// Removes the secrets mailed for a flow.
    pub(crate) async fn delete_sign_in_secrets(&mut self, id: &str) -> Result<()> {
        on!(self, c => sqlx::query("delete from one_time_tokens where purpose = 'sign_in' and subject = $1")
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn delete_sign_in_flows_before(&mut self, now: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from sign_in_flows where expires_at <= $1")
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
