//! A run of an import: what it has seen, and how often what became of a row.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::{ImportOutcome, ImportPlan, ImportRefused, ImportRow};
use crate::secret::sha256;

/// A run. One at a time takes a file in; batch after batch is put into it.
pub struct ImportRun {
    /// In every audit entry of the run.
    pub(super) id: String,
    pub(super) plan: ImportPlan,
    /// What may be had by one row of a file alone: 16 bytes for each id and address, whatever their
    /// length.
    seen: HashSet<[u8; 16]>,
    /// Which roles rows may have.
    pub(super) roles: HashMap<String, Result<(), ImportRefused>>,
    counts: ImportCounts,
}

/// What became of the rows so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportCounts {
    /// Accounts made …
    pub made: u64,
    /// … among them without the username the row has,
    pub without_username: u64,
    /// … or without a password.
    pub without_password: u64,
    /// Accounts brought up to date.
    pub changed: u64,
    /// Rows with nothing new.
    pub unchanged: u64,
    /// Rows refused.
    pub refused: u64,
}

impl ImportRun {
    pub(super) fn new(id: String, plan: ImportPlan) -> Self {
        Self {
            id,
            plan,
            seen: HashSet::new(),
            roles: HashMap::new(),
            counts: ImportCounts::default(),
        }
    }

    /// What became of the rows so far.
    pub fn counts(&self) -> ImportCounts {
        self.counts
    }

    pub(super) fn count(&mut self, outcomes: &[ImportOutcome]) {
        let counts = &mut self.counts;
        for outcome in outcomes {
            match *outcome {
                ImportOutcome::Made {
                    without_username,
                    without_password,
                } => {
                    counts.made += 1;
                    counts.without_username += u64::from(without_username);
                    counts.without_password += u64::from(without_password);
                }
                ImportOutcome::Changed => counts.changed += 1,
                ImportOutcome::Unchanged => counts.unchanged += 1,
                ImportOutcome::Refused(_) => counts.refused += 1,
            }
        }
    }

    /// Whether a row before this one has the same id or address.
    pub(super) fn repeats(&mut self, row: &ImportRow) -> Option<ImportRefused> {
        if let Some(id) = &row.external_id
            && !self.seen.insert(mark("id", id))
        {
            return Some(ImportRefused::RepeatedId);
        }
        (!self.seen.insert(mark("address", row.email.as_str())))
            .then_some(ImportRefused::RepeatedAddress)
    }
}

fn mark(kind: &str, text: &str) -> [u8; 16] {
    let digest = sha256(format!("{kind} {text}").as_bytes());
    let (half, _) = digest.split_at(16);
    half.try_into().expect("half of 32 bytes are 16")
}
