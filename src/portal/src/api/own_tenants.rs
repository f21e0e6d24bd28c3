//! `/api/account/tenants`: the tenants the caller belongs to, and which of them their session acts in.

use auth::Client;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{OwnTenants, Success, SwitchTenant};

use super::body::{FromMembers, Read, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for SwitchTenant {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            tenant_id: read.change("tenantId"),
        }
    }
}

/// The tenants the caller belongs to, by name.
#[utoipa::path(
    get, path = "/api/account/tenants", tag = "account",
    responses(
        (status = 200, description = "All of them", body = OwnTenants),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: an API key is no way to an account", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<OwnTenants>, Problem> {
    let tenants = portal.auth.own_tenants(&caller.session).await?;
    Ok(Json(OwnTenants { tenants }))
}

/// Act in another tenant, or in none.
///
/// Access tokens made from now on name it, with what the caller holds there; the next sign-in begins there,
/// too. One that was made before stays good at services for the tenant it names until it ends; at the portal
/// it is 401 `token_stale`.
#[utoipa::path(
    post, path = "/api/account/tenant", tag = "account", request_body = SwitchTenant,
    responses(
        (status = 200, description = "The session acts there", body = Success),
        (status = 400, description = "`invalid_request`: `tenantId` has to be said, `null` for none; `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: an API key is no way to an account; `cross_site_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: the caller does not belong to it, or is suspended there", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn switch(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    Read(request): Read<SwitchTenant>,
) -> Result<Json<Success>, Problem> {
    let tenant = request.check()?;
    portal
        .auth
        .act_in_tenant(&caller.session, tenant.as_deref(), &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Leave a tenant.
///
/// What follows from the membership is gone at once; sessions that act in it act in none. Only an
/// invitation, or an admin, leads back.
#[utoipa::path(
    delete, path = "/api/account/tenants/{id}", tag = "account",
    params(("id" = String, Path, description = "The tenant")),
    responses(
        (status = 204, description = "Left"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: an API key is no way to an account; `cross_site_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: the caller does not belong to it", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn leave(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    portal
        .auth
        .leave_tenant(&caller.session, &known(id)?, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
