//! What one account holds, and why: by its role, by grants beside it, by its memberships (req 97, 105).

use std::collections::HashMap;

use serde_json::json;
use wire::{EffectiveRight, MemberRights, Pattern, Permission, RightSource, UserRights};

use crate::Auth;
use crate::error::Fault;
use crate::rights::{Acting, Given, Rights};
use crate::role::{grant_set, told, version};
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{OwnMembershipRow, Tx, UserRow};
use crate::vouch::Vouching;

impl Auth {
    /// All an account was given, and why it holds what it holds; `None` when there is none of this id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rights_of(
        &self,
        session: Option<&Session>,
        id: &str,
    ) -> Result<Option<UserRights>, Fault> {
        if !is_id(id) {
            return Ok(None);
        }
        let mut tx = self.store().read().await?;
        let Some(user) = tx.user_by_id(id).await? else {
            return Ok(None);
        };
        let manageable = match session {
            Some(session) if session.user.id == id => false,
            Some(session) => {
                let mut vouching = Vouching::default();
                vouching
                    .may_act_on(&mut tx, &session.user.id, &user)
                    .await?
            }
            None => true,
        };
        Ok(Some(view(&mut tx, &user, manageable).await?))
    }
}

async fn view(tx: &mut Tx, user: &UserRow, manageable: bool) -> Result<UserRights, Fault> {
    let given = grant_set(&tx.list_user_grants(&user.id).await?)?;
    let memberships = tx.list_own_memberships(&user.id).await?;
    let rights = Rights::given_to(tx, user, Acting::Anywhere).await?;
    let texts = |patterns: &[Pattern]| patterns.iter().map(ToString::to_string).collect();
    Ok(UserRights {
        id: user.id.clone(),
        version: version(&json!([user.role, told(&given)])),
        role: user.role.clone(),
        patterns: texts(&given.patterns),
        assigned: texts(&given.assigned),
        effective: effective(tx, &rights, &memberships).await?,
        memberships: memberships
            .into_iter()
            .map(|row| member(row, &rights))
            .collect(),
        in_force: user.email_verified_at.is_some() && user.may_sign_in(),
        manageable,
    })
}

async fn effective(
    tx: &mut Tx,
    rights: &Rights,
    memberships: &[OwnMembershipRow],
) -> Result<Vec<EffectiveRight>, Fault> {
    let names = memberships
        .iter()
        .map(|row| (row.tenant_id.as_str(), row.name.as_str()));
    let tenants: HashMap<_, _> = names.collect();
    let mut effective = Vec::new();
    for row in tx.list_permissions().await? {
        let Ok(permission) = Permission::parse(&row.name) else {
            continue;
        };
        let sources: Vec<_> = rights
            .why(&permission)
            .into_iter()
            .filter(|given| !given.is_suspended)
            .map(|given| source(given, &tenants))
            .collect();
        if !sources.is_empty() {
            effective.push(EffectiveRight {
                permission: row.name,
                description: row.description,
                sources,
            });
        }
    }
    Ok(effective)
}

fn source(given: &Given, tenants: &HashMap<&str, &str>) -> RightSource {
    let name = |id: &String| tenants.get(id.as_str()).map(ToString::to_string);
    RightSource {
        source: given.source.as_str().to_owned(),
        pattern: given.pattern.to_string(),
        only_assigned: given.only_assigned,
        role: given.role.clone(),
        tenant: given.tenant_id.as_ref().and_then(name),
        tenant_id: given.tenant_id.clone(),
    }
}

fn member(row: OwnMembershipRow, rights: &Rights) -> MemberRights {
    let of_member = |bound: bool| {
        let given = rights.given().iter().filter(|given| {
            given.role.is_none()
                && given.only_assigned == bound
                && given.tenant_id.as_deref() == Some(&row.tenant_id)
        });
        given.map(|given| given.pattern.to_string()).collect()
    };
    MemberRights {
        patterns: of_member(false),
        assigned: of_member(true),
        tenant_id: row.tenant_id.clone(),
        tenant: row.name,
        role: row.role,
    }
}
