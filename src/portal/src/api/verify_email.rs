//! `POST /api/auth/verify-email`.

use auth::Client;
use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use tower_sessions::Session;
use wire::{AuthResult, Secret, VerifyEmail};

use super::body::{FromMembers, Read, Reader};
use super::flow_cookie::{self, Flow};
use super::problem::{Problem, ProblemDetails};
use super::sign_in;
use crate::Portal;

impl FromMembers for VerifyEmail {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            token: read.optional_secret("token"),
            code: read.optional_secret("code"),
            registration_token: read.optional_secret("registrationToken"),
            password: read.optional_secret("password"),
            use_cookie: read.optional_bool("useCookie"),
            r#use: read.optional_text("use"),
        }
    }
}

/// Prove an address and sign in.
///
/// By the link's `token` or the letter's `code`. With the flow's secret (`registrationToken`, or
/// the cookie in browsers) the registered password holds; a `token` without it needs `password`.
#[utoipa::path(
    post, path = "/verify-email", tag = "auth", request_body = VerifyEmail,
    responses(
        (status = 200, description = "The account exists, signed in", body = AuthResult),
        (status = 400, description = "`invalid_request`, `invalid_code`, `invalid_or_expired_link`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `username`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn verify_email(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    session: Session,
    Read(request): Read<VerifyEmail>,
) -> Result<impl IntoResponse, Problem> {
    let want = sign_in::want(request.use_cookie, None, request.r#use.as_deref())?;
    let proof = request.proof()?;
    let given = request.registration_token.filter(|flow| !flow.is_empty());
    let flow = given.or_else(|| flow_cookie::get(&portal.config, &headers, Flow::Registration));
    let password = request
        .password
        .filter(|password: &Secret| !password.is_empty());
    let finish = auth::VerifyEmail {
        proof,
        flow,
        password,
    };
    let signed_in = portal.auth.verify_email(finish, want, &client).await?;
    let body = sign_in::answer(signed_in, &session).await?;
    Ok((
        flow_cookie::clear(&portal.config, &headers, Flow::Registration),
        body,
    ))
}
