//! `/api/admin/signing-keys`: what signs tokens and the revocation feed.

use auth::{Client, SigningKeyView, rfc3339};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use wire::{SigningKey, SigningKeys, Success};

use super::known::known;
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

/// A key as it crosses the wire.
pub(crate) fn view(key: SigningKeyView) -> SigningKey {
    SigningKey {
        kid: key.kid,
        algorithm: key.algorithm,
        purpose: key.purpose.to_owned(),
        state: key.state.to_owned(),
        created_at: rfc3339(key.created_at),
        active_at: key.active_at.map(rfc3339),
        leaves_at: key.leaves_at.map(rfc3339),
    }
}

/// The published keys: which signs, which comes next, and until when what a previous one signed is good.
#[utoipa::path(
    get, path = "/signing-keys", tag = "admin",
    responses(
        (status = 200, description = "All of them, those of tokens first", body = SigningKeys),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(portal): State<Portal>) -> Result<Json<SigningKeys>, Problem> {
    let mut keys = portal.auth.signing_keys().await?;
    keys.extend(portal.auth.feed_keys().await?);
    let signing_keys = keys.into_iter().map(view).collect();
    Ok(Json(SigningKeys { signing_keys }))
}

/// Let the next key sign tokens from now on.
///
/// Tokens signed before stay good until they end.
#[utoipa::path(
    post, path = "/signing-keys/rotate", tag = "admin",
    responses(
        (status = 200, description = "It signs", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict`, field `next`: it was published less than 15 minutes ago, and verifiers may not have it", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rotate(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Success>, Problem> {
    let actor = Some(&*caller.session);
    portal.auth.rotate_signing_keys(actor, &client).await?;
    Ok(Json(Success::DONE))
}

/// Take a key out of use at once, because somebody else may hold it.
///
/// Everything it signed is refused from now on, here and by every service that follows the revocation
/// feed. If it was the current one, the next one signs at once.
#[utoipa::path(
    post, path = "/signing-keys/{kid}/revoke", tag = "admin",
    params(("kid" = String, Path, description = "The key's `kid`")),
    responses(
        (status = 200, description = "It is out", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no published key has this name", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn revoke(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    kid: Result<Path<String>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    let (kid, actor) = (known(kid)?, Some(&*caller.session));
    portal.auth.revoke_signing_key(&kid, actor, &client).await?;
    Ok(Json(Success::DONE))
}
