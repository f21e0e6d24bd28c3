//! The audit log (D19). Rows are added; the sealer numbers them; nothing else changes them, and the
//! database refuses it too.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// One audit row, as stored.
#[derive(Clone, Debug, Default, FromRow, PartialEq, Eq)]
pub(crate) struct AuditRow {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    pub(crate) request_id: String,
    pub(crate) actor_id: Option<String>,
    pub(crate) action: String,
    pub(crate) outcome: String,
    pub(crate) subject_id: Option<String>,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) detail: String,
    pub(crate) seq: Option<i64>,
    pub(crate) hash: Option<Vec<u8>>,
    pub(crate) erased_mac: Option<Vec<u8>>,
}

/// The tail of the chain at some moment.
#[derive(Clone, Debug, FromRow, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) seq: i64,
    pub(crate) at: Timestamp,
    pub(crate) hash: Vec<u8>,
    pub(crate) mac: Vec<u8>,
}

/// The columns of [`AuditRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail, seq, hash, erased_mac from audit_log ",
            $rest
        )
    };
}

/// What somebody did, or was done to, before a moment and an id. Two readings along two indexes and
/// one short sort: an `or` would read everything the person ever did.
pub(crate) const LIST_BY_PERSON: &str = concat!(
    "select * from (select * from (",
    select!("where actor_id = $1 and (at, id) < ($2, $3) order by at desc, id desc limit $4"),
    ") as acted union select * from (",
    select!("where subject_id = $1 and (at, id) < ($2, $3) order by at desc, id desc limit $4"),
    ") as concerned) as mine order by at desc, id desc limit $4"
);

impl Tx {
    /// Rows of which an account is actor or subject, newest first, from before a moment and an id.
    pub(crate) async fn list_audit_by_person(
        &mut self,
        user_id: &str,
        before: (Timestamp, &str),
        limit: i64,
    ) -> Result<Vec<AuditRow>> {
        Ok(on!(self, c => sqlx::query_as(LIST_BY_PERSON)
            .bind(user_id)
            .bind(before.0)
            .bind(before.1)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// One row, if an account is its actor or subject.
    pub(crate) async fn audit_by_person(
        &mut self,
        user_id: &str,
        id: &str,
    ) -> Result<Option<AuditRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where id = $2 and (actor_id = $1 or subject_id = $1)"))
            .bind(user_id)
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    pub(crate) async fn add_audit(&mut self, row: &AuditRow) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into audit_log (id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
            .bind(&row.id)
            .bind(row.at)
            .bind(&row.request_id)
            .bind(&row.actor_id)
            .bind(&row.action)
            .bind(&row.outcome)
            .bind(&row.subject_id)
            .bind(&row.address)
            .bind(&row.agent)
            .bind(&row.detail)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Committed rows that have no place in the chain yet, oldest first.
    pub(crate) async fn list_unsealed_audit(&mut self, limit: i64) -> Result<Vec<AuditRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where seq is null order by id limit $1"))
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// Sealed rows after `seq`, in order.
    pub(crate) async fn list_sealed_audit(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<AuditRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where seq > $1 order by seq limit $2"))
            .bind(after)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// The last sealed row's number and hash.
    pub(crate) async fn audit_tail(&mut self) -> Result<Option<(i64, Vec<u8>)>> {
        Ok(on!(self, c => sqlx::query_as(
            "select seq, hash from audit_log where seq is not null order by seq desc limit 1")
            .fetch_optional(c)
            .await)?)
    }

    /// Gives a row its place; `false` when it had one.
    pub(crate) async fn set_audit_sealed(
        &mut self,
        id: &str,
        seq: i64,
        hash: &[u8],
    ) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("update audit_log set seq = $2, hash = $3 where id = $1 and seq is null")
            .bind(id)
            .bind(seq)
            .bind(hash)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    pub(crate) async fn add_audit_checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into audit_checkpoints (seq, at, hash, mac) values ($1, $2, $3, $4) on conflict (seq) do nothing")
            .bind(checkpoint.seq)
            .bind(checkpoint.at)
            .bind(&checkpoint.hash)
            .bind(&checkpoint.mac)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn newest_audit_checkpoint(&mut self) -> Result<Option<Checkpoint>> {
        Ok(on!(self, c => sqlx::query_as(
            "select seq, at, hash, mac from audit_checkpoints order by seq desc limit 1")
            .fetch_optional(c)
            .await)?)
    }

    /// Checkpoints after a place, in order.
    pub(crate) async fn list_audit_checkpoints(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Checkpoint>> {
        Ok(on!(self, c => sqlx::query_as(
            "select seq, at, hash, mac from audit_checkpoints where seq > $1 order by seq limit $2")
            .bind(after)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// When the oldest row was written that has no place yet.
    pub(crate) async fn oldest_unsealed_audit_at(&mut self) -> Result<Option<Timestamp>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select min(at) from audit_log where seq is null")
            .fetch_one(c)
            .await)?)
    }

    pub(crate) async fn count_unsealed_audit(&mut self) -> Result<i64> {
        Ok(
            on!(self, c => sqlx::query_scalar("select count(*) from audit_log where seq is null")
            .fetch_one(c)
            .await)?,
        )
    }
}
