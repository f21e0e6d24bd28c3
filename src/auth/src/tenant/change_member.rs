//! Changing a membership: role, what is given beside it, suspending and resuming (req 93, 109, row 97).

use serde_json::json;
use wire::{MemberChange, MemberStatus, OneMember};

use super::judge_member::{Judged, judge};
use super::members::about_member;
use super::{TenantError, TenantScope};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::session::Session;
use crate::store::{MemberGrantRow, MemberRow, Tx, UserRow};

impl Auth {
    /// Changes a membership in what is said; what is not said stays. Nobody gives what they do not hold
    /// in this tenant, and no membership is given what concerns the whole portal.
    ///
    /// # Errors
    /// [`TenantError`]; nothing has changed then.
    pub async fn change_member(
        &self,
        by: Option<&Session>,
        tenant: &str,
        user_id: &str,
        change: &MemberChange,
        client: &Client,
    ) -> Result<OneMember, TenantError> {
        let done = self
            .try_change_member(by, tenant, user_id, change, client)
            .await;
        let refused = |reason| {
            let entry = Entry::refused("member.change", client, reason);
            about_member(entry, tenant, user_id)
        };
        self.noting(by, done, refused).await
    }

    async fn try_change_member(
        &self,
        by: Option<&Session>,
        tenant: &str,
        user_id: &str,
        change: &MemberChange,
        client: &Client,
    ) -> Result<OneMember, TenantError> {
        let mut tx = self.store().write().await?;
        let (scope, row, user) = self.member_to_change(&mut tx, by, tenant, user_id).await?;
        let judged = judge(&mut tx, &scope, &row, change).await?;
        let mut is_changed = self
            .write_rights(&mut tx, &scope, &row, &judged, client)
            .await?;
        if let Some(status) = change.status {
            is_changed |= self
                .change_status(&mut tx, &scope, (&row, &user), status, client)
                .await?;
        }
        let member = self.one_member(&mut tx, &scope, user_id).await?;
        if is_changed {
            self.publish_account(tx, &user, &[]).await?;
        }
        Ok(member)
    }

    /// Role and grants. Whether there was anything to change.
    async fn write_rights(
        &self,
        tx: &mut Tx,
        scope: &TenantScope,
        row: &MemberRow,
        judged: &Judged,
        client: &Client,
    ) -> Result<bool, Fault> {
        let Judged {
            role,
            former,
            wanted,
            ..
        } = judged;
        if *role == row.role && wanted == former {
            return Ok(false);
        }
        for (pattern, condition) in judged.added() {
            let grant = MemberGrantRow {
                pattern: pattern.clone(),
                condition: condition.clone(),
            };
            tx.add_member_grant(scope, &row.user_id, &grant, self.now())
                .await?;
        }
        for pattern in former.keys().filter(|gone| !wanted.contains_key(*gone)) {
            tx.delete_member_grant(scope, &row.user_id, pattern).await?;
        }
        tx.set_member_role(scope, &row.user_id, role).await?;
        let detail = json!({
            "tenant": scope.tenant_id(),
            "before": { "role": row.role, "grants": former },
            "after": { "role": role, "grants": wanted },
        });
        let entry = scope.by(Entry::done("member.changed", client));
        self.audit(tx, entry.subject(&row.user_id).detail(detail))
            .await?;
        Ok(true)
    }

    /// Suspends or resumes. Whether there was anything to change.
    async fn change_status(
        &self,
        tx: &mut Tx,
        scope: &TenantScope,
        (row, user): (&MemberRow, &UserRow),
        status: MemberStatus,
        client: &Client,
    ) -> Result<bool, TenantError> {
        let is_suspended = status == MemberStatus::Suspended;
        if is_suspended == row.suspended_at.is_some() {
            return Ok(false);
        }
        let at = is_suspended.then(|| self.now());
        tx.set_member_suspended(scope, &row.user_id, at).await?;
        let entry = if is_suspended {
            self.put_out(tx, user, scope.tenant_id()).await?;
            Entry::done("member.suspended", client)
        } else {
            Entry::done("member.resumed", client)
        };
        let detail = json!({ "tenant": scope.tenant_id() });
        let entry = scope.by(entry).subject(&row.user_id);
        self.audit(tx, entry.detail(detail)).await?;
        Ok(true)
    }
}
