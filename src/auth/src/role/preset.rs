//! Presets: permissions and roles for a kind of product, as data files (req 86–92).
//!
//! Loading one adds what is missing and takes nothing away: a role that was edited keeps what it was
//! given beyond the preset, which the report names, and is given what the preset has and it lacks. Twice
//! is the same as once. It is one act of one transaction.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use wire::{GrantSet, Preset, PresetRole};

use super::change::{state, write};
use super::{FIXED, MANAGE_ROLES, grant_set, must_fit, role_in};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::giver::{Giver, RightsError};
use crate::rights::Rights;
use crate::session::{EVERYTHING, Session};
use crate::store::Tx;

/// The files, by name.
const FILES: [(&str, &str); 3] = [
    ("workflow", include_str!("../../data/presets/workflow.json")),
    ("content", include_str!("../../data/presets/content.json")),
    ("clinic", include_str!("../../data/presets/clinic.json")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    description: String,
    permissions: BTreeMap<String, String>,
    roles: Vec<FileRole>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRole {
    name: String,
    description: String,
    patterns: Vec<String>,
    #[serde(default)]
    assigned: Vec<String>,
}

impl FileRole {
    fn grants(&self) -> Result<GrantSet, Fault> {
        GrantSet::read(&self.patterns, &self.assigned)
            .map_err(|_| Fault::Inconsistent("a preset gives what is no pattern"))
    }
}

fn file(name: &str) -> Result<File, RightsError> {
    let found = FILES.iter().find(|(known, _)| *known == name);
    let (_, text) = found.ok_or(RightsError::Unknown)?;
    serde_json::from_str(text).map_err(|_| Fault::Inconsistent("a preset does not read").into())
}

/// A role of a preset, and what it gives once that is loaded.
struct Planned {
    told: PresetRole,
    description: String,
    given: GrantSet,
    merged: GrantSet,
}

/// All that loading a preset would write.
struct Plan {
    preset: Preset,
    permissions: Vec<(String, String)>,
    roles: Vec<Planned>,
    giver: Giver,
}

impl Auth {
    /// Every preset, with what loading it would do right now. Nothing is written.
    ///
    /// # Errors
    /// [`RightsError`].
    pub async fn list_presets(&self, by: Option<&Session>) -> Result<Vec<Preset>, RightsError> {
        let mut tx = self.store().read().await?;
        let mut presets = Vec::new();
        for (name, _) in FILES {
            presets.push(self.plan_preset(&mut tx, by, name).await?.preset);
        }
        Ok(presets)
    }

    /// Loads a preset. Returns what was done.
    ///
    /// # Errors
    /// [`RightsError`]; nothing has changed then.
    pub async fn load_preset(
        &self,
        by: Option<&Session>,
        name: &str,
        client: &Client,
    ) -> Result<Preset, RightsError> {
        let done = self.try_load_preset(by, name, client).await;
        // Before anybody is refused, there is such a preset.
        let refused = |reason| {
            let entry = Entry::refused("preset.load", client, reason);
            entry.detail(json!({ "preset": name }))
        };
        self.noting(by, done, refused).await
    }

    async fn try_load_preset(
        &self,
        by: Option<&Session>,
        name: &str,
        client: &Client,
    ) -> Result<Preset, RightsError> {
        let mut tx = self.store().write().await?;
        self.alone_with_admins(&mut tx).await?;
        let plan = self.plan_preset(&mut tx, by, name).await?;
        if plan.preset.blocked {
            return Err(RightsError::Outranked);
        }
        if plan.preset.is_loaded() {
            return Ok(plan.preset);
        }
        for (permission, description) in &plan.permissions {
            tx.add_permission(permission, description).await?;
        }
        for role in &plan.roles {
            self.load_role(&mut tx, &plan.giver, role, client).await?;
        }
        must_fit(&mut tx, &self.settings().caps).await?;
        let entry = plan.giver.sign(Entry::done("preset.loaded", client));
        let detail = json!({ "preset": name, "permissions": plan.preset.permissions });
        self.audit(&mut tx, entry.detail(detail)).await?;
        let is_changed = |role: &&Planned| !role.told.is_new && !role.told.adds.is_empty();
        if plan.roles.iter().any(|role| is_changed(&role)) {
            self.publish_rights(tx, &[("all", "")]).await?;
        } else {
            // More is allowed to some, less to nobody: no token has to end.
            tx.notify(EVERYTHING).await?;
            tx.commit().await?;
            self.cache().drop_all();
        }
        Ok(plan.preset)
    }

    /// What is missing, and whether whoever asks may add it.
    async fn plan_preset(
        &self,
        tx: &mut Tx,
        by: Option<&Session>,
        name: &str,
    ) -> Result<Plan, RightsError> {
        let file = file(name)?;
        let giver = Giver::of(self, tx, by, MANAGE_ROLES).await?;
        let known = tx.list_permission_names().await?;
        let mut permissions: Vec<_> = file.permissions.into_iter().collect();
        permissions.retain(|(permission, _)| !known.contains(permission));
        let (mut roles, mut blocked) = (Vec::new(), false);
        for role in &file.roles {
            let planned = plan_role(tx, role).await?;
            if planned.told.is_new || !planned.told.adds.is_empty() {
                let given = Rights::of_grants(tx, &planned.given).await?;
                let merged = Rights::of_grants(tx, &planned.merged).await?;
                blocked |= !giver.holds_all_of(&given) || !giver.holds_all_of(&merged);
            }
            roles.push(planned);
        }
        let preset = Preset {
            name: name.to_owned(),
            description: file.description,
            permissions: permissions.iter().map(|(name, _)| name.clone()).collect(),
            roles: roles.iter().map(|role| role.told.clone()).collect(),
            blocked,
        };
        Ok(Plan {
            preset,
            permissions,
            roles,
            giver,
        })
    }

    async fn load_role(
        &self,
        tx: &mut Tx,
        giver: &Giver,
        role: &Planned,
        client: &Client,
    ) -> Result<(), RightsError> {
        let name = &role.told.name;
        if role.told.adds.is_empty() && !role.told.is_new {
            return Ok(());
        }
        let before = role_in(tx, name).await?;
        if role.told.is_new {
            tx.add_role(name, &role.description).await?;
        }
        write(tx, name, &role.given, &role.merged).await?;
        let after = role_in(tx, name).await?;
        let entry = match role.told.is_new {
            true => giver.sign(Entry::done("role.created", client)),
            false => giver.sign(Entry::done("role.changed", client)),
        };
        let told = |role: Option<&wire::Role>| role.map_or(json!({}), state);
        let entry = entry.detail(json!({ "role": name }));
        let entry = entry.change(told(before.as_ref()), told(after.as_ref()));
        Ok(self.audit(tx, entry).await?)
    }
}

/// What a role gives now, and what it shall give as well.
async fn plan_role(tx: &mut Tx, role: &FileRole) -> Result<Planned, RightsError> {
    if FIXED.contains(&role.name.as_str()) {
        return Err(Fault::Inconsistent("a preset changes what the portal relies on").into());
    }
    let wanted = role.grants()?;
    let is_new = tx.role_by_name(&role.name).await?.is_none();
    let given = grant_set(&tx.list_given_by_role(&role.name).await?)?;
    let merged = GrantSet::of(
        [given.patterns.clone(), wanted.patterns.clone()].concat(),
        [given.assigned.clone(), wanted.assigned.clone()].concat(),
    );
    let told = PresetRole {
        name: role.name.clone(),
        is_new,
        adds: only(&merged, &given),
        keeps: only(&given, &wanted),
    };
    Ok(Planned {
        told,
        description: role.description.clone(),
        given,
        merged,
    })
}

/// What is in one and not in the other, in words.
fn only(of: &GrantSet, not: &GrantSet) -> Vec<String> {
    let lacks = |one: &(&wire::Pattern, bool)| !not.all().any(|known| known == *one);
    let words = |(pattern, is_bound): (&wire::Pattern, bool)| match is_bound {
        true => format!("{pattern} (assigned only)"),
        false => pattern.to_string(),
    };
    of.all().filter(lacks).map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Permission, RoleName};

    #[test]
    fn every_preset_reads_and_gives_what_it_brings() {
        for (name, _) in FILES {
            let file = file(name).expect("reads");
            for permission in file.permissions.keys() {
                let read = Permission::parse(permission).expect("a permission");
                assert_eq!(read.as_str(), permission, "written with a colon");
            }
            for role in &file.roles {
                RoleName::parse(&role.name).expect("a name");
                for (pattern, _) in role.grants().expect("patterns").all() {
                    let is_brought = file
                        .permissions
                        .keys()
                        .any(|name| pattern.permits(&Permission::parse(name).expect("one")));
                    assert!(
                        is_brought || pattern.as_str() == "tenant:manage",
                        "{name} {} {pattern}",
                        role.name
                    );
                }
            }
        }
    }

    #[test]
    fn a_clinics_staff_sees_nothing_financial_and_professionals_their_patients_alone() {
        let file = file("clinic").expect("reads");
        let role = |name: &str| {
            file.roles
                .iter()
                .find(|role| role.name == name)
                .expect("is there")
        };
        let finances = Permission::parse("financial_data:read").expect("one");
        for name in ["staff", "professional", "patient"] {
            let grants = role(name).grants().expect("patterns");
            assert!(
                grants.all().all(|(pattern, _)| !pattern.permits(&finances)),
                "{name}"
            );
        }
        for name in ["professional", "patient"] {
            assert!(role(name).patterns.is_empty(), "{name}");
        }
    }
}
