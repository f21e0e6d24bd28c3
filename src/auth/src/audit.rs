//! The audit log (D19): what happened, written in the transaction of the act, chained afterwards.
//!
//! Rows get no number when they are written: two transactions would fight over it. One sealer — a
//! lease in the database — numbers committed rows every second, chains them by hash and MACs the tail
//! with a ring key; about once a minute it says that in the log too, where nobody who can write the
//! table can reach it.
//!
//! `entry` is what flows write, `refusal` what is refused, of acts by `refused_act`; `search`, `export` and `told` are for those
//! who read; `chain`, `check` and `verify` tell whether anybody changed it; `retention` lets go of what is old.

mod chain;
mod check;
mod entry;
mod export;
mod reason;
mod refusal;
mod refused_act;
mod report;
mod retention;
mod search;
mod told;
mod verify;
mod verify_export;
mod view;

use std::sync::atomic::Ordering;

use crate::Auth;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::store::{AuditRow, Checkpoint, Mark, Tx};

use chain::{GENESIS, Hash, chain, hex, stored};

pub(crate) use chain::ChainKey;
#[cfg(test)]
pub(crate) use chain::chain as chain_of;
pub(crate) use entry::Entry;
pub use export::{
    AuditExport, AuditExportRecord, AuditExportRefused, ExportLine, ExportPage, ExportedEvent,
    Sworn,
};
pub(crate) use refusal::Refusals;
pub use refusal::Refused;
pub use report::{AuditBreach, AuditReport, Breach, KeptCheckpoint};
pub use search::{AuditPage, AuditQuery};
#[cfg(test)]
pub(crate) use told::acts;
pub use verify_export::{AuditExportError, verify_audit_export};

/// Rows sealed in one transaction.
const BATCH: i64 = 500;
/// How long the sealer keeps its lease between two rounds.
const LEASE: i64 = 5;
/// How long a row waits for its place at most while a sealer works, in seconds, with much to spare.
const LATE: i64 = 60;
/// How often the tail is said in the log.
const CHECKPOINT_EVERY: i64 = 60;

impl Auth {
    /// Adds a row to the log, in the transaction of the act.
    pub(crate) async fn audit(&self, tx: &mut Tx, entry: Entry<'_>) -> Result<(), Fault> {
        tx.add_audit(&AuditRow {
            id: self.draw_id(),
            at: self.now(),
            request_id: entry.client.request_id.clone(),
            actor_id: entry.actor,
            action: entry.action.to_owned(),
            outcome: entry.outcome.to_owned(),
            subject_id: entry.subject,
            address: entry.client.address.to_string(),
            agent: entry.client.agent.clone(),
            detail: serde_json::Value::Object(entry.detail).to_string(),
            ..AuditRow::default()
        })
        .await
    }

    /// Adds a row that stands for itself: a refusal, where there is no act to commit.
    pub(crate) async fn audit_alone(&self, entry: Entry<'_>) -> Result<(), Fault> {
        let mut tx = self.store().write().await?;
        self.audit(&mut tx, entry).await?;
        tx.commit().await
    }

    /// Gives committed rows their place in the chain. Returns how many.
    pub(crate) async fn seal_audit(&self) -> Result<usize, Fault> {
        let mut tx = self.store().read().await?;
        if tx.count_unsealed_audit().await? == 0
            && (tx.audit_mark(Mark::Tail).await?.is_some() || tx.audit_tail().await?.is_none())
        {
            return Ok(0);
        }
        drop(tx);
        let now = self.now();
        let mut tx = self.store().write().await?;
        if !tx
            .set_lease("audit_sealer", self.node(), now, now + LEASE)
            .await?
        {
            return Ok(0);
        }
        let (mut seq, mut hash) = self.tail(&mut tx).await?;
        let rows = tx.list_unsealed_audit(BATCH).await?;
        for row in &rows {
            seq = seq
                .checked_add(1)
                .ok_or(Fault::Inconsistent("the audit log has no more numbers"))?;
            hash = chain(&hash, seq, row);
            if !tx.set_audit_sealed(&row.id, seq, &hash).await? {
                return Err(Fault::Inconsistent("an audit row was sealed twice"));
            }
        }
        self.count_sign_ins(&mut tx, &rows).await?;
        self.set_mark(&mut tx, Mark::Tail, seq, &hash).await?;
        let checkpoint = self.checkpoint_if_due(&mut tx, seq, &hash, now).await?;
        tx.commit().await?;
        self.0.sealed.fetch_max(seq, Ordering::Relaxed);
        if let Some(mac) = checkpoint {
            tracing::info!(audit.seq = seq, audit.mac = %mac, "audit checkpoint");
        }
        Ok(rows.len())
    }

    /// Whether rows have been waiting for their place so long that nobody gives them one: until then
    /// nothing vouches for them.
    pub(crate) fn is_sealer_late(&self, waits_since: Option<Timestamp>) -> bool {
        waits_since.is_some_and(|since| self.now() - since > LATE)
    }

