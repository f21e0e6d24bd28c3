//! What is done with one row of an import.

use serde_json::json;

use super::prepare::Prepared;
use super::{ImportOutcome, ImportRefused, ImportRun};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::rights::{PORTAL_WIDE, Rights};
use crate::secret::is_id;
use crate::settings::Verification;
use crate::store::{ImportMacs, ImportedProfile, ImportedRow, NewImportedUser, Tx, UserRow};

/// Assigned to nobody (D21).
const RESERVED: &str = "api";

impl Auth {
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
        let is_proven = row.email_verified || run.plan.trust_addresses;
        if !is_proven && self.settings().verification == Verification::Required {
            return Ok(Err(ImportRefused::AddressUnproven));
        }
        let now = self.now();
        let id = match run.plan.keep_ids && is_id(&prepared.external_id) {
            true => prepared.external_id.clone(),
            false => self.draw_id(),
        };
        let user = newcomer(&id, prepared, role, is_proven, now);
        let without_username = match add(tx, user).await? {
            Ok(without_username) => without_username,
            Err(refused) => return Ok(Err(refused)),
        };
        self.note(tx, run, prepared, &id, now).await?;
        tx.delete_registrations_by_email(row.email.as_str()).await?;
        let detail = json!({ "run": run.id, "source": run.plan.source, "role": role });
        let entry = Entry::done("user.imported", client)
            .subject(&id)
            .detail(detail);
        self.audit(tx, entry).await?;
        Ok(Ok(ImportOutcome::Made {
            without_username,
            without_password: prepared.kept.is_none(),
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

fn newcomer<'a>(
    id: &'a str,
    prepared: &'a Prepared,
    role: &'a str,
    is_proven: bool,
    now: Timestamp,
) -> NewImportedUser<'a> {
    let row = &prepared.row;
    NewImportedUser {
        id,
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
    }
}

/// Adds an account, without its username if that is somebody's: no reason to leave a person behind.
/// Whether it was left out.
async fn add(
    tx: &mut Tx,
    mut user: NewImportedUser<'_>,
) -> Result<Result<bool, ImportRefused>, Fault> {
    if tx.add_imported_user(&user).await? {
        return Ok(Ok(false));
    }
    if tx.user_by_email(user.email).await?.is_some() {
        return Ok(Err(ImportRefused::AddressTaken));
    }
    if tx.user_by_id(user.id).await?.is_some() {
        return Ok(Err(ImportRefused::IdTaken));
    }
    if user.username.take().is_some() && tx.add_imported_user(&user).await? {
        return Ok(Ok(true));
    }
    Ok(Err(ImportRefused::AddressTaken))
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
    let rights = Rights::of_role(tx, role).await?;
    let governs = PORTAL_WIDE.iter().any(|right| rights.hold(right));
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
