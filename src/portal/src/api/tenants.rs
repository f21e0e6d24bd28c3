//! `/api/admin/tenants`. One tenant is there for whoever looks after it, and for nobody else.

use auth::Client;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{AddTenant, DeleteTenant, OneTenant, Paging, RenameTenant, Tenant, Tenants};

use super::body::{FromMembers, Read, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for AddTenant {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            name: read.text("name"),
        }
    }
}

impl FromMembers for RenameTenant {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            name: read.text("name"),
        }
    }
}

impl FromMembers for DeleteTenant {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            name: read.text("name"),
        }
    }
}

/// Which page of which.
pub(super) struct List {
    part: String,
    paging: Paging,
}

impl FromMembers for List {
    fn from_members(read: &mut Reader<'_>) -> Self {
        read.newest_first();
        Self {
            part: read.part(),
            paging: read.paging(),
        }
    }
}

/// List tenants.
///
/// Newest first. `q` is a part of the name.
#[utoipa::path(
    get, path = "/tenants", tag = "admin",
    params(
        ("q" = Option<String>, Query, description = "Only those whose name holds this"),
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Tenants),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    ReadQuery(List { part, paging }): ReadQuery<List>,
) -> Result<Json<Tenants>, Problem> {
    let page = portal.auth.list_tenants(&part, &paging).await?;
    Ok(Json(Tenants {
        next_cursor: page.next_cursor(),
        tenants: page.items,
    }))
}

/// Add a tenant.
///
/// Nobody belongs to it yet: add members, or invite people into it. At most 100 a day for each admin.
#[utoipa::path(
    post, path = "/tenants", tag = "admin", request_body = AddTenant,
    responses(
        (status = 201, description = "Added", body = Tenant),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `name`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn add(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    Read(request): Read<AddTenant>,
) -> Result<(StatusCode, Json<Tenant>), Problem> {
    let name = request.check()?;
    let tenant = portal
        .auth
        .add_tenant(Some(&caller.session), &name, &client)
        .await?;
    Ok((StatusCode::CREATED, Json(tenant)))
}

/// One tenant, and how much there is in it.
///
/// For `system:config`, and for who holds `tenant:manage` through a membership of this tenant.
#[utoipa::path(
    get, path = "/tenants/{id}", tag = "admin",
    params(("id" = String, Path, description = "The tenant")),
    responses(
        (status = 200, description = "The tenant", body = OneTenant),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: there is none, or the caller does not look after it", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<OneTenant>, Problem> {
    let tenant = portal
        .auth
        .tenant(Some(&caller.session), &known(id)?)
        .await?;
    Ok(Json(tenant))
}

/// Give a tenant another name.
#[utoipa::path(
    patch, path = "/tenants/{id}", tag = "admin", request_body = RenameTenant,
    params(("id" = String, Path, description = "The tenant")),
    responses(
        (status = 200, description = "Renamed", body = OneTenant),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: the caller looks after this tenant alone, without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: there is none, or the caller does not look after it", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `name`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rename(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<RenameTenant>,
) -> Result<Json<OneTenant>, Problem> {
    let name = request.check()?;
    let tenant = portal
        .auth
        .rename_tenant(Some(&caller.session), &known(id)?, &name, &client)
        .await?;
    Ok(Json(tenant))
}

/// Delete a tenant, for good.
///
/// Its memberships and invitations go with it; accounts stay, and act in no tenant. Access tokens that name
/// it are refused here at once, and elsewhere as soon as the revocation feed is read. `name` is its name,
/// once more.
#[utoipa::path(
    delete, path = "/tenants/{id}", tag = "admin", request_body = DeleteTenant,
    params(("id" = String, Path, description = "The tenant")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 400, description = "`invalid_request`: `name` is not its name; `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: the caller looks after this tenant alone, without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: there is none, or the caller does not look after it", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<DeleteTenant>,
) -> Result<StatusCode, Problem> {
    portal
        .auth
        .delete_tenant(Some(&caller.session), &known(id)?, &request.name, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
