//! `/api/admin/roles` and `/api/admin/permissions` (req 84–92).

use auth::Client;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{
    AddPermission, AddRole, Catalogue, CatalogueEntry, DeleteRole, DescribePermission, EditRole,
    ErrorCode, Impact, OneRole, Permission, Preset, Presets, Role, Roles,
};

use super::body::{FromMembers, Read, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

/// A part of the path that does not read is nobody's.
type Part = Result<Path<String>, PathRejection>;

impl FromMembers for AddRole {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            name: read.text("name"),
            description: read.optional_text("description"),
            patterns: read.optional_texts("patterns"),
            assigned: read.optional_texts("assigned"),
        }
    }
}

impl FromMembers for EditRole {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            description: read.text("description"),
            patterns: read.texts("patterns"),
            assigned: read.optional_texts("assigned"),
            version: read.optional_text("version"),
        }
    }
}

impl FromMembers for DeleteRole {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            move_to: read.optional_text("moveTo"),
            version: read.optional_text("version"),
        }
    }
}

impl FromMembers for DescribePermission {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            description: read.text("description"),
        }
    }
}

impl FromMembers for AddPermission {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            name: read.text("name"),
            description: read.text("description"),
        }
    }
}

/// List roles, by name: what each gives, and how many have it.
#[utoipa::path(
    get, path = "/roles", tag = "admin",
    responses(
        (status = 200, description = "All roles", body = Roles),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(portal): State<Portal>) -> Result<Json<Roles>, Problem> {
    let roles = portal.auth.list_roles().await?;
    let next_cursor = None;
    Ok(Json(Roles { roles, next_cursor }))
}

/// Make a role.
///
/// It gives nothing that the caller does not hold: a permission, or all they hold a wildcard over.
#[utoipa::path(
    post, path = "/roles", tag = "admin", request_body = AddRole,
    responses(
        (status = 201, description = "Made", body = Role),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`, or it gives what the caller does not hold", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `name`; of `roles`: there are as many as there may be", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn add(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    Read(request): Read<AddRole>,
) -> Result<(StatusCode, Json<Role>), Problem> {
    let (name, draft) = request.check()?;
    let by = Some(&*caller.session);
    let role = portal.auth.add_role(by, &name, &draft, &client).await?;
    Ok((StatusCode::CREATED, Json(role)))
}

/// One role.
#[utoipa::path(
    get, path = "/roles/{name}", tag = "admin",
    params(("name" = String, Path, description = "The role")),
    responses(
        (status = 200, description = "The role", body = OneRole),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(portal): State<Portal>,
    name: Part,
) -> Result<Json<OneRole>, Problem> {
    let role = portal.auth.role(&known(name)?).await?;
    let role = role.ok_or(ErrorCode::NotFound)?;
    Ok(Json(OneRole { role }))
}

/// Change what a role is for and what it gives: all of it is replaced.
///
/// Whoever has it holds the new rights at their next request; tokens with the old ones are refused
/// within seconds. The caller holds all that it gave and all that it shall give.
#[utoipa::path(
    put, path = "/roles/{name}", tag = "admin", request_body = EditRole,
    params(("name" = String, Path, description = "The role")),
    responses(
        (status = 200, description = "As it is now", body = Role),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`, or it gives what the caller does not hold", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `version`: it was changed meanwhile; of `builtIn`: `admin` and `api` stay as they are", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    name: Part,
    Read(request): Read<EditRole>,
) -> Result<Json<Role>, Problem> {
    let draft = request.check()?;
    let name = known(name)?;
    let by = Some(&*caller.session);
    let role = portal.auth.change_role(by, &name, &draft, &client).await?;
    Ok(Json(role))
}

/// What such a change would do: who gains and loses what. Nothing is changed.
#[utoipa::path(
    post, path = "/roles/{name}/preview", tag = "admin", request_body = EditRole,
    params(("name" = String, Path, description = "The role")),
    responses(
        (status = 200, description = "What it would do", body = Impact),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`, as for the change", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict`, as for the change", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn preview(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    name: Part,
    Read(request): Read<EditRole>,
) -> Result<Json<Impact>, Problem> {
    let draft = request.check()?;
    let by = Some(&*caller.session);
    let impact = portal.auth.preview_role(by, &known(name)?, &draft).await?;
    Ok(Json(impact))
}

