//! `/_sf/add_role`, `/_sf/save_role`, `/_sf/delete_role`, `/_sf/add_permission`, `/_sf/remove_permission`,
//! `/_sf/load_preset`.

use auth::RightsError;
use leptos::prelude::*;
use wire::{
    AddPermission as PermissionRequest, AddRole as Request, EditRole, ErrorCode, Permission,
};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;

/// Makes a role, that gives at first what another one gives.
#[server(name = AddRole, prefix = "/_sf", endpoint = "add_role")]
pub async fn add_role(
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] like: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match add(&door, &name, &description, &like).await {
        Ok(()) => door.done(&paths::role(&name), Some(Notice::RoleMade)),
        Err(error) => {
            let typed = [
                ("name", &*name),
                ("description", &*description),
                ("like", &*like),
            ];
            door.refused(paths::ADD_ROLE, error, &typed)
        }
    }
}

async fn add(door: &Door, name: &str, description: &str, like: &str) -> Result<(), wire::Error> {
    let session = door.session()?;
    let auth = door.auth();
    let like = auth.role(like).await.map_err(told)?;
    let (patterns, assigned) = like.map(|role| (role.patterns, role.assigned)).unzip();
    let request = Request {
        name: name.trim().to_owned(),
        description: Some(description.to_owned()),
        patterns,
        assigned,
    };
    let (name, draft) = request.check()?;
    let added = auth
        .add_role(Some(session), &name, &draft, &door.client)
        .await;
    added.map(|_| ()).map_err(told)
}

/// Saves a role as the preview showed it.
#[server(name = SaveRole, prefix = "/_sf", endpoint = "save_role")]
pub async fn save_role(
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] patterns: String,
    #[server(default)] assigned: String,
    #[server(default)] version: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let edit = EditRole {
        description,
        patterns: words(&patterns),
        assigned: Some(words(&assigned)),
        // None is no version, and is refused as another one is: nothing is saved unseen.
        version: Some(version),
    };
    match save(&door, &name, &edit).await {
        Ok(()) => door.done(&paths::role(&name), Some(Notice::RoleSaved)),
        // The preview shows what was ticked, and why it was not saved.
        Err(error) => door.refused(&paths::preview_role(&name, &edit), error, &[]),
    }
}

async fn save(door: &Door, name: &str, edit: &EditRole) -> Result<(), wire::Error> {
    let session = door.session()?;
    let draft = edit.check()?;
    let saved = door
        .auth()
        .change_role(Some(session), name, &draft, &door.client)
        .await;
    saved.map(|_| ()).map_err(told)
}

/// What a form sends as one field: names, with spaces between them.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Deletes a role; whoever has it gets `move_to`.
#[server(name = DeleteRole, prefix = "/_sf", endpoint = "delete_role")]
pub async fn delete_role(
    #[server(default)] name: String,
    #[server(default)] move_to: String,
    #[server(default)] version: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let move_to = (!move_to.is_empty()).then_some(move_to.as_str());
    let auth = door.auth();
    match auth
        .delete_role(
            Some(session),
            &name,
            (move_to, Some(&version)),
            &door.client,
        )
        .await
    {
        Ok(_) => door.done(paths::ROLES, Some(Notice::RoleDeleted)),
        // The page is older than the act of somebody else: what they wanted has happened.
        Err(RightsError::Unknown) => door.done(paths::ROLES, Some(Notice::RoleDeleted)),
        Err(error) => {
            let typed = [("moveTo", move_to.unwrap_or_default())];
            // Somebody may have it by now, or have changed it: the role's own page begins anew.
            door.refused(&paths::role(&name), told(error), &typed)
        }
    }
}

/// Adds a permission.
#[server(name = AddPermission, prefix = "/_sf", endpoint = "add_permission")]
pub async fn add_permission(
    #[server(default)] name: String,
    #[server(default)] description: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match add_to_catalogue(&door, &name, &description).await {
        Ok(()) => door.done(paths::PERMISSIONS, Some(Notice::PermissionAdded)),
        Err(error) => {
            let typed = [("name", &*name), ("description", &*description)];
            door.refused(paths::PERMISSIONS, error, &typed)
        }
    }
}

async fn add_to_catalogue(door: &Door, name: &str, description: &str) -> Result<(), wire::Error> {
    let session = door.session()?;
    let request = PermissionRequest {
        name: name.to_owned(),
        description: description.to_owned(),
    };
    let (name, description) = request.check()?;
    let auth = door.auth();
    let added = auth.add_permission(Some(session), &name, &description, &door.client);
    added.await.map(|_| ()).map_err(told)
}

/// Removes a permission.
#[server(name = RemovePermission, prefix = "/_sf", endpoint = "remove_permission")]
pub async fn remove_permission(#[server(default)] name: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let Ok(permission) = Permission::parse(&name) else {
        return door.refused(paths::PERMISSIONS, ErrorCode::NotFound.into(), &[]);
    };
    let auth = door.auth();
    match auth
        .delete_permission(Some(session), &permission, &door.client)
        .await
    {
        Ok(()) | Err(RightsError::Unknown) => {
            door.done(paths::PERMISSIONS, Some(Notice::PermissionRemoved))
        }
        Err(error) => door.refused(paths::PERMISSIONS, told(error), &[]),
    }
}

/// Adds the permissions and roles of a preset.
#[server(name = LoadPreset, prefix = "/_sf", endpoint = "load_preset")]
pub async fn load_preset(#[server(default)] name: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let auth = door.auth();
    door.answered(
        paths::PRESETS,
        auth.load_preset(Some(session), &name, &door.client).await,
        Notice::PresetLoaded,
    )
}
