//! The audit log (D19): what happened, written in the transaction of the act, chained afterwards.
//!
//! Rows get no number when they are written: two transactions would fight over it. One sealer — a
//! lease in the database — numbers committed rows every second and chains them by hash; about once
//! a minute it MACs the tail with a ring key and says it in the log, where nobody who can write the
//! table can reach it.

use crate::Auth;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::ring::Purpose;
use crate::secret::{hmac_sha256, sha256};
use crate::store::{AuditRow, Checkpoint, Tx};

mod entry;

pub(crate) use entry::Entry;

/// Rows sealed in one transaction.
const BATCH: i64 = 500;
/// How long the sealer keeps its lease between two rounds.
const LEASE: i64 = 5;
/// How often the tail is MACed.
const CHECKPOINT_EVERY: i64 = 60;
/// What the first row's hash begins with.
const GENESIS: [u8; 32] = [0; 32];

/// What a check of the whole chain found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditReport {
    /// Rows that have their place.
    pub sealed: i64,
    /// Rows committed a moment ago, or while no sealer ran.
    pub unsealed: i64,
    /// Sealed rows of which the portal erased where somebody who has left came from.
    pub erased: i64,
    /// Checkpoints whose MAC and hash hold.
    pub checkpoints: i64,
    /// The first row that was altered, removed or moved.
    pub first_broken: Option<i64>,
    /// The first checkpoint that does not hold.
    pub first_broken_checkpoint: Option<i64>,
}

