//! The chain: each row's hash is built on the one before, and a key outside the database vouches for
//! some of the hashes.
//!
//! The hash has no key, so that anybody can compute it: it finds what was changed carelessly. Whoever
//! computes it anew for every later row is found by what is MACed.

use std::fmt;

use crate::ring::{KeyRing, Purpose};
use crate::secret::{hmac_sha256, sha256};
use crate::store::{AuditRow, Checkpoint, Mark};

/// The hash of a row in its place.
pub(crate) type Hash = [u8; 32];

/// What the first row's hash begins with.
pub(crate) const GENESIS: Hash = [0; 32];

/// The hash of a row in its place. JSON of an array: unambiguous, and easy to compute elsewhere.
pub(crate) fn chain(previous: &Hash, seq: i64, row: &AuditRow) -> Hash {
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

/// The stored hash of a row, if it is one.
pub(crate) fn stored(row: &AuditRow) -> Option<Hash> {
    row.hash.as_deref()?.try_into().ok()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).ok();
    is_hex
        .then(|| (0..text.len()).step_by(2).map(byte).collect())
        .flatten()
}

/// The key of a ring that vouches for the chain.
#[derive(Clone)]
pub(crate) struct ChainKey([u8; 32]);

impl ChainKey {
    pub(crate) fn of(ring: &KeyRing) -> Self {
        Self(ring.mac_key(Purpose::Audit))
    }

    /// What vouches for the whole chain up to a row.
    pub(crate) fn checkpoint(&self, seq: i64, hash: &[u8]) -> [u8; 32] {
        hmac_sha256(&self.0, &[&seq.to_be_bytes(), hash])
    }

    pub(crate) fn vouches_for(&self, checkpoint: &Checkpoint) -> bool {
        checkpoint.mac == self.checkpoint(checkpoint.seq, &checkpoint.hash)
    }

    /// What vouches for a mark: its name is part of it, so that none can stand for the other.
    pub(crate) fn mark(&self, mark: Mark, seq: i64, hash: &[u8]) -> [u8; 32] {
        hmac_sha256(
            &self.0,
            &[mark.as_str().as_bytes(), &seq.to_be_bytes(), hash],
        )
    }

    pub(crate) fn vouches_for_mark(&self, mark: Mark, at: &Checkpoint) -> bool {
        at.mac == self.mark(mark, at.seq, &at.hash)
    }

    /// What vouches for an erased row: the hash later rows and checkpoints build on, the hash it was
    /// itself built on — else rows before it could be rewritten unseen — its place, and what is left.
    pub(crate) fn erased(&self, previous: &Hash, row: &AuditRow) -> [u8; 32] {
        let left = chain(previous, row.seq.unwrap_or_default(), row);
        let hash = row.hash.as_deref().unwrap_or_default();
        hmac_sha256(&self.0, &[b"erased", hash, &left])
    }

    /// What vouches for an order to erase: the portal swears for nobody else's.
    pub(crate) fn erasure(&self, subject: &str) -> [u8; 32] {
        hmac_sha256(&self.0, &[b"erasure", subject.as_bytes()])
    }
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChainKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_reads_as_it_was_written() {
        let bytes = [0, 1, 0xab, 0xff];
        assert_eq!(hex(&bytes), "0001abff");
        assert_eq!(from_hex("0001abFF"), Some(bytes.to_vec()));
        for not in ["0", "zz", "+1", "é"] {
            assert_eq!(from_hex(not), None, "{not}");
        }
    }

    #[test]
    fn no_mark_stands_for_another_nor_for_a_checkpoint() {
        let key = ChainKey([7; 32]);
        let macs = [
            key.checkpoint(1, &GENESIS),
            key.mark(Mark::Anchor, 1, &GENESIS),
            key.mark(Mark::Tail, 1, &GENESIS),
            key.mark(Mark::Tail, 2, &GENESIS),
        ];
        for (at, one) in macs.iter().enumerate() {
            assert!(macs[at + 1..].iter().all(|other| other != one));
        }
    }
}
