//! Deleting for good, by the worker: accounts whose 14 days are over, and then what the audit log
//! knows of where they came from.
//!
//! Promises: several nodes may do it at once, and may be stopped anywhere. What an account has many
//! of goes first, in small transactions that each look again whether its time is over; the account
//! itself goes last, in one statement, with what refers to it. Its address is free from then on, and
//! its id is nobody's.
//!
//! The audit log stays a chain. Of rows about a deleted account it keeps what was done, when, how it
//! ended and the random ids, which lead to nobody any more; address, device and detail are
//! overwritten, under a MAC with a ring key that vouches for the hash the row had (`audit`).

use serde_json::Value;

use crate::Auth;
use crate::audit::{ChainKey, Entry};
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::store::{AuditRow, ErasureRow, Tx};

/// Accounts looked at in one round; the next comes in a minute.
const ACCOUNTS: i64 = 50;
/// Rows removed or erased in one transaction.
const BATCH: i64 = 200;
/// How long rows are looked for that were written a moment too late, in seconds.
const LATE: i64 = 86_400;
/// What is left of a detail.
const NOTHING: &str = "{}";

impl Auth {
    /// Deletes accounts whose time is over. One that does not go must not keep the others.
    pub(crate) async fn delete_due_accounts(&self) -> Result<(), Fault> {
        let mut tx = self.store().read().await?;
        let due = tx.list_users_to_delete(self.now(), ACCOUNTS).await?;
        drop(tx);
        for id in due {
            if let Err(fault) = self.delete_for_good(&id).await {
                tracing::error!(account = %id, error = %fault, "an account was not deleted; trying again");
            }
        }
        Ok(())
    }

    /// Deletes one account, if its time is over.
    pub(crate) async fn delete_for_good(&self, id: &str) -> Result<(), Fault> {
        let now = self.now();
        loop {
            let mut tx = self.store().write().await?;
            let removed = tx.delete_refresh_tokens_of_leaver(id, now, BATCH).await?;
            tx.commit().await?;
            if removed == 0 {
                break;
            }
        }
        loop {
            let mut tx = self.store().write().await?;
            let removed = tx.delete_sessions_of_leaver(id, now, BATCH).await?;
            tx.commit().await?;
            if removed == 0 {
                break;
            }
        }
        let mut tx = self.store().write().await?;
        // Its tenants' keys stay. Rolled back with the rest where the account stays.
        tx.set_user_held(id).await?;
        tx.delete_api_keys_by_user(id).await?;
        // Restored, or another node was faster.
        let Some(email) = tx.delete_user(id, now).await? else {
            return Ok(());
        };
        self.forget(&mut tx, id, &email).await?;
        let client = Client::operator();
        let entry = Entry::done("user.deleted", &client).subject(id);
        self.audit(&mut tx, entry).await?;
        tx.commit().await
    }

    /// What does not refer to the account by a key, but is about it or its address.
    async fn forget(&self, tx: &mut Tx, id: &str, email: &str) -> Result<(), Fault> {
        tx.delete_registrations_by_email(email).await?;
        tx.delete_resets_by_email(email).await?;
        tx.delete_traces_of_address(email).await?;
        for subject in [id, email] {
            tx.delete_all_one_time_tokens_of(subject).await?;
            tx.delete_letters_by_subject(subject).await?;
        }
        tx.delete_failures_of_account(id).await?;
        self.clear_account(tx, id).await?;
        self.clear_codes(tx, email).await?;
        let now = self.now();
        for detail in tx.list_audit_details("user.registered", id).await? {
            if let Some(registration) = registration(&detail) {
                self.order_erasure(tx, &registration, now).await?;
            }
        }
        self.order_erasure(tx, id, now).await
    }

    async fn order_erasure(&self, tx: &mut Tx, subject: &str, now: Timestamp) -> Result<(), Fault> {
        let mac = ChainKey::of(self.ring()).erasure(subject);
        tx.add_erasure(subject, &mac, now, now + LATE).await
    }

    /// Has the audit log forget where deleted accounts came from. What nobody vouches for, or is about
    /// an account that is there, was written by somebody else: that row is left alone.
    pub(crate) async fn erase_from_audit(&self) -> Result<(), Fault> {
        let orders = self.store().read().await?.list_erasures().await?;
        if orders.is_empty() {
            return Ok(());
        }
        let key = ChainKey::of(self.ring());
        for ErasureRow {
            subject,
            mac,
            is_alive,
        } in &orders
        {
            if *is_alive || *mac != key.erasure(subject) {
                tracing::error!(account = %subject, "nobody ordered to erase this from the audit log");
                continue;
            }
            let mut after = 0;
            while let Some(last) = self.erase_some(subject, after).await? {
                after = last;
            }
        }
        let mut tx = self.store().write().await?;
        tx.delete_erasures_before(self.now()).await?;
        tx.commit().await
    }

    /// Erases rows after `after`. The last one looked at; `None` when there are no more.
    async fn erase_some(&self, subject: &str, after: i64) -> Result<Option<i64>, Fault> {
        let mut tx = self.store().write().await?;
        let rows = tx.list_audit_to_erase(subject, after, BATCH).await?;
        let last = rows.last().and_then(|row| row.seq);
        for row in rows {
            self.erase_row(&mut tx, row, subject).await?;
        }
        tx.commit().await?;
        Ok(last)
    }

    async fn erase_row(&self, tx: &mut Tx, row: AuditRow, subject: &str) -> Result<(), Fault> {
        let seq = row.seq.unwrap_or_default();
        let previous = Self::previous_hash(tx, seq).await?;
        let previous = previous.filter(|previous| self.link_of(previous, seq, &row).is_some());
        let Some(previous) = previous else {
            // Somebody altered it, or removed the one before: swearing to it now would hide that.
            tracing::error!(audit.seq = seq, "a tampered audit row is left as it is");
            return Ok(());
        };
        let mut erased = erased(row, subject);
        erased.erased_mac = Some(self.erased_mac(&previous, &erased).to_vec());
        tx.set_audit_erased(&erased).await
    }
}

/// A row without what it says of `subject`: where they acted from, and what was done to them. What
/// they did to others stays, and so does where others acted from.
fn erased(mut row: AuditRow, subject: &str) -> AuditRow {
    let is = |id: &Option<String>| id.as_deref() == Some(subject);
    let acted = is(&row.actor_id) || (row.actor_id.is_none() && is(&row.subject_id));
    let concerned = is(&row.subject_id) || (is(&row.actor_id) && row.subject_id.is_none());
    if acted {
        row.address.clear();
        row.agent.clear();
    }
    if concerned {
        NOTHING.clone_into(&mut row.detail);
    }
    row
}

/// The registration an account began as.
fn registration(detail: &str) -> Option<String> {
    let detail: Value = serde_json::from_str(detail).ok()?;
    Some(detail.get("registration")?.as_str()?.to_owned())
}
