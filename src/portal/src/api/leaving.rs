//! Taking everything along, leaving, and coming back: `GET /api/account/export`,
//! `DELETE /api/account`, `POST /api/auth/undo-deletion`.

use auth::Client;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse};
use axum::{Extension, Json};
use http::{HeaderName, StatusCode, header};
use tower_sessions::Session;
use wire::{AccountExport, DeleteAccount, Success, UndoDeletion};

use super::body::{FromMembers, Read, Reader};
use super::log_out::{CLEAR, forget};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::access::Kinds;
use crate::credential::Caller;

/// A file of the caller's, for them alone.
pub(crate) const ATTACHMENT: [(HeaderName, &str); 2] = [
    (
        header::CONTENT_DISPOSITION,
        "attachment; filename=\"my-account.json\"",
    ),
    (header::CACHE_CONTROL, "no-store"),
];

impl FromMembers for DeleteAccount {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            confirmation: read.text("confirmation"),
        }
    }
}

impl FromMembers for UndoDeletion {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            token: read.secret("token"),
        }
    }
}

/// Everything about the caller.
///
/// All the portal holds but secrets: no hash, no key, and nothing about anybody else.
#[utoipa::path(
    get, path = "/api/account/export", tag = "account",
    responses(
        (status = 200, description = "As a file to keep", body = AccountExport),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`: ten an hour", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn export(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
) -> Result<impl IntoResponse, Problem> {
    let export = portal.auth.export_account(&caller.session, &client).await?;
    Ok((AppendHeaders(ATTACHMENT), Json(export)))
}

/// Delete the caller's account.
///
/// It is closed at once, with every session and token, and deleted for good after 14 days. Until
/// then the link in the letter keeps it. `confirmation` is the account's own address, or
/// `delete my account`.
#[utoipa::path(
    delete, path = "/api/account", tag = "account", request_body = DeleteAccount,
    responses(
        (status = 204, description = "Closed"),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `role`: this is the last admin", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete_account(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    session: Session,
    Read(request): Read<DeleteAccount>,
) -> Result<impl IntoResponse, Problem> {
    portal
        .auth
        .delete_account(&caller.session, &request, &client)
        .await?;
    let has_cookie = caller.kind == Kinds::COOKIE;
    if has_cookie {
        forget(&session).await?;
    }
    let clear = has_cookie.then_some(AppendHeaders([CLEAR]));
    Ok((clear, StatusCode::NO_CONTENT))
}

/// Keep an account that is about to be deleted.
///
/// With the token of the letter's link, once. Signs nobody in.
#[utoipa::path(
    post, path = "/undo-deletion", tag = "auth", request_body = UndoDeletion,
    responses(
        (status = 200, description = "Kept", body = Success),
        (status = 400, description = "`invalid_request`, `invalid_or_expired_link`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn undo(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Read(request): Read<UndoDeletion>,
) -> Result<Json<Success>, Problem> {
    portal.auth.undo_deletion(&request.token, &client).await?;
    Ok(Json(Success::DONE))
}
