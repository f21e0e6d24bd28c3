//! Making and changing a role, and saying beforehand what a change would do.

use serde_json::{Value, json};
use wire::{GrantSet, Impact, Pattern, Role, RoleDraft, RoleName};

use super::{FIXED, MANAGE_ROLES, Proposed, difference, grant_set, must_fit, on_holders, role_in};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::giver::{Giver, RightsError};
use crate::rights::{ASSIGNED, Rights};
use crate::session::Session;
use crate::store::Tx;
use crate::vouch::MANAGE_PEOPLE;

/// A role that was changed in a transaction that is still open.
struct Changed {
    before: Role,
    after: Role,
    giver: Giver,
}

impl Auth {
    /// Makes a role. `by` is `None` for the operator.
    ///
    /// # Errors
    /// [`RightsError`]; nothing has changed then.
    pub async fn add_role(
        &self,
        by: Option<&Session>,
        name: &RoleName,
        draft: &RoleDraft,
        client: &Client,
    ) -> Result<Role, RightsError> {
        let done = self.try_add_role(by, name, draft, client).await;
        let refused = |reason| about(Entry::refused("role.create", client, reason), name.as_str());
        self.noting(by, done, refused).await
    }

    async fn try_add_role(
        &self,
        by: Option<&Session>,
        name: &RoleName,
        draft: &RoleDraft,
        client: &Client,
    ) -> Result<Role, RightsError> {
        let mut tx = self.store().write().await?;
        self.alone_with_admins(&mut tx).await?;
        let giver = Giver::of(self, &mut tx, by, MANAGE_ROLES).await?;
        must_be_known(&mut tx, &draft.grants, &GrantSet::default()).await?;
        giver.must_hold(&Rights::of_grants(&mut tx, &draft.grants).await?)?;
        let name = name.as_str();
        if !tx.add_role(name, &draft.description).await? {
            return Err(RightsError::Taken);
        }
        must_fit(&mut tx, &self.settings().caps).await?;
        write(&mut tx, name, &GrantSet::default(), &draft.grants).await?;
        let role = present(&mut tx, name).await?;
        let entry = giver.sign(Entry::done("role.created", client));
        let entry = entry.detail(json!({ "role": name }));
        self.audit(&mut tx, entry.change(json!({}), state(&role)))
            .await?;
        // Nobody has it yet: no token and no cache says otherwise.
        tx.commit().await?;
        Ok(role)
    }

    /// Changes what a role is for and what it gives. Whoever has it holds the new rights at their next
    /// request, and tokens that carry the old ones are refused within seconds.
    ///
    /// # Errors
    /// [`RightsError`]; nothing has changed then.
    pub async fn change_role(
        &self,
        by: Option<&Session>,
        name: &str,
        draft: &RoleDraft,
        client: &Client,
    ) -> Result<Role, RightsError> {
        let done = self.try_change_role(by, name, draft, client).await;
        let refused = |reason| about(Entry::refused("role.change", client, reason), name);
        self.noting(by, done, refused).await
    }

    async fn try_change_role(
        &self,
        by: Option<&Session>,
        name: &str,
        draft: &RoleDraft,
        client: &Client,
    ) -> Result<Role, RightsError> {
        let mut tx = self.store().write().await?;
        let changed = self.change_role_in(&mut tx, by, name, draft).await?;
        let Changed {
            before,
            after,
            giver,
        } = changed;
        if before == after {
            return Ok(after);
        }
        let entry = giver.sign(Entry::done("role.changed", client));
        let entry = entry.detail(json!({ "role": name }));
        self.audit(&mut tx, entry.change(state(&before), state(&after)))
            .await?;
        match before.patterns == after.patterns && before.assigned == after.assigned {
            true => tx.commit().await?,
            false => self.publish_role(tx, name).await?,
        }
        Ok(after)
    }

    /// What [`Self::change_role`] would do. Nothing is written.
    ///
    /// # Errors
    /// [`RightsError`], as the change itself.
    pub async fn preview_role(
        &self,
        by: Option<&Session>,
        name: &str,
        draft: &RoleDraft,
    ) -> Result<Impact, RightsError> {
        let mut tx = self.store().read().await?;
        let (giver, before, _) = self.judge_role(&mut tx, by, name, draft).await?;
        self.impact_on_role(&mut tx, &giver, &before, &draft.grants)
            .await
    }

    /// What it would do if a role gave this, or if those who have it had a role that does.
    pub(super) async fn impact_on_role(
        &self,
        tx: &mut Tx,
        giver: &Giver,
        role: &Role,
        grants: &GrantSet,
    ) -> Result<Impact, RightsError> {
        let name = &role.name;
        let before = Rights::of_role(tx, name).await?.held();
        let after = Rights::of_grants(tx, grants).await?.held();
        let (gains, loses) = difference(&before, &after);
        let proposed = Proposed::Role(name, grants);
        // Who has it is for those who look after people.
        let people = match giver.holds(MANAGE_PEOPLE) {
            true => on_holders(tx, name, &proposed).await?,
            false => Vec::new(),
        };
        let named = i64::try_from(people.len()).unwrap_or(i64::MAX);
        let now = self.now();
        Ok(Impact {
            gains,
            loses,
            people,
            others: (role.users + role.members - named).max(0),
            sessions: tx.count_sessions_by_role(name, now).await?,
            api_keys: tx.count_api_keys_by_role(name, now).await?,
            invitations: tx.count_open_invitations_by_role(name, now).await?,
            version: role.version.clone(),
        })
    }

