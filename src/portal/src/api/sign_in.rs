//! A completed sign-in, as JSON and, when asked for, as a cookie.

use auth::{CookieToken, SignIn, Want};
use axum::Json;
use tower_sessions::Session;
use wire::{Audience, AuthResult, ErrorCode};

use super::problem::Problem;
use crate::Portal;

/// What a sign-in is to be carried by. Tokens are kept by whoever gets them: `remember_me` is about the
/// cookie alone.
pub(super) fn want(
    use_cookie: Option<bool>,
    remember_me: Option<bool>,
    audience: Option<&str>,
) -> Result<Want, Problem> {
    let audience = Audience::parse(audience)?;
    Ok(match (use_cookie, remember_me) {
        (Some(true), Some(true)) => Want::RememberedCookie(audience),
        (Some(true), _) => Want::Cookie(audience),
        _ => Want::Tokens(audience),
    })
}

/// A session goes on under another cookie, which lasts as the former one did.
pub(super) async fn go_on(
    portal: &Portal,
    signed_in: &auth::Session,
    carrier: &Session,
    cookie: CookieToken,
) -> Result<(), Problem> {
    let seconds = signed_in.cookie_seconds(portal.auth.now());
    let carried = app::server::carry_on(carrier, cookie, seconds).await;
    carried.map_err(|error| {
        tracing::error!(reason = %error, "the renewed cookie was not set");
        Problem(ErrorCode::Internal.into())
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