impl AuditReport {
    /// Whether nothing was tampered with.
    pub fn holds(&self) -> bool {
        self.first_broken.is_none() && self.first_broken_checkpoint.is_none()
    }
}

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
            seq: None,
            hash: None,
            erased_mac: None,
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
        if self.store().read().await?.count_unsealed_audit().await? == 0 {
            return Ok(0);
        }
        let now = self.now();
        let mut tx = self.store().write().await?;
        if !tx
            .set_lease("audit_sealer", self.node(), now, now + LEASE)
            .await?
        {
            return Ok(0);
        }
        let (mut seq, mut hash) = tail(&mut tx).await?;
        let rows = tx.list_unsealed_audit(BATCH).await?;
        for row in &rows {
            seq += 1;
            hash = chain(&hash, seq, row);
            if !tx.set_audit_sealed(&row.id, seq, &hash).await? {
                return Err(Fault::Inconsistent("an audit row was sealed twice"));
            }
        }
        self.count_sign_ins(&mut tx, &rows).await?;
        let checkpoint = self.checkpoint_if_due(&mut tx, seq, &hash, now).await?;
        tx.commit().await?;
        if let Some(mac) = checkpoint {
            tracing::info!(audit.seq = seq, audit.mac = %mac, "audit checkpoint");
        }
        Ok(rows.len())
    }

    async fn checkpoint_if_due(
        &self,
        tx: &mut Tx,
        seq: i64,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<String>, Fault> {
        let newest = tx.newest_audit_checkpoint_at().await?;
        if newest.is_some_and(|at| now - at < CHECKPOINT_EVERY) {
            return Ok(None);
        }
        let mac = self.audit_mac(seq, hash);
        tx.add_audit_checkpoint(&Checkpoint {
            seq,
            at: now,
            hash: hash.to_vec(),
            mac: mac.to_vec(),
        })
        .await?;
        Ok(Some(hex(&mac)))
    }

    fn audit_mac(&self, seq: i64, hash: &[u8]) -> [u8; 32] {
        hmac_sha256(
            &self.ring().mac_key(Purpose::Audit),
            &[&seq.to_be_bytes(), hash],
        )
    }

    /// Checks the whole chain and every checkpoint.
    ///
    /// # Errors
    /// When the database does not answer. Tampering is no error but what the report says.
    pub async fn verify_audit(&self) -> Result<AuditReport, Fault> {
        let mut tx = self.store().read().await?;
        let mut report = AuditReport {
            unsealed: tx.count_unsealed_audit().await?,
            ..AuditReport::default()
        };
        let checkpoints = tx.list_audit_checkpoints().await?;
        let mut pending = checkpoints.iter().peekable();
        let mut hash = GENESIS;
        loop {
            let rows = tx.list_sealed_audit(report.sealed, BATCH).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                report.sealed += 1;
                let Some(next) = self.link_of(&hash, report.sealed, &row) else {
                    report.first_broken = Some(report.sealed);
                    return Ok(report);
                };
                report.erased += i64::from(row.erased_mac.is_some());
                hash = next;
                while let Some(checkpoint) =
                    pending.next_if(|checkpoint| checkpoint.seq <= report.sealed)
                {
                    self.check(checkpoint, &hash, &mut report);
                }
            }
        }
        // A checkpoint beyond the last row: rows were cut off.
        if let Some(beyond) = pending.next() {
            report.first_broken_checkpoint.get_or_insert(beyond.seq);
        }
        Ok(report)
    }

    /// The hash of a row that is in its place: what it says gives it or, of a row that was erased, the
    /// portal swore to it when it erased.
    pub(crate) fn link_of(
        &self,
        previous: &[u8; 32],
        seq: i64,
        row: &AuditRow,
    ) -> Option<[u8; 32]> {
        let stored: [u8; 32] = row.hash.as_deref()?.try_into().ok()?;
        let holds = match &row.erased_mac {
            None => stored == chain(previous, seq, row),
            Some(mac) => *mac == self.erased_mac(previous, row),
        };
        (holds && row.seq == Some(seq)).then_some(stored)
    }

    /// What vouches for an erased row: the hash later rows and checkpoints build on, the hash it was
    /// itself built on — else rows before it could be rewritten unseen — its place, and what is left.
    pub(crate) fn erased_mac(&self, previous: &[u8; 32], row: &AuditRow) -> [u8; 32] {
        let left = chain(previous, row.seq.unwrap_or_default(), row);
        let hash = row.hash.as_deref().unwrap_or_default();
        hmac_sha256(
            &self.ring().mac_key(Purpose::Audit),
            &[b"erased", hash, &left],
        )
    }

    /// The hash the row at `seq` was built on.
    pub(crate) async fn previous_hash(tx: &mut Tx, seq: i64) -> Result<[u8; 32], Fault> {
        if seq <= 1 {
            return Ok(GENESIS);
        }
        tx.audit_hash_by_seq(seq - 1)
            .await?
            .and_then(|hash| hash.try_into().ok())
            .ok_or(Fault::Inconsistent("an audit row has no predecessor"))
    }

    fn check(&self, checkpoint: &Checkpoint, hash: &[u8; 32], report: &mut AuditReport) {
        let holds = checkpoint.seq == report.sealed
            && checkpoint.hash == hash
            && checkpoint.mac == self.audit_mac(checkpoint.seq, &checkpoint.hash);
        if holds {
            report.checkpoints += 1;
        } else {
            report.first_broken_checkpoint.get_or_insert(checkpoint.seq);
        }
    }
}

async fn tail(tx: &mut Tx) -> Result<(i64, [u8; 32]), Fault> {
    match tx.audit_tail().await? {
        None => Ok((0, GENESIS)),
        Some((seq, hash)) => {
            let hash = hash
                .try_into()
                .map_err(|_| Fault::Inconsistent("audit_log.hash is not 32 bytes"))?;
            Ok((seq, hash))
        }
    }
}

/// The hash of a row in its place. JSON of an array: unambiguous, and easy to compute elsewhere.
pub(crate) fn chain(previous: &[u8; 32], seq: i64, row: &AuditRow) -> [u8; 32] {
    let content = serde_json::json!([
        hex(previous),
        seq,
        row.id,
        row.at,
        row.request_id,
        row.actor_id,
        row.action,
        row.outcome,
        row.subject_id,
        row.address,
        row.agent,
        row.detail,
    ]);
    sha256(content.to_string().as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
