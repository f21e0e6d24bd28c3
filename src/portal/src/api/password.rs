//! `PUT /api/account/password`.

use auth::Client;
use axum::extract::State;
use axum::{Extension, Json};
use tower_sessions::Session;
use wire::{ChangePassword, Success};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use super::sign_in;
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for ChangePassword {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            current_password: read.secret("currentPassword"),
            new_password: read.secret("newPassword"),
            confirm_password: read.optional_secret("confirmPassword"),
            sign_out_others: read.optional_bool("signOutOthers"),
        }
    }
}

/// Change the caller's password.
///
/// The session of the caller lives on (one carried by the cookie under a new one), the account's others end unless `signOutOthers` is `false`.
/// Access tokens from before are `token_stale`: refresh.
#[utoipa::path(
    put, path = "/api/account/password", tag = "account", request_body = ChangePassword,
    responses(
        (status = 200, description = "The account has the new password", body = Success),
        (status = 400, description = "`invalid_request` (a wrong `currentPassword` is `invalid`), `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `invalid_token`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change_password(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    session: Session,
    Read(request): Read<ChangePassword>,
) -> Result<Json<Success>, Problem> {
    let (current, new) = request.check(portal.auth.settings().password)?;
    let change = auth::ChangePassword {
        current,
        new,
        ends_others: request.sign_out_others.unwrap_or(true),
    };
    let cookie = portal
        .auth
        .change_password(&caller.session, change, &client)
        .await?;
    if let Some(cookie) = cookie {
        sign_in::go_on(&portal, &caller.session, &session, cookie).await?;
    }
    Ok(Json(Success::DONE))
}
