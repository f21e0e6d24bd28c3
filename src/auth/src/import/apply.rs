//! One row of an import: what is known of it, what its hash rests as, and what is done.

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use super::{ImportError, ImportOutcome, ImportRefused, ImportRow, ImportRun};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::ring::Purpose;
use crate::secret::{hmac_sha256, is_id};
use crate::settings::Verification;
use crate::store::{ImportMacs, ImportedProfile, ImportedRow, NewImportedUser, Tx, UserRow};

/// What a role must not permit if its holder is nobody special.
const GOVERNING: [&str; 4] = [
    "user:manage",
    "apikey:manage",
    "audit:read",
    "system:config",
];
const RESERVED: &str = "api";

/// A row, and all that is known before the transaction begins.
pub(super) struct Prepared {
    row: ImportRow,
    external_id: String,
    known: Option<ImportedRow>,
    profile_mac: [u8; 32],
    hash_mac: [u8; 32],
    /// The text its hash rests as.
    kept: Option<String>,
    /// What becomes of it, where that is clear already.
    pub(super) settled: Option<ImportOutcome>,
}

impl Prepared {
    pub(super) fn is_settled(&self) -> bool {
        self.settled.is_some()
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

    fn kept_mac(&self, kept: Option<&str>) -> [u8; 32] {
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

    /// Does what is left to do, in one transaction; in a dry run nothing of it stays.
    pub(super) async fn apply_all(
        &self,
        run: &mut ImportRun,
        prepared: &[Prepared],
        client: &Client,
    ) -> Result<Vec<ImportOutcome>, Fault> {
        let mut tx = self.store().write().await?;
        let mut outcomes = Vec::with_capacity(prepared.len());
        for row in prepared {
            outcomes.push(match row.settled {
                Some(settled) => settled,
                None => self
                    .apply(&mut tx, run, row, client)
                    .await?
                    .unwrap_or_else(ImportOutcome::Refused),
            });
        }
        if !run.plan.dry_run {
            tx.commit().await?;
        }
        Ok(outcomes)
    }

    async fn apply(
        &self,
        tx: &mut Tx,
        run: &mut ImportRun,
        row: &Prepared,
        client: &Client,
    ) -> Result<Result<ImportOutcome, ImportRefused>, Fault> {
        let Some(known) = &row.known else {
            return self.make(tx, run, row, client).await;
        };
        let user = match &known.user_id {
            Some(id) => tx.user_by_id(id).await?,
            None => None,
        };
        let Some(user) = user else {
            return Ok(Err(ImportRefused::Deleted));
        };
        if user.email != row.row.email.as_str() {
            return Ok(Err(ImportRefused::AddressDiffers));
        }
        self.bring_up_to_date(tx, run, row, known, &user, client)
            .await?;
        Ok(Ok(ImportOutcome::Changed))
    }

    async fn make(
        &self,
        tx: &mut Tx,
        run: &mut ImportRun,
        prepared: &Prepared,
        client: &Client,
    ) -> Result<Result<ImportOutcome, ImportRefused>, Fault> {
        let row = &prepared.row;
        let role = row.role.as_deref().unwrap_or(&self.settings().default_role);
        if let Err(refused) = may_have(tx, run, role).await? {
            return Ok(Err(refused));
        }
        let now = self.now();
        let is_proven = row.email_verified || run.plan.trust_addresses;
        if !is_proven && self.settings().verification == Verification::Required {
            return Ok(Err(ImportRefused::AddressUnproven));
        }
        let keeps_id = run.plan.keep_ids && is_id(&prepared.external_id);
        let id = match keeps_id {
            true => prepared.external_id.clone(),
            false => self.draw_id(),
        };
        let mut user = NewImportedUser {
            id: &id,
            email: row.email.as_str(),
            email_verified_at: is_proven.then_some(now),
            username: row.username.as_ref().map(|name| name.as_str()),
            first_name: row.first_name.as_ref().map(|name| name.as_str()),
            last_name: row.last_name.as_ref().map(|name| name.as_str()),
            password_hash: prepared.kept.as_deref(),
            role,
            created_at: row.created_at.map_or(now, |at| at.min(now)),
            disabled_at: row.disabled.then_some(now),
            now,
        };
        let mut without_username = false;
        if !tx.add_imported_user(&user).await? {
            if tx.user_by_email(user.email).await?.is_some() {
                return Ok(Err(ImportRefused::AddressTaken));
            }
            if tx.user_by_id(&id).await?.is_some() {
                return Ok(Err(ImportRefused::IdTaken));
            }
            // What is left is the username: no reason to leave a person behind.
            without_username = user.username.take().is_some();
            if !without_username || !tx.add_imported_user(&user).await? {
                return Ok(Err(ImportRefused::AddressTaken));
            }
        }
        self.note(tx, run, prepared, &id, now).await?;
        tx.delete_registrations_by_email(user.email).await?;
        let detail = json!({ "run": run.id, "source": run.plan.source, "role": role });
        let entry = Entry::done("user.imported", client)
            .subject(&id)
            .detail(detail);
        self.audit(tx, entry).await?;
        Ok(Ok(ImportOutcome::Made {
            without_username,
            without_password: user.password_hash.is_none(),
        }))
    }

    async fn note(
        &self,
        tx: &mut Tx,
        run: &ImportRun,
        row: &Prepared,
        id: &str,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let macs = ImportMacs {
            profile: &row.profile_mac,
            hash: &row.hash_mac,
            kept: &self.kept_mac(row.kept.as_deref()),
        };
        let source = &run.plan.source;
        if !tx
            .add_imported(source, &row.external_id, id, macs, now)
            .await?
        {
            return Err(Fault::Inconsistent(
                "two imports of one source ran at once; run this one again",
            ));
        }
        Ok(())
    }

    /// Names as the old system has them now; the password too, but only while it is still the one that
    /// was imported.
    async fn bring_up_to_date(
        &self,
        tx: &mut Tx,
        run: &ImportRun,
        prepared: &Prepared,
        known: &ImportedRow,
        user: &UserRow,
        client: &Client,
    ) -> Result<(), Fault> {
        let (row, now) = (&prepared.row, self.now());
        let username = match &row.username {
            Some(name) => {
                let holder = tx.user_by_username(&name.key()).await?;
                let is_free = holder.is_none_or(|holder| holder.id == user.id);
                is_free.then_some(name.as_str())
            }
            None => None,
        };
        if known.profile_mac != prepared.profile_mac {
            let profile = ImportedProfile {
                username,
                first_name: row.first_name.as_ref().map(|name| name.as_str()),
                last_name: row.last_name.as_ref().map(|name| name.as_str()),
            };
            tx.set_imported_profile(&user.id, &profile, now).await?;
        }
        let mut kept_mac = known.kept_mac.clone();
        let is_untouched = known.kept_mac == self.kept_mac(user.password_hash.as_deref());
        if let (Some(kept), Some(old), true) = (&prepared.kept, &user.password_hash, is_untouched) {
            tx.set_rehashed(&user.id, old, kept).await?;
            kept_mac = self.kept_mac(Some(kept)).to_vec();
        }
        let macs = ImportMacs {
            profile: &prepared.profile_mac,
            hash: &prepared.hash_mac,
            kept: &kept_mac,
        };
        tx.set_imported(&run.plan.source, &prepared.external_id, macs, now)
            .await?;
        let detail = json!({ "run": run.id, "source": run.plan.source });
        let entry = Entry::done("user.import_updated", client)
            .subject(&user.id)
            .detail(detail);
        self.audit(tx, entry).await
    }
}

impl Prepared {
    fn keep(&mut self, kept: Result<String, crate::hash::HashRefused>) {
        match kept {
            Ok(kept) => self.kept = Some(kept),
            Err(refused) => {
                self.settled = Some(ImportOutcome::Refused(ImportRefused::Hash(refused)));
            }
        }
    }
}

/// Whether a row may have a role. Asked once a run and role.
async fn may_have(
    tx: &mut Tx,
    run: &mut ImportRun,
    role: &str,
) -> Result<Result<(), ImportRefused>, Fault> {
    if let Some(known) = run.roles.get(role) {
        return Ok(*known);
    }
    let permissions = tx.list_permissions_by_role(role).await?;
    let governs = permissions
        .iter()
        .any(|permission| GOVERNING.contains(&permission.as_str()));
    let answer = if role == RESERVED {
        Err(ImportRefused::ReservedRole)
    } else if tx.count_roles_by_name(role).await? == 0 {
        Err(ImportRefused::UnknownRole)
    } else if governs && !run.plan.allow_admins {
        Err(ImportRefused::Admin)
    } else {
        Ok(())
    };
    // A file may name as many roles as it has rows; few of them are worth remembering.
    if run.roles.len() < 100 {
        run.roles.insert(role.to_owned(), answer);
    }
    Ok(answer)
}
