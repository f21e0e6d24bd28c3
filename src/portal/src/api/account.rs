//! `/api/account`: the caller's own account.

use auth::Client;
use axum::extract::State;
use axum::{Extension, Json};
use wire::{Account, UpdateProfile, User};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for UpdateProfile {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            first_name: read.change("firstName"),
            last_name: read.change("lastName"),
            username: read.change("username"),
        }
    }
}

/// The caller's account.
#[utoipa::path(
    get, path = "/api/account", tag = "account",
    responses(
        (status = 200, description = "The account, and the address that waits to be proven", body = Account),
        (status = 401, description = "`authentication_required`, `invalid_token`, `token_expired`, `token_revoked`, `token_stale`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: an API key is no way to an account", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn account(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Account>, Problem> {
    let user = portal.auth.me(&caller.session).await?;
    let pending = portal.auth.pending_email(&caller.session).await?;
    Ok(Json(Account {
        user,
        pending_email: pending.map(|pending| pending.email.into()),
    }))
}

/// Change names and username.
///
/// What is left out stays, `null` clears. Role, tenant, address and whether it is proven are no
/// members here: naming one is 400. Seen at once in every session.
#[utoipa::path(
    patch, path = "/api/account", tag = "account", request_body = UpdateProfile,
    responses(
        (status = 200, description = "The account as it is now", body = User),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `invalid_token`, `token_expired`, `token_revoked`, `token_stale`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `username`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn update_profile(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    Read(request): Read<UpdateProfile>,
) -> Result<Json<User>, Problem> {
    let change = request.check().map_err(Problem)?;
    let user = portal
        .auth
        .update_profile(&caller.session, &change, &client)
        .await?;
    Ok(Json(user))
}
