//! `POST /api/auth/refresh`.

use auth::Client;
use axum::extract::State;
use axum::{Extension, Json};
use wire::{Audience, Refresh, TokenPair};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;

impl FromMembers for Refresh {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            refresh_token: read.secret("refreshToken"),
            r#use: read.optional_text("use"),
        }
    }
}

/// Exchange a refresh token.
///
/// The one sent is used up. Sent again within 30 s by the same client it is answered with the
/// same successor; sent again in any other way it ends the session.
#[utoipa::path(
    post, path = "/refresh", tag = "auth", request_body = Refresh,
    responses(
        (status = 200, description = "A new pair", body = TokenPair),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`invalid_token`, `token_expired`, `token_revoked`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn refresh(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Read(request): Read<Refresh>,
) -> Result<Json<TokenPair>, Problem> {
    let audience = Audience::parse(request.r#use.as_deref())?;
    let pair = portal
        .auth
        .refresh(&request.refresh_token, audience, &client)
        .await?;
    Ok(Json(pair))
}
