//! `/api/account/sessions`: the caller's own devices.

use auth::Client;
use axum::Extension;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::AppendHeaders;
use http::{HeaderName, StatusCode};
use tower_sessions::Session;
use wire::{LogOutScope, OpenSessions};

use super::known::known;
use super::log_out::{CLEAR, forget};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::access::Kinds;
use crate::credential::Caller;

type Ended = (
    StatusCode,
    Option<AppendHeaders<[(HeaderName, &'static str); 1]>>,
    (),
);

/// Where the caller is signed in.
///
/// The session of the request first, then the one that was used last.
#[utoipa::path(
    get, path = "/api/account/sessions", tag = "account",
    responses(
        (status = 200, description = "Every session that lives", body = OpenSessions),
        (status = 401, description = "`authentication_required`, `invalid_token`, `token_revoked`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: an API key is no way to an account", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<OpenSessions>, Problem> {
    let sessions = portal.auth.list_sessions(&caller.session).await?;
    Ok(Json(OpenSessions { sessions }))
}

/// End one session.
///
/// Its refresh tokens end with it, its access tokens are refused here at once and elsewhere as soon as
/// the revocation feed is read. Ending the session of the request is signing out.
#[utoipa::path(
    delete, path = "/api/account/sessions/{id}", tag = "account",
    params(("id" = String, Path, description = "The session")),
    responses(
        (status = 204, description = "Ended"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: the caller has no live session of this id", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn end(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    carrier: Session,
    id: Result<Path<String>, PathRejection>,
) -> Result<Ended, Problem> {
    let id = known(id)?;
    portal
        .auth
        .end_session(&caller.session, &id, &client)
        .await?;
    let cookie_ends = caller.kind == Kinds::COOKIE && caller.session.id == id;
    if cookie_ends {
        forget(&carrier).await?;
    }
    let clear = cookie_ends.then_some(AppendHeaders([CLEAR]));
    Ok((StatusCode::NO_CONTENT, clear, ()))
}

/// End all sessions but the one of the request.
#[utoipa::path(
    delete, path = "/api/account/sessions", tag = "account",
    responses(
        (status = 204, description = "Ended"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn end_others(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
) -> Result<StatusCode, Problem> {
    portal
        .auth
        .log_out(&caller.session, LogOutScope::Others, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