    /// Marks a log nothing was ever written to: whoever removes the mark of its end later, and be it with
    /// everything it stood for, is found. Once in the life of a database, before its first account.
    pub(crate) async fn begin_audit(&self) -> Result<(), Fault> {
        let mut tx = self.store().read().await?;
        if tx.audit_mark(Mark::Tail).await?.is_some() {
            return Ok(());
        }
        drop(tx);
        let now = self.now();
        let mut tx = self.store().write().await?;
        // The sealer's own line: who seals has begun.
        let is_first = tx.set_lease("audit_sealer", self.node(), now, now).await?;
        if is_first && tx.audit_mark(Mark::Tail).await?.is_none() && tx.is_untouched().await? {
            self.set_mark(&mut tx, Mark::Tail, 0, &GENESIS).await?;
        }
        tx.commit().await
    }

    /// Where the chain goes on. An end that is not the one we sealed is no reason to seal no more; it is
    /// written down, and cannot be taken back by whoever did it: the next rows build on that.
    async fn tail(&self, tx: &mut Tx) -> Result<(i64, Hash), Fault> {
        let key = ChainKey::of(self.ring());
        // Of a mark that is not ours nothing is believed.
        let marked = tx.audit_mark(Mark::Tail).await?;
        let marked = marked.filter(|marked| key.vouches_for_mark(Mark::Tail, marked));
        let found = match tx.audit_tail().await? {
            Some(found) => Some(found),
            // Everything was old enough to go, or there was nothing yet.
            None => tx
                .audit_mark(Mark::Anchor)
                .await?
                .map(|anchor| (anchor.seq, anchor.hash)),
        };
        let (found, hash) = found.unwrap_or((0, GENESIS.to_vec()));
        let hash: Hash = hash
            .try_into()
            .map_err(|_| Fault::Inconsistent("audit_log.hash is not 32 bytes"))?;
        // An older mark put back beside an older end is ours, and is not the last: this node has seen more.
        let seen = self.0.sealed.load(Ordering::Relaxed);
        let is_ours = found >= seen
            && marked
                .as_ref()
                .is_some_and(|marked| (marked.seq, &marked.hash[..]) == (found, &hash[..]));
        if is_ours {
            return Ok((found, hash));
        }
        let sealed = marked.map_or(seen, |marked| seen.max(marked.seq));
        tracing::error!(
            audit.sealed = sealed,
            audit.found = found,
            "the end of the audit log is not what was sealed"
        );
        let client = Client::operator();
        let detail = serde_json::json!({ "sealed": sealed, "found": found });
        let entry = Entry::refused("audit.tail_broken", &client, "tampered");
        self.audit(tx, entry.detail(detail)).await?;
        // What was cut off keeps its numbers, so that the hole stays to be seen.
        Ok((found.max(sealed), hash))
    }

    pub(crate) async fn set_mark(
        &self,
        tx: &mut Tx,
        mark: Mark,
        seq: i64,
        hash: &Hash,
    ) -> Result<(), Fault> {
        let mac = ChainKey::of(self.ring()).mark(mark, seq, hash);
        let to = Checkpoint {
            seq,
            at: self.now(),
            hash: hash.to_vec(),
            mac: mac.to_vec(),
        };
        tx.set_audit_mark(mark, &to).await
    }

    async fn checkpoint_if_due(
        &self,
        tx: &mut Tx,
        seq: i64,
        hash: &Hash,
        now: Timestamp,
    ) -> Result<Option<String>, Fault> {
        let newest = tx.newest_audit_checkpoint().await?;
        if newest.is_some_and(|newest| now - newest.at < CHECKPOINT_EVERY) {
            return Ok(None);
        }
        let mac = ChainKey::of(self.ring()).checkpoint(seq, hash);
        tx.add_audit_checkpoint(&Checkpoint {
            seq,
            at: now,
            hash: hash.to_vec(),
            mac: mac.to_vec(),
        })
        .await?;
        Ok(Some(hex(&mac)))
    }

    /// The hash of a row that is in its place: what it says gives it or, of a row that was erased, the
    /// portal swore to it when it erased.
    pub(crate) fn link_of(&self, previous: &Hash, seq: i64, row: &AuditRow) -> Option<Hash> {
        let stored = stored(row)?;
        let holds = match &row.erased_mac {
            None => stored == chain(previous, seq, row),
            Some(mac) => *mac == self.erased_mac(previous, row),
        };
        (holds && row.seq == Some(seq)).then_some(stored)
    }

    pub(crate) fn erased_mac(&self, previous: &Hash, row: &AuditRow) -> [u8; 32] {
        ChainKey::of(self.ring()).erased(previous, row)
    }

    /// The hash the row at `seq` was built on; `None` where that row is gone, and no anchor stands for it.
    pub(crate) async fn previous_hash(tx: &mut Tx, seq: i64) -> Result<Option<Hash>, Fault> {
        if seq <= 1 {
            return Ok(Some(GENESIS));
        }
        let hash = match tx.audit_hash_by_seq(seq - 1).await? {
            Some(hash) => Some(hash),
            None => tx
                .audit_mark(Mark::Anchor)
                .await?
                .filter(|anchor| anchor.seq == seq - 1)
                .map(|anchor| anchor.hash),
        };
        Ok(hash.and_then(|hash| hash.try_into().ok()))
    }
}
