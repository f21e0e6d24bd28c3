//! `/api/keys`: the caller's own keys, and using one.

use auth::Client;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{
    AccessToken, ApiKey, ApiKeys, CreateApiKey, ErrorCode, MadeApiKey, OneApiKey, ReportLeak,
    RotateApiKey, Success, UpdateApiKey,
};

use super::body::{FromMembers, Read, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::{Listed, ReadQuery};
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for CreateApiKey {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            name: read.text("name"),
            permissions: read.texts("permissions"),
            expires_in_days: read.number_change("expiresInDays"),
            rate_limit: read.optional_integer("rateLimit"),
        }
    }
}

impl FromMembers for UpdateApiKey {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            name: read.optional_text("name"),
            permissions: read.optional_texts("permissions"),
            rate_limit: read.optional_integer("rateLimit"),
        }
    }
}

impl FromMembers for RotateApiKey {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            overlap_seconds: read.optional_integer("overlapSeconds"),
        }
    }
}

impl FromMembers for ReportLeak {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            key: read.secret("key"),
        }
    }
}

/// List one's own keys.
///
/// Newest first, without the keys themselves. Those that are over are listed for 90 days.
#[utoipa::path(
    get, path = "", tag = "keys",
    params(
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = ApiKeys),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`: an API key looks after no keys", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    ReadQuery(Listed(paging)): ReadQuery<Listed>,
) -> Result<Json<ApiKeys>, Problem> {
    let page = portal.auth.list_api_keys(&caller.session, &paging).await?;
    Ok(Json(ApiKeys {
        next_cursor: page.next_cursor(),
        keys: page.items,
    }))
}

/// Make a key.
///
/// The answer shows it, this once. It may do at most what its maker may, and at each use no more than its
/// owner may then. It acts in the tenant the caller's session acts in.
#[utoipa::path(
    post, path = "", tag = "keys", request_body = CreateApiKey,
    responses(
        (status = 201, description = "The key, shown once", body = MadeApiKey),
        (status = 400, description = "`invalid_request`, `invalid_json`; a permission that does not exist", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `email_not_verified`, `insufficient_permissions`: a permission the caller does not hold, or the caller is a key", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `keys`: there are as many as there may be", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    Read(request): Read<CreateApiKey>,
) -> Result<(StatusCode, Json<MadeApiKey>), Problem> {
    let wanted = request.check()?;
    let made = portal
        .auth
        .create_api_key(&caller.session, &wanted, &client)
        .await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// One key, without the key itself.
#[utoipa::path(
    get, path = "/{id}", tag = "keys",
    params(("id" = String, Path, description = "The key")),
    responses(
        (status = 200, description = "The key", body = OneApiKey),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`: an API key looks after no keys", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no key the caller looks after", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<OneApiKey>, Problem> {
    let key = portal
        .auth
        .own_api_key(&caller.session, &known(id)?)
        .await?;
    let key = key.ok_or(ErrorCode::NotFound)?;
    Ok(Json(OneApiKey { key }))
}

/// Change a key: its name, what it may do, how often.
///
/// What it may do already it may keep; more it gets only if the caller holds that. Tokens made from it end
/// when its permissions change.
#[utoipa::path(
    patch, path = "/{id}", tag = "keys", request_body = UpdateApiKey,
    params(("id" = String, Path, description = "The key")),
    responses(
        (status = 200, description = "The key as it is now", body = ApiKey),
        (status = 400, description = "`invalid_request`, `invalid_json`; a permission that does not exist", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`: a permission the caller does not hold", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no key the caller looks after", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `status`: the key is over, or was rolled", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn update(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<UpdateApiKey>,
) -> Result<Json<ApiKey>, Problem> {
    let change = request.check()?;
    let key = portal
        .auth
        .update_api_key(&caller.session, &known(id)?, &change, &client)
        .await?;
    Ok(Json(key))
}

/// Revoke a key.
///
/// It and all tokens made from it are refused here at once, and elsewhere as soon as the revocation feed is
/// read. Revoking twice is no error. A tenant's key takes a recent proof, one's own none.
#[utoipa::path(
    delete, path = "/{id}", tag = "keys",
    params(("id" = String, Path, description = "The key")),
    responses(
        (status = 204, description = "Revoked"),
        (status = 401, description = "`authentication_required`; `step_up_required` for a tenant's key", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`: an API key looks after no keys", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no key the caller looks after", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn revoke(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    portal
        .auth
        .revoke_api_key(&caller.session, &known(id)?, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a key in place of another.
///
/// The old one works for `overlapSeconds` more, 0 to 604800; without, it ends at once. The new one may do
/// what the old one might and the caller holds, and lives as long as the old one was to.
#[utoipa::path(
    post, path = "/{id}/rotate", tag = "keys", request_body = Option<RotateApiKey>,
    params(("id" = String, Path, description = "The key")),
    responses(
        (status = 201, description = "The new key, shown once", body = MadeApiKey),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`: an API key looks after no keys", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no key the caller looks after", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `status`: the key is over, or was rolled", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rotate(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<RotateApiKey>,
) -> Result<(StatusCode, Json<MadeApiKey>), Problem> {
    let overlap = request.check()?;
    let made = portal
        .auth
        .roll_api_key(&caller.session, &known(id)?, overlap, &client)
        .await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Say that a suspended key is one's own.
///
/// A key is suspended when the password of its owner's account is reset, or the account was disabled. One
/// that is not suspended stays as it is.
#[utoipa::path(
    post, path = "/{id}/confirm", tag = "keys",
    params(("id" = String, Path, description = "The key")),
    responses(
        (status = 200, description = "Done", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`: an API key looks after no keys", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no key the caller looks after", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `status`: the key is over, or was rolled", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn confirm(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    portal
        .auth
        .confirm_api_key(&caller.session, &known(id)?, &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Answer for a tenant's key from now on.
///
/// For admins of its tenant: when the member who answered for it has gone. It keeps of its permissions those
/// the caller holds there.
#[utoipa::path(
    post, path = "/{id}/take-over", tag = "keys",
    params(("id" = String, Path, description = "The key")),
    responses(
        (status = 200, description = "Done", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`: an API key looks after no keys", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no key the caller looks after", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `status`: the key is over, or was rolled", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn take_over(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    portal
        .auth
        .take_over_api_key(&caller.session, &known(id)?, &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Exchange a key for an access token.
///
/// For the services alone, with `role` `api`, `keyId` and what the key may do now. It lives as long as any
/// access token, and never longer than the key.
#[utoipa::path(
    post, path = "/exchange", tag = "keys",
    responses(
        (status = 200, description = "A token", body = AccessToken),
        (status = 401, description = "`invalid_api_key`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: not with a session or a token", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`: the key was used as often as it may be this hour", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn exchange(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
) -> Result<Json<AccessToken>, Problem> {
    let token = portal
        .auth
        .exchange_api_key(&caller.session, &client)
        .await?;
    Ok(Json(token))
}

/// Revoke a key that leaked.
///
/// Whoever holds it may: it ends at once, and its owner is told. The answer is the same whether there was
/// such a key.
#[utoipa::path(
    post, path = "/revoke-leaked", tag = "keys", request_body = ReportLeak,
    responses(
        (status = 200, description = "It opens nothing any more, if it ever did", body = Success),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`: too many reports from one network", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn revoke_leaked(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Read(request): Read<ReportLeak>,
) -> Result<Json<Success>, Problem> {
    portal.auth.revoke_leaked_key(&request.key, &client).await?;
    Ok(Json(Success::DONE))
}
