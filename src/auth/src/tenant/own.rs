//! The tenants somebody belongs to, as they see them: which there are, and leaving one.

use wire::{MemberStatus, OwnTenant};

use super::{ONE_TENANT, TenantError};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::rfc3339;
use crate::error::Fault;
use crate::rights::{Acting, Rights};
use crate::secret::is_id;
use crate::session::Session;

/// The most tenants of somebody that are listed: there is no other end to them.
const MOST: i64 = 200;

impl Auth {
    /// The tenants the owner of a session belongs to, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn own_tenants(&self, session: &Session) -> Result<Vec<OwnTenant>, Fault> {
        let mut tx = self.store().read().await?;
        let rows = tx.list_memberships_by_user(&session.user.id, MOST).await?;
        let Some(user) = tx.user_by_id(&session.user.id).await? else {
            return Ok(Vec::new());
        };
        let all = Rights::in_force(&mut tx, &user, Acting::Anywhere).await?;
        let one = |row: crate::store::MembershipRow| OwnTenant {
            active: session.tenant_id.as_ref() == Some(&row.tenant_id),
            manageable: all.hold_as_member_of(&row.tenant_id, ONE_TENANT),
            status: match row.suspended_at {
                None => MemberStatus::Active,
                Some(_) => MemberStatus::Suspended,
            },
            id: row.tenant_id,
            name: row.name,
            role: row.role,
            joined_at: rfc3339(row.joined_at),
        };
        Ok(rows.into_iter().map(one).collect())
    }

    /// Leaves a tenant. Nobody can be held: who is suspended leaves, too, and so does the last one who
    /// looks after it, whom the page warned. Sessions that act there act in none.
    ///
    /// # Errors
    /// [`TenantError::Unknown`] when they do not belong to it.
    pub async fn leave_tenant(
        &self,
        session: &Session,
        tenant: &str,
        client: &Client,
    ) -> Result<(), TenantError> {
        if !is_id(tenant) {
            return Err(TenantError::Unknown);
        }
        let mut tx = self.store().write().await?;
        tx.set_tenant_held(tenant).await?;
        tx.set_user_held(&session.user.id).await?;
        if tx.session_by_id(&session.id, self.now()).await?.is_none() {
            return Err(TenantError::SignedOut);
        }
        let user = tx.user_by_id(&session.user.id).await?;
        let user = user.ok_or(TenantError::SignedOut)?;
        let membership = tx.membership_by_tenant(&user.id, tenant).await?;
        let membership = membership.ok_or(TenantError::Unknown)?;
        tx.delete_membership(&user.id, tenant).await?;
        self.put_out(&mut tx, &user, tenant).await?;
        let detail = serde_json::json!({
            "tenant": tenant,
            "before": { "role": membership.role },
        });
        let entry = Entry::done("member.left", client).actor(&user.id);
        self.audit(&mut tx, entry.subject(&user.id).detail(detail))
            .await?;
        Ok(self.publish_account(tx, &user, &[]).await?)
    }
}
