//! `/api/account/consents` and `GET /api/admin/users/{id}/consents` (req 156).

use auth::Client;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{Consent, ConsentPurpose, Consents, ErrorCode, GiveConsent};

use super::body::{FromMembers, Read, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for GiveConsent {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            version: read.text("version"),
        }
    }
}

/// A part of the path that does not read is nobody's.
type Part = Result<Path<String>, PathRejection>;

/// How the caller stands to each purpose.
///
/// A missing consent keeps nobody from the API: pages ask before they go on, and services that need
/// one ask here. `status` is `given` for the current version alone.
#[utoipa::path(
    get, path = "/api/account/consents", tag = "account",
    responses(
        (status = 200, description = "All purposes", body = Consents),
        (status = 401, description = "`authentication_required`, `invalid_token`, `token_expired`, `token_revoked`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Consents>, Problem> {
    let consents = portal.auth.consents(&caller.session.user.id).await?;
    Ok(Json(Consents { consents }))
}

/// Agree.
///
/// To the version that was read: only the current one is taken.
#[utoipa::path(
    put, path = "/api/account/consents/{purpose}", tag = "account", request_body = GiveConsent,
    params(("purpose" = ConsentPurpose, Path)),
    responses(
        (status = 200, description = "It holds", body = Consent),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such purpose, or it is not asked for here", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `version`: another one is current", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn give(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    purpose: Part,
    Read(request): Read<GiveConsent>,
) -> Result<Json<Consent>, Problem> {
    let user = &caller.session.user.id;
    let given = portal
        .auth
        .give_consent(user, read(purpose)?, &request.version, &client);
    Ok(Json(given.await?))
}

/// Take a consent back.
///
/// A required one is taken back by deleting the account.
#[utoipa::path(
    delete, path = "/api/account/consents/{purpose}", tag = "account",
    params(("purpose" = ConsentPurpose, Path)),
    responses(
        (status = 204, description = "It holds no more"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `purpose`: it is required", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn withdraw(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    purpose: Part,
) -> Result<StatusCode, Problem> {
    let user = &caller.session.user.id;
    portal
        .auth
        .withdraw_consent(user, read(purpose)?, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How somebody stands to each purpose, for those who manage people.
#[utoipa::path(
    get, path = "/api/admin/users/{id}/consents", tag = "admin", params(("id" = String, Path)),
    responses(
        (status = 200, description = "All purposes", body = Consents),
        (status = 403, description = "`insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn of_user(
    State(portal): State<Portal>,
    id: Part,
) -> Result<Json<Consents>, Problem> {
    let id = known(id)?;
    let consents = portal.auth.consents_of(&id).await?;
    let consents = consents.ok_or(ErrorCode::NotFound)?;
    Ok(Json(Consents { consents }))
}

fn read(purpose: Part) -> Result<ConsentPurpose, ErrorCode> {
    ConsentPurpose::parse(&known(purpose)?).ok_or(ErrorCode::NotFound)
}
