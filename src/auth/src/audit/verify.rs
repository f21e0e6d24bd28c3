//! Checking the chain in the database, a page at a time.

use super::chain::ChainKey;
use super::check::ChainCheck;
use super::report::AuditReport;
use crate::Auth;
use crate::error::Fault;
use crate::store::{Checkpoint, Mark};

/// Rows read at once.
const PAGE: i64 = 500;
/// How often it begins anew when rows were removed under it because they were old enough.
const TRIES: usize = 3;

impl Auth {
    /// Checks the whole chain and everything that vouches for it.
    ///
    /// # Errors
    /// When the database does not answer. Tampering is no error but what the report says.
    pub async fn verify_audit(&self) -> Result<AuditReport, Fault> {
        self.verify_audit_against(None).await
    }

    /// The same, and compares with a checkpoint that was kept elsewhere: the place and the MAC the log
    /// said.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verify_audit_against(
        &self,
        kept: Option<(i64, Vec<u8>)>,
    ) -> Result<AuditReport, Fault> {
        let mut tries = 0;
        loop {
            let mut tx = self.store().read().await?;
            let anchor = tx.audit_mark(Mark::Anchor).await?;
            drop(tx);
            let report = self.verify_from(anchor.as_ref(), kept.clone()).await?;
            let mut tx = self.store().read().await?;
            tries += 1;
            if report.breaches.is_empty()
                || tries >= TRIES
                || tx.audit_mark(Mark::Anchor).await? == anchor
            {
                return Ok(report);
            }
        }
    }

    async fn verify_from(
        &self,
        anchor: Option<&Checkpoint>,
        kept: Option<(i64, Vec<u8>)>,
    ) -> Result<AuditReport, Fault> {
        let mut check = ChainCheck::begin(Some(ChainKey::of(self.ring())), anchor);
        if let Some((seq, mac)) = kept {
            check.keep(seq, mac);
        }
        let mut tx = self.store().read().await?;
        let (mut after, mut checked) = (i64::MIN, i64::MIN);
        loop {
            let rows = tx.list_sealed_audit(after, PAGE).await?;
            let Some(last) = rows.last().and_then(|row| row.seq) else {
                let left = tx.list_audit_checkpoints(checked, PAGE).await?;
                let beyond = left.last().map_or(i64::MIN, |one| one.seq);
                checked = checked.max(beyond);
                for checkpoint in left {
                    check.checkpoint(checkpoint);
                }
                let tail = tx.audit_mark(Mark::Tail).await?;
                let end = tail.as_ref().map_or(beyond, |tail| beyond.max(tail.seq));
                // What was sealed since the last rows were read is none that is missing.
                if end > check.reached() && !tx.list_sealed_audit(after, 1).await?.is_empty() {
                    continue;
                }
                check.unsealed(tx.count_unsealed_audit().await?);
                let waits_since = tx.oldest_unsealed_audit_at().await?;
                let mut report = check.finish(tail.as_ref());
                report.is_stalled = self.is_sealer_late(waits_since);
                return Ok(report);
            };
            after = last;
            while checked < last {
                let checkpoints = tx.list_audit_checkpoints(checked, PAGE).await?;
                checked = match checkpoints.last() {
                    Some(newest) => newest.seq,
                    None => last,
                };
                for checkpoint in checkpoints {
                    check.checkpoint(checkpoint);
                }
            }
            for row in rows {
                check.row(row);
            }
        }
    }
}
