//! `POST /api/auth/token/inspect`.

use axum::extract::State;
use axum::{Extension, Json};
use wire::{InspectToken, TokenReport};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for InspectToken {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            token: read.secret("token"),
        }
    }
}

/// Ask why a token is refused.
///
/// Any text may be sent; what is wrong with it is the answer, not an error. Whether its session lives is told to
/// the token's own account and to holders of `user:manage` or `system:config`. Nothing of it is kept.
#[utoipa::path(
    post, path = "/token/inspect", tag = "auth", request_body = InspectToken,
    responses(
        (status = 200, description = "What was looked at, and what was found", body = TokenReport),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn inspect_token(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Read(request): Read<InspectToken>,
) -> Result<Json<TokenReport>, Problem> {
    let token = request.check()?;
    let inspection = portal.auth.inspect_token(&token, &caller.session).await?;
    Ok(Json(inspection.into()))
}