/// Delete a role.
///
/// A role that somebody has is deleted only with `moveTo`, the role they shall have instead. Open
/// invitations that offer it are taken back. Who holds more than the caller keeps it from going.
#[utoipa::path(
    delete, path = "/roles/{name}", tag = "admin", request_body = Option<DeleteRole>,
    params(("name" = String, Path, description = "The role")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 400, description = "`invalid_request`: no such role to move to", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`, or one of the two gives what the caller does not hold", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `moveTo`: somebody has it; of `version`: it was changed meanwhile; of `builtIn`: it came with the portal", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    name: Part,
    Read(request): Read<DeleteRole>,
) -> Result<StatusCode, Problem> {
    let by = Some(&*caller.session);
    let how = (request.move_to.as_deref(), request.version.as_deref());
    let name = known(name)?;
    portal.auth.delete_role(by, &name, how, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What deleting a role would do: who gains and loses what. Nothing is changed.
#[utoipa::path(
    post, path = "/roles/{name}/preview-deletion", tag = "admin", request_body = Option<DeleteRole>,
    params(("name" = String, Path, description = "The role")),
    responses(
        (status = 200, description = "What it would do", body = Impact),
        (status = 400, description = "`invalid_request`: no such role to move to", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`, as for the deletion", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict`, as for the deletion", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn preview_deletion(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    name: Part,
    Read(request): Read<DeleteRole>,
) -> Result<Json<Impact>, Problem> {
    let by = Some(&*caller.session);
    let (name, move_to) = (known(name)?, request.move_to.as_deref());
    let impact = portal.auth.preview_deletion(by, &name, move_to).await?;
    Ok(Json(impact))
}

/// List presets: permissions and roles for a kind of product, and what loading each would do.
#[utoipa::path(
    get, path = "/presets", tag = "admin",
    responses(
        (status = 200, description = "All presets", body = Presets),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn presets(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Presets>, Problem> {
    let presets = portal.auth.list_presets(Some(&caller.session)).await?;
    Ok(Json(Presets { presets }))
}

/// Load a preset: what is missing is added, nothing is taken away. Twice is the same as once.
#[utoipa::path(
    post, path = "/presets/{name}/load", tag = "admin",
    params(("name" = String, Path, description = "`workflow`, `content` or `clinic`")),
    responses(
        (status = 200, description = "What was done", body = Preset),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`, or it gives what the caller does not hold", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn load_preset(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    name: Part,
) -> Result<Json<Preset>, Problem> {
    let by = Some(&*caller.session);
    let loaded = portal.auth.load_preset(by, &known(name)?, &client).await?;
    Ok(Json(loaded))
}

/// List permissions, by name: what can be given, and what gives it by name.
#[utoipa::path(
    get, path = "/permissions", tag = "admin",
    responses(
        (status = 200, description = "All permissions", body = Catalogue),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn permissions(State(portal): State<Portal>) -> Result<Json<Catalogue>, Problem> {
    let permissions = portal.auth.list_permissions().await?;
    let next_cursor = None;
    Ok(Json(Catalogue {
        permissions,
        next_cursor,
    }))
}

/// Add a permission that services ask for. Whoever holds a wildcard over it holds it at once.
#[utoipa::path(
    post, path = "/permissions", tag = "admin", request_body = AddPermission,
    responses(
        (status = 201, description = "Added", body = CatalogueEntry),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `name`; of `permissions`: there are as many as there may be", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn add_permission(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    Read(request): Read<AddPermission>,
) -> Result<(StatusCode, Json<CatalogueEntry>), Problem> {
    let (name, description) = request.check()?;
    let by = Some(&*caller.session);
    let added = portal.auth.add_permission(by, &name, &description, &client);
    Ok((StatusCode::CREATED, Json(added.await?)))
}

/// Say in other words what a permission lets somebody do.
#[utoipa::path(
    put, path = "/permissions/{name}", tag = "admin", request_body = DescribePermission,
    params(("name" = String, Path, description = "The permission")),
    responses(
        (status = 200, description = "As it is now", body = CatalogueEntry),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn describe_permission(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    name: Part,
    Read(request): Read<DescribePermission>,
) -> Result<Json<CatalogueEntry>, Problem> {
    let description = request.check()?;
    let name = Permission::parse(&known(name)?).map_err(|_| ErrorCode::NotFound)?;
    let by = Some(&*caller.session);
    let entry = portal
        .auth
        .describe_permission(by, &name, &description, &client);
    Ok(Json(entry.await?))
}

/// Remove a permission, from the catalogue and from every role and person it was given to by name.
#[utoipa::path(
    delete, path = "/permissions/{name}", tag = "admin",
    params(("name" = String, Path, description = "The permission")),
    responses(
        (status = 204, description = "Removed"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`, or the caller does not hold it", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `builtIn`: the portal itself asks for it", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete_permission(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    name: Part,
) -> Result<StatusCode, Problem> {
    let name = Permission::parse(&known(name)?).map_err(|_| ErrorCode::NotFound)?;
    let by = Some(&*caller.session);
    portal.auth.delete_permission(by, &name, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}
