//! `POST /api/auth/request-password-reset`.

use auth::{Client, WithCode};
use axum::extract::State;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use http::HeaderMap;
use wire::{RequestPasswordReset, ResetRequested};

use super::body::{FromMembers, Read, Reader};
use super::flow_cookie::{self, Flow};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;

/// The same whatever the address is (req 31).
const MESSAGE: &str = "If an account with this email exists, a password reset link has been sent.";

impl FromMembers for RequestPasswordReset {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            email: read.text("email"),
            with_code: read.optional_bool("withCode"),
        }
    }
}

/// Ask for another password.
///
/// The answer is the same for every address. The letter has a link; with `withCode`, and for
/// browsers, also a six-digit code that works in this flow only: `flow` in the answer, in browsers a
/// cookie.
#[utoipa::path(
    post, path = "/request-password-reset", tag = "auth", request_body = RequestPasswordReset,
    responses(
        (status = 200, description = "If there is such an account, a letter is on its way", body = ResetRequested),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn request_password_reset(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    Read(request): Read<RequestPasswordReset>,
) -> Result<impl IntoResponse, Problem> {
    let email = request.check()?;
    let is_asked = request.with_code == Some(true);
    let with_code = match is_asked || flow_cookie::is_browser(&headers) {
        true => WithCode::Yes,
        false => WithCode::No,
    };
    let flow = portal
        .auth
        .request_password_reset(email, with_code, &client)
        .await?;
    let cookie = flow
        .as_ref()
        .and_then(|flow| flow_cookie::set(&portal.config, &headers, Flow::Reset, flow));
    let answer = ResetRequested {
        success: true,
        message: MESSAGE.to_owned(),
        flow: flow.filter(|_| is_asked),
    };
    Ok((cookie, Json(answer)))
}
