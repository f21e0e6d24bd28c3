//! What is done to somebody's account.

use auth::Client;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{DeleteUser, DisableUser, Success};

use super::super::body::{FromMembers, Read, Reader};
use super::super::known::known;
use super::super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for DisableUser {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            reason: read.optional_text("reason"),
            seconds: read.optional_integer("seconds"),
        }
    }
}

impl FromMembers for DeleteUser {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            confirmation: read.optional_text("confirmation"),
            immediately: read.optional_bool("immediately"),
        }
    }
}

/// End every session of somebody. They may sign in again.
#[utoipa::path(
    post, path = "/users/{id}/sign-out", tag = "admin",
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "Signed out everywhere", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn sign_out(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    portal
        .auth
        .sign_out_user(&caller.session, &known(id)?, &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Disable an account, for a time or until somebody enables it.
///
/// Its owner cannot sign in, and all they have open ends at once. `reason` is for whoever looks at the
/// account next. With `seconds` it is a suspension, which ends by itself. Disabling again the same way is
/// no error and keeps the first reason; another end replaces the former one. One that is about to be deleted
/// is not suspended.
#[utoipa::path(
    post, path = "/users/{id}/disable", tag = "admin", request_body = Option<DisableUser>,
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "Disabled", body = Success),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `id`: the caller's own account; of `role`: the last admin; of `status`: a suspension of one that is about to be deleted", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn disable(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<DisableUser>,
) -> Result<Json<Success>, Problem> {
    let disabling = request.check()?;
    portal
        .auth
        .disable_user(&caller.session, &known(id)?, &disabling, &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Enable an account again. What ended stays ended; enabling twice is no error.
#[utoipa::path(
    post, path = "/users/{id}/enable", tag = "admin",
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "Enabled", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `status`: it is about to be deleted, and is kept first", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn enable(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    portal
        .auth
        .enable_user(&caller.session, &known(id)?, &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Let somebody try their password again at once.
///
/// Forgets what was counted of wrong passwords and codes. Unlocking what is not locked is no error.
#[utoipa::path(
    post, path = "/users/{id}/unlock", tag = "admin",
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "Unlocked", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn unlock(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    portal
        .auth
        .unlock_user(&caller.session, &known(id)?, &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Mail somebody a way to a new password.
///
/// Until they use it, the old one works.
#[utoipa::path(
    post, path = "/users/{id}/send-password-reset", tag = "admin",
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "On its way", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `status`: the account may not sign in, so no link would work", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`: three letters in a quarter of an hour", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn send_password_reset(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    portal
        .auth
        .mail_reset_to_user(&caller.session, &known(id)?, &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Delete an account.
///
/// Nothing of it works from then on. It is deleted for good after 14 days, until which it can be kept, or
/// with `immediately` now. `confirmation` is its address, and needed for that alone: without a body it is
/// the deletion that can be called off.
#[utoipa::path(
    delete, path = "/users/{id}", tag = "admin", request_body = Option<DeleteUser>,
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 204, description = "Deleted, or about to be"),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `id`: the caller's own account; of `role`: the last admin", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn delete(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<DeleteUser>,
) -> Result<StatusCode, Problem> {
    portal
        .auth
        .delete_user(&caller.session, &known(id)?, &request, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keep an account that was to be deleted.
///
/// What ended stays ended, and one that is disabled stays so until it is enabled.
#[utoipa::path(
    post, path = "/users/{id}/keep", tag = "admin",
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "It stays", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `status`: it is not about to be deleted, or it is too late", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn keep(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    portal
        .auth
        .keep_user(&caller.session, &known(id)?, &client)
        .await?;
    Ok(Json(Success::DONE))
}
