//! `/api/admin/tenants/{id}/keys`: the keys of a tenant, for its admins.

use auth::Client;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{ApiKeys, CreateApiKey, ErrorCode, MadeApiKey};

use super::body::Read;
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::{Listed, ReadQuery};
use crate::Portal;
use crate::credential::Caller;

/// List the keys of a tenant.
#[utoipa::path(
    get, path = "/api/admin/tenants/{id}/keys", tag = "keys",
    params(
        ("id" = String, Path, description = "The tenant"),
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page, newest first", body = ApiKeys),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`: an API key looks after no keys", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no tenant the caller manages", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    ReadQuery(Listed(paging)): ReadQuery<Listed>,
) -> Result<Json<ApiKeys>, Problem> {
    let (tenant, auth) = (known(id)?, &portal.auth);
    let page = auth.list_tenant_api_keys(&caller.session, &tenant, &paging);
    let page = page.await?.ok_or(ErrorCode::NotFound)?;
    Ok(Json(ApiKeys {
        next_cursor: page.next_cursor(),
        keys: page.items,
    }))
}

/// Make a key of a tenant.
///
/// It is the tenant's: its admins look after it. It has at most the rights the member who made it has there;
/// when they leave it stops, until another admin of the tenant takes it over.
#[utoipa::path(
    post, path = "/api/admin/tenants/{id}/keys", tag = "keys", request_body = CreateApiKey,
    params(("id" = String, Path, description = "The tenant")),
    responses(
        (status = 201, description = "The key, shown once", body = MadeApiKey),
        (status = 400, description = "`invalid_request`, `invalid_json`; a permission that does not exist", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`: a permission the caller does not hold there", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no tenant the caller manages", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `keys`: there are as many as there may be", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<CreateApiKey>,
) -> Result<(StatusCode, Json<MadeApiKey>), Problem> {
    let (tenant, wanted) = (known(id)?, request.check()?);
    let made = portal
        .auth
        .create_tenant_api_key(&caller.session, &tenant, &wanted, &client)
        .await?;
    Ok((StatusCode::CREATED, Json(made)))
}
