//! Roles: what there is, and making, changing and deleting one (req 84–91).
//!
//! `admin` and `api` are the portal's own and never change; `user` and `viewer` may, and are never
//! deleted. A role is judged as a whole: whoever changes it holds all it gave and all it shall give. All
//! changes of rights stand in one line ([`Auth::alone_with_admins`]), so that no two of them are each
//! judged by what the other one is about to change.

mod change;
mod delete;
mod impact;
mod preset;
mod publish;
mod version;

use serde_json::{Value, json};
use wire::{GrantSet, Pattern, Role};

use crate::Auth;
use crate::error::Fault;
use crate::giver::RightsError;
use crate::rights::{ASSIGNED, Acting, Rights};
use crate::session::Session;
use crate::settings::Caps;
use crate::store::{GivenRow, RoleRow, Tx};

pub(crate) use change::must_be_known;
pub(crate) use impact::{Proposed, as_role, difference, on_account, on_holders};
pub(crate) use version::{is_of_state, version, with_role_in_view};

/// What changing roles and permissions takes.
pub(crate) const MANAGE_ROLES: &str = "system:config";
/// The role that holds all there is.
pub(crate) const ADMIN: &str = "admin";
/// What the portal relies on as it is.
const FIXED: [&str; 2] = [ADMIN, crate::vouch::RESERVED];

impl Auth {
    /// Every role, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_roles(&self) -> Result<Vec<Role>, Fault> {
        let mut tx = self.store().read().await?;
        let mut roles = Vec::new();
        for row in tx.list_role_rows().await? {
            roles.push(view(&mut tx, row).await?);
        }
        Ok(roles)
    }

    /// One role; `None` when there is none of this name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn role(&self, name: &str) -> Result<Option<Role>, Fault> {
        // PostgreSQL holds no text with a NUL, so no role is called that.
        if name.contains('\0') {
            return Ok(None);
        }
        let mut tx = self.store().read().await?;
        role_in(&mut tx, name).await
    }

    /// Every pattern the caller may give somebody: permissions and wildcards, sorted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn giveable(&self, session: &Session) -> Result<Vec<String>, Fault> {
        let mut tx = self.store().read().await?;
        let Some(user) = tx.user_by_id(&session.user.id).await? else {
            return Ok(Vec::new());
        };
        let held = Rights::in_force(&mut tx, &user, Acting::Alone).await?;
        let mut all = vec!["*:*".to_owned()];
        for name in tx.list_permission_names().await? {
            let resource = name.split(':').next().unwrap_or_default();
            all.push(format!("{resource}:*"));
            all.push(name);
        }
        all.sort();
        all.dedup();
        all.retain(|text| Pattern::parse(text).is_ok_and(|pattern| held.cover(&pattern)));
        Ok(all)
    }
}

/// Refuses where there are more roles or permissions now than there may be: in the transaction that added
/// some, so that what is refused was never there.
pub(crate) async fn must_fit(tx: &mut Tx, caps: &Caps) -> Result<(), RightsError> {
    if tx.count_roles().await? > caps.roles {
        return Err(RightsError::TooMany("roles"));
    }
    if tx.count_permissions().await? > caps.permissions {
        return Err(RightsError::TooMany("permissions"));
    }
    Ok(())
}

/// A role as it is now.
pub(crate) async fn role_in(tx: &mut Tx, name: &str) -> Result<Option<Role>, Fault> {
    match tx.role_by_name(name).await? {
        Some(row) => Ok(Some(view(tx, row).await?)),
        None => Ok(None),
    }
}

async fn view(tx: &mut Tx, row: RoleRow) -> Result<Role, Fault> {
    let grants = grant_set(&tx.list_given_by_role(&row.name).await?)?;
    let rights = Rights::of_grants(tx, &grants).await?;
    let texts = |patterns: &[Pattern]| patterns.iter().map(ToString::to_string).collect();
    Ok(Role {
        version: version(&json!([row.description, told(&grants)])),
        changeable: !FIXED.contains(&row.name.as_str()),
        name: row.name,
        description: row.description,
        built_in: row.built_in,
        patterns: texts(&grants.patterns),
        assigned: texts(&grants.assigned),
        permissions: rights.permissions(),
        assigned_permissions: rights.assigned_permissions(),
        users: row.users,
        members: row.members,
    })
}

/// What rows of one source give.
pub(crate) fn grant_set(rows: &[GivenRow]) -> Result<GrantSet, Fault> {
    let (mut patterns, mut assigned) = (Vec::new(), Vec::new());
    for row in rows {
        let pattern = Pattern::parse(&row.pattern);
        let pattern = pattern.map_err(|_| Fault::Inconsistent("a grant is of no pattern"))?;
        match row.condition {
            None => patterns.push(pattern),
            Some(_) => assigned.push(pattern),
        }
    }
    Ok(GrantSet::of(patterns, assigned))
}

/// A set as the log keeps it and versions are made of.
pub(crate) fn told(grants: &GrantSet) -> Value {
    json!({ "patterns": grants.patterns, ASSIGNED: grants.assigned })
}
