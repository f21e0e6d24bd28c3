//! What a change of a membership would do, before it is done (req 97). Nothing is written.

use wire::{Impact, MemberChange, MemberStatus, PersonImpact};

use super::judge_member::{Judged, judge};
use super::members::within_reach;
use super::{TenantError, TenantScope};
use crate::Auth;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::rights::Rights;
use crate::role::{as_role, difference};
use crate::session::Session;
use crate::store::{GivenRow, Tx};

impl Auth {
    /// What [`Self::change_member`] would do: to those who look after all tenants, what the member could do
    /// here then; to others, what the membership would give.
    ///
    /// # Errors
    /// [`TenantError`], as the change itself.
    pub async fn preview_member(
        &self,
        by: Option<&Session>,
        tenant: &str,
        user_id: &str,
        change: &MemberChange,
    ) -> Result<Impact, TenantError> {
        let (mut tx, now) = (self.store().read().await?, self.now());
        let scope = self.tenant_scope(&mut tx, by, tenant).await?;
        let (row, user) = within_reach(&mut tx, &scope, user_id).await?;
        let judged = judge(&mut tx, &scope, &row, change).await?;
        let suspended_at = match change.status {
            None => row.suspended_at,
            Some(MemberStatus::Active) => None,
            Some(MemberStatus::Suspended) => row.suspended_at.or(Some(now)),
        };
        let given = tx.list_given(&user.id, &user.role, tenant).await?;
        let before = in_force(&mut tx, &scope, given.clone()).await?;
        let then = given_then(&mut tx, &scope, given, &judged, suspended_at).await?;
        let after = in_force(&mut tx, &scope, then).await?;
        let (gains, loses) = difference(&before.held(), &after.held());
        Ok(Impact {
            people: vec![PersonImpact {
                id: user.id,
                email: user.email,
                tenant: Some(scope.tenant().name.clone()),
                gains: gains.clone(),
                loses: loses.clone(),
            }],
            gains,
            loses,
            sessions: tx.count_sessions_by_member(&scope, user_id, now).await?,
            api_keys: tx.count_api_keys_by_member(&scope, user_id, now).await?,
            version: judged.version,
            ..Impact::default()
        })
    }
}

/// What follows from this, as whoever acts may see it: nothing from a membership that is suspended.
async fn in_force(
    tx: &mut Tx,
    scope: &TenantScope,
    mut given: Vec<GivenRow>,
) -> Result<Rights, Fault> {
    given.retain(|row| row.suspended_at.is_none());
    Ok(scope.seen(Rights::of(tx, given).await?))
}

/// What they would be given, acting here: all that is not of this membership, and what it would give.
async fn given_then(
    tx: &mut Tx,
    scope: &TenantScope,
    mut given: Vec<GivenRow>,
    judged: &Judged,
    suspended_at: Option<Timestamp>,
) -> Result<Vec<GivenRow>, Fault> {
    given.retain(|row| row.tenant_id.is_none());
    let role = tx.list_given_by_role(&judged.role).await?;
    let tenant = scope.tenant_id();
    given.extend(as_role(role, &judged.role, Some(tenant), suspended_at));
    given.extend(judged.wanted.iter().map(|(pattern, condition)| GivenRow {
        pattern: pattern.clone(),
        condition: condition.clone(),
        role: None,
        tenant_id: Some(tenant.to_owned()),
        suspended_at,
    }));
    Ok(given)
}
