//! `POST /api/authz/check`: whether the caller may do something (req 94, 95, 102).

use axum::extract::State;
use axum::{Extension, Json};
use wire::{AuthzCheck, AuthzChecks, Decisions, Resource};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for AuthzChecks {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            checks: read.each("checks"),
        }
    }
}

impl FromMembers for AuthzCheck {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            permission: read.text("permission"),
            tenant_id: read.optional_text("tenantId"),
            resource: read.optional_object("resource"),
        }
    }
}

impl FromMembers for Resource {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            kind: read.text("type"),
            id: read.text("id"),
        }
    }
}

/// Whether the caller may do something, and why.
///
/// Any credential asks about its own account, a token for the services as well. Up to 100 questions are
/// answered in their order. `tenantId` is the tenant the caller acts in unless it is given; `resource`
/// matters where a right holds for assigned resources alone, which no token carries.
#[utoipa::path(
    post, path = "/api/authz/check", tag = "authz", request_body = AuthzChecks,
    responses(
        (status = 200, description = "One answer for each question", body = Decisions),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `invalid_token`, `token_expired`, `token_revoked`, `token_stale`, `invalid_api_key`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn check(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Read(request): Read<AuthzChecks>,
) -> Result<Json<Decisions>, Problem> {
    let questions = request.check()?;
    let results = portal.auth.decide(&caller.session, &questions).await?;
    Ok(Json(Decisions { results }))
}
