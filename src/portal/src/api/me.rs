//! `GET /api/auth/me`.

use axum::extract::State;
use axum::{Extension, Json};
use wire::Me;

use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

/// Who the credential belongs to.
#[utoipa::path(
    get, path = "/me", tag = "auth",
    responses(
        (status = 200, description = "The caller", body = Me),
        (status = 401, description = "`authentication_required`, `invalid_token`, `token_expired`, `token_revoked`, `invalid_api_key`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn me(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Me>, Problem> {
    let user = portal.auth.me(&caller.session).await?;
    Ok(Json(Me { user }))
}
