//! `POST /api/auth/reset-password`.

use auth::Client;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use http::HeaderMap;
use wire::{ResetPassword, Success};

use super::body::{FromMembers, Read, Reader};
use super::flow_cookie::{self, Flow};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;

impl FromMembers for ResetPassword {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            token: read.optional_secret("token"),
            code: read.optional_secret("code"),
            flow: read.optional_secret("flow"),
            password: read.secret("password"),
            confirm_password: read.optional_secret("confirmPassword"),
        }
    }
}

/// Choose another password.
///
/// With the link's `token`, or with the letter's `code` in the `flow` that asked (browsers: its
/// cookie). Signs nobody in, and ends every session of the account. A refused password uses nothing
/// up.
#[utoipa::path(
    post, path = "/reset-password", tag = "auth", request_body = ResetPassword,
    responses(
        (status = 200, description = "The account has the new password", body = Success),
        (status = 400, description = "`invalid_request`, `invalid_json`, `invalid_or_expired_link`, `invalid_code`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, description = "`overloaded`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn reset_password(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    Read(request): Read<ResetPassword>,
) -> Result<impl IntoResponse, Problem> {
    let (proof, password) = request.check(portal.auth.settings().password)?;
    let given = request.flow.filter(|flow| !flow.is_empty());
    let flow = given.or_else(|| flow_cookie::get(&portal.config, &headers, Flow::Reset));
    let reset = auth::ResetPassword {
        proof,
        flow,
        password,
    };
    portal.auth.reset_password(reset, &client).await?;
    let cookie = flow_cookie::clear(&portal.config, &headers, Flow::Reset);
    Ok((cookie, Json(Success::DONE)))
}
