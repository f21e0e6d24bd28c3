//! `POST /api/auth/register`.

use auth::{Client, Registered, Want};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use wire::{Audience, AuthResult, Register, RegistrationStarted};

use super::body::{FromMembers, Read, Reader};
use super::flow_cookie::{self, Flow};
use super::problem::{Problem, ProblemDetails};
use super::sign_in;
use crate::Portal;

impl FromMembers for Register {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            email: read.text("email"),
            password: read.secret("password"),
            username: read.optional_text("username"),
            first_name: read.optional_text("firstName"),
            last_name: read.optional_text("lastName"),
            full_name: read.optional_text("fullName"),
        }
    }
}

/// Register an account.
///
/// The answer is the same whether or not the address is known. `registrationToken` is the flow's
/// secret: whoever proves the address with it keeps the password given here.
#[utoipa::path(
    post, path = "/register", tag = "auth", request_body = Register,
    responses(
        (status = 202, description = "A letter is on its way", body = RegistrationStarted),
        (status = 201, description = "With verification switched off: signed in", body = AuthResult),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `username` (or, with verification off, `email`)", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn register(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    Read(request): Read<Register>,
) -> Result<Response, Problem> {
    let account = request.check(portal.auth.settings().password)?;
    let want = Want::Tokens(Audience::default());
    match portal.auth.register(account, want, &client).await? {
        Registered::Pending { flow } => {
            let cookie = flow_cookie::set(&portal.config, &headers, Flow::Registration, &flow);
            let started = RegistrationStarted {
                status: "verification_sent".to_owned(),
                registration_token: Some(flow),
            };
            Ok((StatusCode::ACCEPTED, cookie, Json(started)).into_response())
        }
        Registered::SignedIn(signed_in) => {
            Ok((StatusCode::CREATED, sign_in::body(*signed_in)?).into_response())
        }
    }
}
