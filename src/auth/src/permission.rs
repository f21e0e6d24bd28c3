//! The catalogue of permissions: what can be given (req 88, 90, 92).
//!
//! What the portal itself asks for stays. Others come and go with the services that ask for them. One
//! that is removed is taken from every role, person and member it was given to by name, so that
//! another of its name is nobody's; a wildcard permits it again as soon as there is one.

use serde_json::json;
use wire::{CatalogueEntry, Permission};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::giver::{Giver, RightsError};
use crate::rights::Rights;
use crate::role::{MANAGE_ROLES, must_fit};
use crate::session::{EVERYTHING, Session};
use crate::store::{PermissionRow, Tx};

impl Auth {
    /// Every permission, by name, with what gives it by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_permissions(&self) -> Result<Vec<CatalogueEntry>, Fault> {
        let mut tx = self.store().read().await?;
        let mut entries = Vec::new();
        for row in tx.list_permissions().await? {
            entries.push(view(&mut tx, row).await?);
        }
        Ok(entries)
    }

    /// Adds a permission. Whoever holds a wildcard over it holds it at once.
    ///
    /// # Errors
    /// [`RightsError`]; nothing has changed then.
    pub async fn add_permission(
        &self,
        by: Option<&Session>,
        permission: &Permission,
        description: &str,
        client: &Client,
    ) -> Result<CatalogueEntry, RightsError> {
        let done = self
            .try_add_permission(by, permission, description, client)
            .await;
        let refused = |reason| about(Entry::refused("permission.add", client, reason), permission);
        self.noting(by, done, refused).await
    }

    async fn try_add_permission(
        &self,
        by: Option<&Session>,
        permission: &Permission,
        description: &str,
        client: &Client,
    ) -> Result<CatalogueEntry, RightsError> {
        let mut tx = self.store().write().await?;
        self.alone_with_admins(&mut tx).await?;
        let giver = Giver::of(self, &mut tx, by, MANAGE_ROLES).await?;
        let name = permission.as_str();
        if !tx.add_permission(name, description).await? {
            return Err(RightsError::Taken);
        }
        // What was given the moment another of this name was removed is not of this one.
        tx.delete_gifts_of(name).await?;
        must_fit(&mut tx, &self.settings().caps).await?;
        let detail = json!({ "permission": name, "description": description });
        let entry = giver.sign(Entry::done("permission.added", client));
        self.audit(&mut tx, entry.detail(detail)).await?;
        let added = tx.permission_by_name(name).await?;
        let added = added.ok_or(Fault::Inconsistent("a permission just added is missing"))?;
        let added = view(&mut tx, added).await?;
        // More is allowed to some, less to nobody: no token has to end.
        tx.notify(EVERYTHING).await?;
        tx.commit().await?;
        self.cache().drop_all();
        Ok(added)
    }

    /// Says in other words what a permission lets somebody do, the portal's own as well.
    ///
    /// # Errors
    /// [`RightsError`]; nothing has changed then.
    pub async fn describe_permission(
        &self,
        by: Option<&Session>,
        permission: &Permission,
        description: &str,
        client: &Client,
    ) -> Result<CatalogueEntry, RightsError> {
        let done = self
            .try_describe_permission(by, permission, description, client)
            .await;
        let refused = |reason| {
            about(
                Entry::refused("permission.describe", client, reason),
                permission,
            )
        };
        self.noting(by, done, refused).await
    }

    async fn try_describe_permission(
        &self,
        by: Option<&Session>,
        permission: &Permission,
        description: &str,
        client: &Client,
    ) -> Result<CatalogueEntry, RightsError> {
        let mut tx = self.store().write().await?;
        let giver = Giver::of(self, &mut tx, by, MANAGE_ROLES).await?;
        let name = permission.as_str();
        let former = tx.permission_by_name(name).await?;
        let former = former.ok_or(RightsError::Unknown)?;
        let before = json!({ "description": former.description });
        if former.description != description {
            tx.set_permission_description(name, description).await?;
            let entry = giver.sign(Entry::done("permission.described", client));
            let entry = entry.detail(json!({ "permission": name }));
            let entry = entry.change(before, json!({ "description": description }));
            self.audit(&mut tx, entry).await?;
        }
        let description = description.to_owned();
        let row = PermissionRow {
            description,
            ..former
        };
        let described = view(&mut tx, row).await?;
        tx.commit().await?;
        Ok(described)
    }

    /// Removes a permission from the catalogue and from all it was given to by name.
    ///
    /// # Errors
    /// [`RightsError`]; nothing has changed then.
    pub async fn delete_permission(
        &self,
        by: Option<&Session>,
        permission: &Permission,
        client: &Client,
    ) -> Result<(), RightsError> {
        let done = self.try_delete_permission(by, permission, client).await;
        let refused = |reason| {
            about(
                Entry::refused("permission.remove", client, reason),
                permission,
            )
        };
        self.noting(by, done, refused).await
    }

    async fn try_delete_permission(
        &self,
        by: Option<&Session>,
        permission: &Permission,
        client: &Client,
    ) -> Result<(), RightsError> {
        let mut tx = self.store().write().await?;
        self.alone_with_admins(&mut tx).await?;
        let giver = Giver::of(self, &mut tx, by, MANAGE_ROLES).await?;
        let name = permission.as_str();
        let row = tx.permission_by_name(name).await?;
        let row = row.ok_or(RightsError::Unknown)?;
        if row.built_in {
            return Err(RightsError::BuiltIn);
        }
        let grants = wire::GrantSet::of(vec![permission.clone().into()], Vec::new());
        giver.must_hold(&Rights::of_grants(&mut tx, &grants).await?)?;
        let lost = view(&mut tx, row).await?;
        tx.delete_permission(name).await?;
        let detail = json!({ "permission": name, "roles": lost.roles, "grants": lost.grants });
        let entry = giver.sign(Entry::done("permission.removed", client));
        self.audit(&mut tx, entry.detail(detail)).await?;
        Ok(self.publish_rights(tx, &[("all", "")]).await?)
    }
}

fn about<'a>(entry: Entry<'a>, permission: &Permission) -> Entry<'a> {
    entry.detail(json!({ "permission": permission.as_str() }))
}

async fn view(tx: &mut Tx, row: PermissionRow) -> Result<CatalogueEntry, Fault> {
    Ok(CatalogueEntry {
        roles: tx.list_roles_by_pattern(&row.name).await?,
        name: row.name,
        description: row.description,
        built_in: row.built_in,
        grants: row.grants,
    })
}
