//! `/api/admin/invitations`.

use auth::{Client, InvitationQuery};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{FieldCode, InvitationStatus, Invitations, Success};

use super::body::{FromMembers, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;
use crate::credential::Caller;

/// Which invitations.
pub(super) struct List(pub(super) InvitationQuery);

impl FromMembers for List {
    fn from_members(read: &mut Reader<'_>) -> Self {
        let written = read.optional_text("status");
        let status = written.as_deref().and_then(InvitationStatus::parse);
        if written.is_some_and(|written| !written.is_empty()) && status.is_none() {
            read.wrong("status", FieldCode::Invalid);
        }
        read.newest_first();
        Self(InvitationQuery {
            status,
            part: read.part(),
            paging: read.paging(),
        })
    }
}

/// List invitations.
///
/// Newest first. `status` is `pending`, `accepted`, `revoked` or `expired`; `q` is a part of the
/// address. A pending one with a `problem` does not work until somebody who may sends it again.
#[utoipa::path(
    get, path = "/invitations", tag = "admin",
    params(
        ("status" = Option<String>, Query, description = "Only those that stand like this"),
        ("q" = Option<String>, Query, description = "Only addresses that hold this"),
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Invitations),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    ReadQuery(List(query)): ReadQuery<List>,
) -> Result<Json<Invitations>, Problem> {
    let page = portal.auth.list_invitations(&query).await?;
    Ok(Json(Invitations {
        next_cursor: page.next_cursor(),
        invitations: page.items,
    }))
}

/// Send an invitation again.
///
/// Its 7 days begin anew, and whoever sends it vouches for it from now on. The older link works until
/// the new letter has left.
#[utoipa::path(
    post, path = "/invitations/{id}/resend", tag = "admin",
    params(("id" = String, Path, description = "The invitation")),
    responses(
        (status = 200, description = "On its way", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `status`: accepted or taken back", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn resend(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    portal
        .auth
        .resend_invitation(&caller.session, &known(id)?, &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Take an invitation back.
///
/// Its link works no more. Taking it back twice is no error.
#[utoipa::path(
    delete, path = "/invitations/{id}", tag = "admin",
    params(("id" = String, Path, description = "The invitation")),
    responses(
        (status = 204, description = "Taken back"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `status`: it was accepted", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn revoke(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    portal
        .auth
        .revoke_invitation(&caller.session, &known(id)?, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
