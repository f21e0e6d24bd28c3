//! A completed sign-in, as JSON and, when asked for, as a cookie.

use auth::{SignIn, Want};
use axum::Json;
use tower_sessions::Session;
use wire::{Audience, AuthResult, ErrorCode};

use super::problem::Problem;

/// What a sign-in is to be carried by.
pub(super) fn want(use_cookie: Option<bool>, audience: Option<&str>) -> Result<Want, Problem> {
    let audience = Audience::parse(audience)?;
    Ok(if use_cookie == Some(true) {
        Want::Cookie(audience)
    } else {
        Want::Tokens(audience)
    })
}

/// Sets the session cookie when the sign-in has one, and answers.
pub(super) async fn answer(
    signed_in: SignIn,
    session: &Session,
) -> Result<Json<AuthResult>, Problem> {
    if signed_in.cookie.is_some() {
        app::server::carry(session, &signed_in)
            .await
            .map_err(|error| {
                tracing::error!(reason = %error, "the session cookie was not set");
                Problem(ErrorCode::Internal.into())
            })?;
    }
    body(signed_in)
}

/// `AuthResult`.
pub(super) fn body(signed_in: SignIn) -> Result<Json<AuthResult>, Problem> {
    let tokens = signed_in.tokens.ok_or_else(|| {
        tracing::error!("a sign-in through the API came without tokens");
        Problem(ErrorCode::Internal.into())
    })?;
    Ok(Json(AuthResult {
        user: signed_in.user,
        access_token: tokens.access.access_token,
        refresh_token: tokens.refresh,
        token_type: tokens.access.token_type,
        expires_in: tokens.access.expires_in,
    }))
}
