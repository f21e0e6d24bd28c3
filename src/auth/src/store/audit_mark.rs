//! The two places of the audit chain that are vouched for beside it: where it begins, since older rows
//! were removed, and where it ends. And that removal.

use crate::clock::Timestamp;
use crate::store::{Checkpoint, Result, Tx};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The last row that was removed.
    Anchor,
    /// The last row that was sealed.
    Tail,
}

impl Mark {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Anchor => "anchor",
            Self::Tail => "tail",
        }
    }
}

impl Tx {
    pub(crate) async fn audit_mark(&mut self, mark: Mark) -> Result<Option<Checkpoint>> {
        Ok(
            on!(self, c => sqlx::query_as("select seq, at, hash, mac from audit_marks where name = $1")
            .bind(mark.as_str())
            .fetch_optional(c)
            .await)?,
        )
    }

    /// Moves a mark on; the database refuses to move it back.
    pub(crate) async fn set_audit_mark(&mut self, mark: Mark, to: &Checkpoint) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into audit_marks (name, seq, at, hash, mac) values ($1, $2, $3, $4, $5)
             on conflict (name) do update
             set seq = excluded.seq, at = excluded.at, hash = excluded.hash, mac = excluded.mac")
            .bind(mark.as_str())
            .bind(to.seq)
            .bind(to.at)
            .bind(&to.hash)
            .bind(&to.mac)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Whether nobody was ever here: no account, and nothing of a log.
    pub(crate) async fn is_untouched(&mut self) -> Result<bool> {
        let is_touched: bool = on!(self, c => sqlx::query_scalar(
            "select exists (select 1 from users) or exists (select 1 from audit_log)
             or exists (select 1 from audit_checkpoints) or exists (select 1 from audit_marks)")
            .fetch_one(c)
            .await)?;
        Ok(!is_touched)
    }

    /// When the oldest sealed row after a place was written.
    pub(crate) async fn oldest_audit_at(&mut self, after: i64) -> Result<Option<Timestamp>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select at from audit_log where seq > $1 order by seq limit 1")
            .bind(after)
            .fetch_optional(c)
            .await)?)
    }

    /// Removes sealed rows up to a place, and the checkpoints over them. The database lets nothing go
    /// that the anchor does not cover.
    pub(crate) async fn delete_audit_up_to(&mut self, seq: i64) -> Result<u64> {
        on!(self, c => sqlx::query("delete from audit_checkpoints where seq <= $1")
            .bind(seq)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(
            on!(self, c => sqlx::query("delete from audit_log where seq <= $1")
            .bind(seq)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
