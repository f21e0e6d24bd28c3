//! `POST /api/auth/step-up`.

use auth::{Client, rfc3339};
use axum::extract::State;
use axum::{Extension, Json};
use tower_sessions::Session;
use wire::{StepUp, SteppedUp};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use super::sign_in;
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for StepUp {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            password: read.secret("password"),
        }
    }
}

/// Confirm that it is you.
///
/// For ten minutes the session may do what asks for it with `step_up_required`. A session carried by
/// the cookie goes on under a new one.
#[utoipa::path(
    post, path = "/step-up", tag = "auth", request_body = StepUp,
    responses(
        (status = 200, description = "Confirmed", body = SteppedUp),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`invalid_credentials`: not the account's password, or it has none", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, description = "`overloaded`, `database_unavailable`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn step_up(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    session: Session,
    Read(request): Read<StepUp>,
) -> Result<Json<SteppedUp>, Problem> {
    let confirmed = portal
        .auth
        .step_up(&caller.session, &request.password, &client)
        .await?;
    if let Some(cookie) = confirmed.cookie {
        sign_in::go_on(&portal, &caller.session, &session, cookie).await?;
    }
    Ok(Json(SteppedUp {
        success: true,
        valid_until: rfc3339(confirmed.valid_until),
    }))
}
