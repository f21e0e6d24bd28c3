//! `POST /api/auth/resend-verification`.

use auth::Client;
use axum::extract::State;
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use wire::{Email, Error, RegistrationStarted, ResendVerification};

use super::body::{FromMembers, Read, Reader};
use super::flow_cookie::{self, Flow};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;

impl FromMembers for ResendVerification {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            email: read.text("email"),
            registration_token: read.optional_secret("registrationToken"),
        }
    }
}

/// Send the letter again.
///
/// The answer is the same whether or not a registration of the address is waiting. With the flow's
/// secret (`registrationToken`, or the cookie in browsers) the letter is of that registration; without,
/// of the newest of the address, whose code works in the flow of whoever registered last.
#[utoipa::path(
    post, path = "/resend-verification", tag = "auth", request_body = ResendVerification,
    responses(
        (status = 202, description = "If a registration is waiting, a letter is on its way", body = RegistrationStarted),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn resend_verification(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    Read(request): Read<ResendVerification>,
) -> Result<(StatusCode, Json<RegistrationStarted>), Problem> {
    let email = Email::parse(&request.email).map_err(|code| Error::field("email", code))?;
    let given = request.registration_token.filter(|flow| !flow.is_empty());
    let flow = given.or_else(|| flow_cookie::get(&portal.config, &headers, Flow::Registration));
    let auth = &portal.auth;
    auth.resend_verification(email, flow.as_ref(), &client)
        .await?;
    let started = RegistrationStarted {
        status: "verification_sent".to_owned(),
        registration_token: None,
    };
    Ok((StatusCode::ACCEPTED, Json(started)))
}
