//! `/_sf/set_user_rights`, `/_sf/assign_resource`, `/_sf/unassign_resource`.

use auth::{AssignError, RightsChange};
use leptos::prelude::*;
use wire::{AddAssignment, GrantSet};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::roles::words;
use crate::pages::paths;
use crate::pages::user::Tab;

/// Gives somebody another role and, where the form had boxes, other grants beside it.
#[server(name = SetUserRights, prefix = "/_sf", endpoint = "set_user_rights")]
pub async fn set_user_rights(
    #[server(default)] user: String,
    #[server(default)] role: String,
    #[server(default)] grants: String,
    #[server(default)] patterns: String,
    #[server(default)] assigned: String,
    #[server(default)] version: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let has_grants = !grants.is_empty();
    let (patterns, assigned) = (words(&patterns), words(&assigned));
    let given = has_grants.then_some((patterns.as_slice(), assigned.as_slice()));
    match save(&door, &user, &role, given, &version).await {
        Ok(()) => door.done(
            &paths::user_tab(&user, Tab::Roles),
            Some(Notice::RightsSaved),
        ),
        // The preview shows what was ticked, and why it was not saved.
        Err(error) => {
            let page = paths::preview_rights_with(&user, &role, given, &version);
            door.refused(&page, error, &[])
        }
    }
}

async fn save(
    door: &Door,
    user: &str,
    role: &str,
    given: Option<(&[String], &[String])>,
    version: &str,
) -> Result<(), wire::Error> {
    let session = door.session()?;
    let read = given.map(|(patterns, assigned)| GrantSet::read(patterns, assigned));
    let grants = read.transpose()?;
    let change = RightsChange {
        role: Some(role),
        grants: grants.as_ref(),
        // None is no version, and is refused as another one is: nothing is saved unseen.
        version: Some(version),
    };
    let auth = door.auth();
    let saved = auth.set_rights_of(Some(session), user, &change, &door.client);
    saved.await.map_err(told)
}

/// Entrusts something to somebody.
#[server(name = AssignResource, prefix = "/_sf", endpoint = "assign_resource")]
pub async fn assign_resource(
    #[server(default)] user: String,
    #[server(default)] tenant_id: String,
    #[server(default)] resource_type: String,
    #[server(default)] resource_id: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let page = paths::user_tab(&user, Tab::Roles);
    let request = AddAssignment {
        user_id: user,
        tenant_id: (!tenant_id.is_empty()).then_some(tenant_id),
        resource_type: resource_type.trim().to_owned(),
        resource_id: resource_id.trim().to_owned(),
    };
    match assign(&door, &request).await {
        Ok(()) => door.done(&page, Some(Notice::Assigned)),
        Err(error) => {
            let typed = [
                ("tenantId", request.tenant_id.as_deref().unwrap_or_default()),
                ("resourceType", &request.resource_type),
                ("resourceId", &request.resource_id),
            ];
            door.refused(&page, error, &typed)
        }
    }
}

async fn assign(door: &Door, request: &AddAssignment) -> Result<(), wire::Error> {
    let session = door.session()?;
    let resource = request.check()?;
    let (auth, tenant) = (door.auth(), request.tenant_id.as_deref());
    let assigned = auth.assign(session, &request.user_id, tenant, &resource, &door.client);
    assigned.await.map(|_| ()).map_err(told)
}

/// Takes something back that was entrusted to somebody.
#[server(name = UnassignResource, prefix = "/_sf", endpoint = "unassign_resource")]
pub async fn unassign_resource(
    #[server(default)] user: String,
    #[server(default)] id: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let page = paths::user_tab(&user, Tab::Roles);
    match door.auth().unassign(session, &id, &door.client).await {
        // The page is older than the act of somebody else: what they wanted has happened.
        Ok(()) | Err(AssignError::Unknown) => door.done(&page, Some(Notice::Unassigned)),
        Err(error) => door.refused(&page, told(error), &[]),
    }
}
