//! Letting go of what is old. A whole beginning of the chain goes, in small transactions, and the
//! anchor takes its place: number and hash of the last row that went, under a MAC with a ring key, so
//! that the rest can still be checked from its first row on.
//!
//! Nothing goes that does not hold: a row that was tampered with stays, and everything after it.

use super::Entry;
use super::chain::{ChainKey, GENESIS, Hash};
use crate::Auth;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::store::{AuditRow, Mark, Tx};

/// Rows removed in one transaction.
const BATCH: i64 = 500;
/// Transactions in one round; the next comes in a minute.
const BATCHES: usize = 40;
const DAY: i64 = 86_400;

impl Auth {
    /// Removes rows that are older than the operator wants to keep. Leaves one row that says how many.
    pub(crate) async fn forget_old_audit(&self) -> Result<u64, Fault> {
        let days = self.settings().audit_retention_days;
        if days == 0 {
            return Ok(0);
        }
        let before = self.now() - days * DAY;
        let mut removed = 0;
        for _ in 0..BATCHES {
            match self.forget_some(before).await? {
                0 => break,
                some => removed += some,
            }
        }
        if removed > 0 {
            let client = Client::operator();
            let detail = serde_json::json!({ "rows": removed, "days": days });
            let entry = Entry::done("audit.forgotten", &client).detail(detail);
            self.audit_alone(entry).await?;
        }
        Ok(removed)
    }

    async fn forget_some(&self, before: Timestamp) -> Result<u64, Fault> {
        // Looked at first, so that nobody waits for a round that has nothing to do.
        let mut tx = self.store().read().await?;
        let after = tx
            .audit_mark(Mark::Anchor)
            .await?
            .map_or(0, |anchor| anchor.seq);
        if tx
            .oldest_audit_at(after)
            .await?
            .is_none_or(|at| at >= before)
        {
            return Ok(0);
        }
        drop(tx);
        let now = self.now();
        let mut tx = self.store().write().await?;
        // One at a time: two nodes would each swear to a beginning.
        if !tx
            .set_lease("audit_retention", self.node(), now, now + DAY / 24 / 60)
            .await?
        {
            return Ok(0);
        }
        let Some((seq, hash)) = self.last_to_go(&mut tx, before).await? else {
            return Ok(0);
        };
        self.set_mark(&mut tx, Mark::Anchor, seq, &hash).await?;
        let removed = tx.delete_audit_up_to(seq).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// The last row of the next batch that may go: old enough, like all before it, and in its place.
    async fn last_to_go(
        &self,
        tx: &mut Tx,
        before: Timestamp,
    ) -> Result<Option<(i64, Hash)>, Fault> {
        let anchor = tx.audit_mark(Mark::Anchor).await?;
        let (mut seq, mut hash) = (0, GENESIS);
        if let Some(anchor) = anchor {
            if !ChainKey::of(self.ring()).vouches_for_mark(Mark::Anchor, &anchor) {
                tracing::error!("the anchor of the audit log was altered; nothing is removed");
                return Ok(None);
            }
            seq = anchor.seq;
            hash = anchor
                .hash
                .try_into()
                .map_err(|_| Fault::Inconsistent("audit_marks.hash is not 32 bytes"))?;
        }
        let rows = tx.list_sealed_audit(seq, BATCH).await?;
        let is_old = |row: &&AuditRow| row.at < before;
        let mut last = None;
        for row in rows.iter().take_while(is_old) {
            seq += 1;
            let Some(next) = self.link_of(&hash, seq, row) else {
                tracing::error!(
                    audit.seq = seq,
                    "an audit row is not in its place; nothing from there on is removed"
                );
                break;
            };
            hash = next;
            last = Some((seq, hash));
        }
        Ok(last)
    }
}