    /// Judges and writes a change. The transaction is the caller's to commit, or not.
    async fn change_role_in(
        &self,
        tx: &mut Tx,
        by: Option<&Session>,
        name: &str,
        draft: &RoleDraft,
    ) -> Result<Changed, RightsError> {
        self.alone_with_admins(tx).await?;
        let (giver, before, given) = self.judge_role(tx, by, name, draft).await?;
        tx.set_role_description(name, &draft.description).await?;
        write(tx, name, &given, &draft.grants).await?;
        let after = present(tx, name).await?;
        Ok(Changed {
            before,
            after,
            giver,
        })
    }

    /// Whether a role may be changed like this: who changes it, the role, and what it gives now.
    async fn judge_role(
        &self,
        tx: &mut Tx,
        by: Option<&Session>,
        name: &str,
        draft: &RoleDraft,
    ) -> Result<(Giver, Role, GrantSet), RightsError> {
        let giver = Giver::of(self, tx, by, MANAGE_ROLES).await?;
        let before = changeable(tx, name).await?;
        if draft
            .version
            .as_ref()
            .is_some_and(|version| *version != before.version)
        {
            return Err(RightsError::Changed);
        }
        let given = grant_set(&tx.list_given_by_role(name).await?)?;
        must_be_known(tx, &draft.grants, &given).await?;
        giver.must_hold(&Rights::of_grants(tx, &given).await?)?;
        giver.must_hold(&Rights::of_grants(tx, &draft.grants).await?)?;
        Ok((giver, before, given))
    }
}

/// An entry of an act on a role. What no role is called is text of the caller, and stays out of the log.
pub(super) fn about<'a>(entry: Entry<'a>, name: &str) -> Entry<'a> {
    match RoleName::parse(name) {
        Ok(name) => entry.detail(json!({ "role": name.as_str() })),
        Err(_) => entry,
    }
}

/// A role that may be changed.
pub(super) async fn changeable(tx: &mut Tx, name: &str) -> Result<Role, RightsError> {
    if name.contains('\0') {
        return Err(RightsError::Unknown);
    }
    let role = role_in(tx, name).await?.ok_or(RightsError::Unknown)?;
    match FIXED.contains(&name) {
        true => Err(RightsError::BuiltIn),
        false => Ok(role),
    }
}

async fn present(tx: &mut Tx, name: &str) -> Result<Role, Fault> {
    let role = role_in(tx, name).await?;
    role.ok_or(Fault::Inconsistent("a role just written is missing"))
}

/// Refuses a permission nobody knows, and a wildcard over nothing, unless it was given before: what is
/// left of a permission that was removed must not keep the rest from being changed.
pub(crate) async fn must_be_known(
    tx: &mut Tx,
    wanted: &GrantSet,
    given: &GrantSet,
) -> Result<(), RightsError> {
    let catalogue = tx.list_permission_names().await?;
    let is_known = |pattern: &Pattern| {
        let text = pattern.as_str();
        match text.strip_suffix('*') {
            Some("*:") => true,
            Some(resource) => catalogue.iter().any(|name| name.starts_with(resource)),
            None => catalogue.iter().any(|name| name == text),
        }
    };
    let was_given = |pattern: &Pattern| given.all().any(|(known, _)| known == pattern);
    for (field, patterns) in [("patterns", &wanted.patterns), (ASSIGNED, &wanted.assigned)] {
        if patterns
            .iter()
            .any(|pattern| !is_known(pattern) && !was_given(pattern))
        {
            return Err(RightsError::NoPermission(field));
        }
    }
    Ok(())
}

/// Writes what is otherwise.
pub(super) async fn write(
    tx: &mut Tx,
    role: &str,
    old: &GrantSet,
    new: &GrantSet,
) -> Result<(), Fault> {
    let is_new = |pattern: &Pattern| new.all().any(|(known, _)| known == pattern);
    for (pattern, _) in old.all().filter(|(pattern, _)| !is_new(pattern)) {
        tx.delete_role_grant(role, pattern.as_str()).await?;
    }
    for (pattern, is_bound) in new.all() {
        let condition = is_bound.then_some(ASSIGNED);
        tx.set_role_grant(role, pattern.as_str(), condition).await?;
    }
    Ok(())
}

/// What the log keeps of a role.
pub(super) fn state(role: &Role) -> Value {
    json!({
        "description": role.description,
        "patterns": role.patterns,
        ASSIGNED: role.assigned,
    })
}
