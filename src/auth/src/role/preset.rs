//! Presets: permissions and roles for a kind of product, as data files (req 86–92).
//!
//! Loading one adds what is missing and takes nothing away: a role that was edited keeps what it was
//! given beyond the preset, which the report names, and is given what the preset has and it lacks. Twice
//! is the same as once. It is one act of one transaction, and a look at it is the act, taken back.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use wire::{GrantSet, Preset, PresetRole};

use super::change::{must_be_known, state, write};
use super::{FIXED, MANAGE_ROLES, grant_set, role_in};
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

impl Auth {
    /// Every preset, with what loading it would do right now.
    ///
    /// # Errors
    /// [`RightsError`].
    pub async fn list_presets(&self, by: Option<&Session>) -> Result<Vec<Preset>, RightsError> {
        let mut presets = Vec::new();
        for (name, _) in FILES {
            let mut tx = self.store().write().await?;
            let (preset, _) = self.load_preset_in(&mut tx, by, name, None).await?;
            presets.push(preset);
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
        let mut tx = self.store().write().await?;
        let (preset, giver) = self.load_preset_in(&mut tx, by, name, Some(client)).await?;
        if preset.is_loaded() {
            return Ok(preset);
        }
        let entry = giver.sign(Entry::done("preset.loaded", client));
        self.audit(&mut tx, entry.detail(json!({ "preset": name })))
            .await?;
        let is_changed = |role: &&PresetRole| !role.is_new && !role.adds.is_empty();
        if preset.roles.iter().any(|role| is_changed(&role)) {
            self.publish_rights(tx, &[("all", "")]).await?;
        } else {
            // More is allowed to some, less to nobody: no token has to end.
            tx.notify(EVERYTHING).await?;
            tx.commit().await?;
            self.cache().drop_all();
        }
        Ok(preset)
    }

    /// Adds what is missing. The transaction is the caller's to commit, or not; `client` is whom the log
    /// names, `None` where nothing will be.
    async fn load_preset_in(
        &self,
        tx: &mut Tx,
        by: Option<&Session>,
        name: &str,
        client: Option<&Client>,
    ) -> Result<(Preset, Giver), RightsError> {
        let file = file(name)?;
        self.alone_with_admins(tx).await?;
        let giver = Giver::of(self, tx, by, MANAGE_ROLES).await?;
        let mut permissions = Vec::new();
        for (permission, description) in &file.permissions {
            if tx.add_permission(permission, description).await? {
                permissions.push(permission.clone());
            }
        }
        let mut preset = Preset {
            name: name.to_owned(),
            description: file.description,
            permissions,
            roles: Vec::new(),
            blocked: false,
        };
        for role in &file.roles {
            match self.load_role(tx, &giver, role, client).await {
                Ok(loaded) => preset.roles.push(loaded),
                // A look says so; an act is refused.
                Err(RightsError::Outranked) if client.is_none() => preset.blocked = true,
                Err(error) => return Err(error),
            }
        }
        Ok((preset, giver))
    }

    async fn load_role(
        &self,
        tx: &mut Tx,
        giver: &Giver,
        role: &FileRole,
        client: Option<&Client>,
    ) -> Result<PresetRole, RightsError> {
        if FIXED.contains(&role.name.as_str()) {
            return Err(Fault::Inconsistent("a preset changes what the portal relies on").into());
        }
        let wanted = role.grants()?;
        must_be_known(tx, &wanted, &GrantSet::default()).await?;
        let is_new = tx.add_role(&role.name, &role.description).await?;
        let given = grant_set(&tx.list_given_by_role(&role.name).await?)?;
        let merged = GrantSet::of(
            [given.patterns.clone(), wanted.patterns.clone()].concat(),
            [given.assigned.clone(), wanted.assigned.clone()].concat(),
        );
        let only = |of: &GrantSet, not: &GrantSet| -> Vec<String> {
            let lacks = |one: &(_, bool)| !not.all().any(|known| known == *one);
            let words = |(pattern, bound): (&wire::Pattern, bool)| match bound {
                true => format!("{pattern} (assigned only)"),
                false => pattern.to_string(),
            };
            of.all().filter(|one| lacks(one)).map(words).collect()
        };
        let loaded = PresetRole {
            name: role.name.clone(),
            is_new,
            adds: only(&merged, &given),
            keeps: only(&given, &wanted),
        };
        if loaded.adds.is_empty() && !is_new {
            return Ok(loaded);
        }
        giver.must_hold(&Rights::of_grants(tx, &given).await?)?;
        giver.must_hold(&Rights::of_grants(tx, &merged).await?)?;
        let before = role_in(tx, &role.name).await?;
        write(tx, &role.name, &given, &merged).await?;
        let after = role_in(tx, &role.name).await?;
        if let (Some(client), Some(before), Some(after)) = (client, before, after) {
            let entry = match is_new {
                true => giver.sign(Entry::done("role.created", client)),
                false => giver.sign(Entry::done("role.changed", client)),
            };
            let entry = entry.detail(json!({ "role": role.name }));
            self.audit(tx, entry.change(state(&before), state(&after)))
                .await?;
        }
        Ok(loaded)
    }
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
