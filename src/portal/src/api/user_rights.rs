//! `/api/admin/users/{id}/role` and `/grants`: what somebody is given (req 93, 97, 105).

use auth::{Client, RightsChange};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use wire::{ErrorCode, FieldCode, GrantSet, Impact, OneUserRights, SetGrants, SetRole, UserRights};

use super::body::{FromMembers, Read, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

/// A part of the path that does not read is nobody's.
type Part = Result<Path<String>, PathRejection>;

impl FromMembers for SetGrants {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            patterns: read.texts("patterns"),
            assigned: read.optional_texts("assigned"),
            version: read.optional_text("version"),
        }
    }
}

impl FromMembers for SetRole {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            role: read.text("role"),
            version: read.optional_text("version"),
        }
    }
}

/// What a preview is asked about.
#[derive(Debug, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProposedRights {
    /// Their role; left out: the one they have.
    role: Option<String>,
    /// All they shall be given beside it; left out: what they are given.
    patterns: Option<Vec<String>>,
    /// The same for assigned resources alone; only with `patterns`.
    assigned: Option<Vec<String>>,
    /// The `version` that was read.
    version: Option<String>,
}

impl FromMembers for ProposedRights {
    fn from_members(read: &mut Reader<'_>) -> Self {
        let proposed = Self {
            role: read.optional_text("role"),
            patterns: read.optional_texts("patterns"),
            assigned: read.optional_texts("assigned"),
            version: read.optional_text("version"),
        };
        if proposed.assigned.is_some() && proposed.patterns.is_none() {
            read.wrong("patterns", FieldCode::Required);
        }
        proposed
    }
}

/// What somebody was given: role, grants, memberships, and every right they hold with why.
#[utoipa::path(
    get, path = "/users/{id}/grants", tag = "admin",
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "All of it", body = OneUserRights),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn grants(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    id: Part,
) -> Result<Json<OneUserRights>, Problem> {
    let grants = rights(&portal, &caller, &known(id)?).await?;
    Ok(Json(OneUserRights { grants }))
}

/// Set what somebody is given beside their role: all of it is replaced.
///
/// Only what the caller holds, and only to somebody who holds nothing that the caller lacks.
#[utoipa::path(
    put, path = "/users/{id}/grants", tag = "admin", request_body = SetGrants,
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "As it is now", body = UserRights),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or it is about a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `version`: changed meanwhile; of `id`: the caller's own account", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn set_grants(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Part,
    Read(request): Read<SetGrants>,
) -> Result<Json<UserRights>, Problem> {
    let grants = request.check()?;
    let id = known(id)?;
    let change = RightsChange {
        role: None,
        grants: Some(&grants),
        version: request.version.as_deref(),
    };
    let by = Some(&*caller.session);
    portal.auth.set_rights_of(by, &id, &change, &client).await?;
    Ok(Json(rights(&portal, &caller, &id).await?))
}

/// Give somebody another role.
///
/// It gives nothing the caller does not hold, and they hold nothing the caller lacks. Their sessions go
/// on with the new rights; tokens with the old ones are refused within seconds.
#[utoipa::path(
    put, path = "/users/{id}/role", tag = "admin", request_body = SetRole,
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "As it is now", body = UserRights),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or it is about a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `version`: changed meanwhile; of `id`: the caller's own account; of `role`: the last admin", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn set_role(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Part,
    Read(request): Read<SetRole>,
) -> Result<Json<UserRights>, Problem> {
    let id = known(id)?;
    let change = RightsChange {
        role: Some(&request.role),
        grants: None,
        version: request.version.as_deref(),
    };
    let by = Some(&*caller.session);
    portal.auth.set_rights_of(by, &id, &change, &client).await?;
    Ok(Json(rights(&portal, &caller, &id).await?))
}

/// What another role or other grants would do: what they gain and lose. Nothing is changed.
#[utoipa::path(
    post, path = "/users/{id}/grants/preview", tag = "admin", request_body = ProposedRights,
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "What it would do", body = Impact),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`, as for the change", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict`, as for the change; of `role`: the last admin", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn preview(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    id: Part,
    Read(request): Read<ProposedRights>,
) -> Result<Json<Impact>, Problem> {
    let assigned = request.assigned.as_deref().unwrap_or_default();
    let grants = request.patterns.as_deref();
    let grants = grants
        .map(|patterns| GrantSet::read(patterns, assigned))
        .transpose()?;
    let change = RightsChange {
        role: request.role.as_deref(),
        grants: grants.as_ref(),
        version: request.version.as_deref(),
    };
    let id = known(id)?;
    let by = Some(&*caller.session);
    let impact = portal.auth.preview_rights_of(by, &id, &change).await?;
    Ok(Json(impact))
}

async fn rights(portal: &Portal, caller: &Caller, id: &str) -> Result<UserRights, Problem> {
    let rights = portal.auth.rights_of(Some(&caller.session), id).await?;
    rights.ok_or_else(|| Problem(ErrorCode::NotFound.into()))
}
