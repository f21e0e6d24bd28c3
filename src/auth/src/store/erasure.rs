//! What the audit log has to forget of accounts that were deleted.

use crate::clock::Timestamp;
use crate::store::{AuditRow, Result, Tx};

/// An id the log shall forget.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct ErasureRow {
    pub(crate) subject: String,
    /// Vouches for the order, with a ring key.
    pub(crate) mac: Vec<u8>,
    /// Whether an account bears this id: nobody ordered to forget that one.
    pub(crate) is_alive: bool,
}

impl Tx {
    /// Notes that the log shall forget where this id came from.
    pub(crate) async fn add_erasure(
        &mut self,
        subject: &str,
        mac: &[u8],
        now: Timestamp,
        until: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into erasures (subject, mac, deleted_at, until) values ($1, $2, $3, $4) on conflict do nothing")
            .bind(subject)
            .bind(mac)
            .bind(now)
            .bind(until)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The ids to be forgotten.
    pub(crate) async fn list_erasures(&mut self) -> Result<Vec<ErasureRow>> {
        Ok(on!(self, c => sqlx::query_as(
                "select subject, mac, exists (select 1 from users where id = subject) as is_alive
                 from erasures order by deleted_at, subject")
            .fetch_all(c)
            .await)?)
    }

    /// Nothing more is to come of these.
    pub(crate) async fn delete_erasures_before(&mut self, now: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from erasures where until <= $1")
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }

    /// Sealed rows that still hold something of `subject`: where it acted from, or where somebody did
    /// who was not signed in; and the detail of what was done to it.
    /// Read along the indexes by person, and not along the log: hence `seq + 0`.
    pub(crate) async fn list_audit_to_erase(
        &mut self,
        subject: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<AuditRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail, seq, hash, erased_mac
             from audit_log
             where actor_id = $1 and seq + 0 > $2
               and (address <> '' or agent <> '' or (subject_id is null and detail <> '{}'))
             union
             select id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail, seq, hash, erased_mac
             from audit_log
             where subject_id = $1 and seq + 0 > $2
               and ((actor_id is null and (address <> '' or agent <> '')) or detail <> '{}')
             order by seq limit $3")
            .bind(subject)
            .bind(after)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// The hash of the row at a place of the chain.
    pub(crate) async fn audit_hash_by_seq(&mut self, seq: i64) -> Result<Option<Vec<u8>>> {
        let hash: Option<Option<Vec<u8>>> = on!(self, c => sqlx::query_scalar(
            "select hash from audit_log where seq = $1")
            .bind(seq)
            .fetch_optional(c)
            .await)?;
        Ok(hash.flatten())
    }

    /// Writes an erased row back, with the MAC that vouches for it.
    pub(crate) async fn set_audit_erased(&mut self, row: &AuditRow) -> Result<()> {
        on!(self, c => sqlx::query(
            "update audit_log set address = $2, agent = $3, detail = $4, erased_mac = $5 where id = $1")
            .bind(&row.id)
            .bind(&row.address)
            .bind(&row.agent)
            .bind(&row.detail)
            .bind(&row.erased_mac)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The details of one kind of act on a subject.
    pub(crate) async fn list_audit_details(
        &mut self,
        action: &str,
        subject: &str,
    ) -> Result<Vec<String>> {
        Ok(
            on!(self, c => sqlx::query_scalar("select detail from audit_log where action = $1 and subject_id = $2")
            .bind(action)
            .bind(subject)
            .fetch_all(c)
            .await)?,
        )
    }
}
