//! `/api/admin/users`: finding people, and looking at one. What is done to them is in `acts`, to many at
//! once in `bulk`.

mod acts;
mod bulk;

use auth::{Client, UserQuery};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{
    ErrorCode, FieldCode, ManagedUsers, OneManagedUser, OpenSessions, UpdateProfile, UserCursor,
    UserSort, UserStatus, searched,
};

pub(super) use self::acts::*;
pub(super) use self::bulk::*;
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
        let status = read.choice("status", UserStatus::parse);
        let sort = read.choice("sort", UserSort::parse).unwrap_or_default();
        let part = searched(&read.optional_text("q").unwrap_or_default());
        let part = part.unwrap_or_else(|error| {
            let code = error
                .fields
                .first()
                .map_or(FieldCode::Invalid, |field| field.code);
            read.wrong("q", code);
            String::new()
        });
        let after = read.choice("cursor", |cursor| UserCursor::parse(sort, cursor));
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self(UserQuery {
            status,
            part,
            role: filled(read.optional_text("role")),
            tenant_id: filled(read.optional_text("tenantId")),
            sort,
            limit: read.limit(),
            after,
        })
    }
}

/// List accounts.
///
/// Newest first unless `sort` says otherwise. `q` is a part of the address, the username or the name.
#[utoipa::path(
    get, path = "/users", tag = "admin",
    params(
        ("q" = Option<String>, Query, description = "Only those whose address, username or name holds this"),
        ("status" = Option<UserStatus>, Query, description = "Only those that stand like this"),
        ("role" = Option<String>, Query, description = "Only those with this role"),
        ("tenantId" = Option<String>, Query, description = "Only members of this tenant"),
        ("sort" = Option<String>, Query, description = "`-createdAt`, `createdAt`, `email` or `-lastLoginAt`"),
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before, in the same order"),
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
    Ok(Json(portal.auth.list_users(&query).await?))
}

/// One account.
#[utoipa::path(
    get, path = "/users/{id}", tag = "admin",
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

/// Change somebody's names or username.
///
/// What is left out stays, `null` clears. Role, tenant, address and whether it is proven are no members
/// here: naming one is 400.
#[utoipa::path(
    patch, path = "/users/{id}", tag = "admin", request_body = UpdateProfile,
    params(("id" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "The account as it is now", body = OneManagedUser),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `username`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn update(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<UpdateProfile>,
) -> Result<Json<OneManagedUser>, Problem> {
    let change = request.check().map_err(Problem)?;
    let one = portal
        .auth
        .update_user(&caller.session, &known(id)?, &change, &client)
        .await?;
    Ok(Json(one))
}

/// Where somebody is signed in.
#[utoipa::path(
    get, path = "/users/{id}/sessions", tag = "admin",
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
    delete, path = "/users/{id}/sessions/{sid}", tag = "admin",
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
