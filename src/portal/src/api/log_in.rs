//! `POST /api/auth/login`.

use auth::Client;
use axum::extract::State;
use axum::{Extension, Json};
use tower_sessions::Session;
use wire::{AuthResult, LogIn};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use super::sign_in;
use crate::Portal;

impl FromMembers for LogIn {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            email: read.optional_text("email"),
            username: read.optional_text("username"),
            password: read.secret("password"),
            use_cookie: read.optional_bool("useCookie"),
            r#use: read.optional_text("use"),
        }
    }
}

/// Sign in.
///
/// By address or username, and password. With `useCookie` the session cookie is set and the
/// refresh token left out; with `use: services` the tokens are for the services alone.
#[utoipa::path(
    post, path = "/login", tag = "auth", request_body = LogIn,
    responses(
        (status = 200, description = "Signed in", body = AuthResult),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`invalid_credentials`: unknown, wrong, disabled or pending, always the same", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, description = "`overloaded`, `database_unavailable`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn log_in(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    session: Session,
    Read(request): Read<LogIn>,
) -> Result<Json<AuthResult>, Problem> {
    let want = sign_in::want(request.use_cookie, request.r#use.as_deref())?;
    let credentials = request.check()?;
    let signed_in = portal.auth.log_in(credentials, want, &client).await?;
    sign_in::answer(signed_in, &session).await
}
