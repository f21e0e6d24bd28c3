//! What is known of a row before anything is written: whether it came before, whether it has changed, and
//! what its hash rests as.

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use super::{ImportError, ImportOutcome, ImportRefused, ImportRow, ImportRun};
use crate::Auth;
use crate::client::Client;
use crate::error::Fault;
use crate::hash::HashRefused;
use crate::ring::Purpose;
use crate::secret::hmac_sha256;
use crate::store::ImportedRow;

/// A row, and all that is known before the transaction begins.
pub(super) struct Prepared {
    pub(super) row: ImportRow,
    pub(super) external_id: String,
    pub(super) known: Option<ImportedRow>,
    pub(super) profile_mac: [u8; 32],
    pub(super) hash_mac: [u8; 32],
    /// The text its hash rests as.
    pub(super) kept: Option<String>,
    /// What becomes of it, where that is clear already.
    pub(super) settled: Option<ImportOutcome>,
}

impl Prepared {
    pub(super) fn is_settled(&self) -> bool {
        self.settled.is_some()
    }

    fn keep(&mut self, kept: Result<String, HashRefused>) {
        match kept {
            Ok(kept) => self.kept = Some(kept),
            Err(refused) => {
                self.settled = Some(ImportOutcome::Refused(ImportRefused::Hash(refused)));
            }
        }
    }

    fn hash_is_new(&self) -> bool {
        self.known
            .as_ref()
            .is_none_or(|known| known.hash_mac != self.hash_mac)
    }
}

impl Auth {
    /// Finds the rows that came before, and settles those that are repeated or have not changed.
    pub(super) async fn look_up(
        &self,
        run: &mut ImportRun,
        rows: Vec<ImportRow>,
    ) -> Result<Vec<Prepared>, Fault> {
        let mut tx = self.store().read().await?;
        let mut prepared = Vec::with_capacity(rows.len());
        for row in rows {
            let mut settled = run.repeats(&row).map(ImportOutcome::Refused);
            let external_id = self.external_id(&row);
            let known = match settled {
                Some(_) => None,
                None => {
                    tx.imported_by_external_id(&run.plan.source, &external_id)
                        .await?
                }
            };
            let (profile_mac, hash_mac) = self.macs(&row);
            if let Some(known) = &known
                && known.user_id.is_some()
                && known.profile_mac == profile_mac
                && known.hash_mac == hash_mac
            {
                settled = Some(ImportOutcome::Unchanged);
            }
            prepared.push(Prepared {
                row,
                external_id,
                known,
                profile_mac,
                hash_mac,
                kept: None,
                settled,
            });
        }
        Ok(prepared)
    }

    /// Its id there; where it has none, a MAC of its address: an address is not to outlive its account.
    fn external_id(&self, row: &ImportRow) -> String {
        row.external_id.clone().unwrap_or_else(|| {
            let mac = self.row_mac("address", row.email.as_str().as_bytes());
            let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("address:{hex}")
        })
    }

    fn macs(&self, row: &ImportRow) -> ([u8; 32], [u8; 32]) {
        let profile = json!([row.email, row.username, row.first_name, row.last_name]);
        let hash = row.password.as_ref().map(|hash| hash.identity());
        (
            self.row_mac("profile", profile.to_string().as_bytes()),
            self.row_mac("hash", &hash.unwrap_or_default()),
        )
    }

    fn row_mac(&self, kind: &str, content: &[u8]) -> [u8; 32] {
        let key = self.ring().mac_key(Purpose::ImportedRow);
        hmac_sha256(&key, &[kind.as_bytes(), b" ", content])
    }

    pub(super) fn kept_mac(&self, kept: Option<&str>) -> [u8; 32] {
        self.row_mac("kept", kept.unwrap_or_default().as_bytes())
    }

    /// Puts every new hash into the text it rests as. Weak ones are wrapped, on all cores.
    pub(super) async fn prepare_hashes(
        &self,
        run: &ImportRun,
        prepared: &mut [Prepared],
        client: &Client,
    ) -> Result<(), ImportError> {
        let mut wrapping = JoinSet::new();
        for (at, row) in prepared.iter_mut().enumerate() {
            let Some(hash) = row.row.password.take() else {
                continue;
            };
            if row.is_settled() || !row.hash_is_new() {
                continue;
            }
            if hash.is_to_be_wrapped() && run.plan.dry_run {
                row.kept = Some(String::new());
            } else if hash.is_to_be_wrapped() {
                let permit = self.hasher().permit(client).await?;
                let entropy = Arc::clone(&self.0.entropy);
                wrapping.spawn(async move { (at, permit.wrap(hash, entropy).await) });
            } else {
                row.keep(self.hasher().rest(hash, self.entropy())?);
            }
        }
        while let Some(done) = wrapping.join_next().await {
            let (at, kept) = done.map_err(|_| Fault::Hashing)?;
            prepared[at].keep(kept?);
        }
        Ok(())
    }
}
