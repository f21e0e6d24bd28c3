//! `POST /api/admin/users/invite` and `…/invite-many`.

use auth::{Client, Invited};
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use wire::{InvitationAnswer, Invite, InviteMany, InviteRefusal, InviteResult, InviteResults};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for Invite {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            email: read.text("email"),
            role: read.text("role"),
            first_name: read.optional_text("firstName"),
            last_name: read.optional_text("lastName"),
            tenant_id: read.optional_text("tenantId"),
        }
    }
}

impl FromMembers for InviteMany {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            emails: read.texts("emails"),
            role: read.text("role"),
            tenant_id: read.optional_text("tenantId"),
        }
    }
}

/// Invite somebody.
///
/// The letter is on its way when this answers; its link works once, for 7 days. The role may permit
/// nothing the inviter does not hold, now and when the invitation is accepted. An address that has an
/// account can be invited into a tenant only.
#[utoipa::path(
    post, path = "/users/invite", tag = "admin", request_body = Invite,
    responses(
        (status = 201, description = "Invited", body = InvitationAnswer),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: `user:manage`, or a permission of the role, is missing", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `email`: it has an account, or is a member; of `members`, `invitations`: the tenant has as many as there may be", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn invite(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    Read(request): Read<Invite>,
) -> Result<(StatusCode, Json<InvitationAnswer>), Problem> {
    let (email, offer) = request.check()?;
    let invitation = portal
        .auth
        .invite(&caller.session, &email, &offer, &client)
        .await?;
    Ok((StatusCode::CREATED, Json(InvitationAnswer { invitation })))
}

/// Invite many people to the same.
///
/// Up to 100 addresses, each with an outcome of its own, in their order; one that is named twice is
/// one.
#[utoipa::path(
    post, path = "/users/invite-many", tag = "admin", request_body = InviteMany,
    responses(
        (status = 200, description = "What came of each address", body = InviteResults),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn invite_many(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    Read(request): Read<InviteMany>,
) -> Result<Json<InviteResults>, Problem> {
    let (emails, offer) = request.check()?;
    let results = portal
        .auth
        .invite_many(&caller.session, &emails, &offer, &client)
        .await?;
    let results = results.into_iter().map(result).collect();
    Ok(Json(InviteResults { results }))
}

/// What came of one address, as it crosses the wire.
pub(super) fn result(Invited { email, outcome }: Invited) -> InviteResult {
    let error = outcome.as_ref().err().map(InviteRefusal::from);
    InviteResult {
        email,
        invitation: outcome.ok(),
        error,
    }
}
