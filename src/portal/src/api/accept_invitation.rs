//! `POST /api/auth/accept-invitation`.

use auth::{Accepted, Client};
use axum::extract::State;
use axum::{Extension, Json};
use tower_sessions::Session;
use wire::{AcceptInvitation, AuthResult};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use super::sign_in;
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for AcceptInvitation {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            token: read.secret("token"),
            password: read.optional_secret("password"),
            confirm_password: read.optional_secret("confirmPassword"),
            username: read.optional_text("username"),
            first_name: read.optional_text("firstName"),
            last_name: read.optional_text("lastName"),
            use_cookie: read.optional_bool("useCookie"),
            remember_me: read.optional_bool("rememberMe"),
            r#use: read.optional_text("use"),
        }
    }
}

/// Accept an invitation.
///
/// A new account needs `password`. Where the address has an account, send the `token` alone with a
/// session of that account (cookie or bearer token): it joins, and the answer has an access token but
/// no refresh token, because the session it has goes on.
#[utoipa::path(
    post, path = "/accept-invitation", tag = "auth", request_body = AcceptInvitation,
    responses(
        (status = 200, description = "Signed in, or joined", body = AuthResult),
        (status = 400, description = "`invalid_request`, `invalid_or_expired_link`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "A credential was sent and is not good", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `username`; of `email`, which has an account", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn accept_invitation(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    caller: Option<Extension<Caller>>,
    session: Session,
    Read(request): Read<AcceptInvitation>,
) -> Result<Json<AuthResult>, Problem> {
    let want = sign_in::want(
        request.use_cookie,
        request.remember_me,
        request.r#use.as_deref(),
    )?;
    let accept = request.check(portal.auth.settings().password)?;
    let whose = caller.as_ref().map(|Extension(caller)| &*caller.session);
    match portal
        .auth
        .accept_invitation(accept, whose, want, &client)
        .await?
    {
        Accepted::SignedIn(signed_in) => sign_in::answer(*signed_in, &session).await,
        Accepted::Joined(joined) => {
            if let (Some(signed_in), Some(cookie)) = (whose, joined.cookie) {
                sign_in::go_on(&portal, signed_in, &session, cookie).await?;
            }
            sign_in::body(*joined)
        }
    }
}
