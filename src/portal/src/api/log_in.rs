//! `POST /api/auth/login`.

use auth::Client;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use tower_sessions::Session;
use wire::{AuthResult, CodeSent, Email, LogIn, Way};

use super::body::{FromMembers, Read, Reader};
use super::flow_cookie::{self, Flow};
use super::problem::{Problem, ProblemDetails};
use super::sign_in;
use crate::Portal;

impl FromMembers for LogIn {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            email: read.optional_text("email"),
            username: read.optional_text("username"),
            password: read.optional_secret("password"),
            use_cookie: read.optional_bool("useCookie"),
            remember_me: read.optional_bool("rememberMe"),
            r#use: read.optional_text("use"),
        }
    }
}

/// Sign in.
///
/// By address or username, and password. With `useCookie` the session cookie is set and the
/// refresh token left out; with `use: services` the tokens are for the services alone.
///
/// By `email` alone: a code is mailed, if the address has an account. The answer is the same for
/// every address. `flow` is the flow's secret, which `/api/auth/verify` wants beside the code.
#[utoipa::path(
    post, path = "/login", tag = "auth", request_body = LogIn,
    responses(
        (status = 200, description = "Signed in", body = AuthResult),
        (status = 202, description = "Without a password: a code is on its way, if the address has an account", body = CodeSent),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`invalid_credentials`: unknown, wrong, disabled or pending, always the same", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, description = "`overloaded`, `database_unavailable`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn log_in(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    session: Session,
    Read(request): Read<LogIn>,
) -> Result<Response, Problem> {
    let want = sign_in::want(
        request.use_cookie,
        request.remember_me,
        request.r#use.as_deref(),
    )?;
    match request.check()? {
        Way::Password(credentials) => {
            let signed_in = portal.auth.log_in(credentials, want, &client).await?;
            Ok(sign_in::answer(signed_in, &session).await?.into_response())
        }
        Way::EmailCode(email) => mail_code(&portal, email, &headers, &client).await,
    }
}

async fn mail_code(
    portal: &Portal,
    email: Email,
    headers: &HeaderMap,
    client: &Client,
) -> Result<Response, Problem> {
    let flow = portal.auth.request_sign_in_code(email, client).await?;
    let cookie = flow_cookie::set(&portal.config, headers, Flow::SignIn, &flow);
    let sent = CodeSent {
        status: "otp_sent".to_owned(),
        flow,
    };
    Ok((StatusCode::ACCEPTED, cookie, Json(sent)).into_response())
}
