//! `POST /api/auth/logout`.

use auth::Client;
use axum::extract::State;
use axum::response::AppendHeaders;
use axum::{Extension, Json};
use http::HeaderName;
use tower_sessions::Session;
use wire::{Error, ErrorCode, FieldCode, LogOut, LogOutScope, Secret, Success};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::access::Kinds;
use crate::credential::Caller;

impl FromMembers for LogOut {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            refresh_token: read.optional_secret("refreshToken"),
            scope: read.optional_text("scope"),
        }
    }
}

type Clear = Option<AppendHeaders<[(HeaderName, &'static str); 1]>>;

/// The cookie is taken back by the session layer; this takes what a browser kept beside it.
pub(super) const CLEAR: (HeaderName, &str) = (
    HeaderName::from_static("clear-site-data"),
    "\"cache\", \"storage\"",
);

/// Sign out.
///
/// With the session cookie, a bearer token, or a refresh token alone. `scope` is `local` (this
/// session, the default), `others` or `global`.
#[utoipa::path(
    post, path = "/logout", tag = "auth", request_body = Option<LogOut>,
    responses(
        (status = 200, description = "Signed out", body = Success),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `invalid_token`, `token_revoked`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn log_out(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    caller: Option<Extension<Caller>>,
    session: Session,
    Read(request): Read<LogOut>,
) -> Result<(Clear, Json<Success>), Problem> {
    let scope = request.scope()?;
    let Some(Extension(caller)) = caller else {
        by_refresh_token(&portal, request.refresh_token, scope, &client).await?;
        return Ok((None, Json(Success::DONE)));
    };
    portal.auth.log_out(&caller.session, scope, &client).await?;
    let cookie_ends = caller.kind == Kinds::COOKIE && scope != LogOutScope::Others;
    if cookie_ends {
        forget(&session).await?;
    }
    Ok((
        cookie_ends.then_some(AppendHeaders([CLEAR])),
        Json(Success::DONE),
    ))
}

/// A refresh token alone ends its own session and no other.
async fn by_refresh_token(
    portal: &Portal,
    token: Option<Secret>,
    scope: LogOutScope,
    client: &Client,
) -> Result<(), Problem> {
    if scope != LogOutScope::Local {
        return Err(Error::field("scope", FieldCode::Invalid).into());
    }
    let token = token.ok_or(ErrorCode::AuthenticationRequired)?;
    Ok(portal.auth.log_out_by_refresh(&token, client).await?)
}

pub(super) async fn forget(session: &Session) -> Result<(), Problem> {
    session.flush().await.map_err(|error| {
        tracing::error!(reason = %error, "the session cookie was not taken back");
        Problem(ErrorCode::Internal.into())
    })
}
