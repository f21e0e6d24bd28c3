//! `POST /api/auth/token`.

use axum::extract::State;
use axum::{Extension, Json};
use wire::{AccessToken, Audience};

use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

/// Get an access token for the services.
///
/// For browser apps: the session cookie is the credential, there is no body.
#[utoipa::path(
    post, path = "/token", tag = "auth",
    responses(
        (status = 200, description = "A token for the services alone", body = AccessToken),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`, `insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn token(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<AccessToken>, Problem> {
    Ok(Json(
        portal
            .auth
            .access_token(&caller.session, Audience::Services)
            .await?,
    ))
}
