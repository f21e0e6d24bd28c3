//! `POST /api/auth/verify`.

use auth::{Client, LogInByCode};
use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use tower_sessions::Session;
use wire::{AuthResult, Verify};

use super::body::{FromMembers, Read, Reader};
use super::flow_cookie::{self, Flow};
use super::problem::{Problem, ProblemDetails};
use super::sign_in;
use crate::Portal;

impl FromMembers for Verify {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            code: read.secret("code"),
            flow: read.optional_secret("flow"),
            email: read.optional_text("email"),
            use_cookie: read.optional_bool("useCookie"),
            remember_me: read.optional_bool("rememberMe"),
            r#use: read.optional_text("use"),
        }
    }
}

/// Sign in by a mailed code.
///
/// By the code of the letter and the flow's secret (`flow`, or the cookie in browsers) that
/// `/api/auth/login` gave. An `email`, if given, must be the flow's.
#[utoipa::path(
    post, path = "/verify", tag = "auth", request_body = Verify,
    responses(
        (status = 200, description = "Signed in", body = AuthResult),
        (status = 400, description = "`invalid_request`; `invalid_code`: wrong, expired, used, or its flow is foreign or missing", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn verify(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    session: Session,
    Read(request): Read<Verify>,
) -> Result<impl IntoResponse, Problem> {
    let want = sign_in::want(
        request.use_cookie,
        request.remember_me,
        request.r#use.as_deref(),
    )?;
    let (code, email) = request.check()?;
    let given = request.flow.filter(|flow| !flow.is_empty());
    let flow = given.or_else(|| flow_cookie::get(&portal.config, &headers, Flow::SignIn));
    let finish = LogInByCode {
        code: Some(code),
        token: None,
        flow,
        email,
    };
    let signed_in = portal.auth.log_in_by_code(finish, want, &client).await?;
    let body = sign_in::answer(signed_in, &session).await?;
    let over = flow_cookie::clear(&portal.config, &headers, Flow::SignIn);
    Ok((over, body))
}
