//! Where a session acts: in a tenant its owner belongs to, or in none.
//!
//! An access token is of the tenant it names. Switching makes none stale elsewhere: the membership it
//! follows from is still there, and it ends by itself within minutes; a membership that ends takes its
//! tokens along at once. Here, at the portal, a token opens nothing once its session acts elsewhere: what
//! is read with it and what it says must not be of two tenants.

use super::TenantError;
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::Rate;
use crate::secret::is_id;
use crate::session::Session;
use crate::store::Tx;

impl Auth {
    /// Lets a session act in a tenant, or in none. The next sign-in of its owner begins there, too; what
    /// they have open elsewhere stays where it is.
    ///
    /// # Errors
    /// [`TenantError::Foreign`] unless they belong to it, and are not suspended there; `Limited` after 60 in
    /// an hour.
    pub async fn act_in_tenant(
        &self,
        session: &Session,
        tenant: Option<&str>,
        client: &Client,
    ) -> Result<(), TenantError> {
        let done = self.try_act_in_tenant(session, tenant, client).await;
        let done = self.noting_limit(session, client, done).await;
        let refused = |reason| {
            let detail = serde_json::json!({ "tenant": tenant });
            Entry::refused("session.switch", client, reason).detail(detail)
        };
        self.noting(session, done, refused).await
    }

    async fn try_act_in_tenant(
        &self,
        session: &Session,
        tenant: Option<&str>,
        client: &Client,
    ) -> Result<(), TenantError> {
        let mut tx = self.store().write().await?;
        if let Some(id) = tenant.filter(|id| is_id(id)) {
            // Before anything else: who deletes it right now has done so, or waits for us.
            tx.set_tenant_held(id).await?;
        }
        // Whoever takes them out of the tenant right now has done so, or waits for us.
        tx.set_user_held(&session.user.id).await?;
        let now = self.now();
        let row = tx.session_by_id(&session.id, now).await?;
        let row = row.ok_or(TenantError::SignedOut)?;
        if let Some(id) = tenant {
            let membership = match is_id(id) {
                true => tx.membership_by_tenant(&row.user_id, id).await?,
                false => None,
            };
            let in_force = membership.filter(|membership| membership.suspended_at.is_none());
            if in_force.is_none() {
                return Err(not_theirs(&mut tx, id).await?);
            }
        }
        self.admit_in(&mut tx, &[(Rate::Switch, &row.user_id)])
            .await?;
        tx.set_usual_tenant(&row.user_id, tenant, now).await?;
        tx.set_session_tenant(&row.id, tenant, now).await?;
        if row.tenant_id.as_deref() != tenant {
            let detail = serde_json::json!({
                "session": row.id,
                "before": { "tenant": row.tenant_id },
                "after": { "tenant": tenant },
            });
            let entry = Entry::done("session.tenant_changed", client).actor(&row.user_id);
            self.audit(&mut tx, entry.subject(&row.user_id).detail(detail))
                .await?;
        }
        Ok(self.publish_changes(tx, &[row.id]).await?)
    }
}

/// Why nobody acts there who does not belong to it: both are told as one.
async fn not_theirs(tx: &mut Tx, id: &str) -> Result<TenantError, Fault> {
    Ok(match is_id(id) && tx.tenant_by_id(id).await?.is_some() {
        true => TenantError::Foreign,
        false => TenantError::Unknown,
    })
}
