//! Changing a membership: role, what is given beside it, suspending and resuming (req 93, 109, row 97).

use std::collections::BTreeMap;

use serde_json::json;
use wire::{MemberChange, MemberStatus, OneMember, Pattern, Permission};

use super::members::{about_member, may_give_role};
use super::{TenantError, TenantScope};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::rights::PORTAL_WIDE;
use crate::session::Session;
use crate::store::{MemberGrantRow, MemberRow, Tx, UserRow};

/// What holds for assigned resources alone.
const ASSIGNED: &str = "assigned";

/// What a member is given beside their role, and under which condition.
type Grants = BTreeMap<String, Option<String>>;

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
        let mut is_changed = self
            .change_rights(&mut tx, &scope, &row, change, client)
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
    async fn change_rights(
        &self,
        tx: &mut Tx,
        scope: &TenantScope,
        row: &MemberRow,
        change: &MemberChange,
        client: &Client,
    ) -> Result<bool, TenantError> {
        let role = change.role.as_deref().unwrap_or(&row.role);
        if role != row.role {
            may_give_role(tx, scope, role).await?;
        }
        let rows = tx.list_member_grants(scope, &row.user_id).await?;
        let former: Grants = rows
            .into_iter()
            .map(|grant| (grant.pattern, grant.condition))
            .collect();
        let wanted = wanted(&former, change);
        let added = wanted
            .iter()
            .filter(|(pattern, condition)| former.get(*pattern) != Some(*condition));
        for (pattern, condition) in added {
            may_give(tx, scope, pattern, condition.as_deref()).await?;
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
        if role == row.role && wanted == former {
            return Ok(false);
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

/// What was given, with what is said put in place of what was given under the same condition.
fn wanted(former: &Grants, change: &MemberChange) -> Grants {
    let mut wanted = Grants::new();
    let lists = [
        (Some(ASSIGNED), &change.assigned),
        // Last: what holds without condition holds for assigned resources, too.
        (None, &change.patterns),
    ];
    for (condition, said) in lists {
        let condition = condition.map(str::to_owned);
        let kept = former.iter().filter(|(_, was)| **was == condition);
        match said {
            None => wanted.extend(kept.map(|(pattern, was)| (pattern.clone(), was.clone()))),
            Some(said) => wanted.extend(
                said.iter()
                    .map(|pattern| (pattern.as_str().to_owned(), condition.clone())),
            ),
        }
    }
    wanted
}

/// Refuses what permits nothing a membership could give, and what whoever acts does not hold here.
async fn may_give(
    tx: &mut Tx,
    scope: &TenantScope,
    pattern: &str,
    condition: Option<&str>,
) -> Result<(), TenantError> {
    let pattern =
        Pattern::parse(pattern).map_err(|_| Fault::Inconsistent("a grant is of no pattern"))?;
    let names = tx.list_permission_names().await?;
    let is_givable = names.iter().any(|name| {
        let permits = |permission: Permission| pattern.permits(&permission);
        !PORTAL_WIDE.contains(&name.as_str()) && Permission::parse(name).is_ok_and(permits)
    });
    if !is_givable {
        return Err(TenantError::NotGivable(match condition {
            None => "patterns",
            Some(_) => "assigned",
        }));
    }
    match scope.gives(&pattern) {
        true => Ok(()),
        false => Err(TenantError::Outranked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_of_grants_stays() {
        let former = Grants::from([
            ("a:read".to_owned(), None),
            ("a:write".to_owned(), Some(ASSIGNED.to_owned())),
        ]);
        assert_eq!(wanted(&former, &MemberChange::default()), former);
        let pattern = |text: &str| Pattern::parse(text).expect("a pattern");
        let freed = MemberChange {
            patterns: Some(vec![pattern("a:write")]),
            ..MemberChange::default()
        };
        assert_eq!(
            wanted(&former, &freed),
            Grants::from([("a:write".to_owned(), None)]),
            "given without condition, the condition goes"
        );
        let none = MemberChange {
            assigned: Some(Vec::new()),
            ..MemberChange::default()
        };
        assert_eq!(
            wanted(&former, &none),
            Grants::from([("a:read".to_owned(), None)])
        );
    }
}
