//! All accounts in order, for another system or another Gatehouse.

use serde_json::json;
use wire::Secret;

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::store::ExportedRow;

/// One account on its way out.
#[derive(Clone, Debug)]
pub struct ExportedAccount {
    /// Its id here.
    pub id: String,
    /// Canonical address.
    pub email: String,
    /// Whether the address is proven.
    pub email_verified: bool,
    /// As its owner typed it.
    pub username: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The name of its role.
    pub role: String,
    /// When it came to be.
    pub created_at: Timestamp,
    /// Whether it may not sign in.
    pub disabled: bool,
    /// Its password hash, if hashes were asked for and there is one.
    pub password_hash: Option<Secret>,
}

impl Auth {
    /// Writes down that all accounts are about to leave. Call it before the first one does: an export
    /// that breaks off has still happened.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_export(&self, with_hashes: bool, client: &Client) -> Result<(), Fault> {
        let detail = json!({ "withHashes": with_hashes });
        self.audit_alone(Entry::done("users.exported", client).detail(detail))
            .await
    }

    /// The next accounts after an id, at most `limit`, in the order of their ids.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn export_accounts(
        &self,
        after: &str,
        limit: u32,
        with_hashes: bool,
    ) -> Result<Vec<ExportedAccount>, Fault> {
        let mut tx = self.store().read().await?;
        let rows = tx.list_exported_users(after, i64::from(limit)).await?;
        let accounts = rows.into_iter().map(|row| exported(row, with_hashes));
        Ok(accounts.collect())
    }
}

fn exported(row: ExportedRow, with_hashes: bool) -> ExportedAccount {
    ExportedAccount {
        id: row.id,
        email: row.email,
        email_verified: row.email_verified_at.is_some(),
        username: row.username,
        first_name: row.first_name,
        last_name: row.last_name,
        role: row.role,
        created_at: row.created_at,
        disabled: row.disabled_at.is_some(),
        password_hash: row.password_hash.filter(|_| with_hashes).map(Secret::new),
    }
}
