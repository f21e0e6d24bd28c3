//! Whether a membership may be changed like this: judged before anything of it is written, and the same
//! for a look at what it would do (req 93, row 97).

use std::collections::BTreeMap;

use serde_json::json;
use wire::{MemberChange, Pattern, Permission};

use super::members::may_give_role;
use super::{TenantError, TenantScope};
use crate::error::Fault;
use crate::rights::{ASSIGNED, PORTAL_WIDE};
use crate::role::{is_of_state, version, with_role_in_view};
use crate::store::{MemberGrantRow, MemberRow, Tx};

/// What a member is given beside their role, and under which condition.
pub(super) type Grants = BTreeMap<String, Option<String>>;

/// A change that may be made.
pub(super) struct Judged {
    /// The role they shall have.
    pub(super) role: String,
    /// What they are given beside it.
    pub(super) former: Grants,
    /// What they shall be.
    pub(super) wanted: Grants,
    /// What it was judged on.
    pub(super) version: String,
}

impl Judged {
    /// What is given that was not, or not like that.
    pub(super) fn added(&self) -> impl Iterator<Item = (&String, &Option<String>)> {
        let is_new = |(pattern, condition): &(&String, &Option<String>)| {
            self.former.get(*pattern) != Some(*condition)
        };
        self.wanted.iter().filter(is_new)
    }
}

/// Refuses what was changed since it was read, and what whoever acts may not give here.
pub(super) async fn judge(
    tx: &mut Tx,
    scope: &TenantScope,
    row: &MemberRow,
    change: &MemberChange,
) -> Result<Judged, TenantError> {
    let former = grants_of(&tx.list_member_grants(scope, &row.user_id).await?);
    let other = change.role.as_deref().filter(|role| *role != row.role);
    let version = with_role_in_view(tx, version_of(row, &former), other).await?;
    let is_old = |known: &String| !is_of_state(known, &version);
    if change.version.as_ref().is_some_and(is_old) {
        return Err(TenantError::Changed);
    }
    if let Some(role) = other {
        may_give_role(tx, scope, role).await?;
    }
    let judged = Judged {
        role: other.unwrap_or(&row.role).to_owned(),
        wanted: wanted(&former, change),
        former,
        version,
    };
    for (pattern, condition) in judged.added() {
        may_give(tx, scope, pattern, condition.as_deref()).await?;
    }
    Ok(judged)
}

/// Rows of a membership, by what they give.
pub(super) fn grants_of(rows: &[MemberGrantRow]) -> Grants {
    let grant = |row: &MemberGrantRow| (row.pattern.clone(), row.condition.clone());
    rows.iter().map(grant).collect()
}

/// Names a membership as it stands.
pub(super) fn version_of(row: &MemberRow, grants: &Grants) -> String {
    version(&json!([row.role, grants, row.suspended_at]))
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
