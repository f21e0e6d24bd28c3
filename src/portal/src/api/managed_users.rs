//! `/api/admin/users`: looking after people.

use auth::{Client, UserQuery};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{
    DisableUser, ErrorCode, FieldCode, ManagedUsers, OneManagedUser, OpenSessions, Success,
    UserStatus,
};

use super::body::{FromMembers, Read, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;
use crate::credential::Caller;

/// Which accounts.
pub(super) struct List(UserQuery);

impl FromMembers for List {
    fn from_members(read: &mut Reader<'_>) -> Self {
        let written = read.optional_text("status");
        let status = written.as_deref().and_then(UserStatus::parse);
        if written.is_some_and(|written| !written.is_empty()) && status.is_none() {
            read.wrong("status", FieldCode::Invalid);
        }
        if read
            .optional_text("sort")
            .is_some_and(|sort| sort != "-createdAt")
        {
            read.wrong("sort", FieldCode::Invalid);
        }
        Self(UserQuery {
            status,
            part: read.optional_text("q").unwrap_or_default(),
            paging: read.paging(),
        })
    }
}

impl FromMembers for DisableUser {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            reason: read.optional_text("reason"),
        }
    }
}

/// List accounts.
///
/// Newest first. `q` is a part of the address, the username or the name.
#[utoipa::path(
    get, path = "/users", tag = "admin", security(("session" = []), ("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "Only those whose address, username or name holds this"),
        ("status" = Option<UserStatus>, Query, description = "Only those that stand like this"),
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = ManagedUsers),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    ReadQuery(List(query)): ReadQuery<List>,
) -> Result<Json<ManagedUsers>, Problem> {
    let page = portal.auth.list_users(&query).await?;
    Ok(Json(ManagedUsers {
        next_cursor: page.next_cursor(),
        users: page.items,
    }))
}

/// One account.
#[utoipa::path(
    get, path = "/users/{id}", tag = "admin", security(("session" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "The account, and whether the caller may act on it", body = OneManagedUser),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<OneManagedUser>, Problem> {
    let user = portal
        .auth
        .managed_user(&caller.session, &known(id)?)
        .await?;
    user.map(Json)
        .ok_or_else(|| Problem(ErrorCode::NotFound.into()))
}

/// Where somebody is signed in.
#[utoipa::path(
    get, path = "/users/{id}/sessions", tag = "admin", security(("session" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "Every session that lives, the one that was used last first", body = OpenSessions),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sessions(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<OpenSessions>, Problem> {
    let sessions = portal
        .auth
        .list_sessions_of(&caller.session, &known(id)?)
        .await?;
    let sessions = sessions.ok_or(ErrorCode::NotFound)?;
    Ok(Json(OpenSessions { sessions }))
}

/// End a session of somebody.
#[utoipa::path(
    delete, path = "/users/{id}/sessions/{sid}", tag = "admin", security(("session" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The account"), ("sid" = String, Path, description = "Its session")),
    responses(
        (status = 204, description = "Ended"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such account, or no live session of it", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn end_session(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    ids: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let (id, sid) = known(ids)?;
    portal
        .auth
        .end_session_of(&caller.session, &id, &sid, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End every session of somebody. They may sign in again.
#[utoipa::path(
    post, path = "/users/{id}/sign-out", tag = "admin", security(("session" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "Signed out everywhere", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sign_out(
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

/// Disable an account.
///
/// Its owner cannot sign in, and all they have open ends at once. `reason` is for whoever looks at the
/// account next. Disabling twice is no error, and keeps the first reason.
#[utoipa::path(
    post, path = "/users/{id}/disable", tag = "admin", request_body = Option<DisableUser>, security(("session" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "Disabled", body = Success),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `id`: the caller's own account; of `role`: the last admin", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn disable(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<DisableUser>,
) -> Result<Json<Success>, Problem> {
    let reason = request.check()?;
    portal
        .auth
        .disable_user(&caller.session, &known(id)?, reason.as_deref(), &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Enable an account again. What ended stays ended; enabling twice is no error.
#[utoipa::path(
    post, path = "/users/{id}/enable", tag = "admin", security(("session" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "Enabled", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn enable(
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
