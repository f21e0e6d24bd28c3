//! `/api/admin/tenants/{id}/invitations`: asking people into a tenant.

use auth::Client;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{InvitationStatus, Invitations, InviteMembers, InviteResults, Success};

use super::body::{FromMembers, Read, Reader};
use super::invitations::List;
use super::invite::result;
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for InviteMembers {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            emails: read.texts("emails"),
            role: read.text("role"),
        }
    }
}

/// List the invitations into a tenant, newest first.
#[utoipa::path(
    get, path = "/tenants/{id}/invitations", tag = "admin",
    params(
        ("id" = String, Path, description = "The tenant"),
        ("status" = Option<InvitationStatus>, Query, description = "Only those that stand like this"),
        ("q" = Option<String>, Query, description = "Only addresses that hold this"),
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Invitations),
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
) -> Result<Json<Invitations>, Problem> {
    let page = portal
        .auth
        .list_tenant_invitations(Some(&caller.session), &known(id)?, &query)
        .await?;
    Ok(Json(Invitations {
        next_cursor: page.next_cursor(),
        invitations: page.items,
    }))
}

/// Invite people into a tenant.
///
/// Up to 100 addresses, each with an outcome of its own, in their order; at most 300 invitations a day
/// into one tenant. The role is of the membership: it may permit nothing the caller does not hold in this
/// tenant, now and when the invitation is accepted. Who has no account yet gets one of the role `user`, or
/// `viewer` where the caller holds no more.
#[utoipa::path(
    post, path = "/tenants/{id}/invitations", tag = "admin", request_body = InviteMembers,
    params(("id" = String, Path, description = "The tenant")),
    responses(
        (status = 200, description = "What came of each address", body = InviteResults),
        (status = 409, description = "`conflict` of `members`, `invitations`: there are as many as there may be, or would be", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without what the role gives", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such tenant, or the caller does not look after it", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn invite(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<InviteMembers>,
) -> Result<Json<InviteResults>, Problem> {
    let (emails, offer) = request.check()?;
    let results = portal
        .auth
        .invite_members(&caller.session, &known(id)?, &emails, &offer, &client)
        .await?;
    let results = results.into_iter().map(result).collect();
    Ok(Json(InviteResults { results }))
}

/// Send an invitation into a tenant again.
///
/// Its 7 days begin anew, and whoever sends it vouches for it from now on.
#[utoipa::path(
    post, path = "/tenants/{id}/invitations/{invitation}/resend", tag = "admin",
    params(("id" = String, Path, description = "The tenant"), ("invitation" = String, Path, description = "The invitation")),
    responses(
        (status = 200, description = "On its way", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without what it offers", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such invitation into this tenant, or the caller does not look after it", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `status`: accepted or taken back", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn resend(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    ids: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    let (tenant, id) = known(ids)?;
    portal
        .auth
        .resend_tenant_invitation(&caller.session, &tenant, &id, &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Take an invitation into a tenant back.
///
/// Its link works no more. Taking it back twice is no error.
#[utoipa::path(
    delete, path = "/tenants/{id}/invitations/{invitation}", tag = "admin",
    params(("id" = String, Path, description = "The tenant"), ("invitation" = String, Path, description = "The invitation")),
    responses(
        (status = 204, description = "Taken back"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such invitation into this tenant, or the caller does not look after it", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `status`: it was accepted", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn revoke(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    ids: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let (tenant, id) = known(ids)?;
    portal
        .auth
        .revoke_tenant_invitation(&caller.session, &tenant, &id, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
