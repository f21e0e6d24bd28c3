//! Deleting a tenant: its memberships, invitations and keys with it. People keep their accounts.

use super::TenantError;
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::session::{EVERYTHING, Session};
use crate::store::Tx;

impl Auth {
    /// Deletes a tenant, for good. `typed` is its name, typed once more by whoever wants that. Tokens that
    /// name it are refused from then on, and sessions that acted in it act in none.
    ///
    /// # Errors
    /// [`TenantError`]: not for those who look after this tenant alone.
    pub async fn delete_tenant(
        &self,
        by: Option<&Session>,
        id: &str,
        typed: &str,
        client: &Client,
    ) -> Result<(), TenantError> {
        let done = self.try_delete_tenant(by, id, typed, client).await;
        let refused = |reason| Entry::refused("tenant.delete", client, reason).subject(id);
        self.noting(by, done, refused).await
    }

    async fn try_delete_tenant(
        &self,
        by: Option<&Session>,
        id: &str,
        typed: &str,
        client: &Client,
    ) -> Result<(), TenantError> {
        let mut tx = self.store().write().await?;
        let scope = self.held_tenant(&mut tx, by, id).await?;
        scope.takes_all_tenants()?;
        if typed.trim() != scope.tenant().name {
            return Err(TenantError::Mismatch);
        }
        let gone = self.one_tenant(&mut tx, &scope).await?;
        tx.delete_tenant(&scope).await?;
        let detail = serde_json::json!({
            "before": {
                "name": gone.tenant.name,
                "members": gone.members,
                "invitations": gone.invitations,
                "keys": gone.keys,
            },
        });
        let entry = scope.on(Entry::done("tenant.deleted", client));
        self.audit(&mut tx, entry.detail(detail)).await?;
        Ok(self.publish_tenant(tx, id).await?)
    }

    /// Makes every older token that names a tenant stale, commits, and drops what nodes had cached:
    /// whoever acts in it has other rights from now on.
    pub(crate) async fn publish_tenant(&self, mut tx: Tx, tenant: &str) -> Result<(), Fault> {
        let (now, until) = (self.now(), self.tokens_end_by(&mut tx).await?);
        tx.notify(EVERYTHING).await?;
        tx.add_revocation("tenant", tenant, now, until).await?;
        tx.commit().await?;
        self.feed().changed();
        self.cache().drop_all();
        Ok(())
    }
}
