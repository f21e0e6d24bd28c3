//! `/api/admin/tenants/{id}/members`: who belongs to a tenant.

use auth::{Client, MemberQuery};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{AddMember, EditMember, Impact, MemberStatus, Members, OneMember};

use super::body::{FromMembers, Read, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;
use crate::credential::Caller;

/// Which members.
pub(super) struct List(MemberQuery);

impl FromMembers for List {
    fn from_members(read: &mut Reader<'_>) -> Self {
        read.newest_first();
        Self(MemberQuery {
            status: read.choice("status", MemberStatus::parse),
            part: read.part(),
            paging: read.paging(),
        })
    }
}

impl FromMembers for AddMember {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            email: read.text("email"),
            role: read.text("role"),
        }
    }
}

impl FromMembers for EditMember {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            role: read.optional_text("role"),
            patterns: read.optional_texts("patterns"),
            assigned: read.optional_texts("assigned"),
            status: read.optional_text("status"),
            version: read.optional_text("version"),
        }
    }
}

/// List the members of a tenant.
///
/// Newest first, suspended ones included. `q` is a part of the address, the username or the name.
#[utoipa::path(
    get, path = "/tenants/{id}/members", tag = "admin",
    params(
        ("id" = String, Path, description = "The tenant"),
        ("q" = Option<String>, Query, description = "Only those whose address, username or name holds this"),
        ("status" = Option<MemberStatus>, Query, description = "Only those whose membership stands like this"),
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Members),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such tenant, or the caller does not look after it", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    ReadQuery(List(query)): ReadQuery<List>,
) -> Result<Json<Members>, Problem> {
    let page = portal
        .auth
        .list_members(Some(&caller.session), &known(id)?, &query)
        .await?;
    Ok(Json(Members {
        next_cursor: page.next_cursor(),
        members: page.items,
    }))
}

/// Add an account that exists to a tenant.
///
/// For `system:config` alone: those who look after one tenant invite. The role may permit nothing the
/// caller does not hold.
#[utoipa::path(
    post, path = "/tenants/{id}/members", tag = "admin", request_body = AddMember,
    params(("id" = String, Path, description = "The tenant")),
    responses(
        (status = 201, description = "Added", body = OneMember),
        (status = 400, description = "`invalid_request`: `email` `unknown` where no account that can sign in has it; `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`, or without what the role gives", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such tenant, or the caller does not look after it", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `email`: a member already; of `members`: there are as many as there may be", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn add(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<AddMember>,
) -> Result<(StatusCode, Json<OneMember>), Problem> {
    let (email, role) = request.check()?;
    let member = portal
        .auth
        .add_member(Some(&caller.session), &known(id)?, &email, &role, &client)
        .await?;
    Ok((StatusCode::CREATED, Json(member)))
}

/// One member of a tenant.
#[utoipa::path(
    get, path = "/tenants/{id}/members/{user}", tag = "admin",
    params(("id" = String, Path, description = "The tenant"), ("user" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "The member, and whether the caller may act on them", body = OneMember),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such member, or the caller does not look after the tenant", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    ids: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<OneMember>, Problem> {
    let (id, user) = known(ids)?;
    let member = portal
        .auth
        .member(Some(&caller.session), &id, &user)
        .await?;
    Ok(Json(member))
}

/// Change a membership.
///
/// What is left out stays; `patterns` and `assigned` replace what was given like that. Nothing is given
/// that the caller does not hold in this tenant, nor what concerns the whole portal (`user:manage`,
/// `apikey:manage`, `audit:read`, `system:config`). `status` suspends and resumes: a suspended member keeps
/// their account and holds nothing here.
#[utoipa::path(
    patch, path = "/tenants/{id}/members/{user}", tag = "admin", request_body = EditMember,
    params(("id" = String, Path, description = "The tenant"), ("user" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "Changed", body = OneMember),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: the member has, or would be given, what the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such member, or the caller does not look after the tenant", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `id`: the caller's own membership; of `version`: changed meanwhile", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    ids: Result<Path<(String, String)>, PathRejection>,
    Read(request): Read<EditMember>,
) -> Result<Json<OneMember>, Problem> {
    let change = request.check()?;
    let (id, user) = known(ids)?;
    let member = portal
        .auth
        .change_member(Some(&caller.session), &id, &user, &change, &client)
        .await?;
    Ok(Json(member))
}

/// What changing a membership would do. Nothing is changed.
///
/// Those who look after all tenants read what the member could do in the tenant; its own admins read what
/// the membership gives.
#[utoipa::path(
    post, path = "/tenants/{id}/members/{user}/preview", tag = "admin", request_body = EditMember,
    params(("id" = String, Path, description = "The tenant"), ("user" = String, Path, description = "The account")),
    responses(
        (status = 200, description = "What it would do", body = Impact),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`, as for the change", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such member, or the caller does not look after the tenant", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict`, as for the change", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn preview(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    ids: Result<Path<(String, String)>, PathRejection>,
    Read(request): Read<EditMember>,
) -> Result<Json<Impact>, Problem> {
    let change = request.check()?;
    let (id, user) = known(ids)?;
    let by = Some(&*caller.session);
    let impact = portal.auth.preview_member(by, &id, &user, &change).await?;
    Ok(Json(impact))
}

/// Remove a member from a tenant.
///
/// Their account stays. Sessions of theirs that act in the tenant act in none, and their older access
/// tokens are refused.
#[utoipa::path(
    delete, path = "/tenants/{id}/members/{user}", tag = "admin",
    params(("id" = String, Path, description = "The tenant"), ("user" = String, Path, description = "The account")),
    responses(
        (status = 204, description = "Removed"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: the member has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such member, or the caller does not look after the tenant", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `id`: the caller's own membership; they may leave", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn remove(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    ids: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let (id, user) = known(ids)?;
    portal
        .auth
        .remove_member(Some(&caller.session), &id, &user, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
