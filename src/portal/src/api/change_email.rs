//! `/api/account/email`: another address for the caller's account, and taking it back.

use auth::Client;
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use wire::{ChangeEmail, ConfirmEmailChange, Success, UndoEmailChange, User};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for ChangeEmail {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            new_email: read.text("newEmail"),
        }
    }
}

impl FromMembers for ConfirmEmailChange {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            token: read.optional_secret("token"),
            code: read.optional_secret("code"),
        }
    }
}

impl FromMembers for UndoEmailChange {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            token: read.secret("token"),
        }
    }
}

/// Ask for another address.
///
/// Nothing changes until the new address is proven. The answer is the same whether or not somebody
/// has the address; the present one is told at once, with a way to stop it.
#[utoipa::path(
    post, path = "/api/account/email", tag = "account", request_body = ChangeEmail,
    responses(
        (status = 200, description = "A letter to the new address is on its way, known or not", body = Success),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change_email(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    Read(request): Read<ChangeEmail>,
) -> Result<Json<Success>, Problem> {
    let new = request.check().map_err(Problem)?;
    portal
        .auth
        .change_email(&caller.session, &new, &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Stop the change that waits to be proven.
#[utoipa::path(
    delete, path = "/api/account/email", tag = "account",
    responses(
        (status = 204, description = "None waits any more"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cancel_email_change(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
) -> Result<StatusCode, Problem> {
    portal
        .auth
        .cancel_email_change(&caller.session, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Prove the new address: from then on it is the account's.
///
/// By the letter's `code` in the session that asked, or by its link's `token` in any session of the
/// account. All other sessions end; older access tokens are stale.
#[utoipa::path(
    post, path = "/api/account/email/confirm", tag = "account", request_body = ConfirmEmailChange,
    responses(
        (status = 200, description = "The account with its new address", body = User),
        (status = 400, description = "`invalid_request`, `invalid_code`, `invalid_or_expired_link`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `newEmail`: somebody else has it by now", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn confirm_email_change(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    Read(request): Read<ConfirmEmailChange>,
) -> Result<Json<User>, Problem> {
    let proof = request.proof().map_err(Problem)?;
    let user = portal
        .auth
        .confirm_email_change(&caller.session, &proof, &client)
        .await?;
    Ok(Json(user))
}

/// Take an account back by the link in a letter to its former address.
///
/// Brings the former address back, undoes every later change, ends all sessions, takes the password
/// away and mails a letter that leads to a new one.
#[utoipa::path(
    post, path = "/api/account/email/undo", tag = "account", request_body = UndoEmailChange,
    responses(
        (status = 200, description = "Taken back", body = Success),
        (status = 400, description = "`invalid_request`, `invalid_or_expired_link`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn undo_email_change(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Read(request): Read<UndoEmailChange>,
) -> Result<Json<Success>, Problem> {
    portal
        .auth
        .undo_email_change(&request.token, &client)
        .await?;
    Ok(Json(Success::DONE))
}
