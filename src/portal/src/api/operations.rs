//! What machines ask: is it alive, is it ready.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use wire::ErrorCode;

use super::problem::{Problem, ProblemDetails};
use crate::Portal;

/// All is well.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Status {
    /// `ok`.
    status: &'static str,
}

const OK: Json<Status> = Json(Status { status: "ok" });

/// Whether the portal answers.
#[utoipa::path(get, path = "/api/status", tag = "operations", responses((status = 200, description = "It does", body = Status)))]
pub(super) async fn status() -> Json<Status> {
    OK
}

/// Whether the process lives.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, description = "It does", body = Status)))]
pub(super) async fn healthz() -> Json<Status> {
    OK
}

/// Whether requests may come: database, migrations, signing key, and a clock within two seconds
/// of the database's (D28).
#[utoipa::path(
    get, path = "/readyz", tag = "operations",
    responses(
        (status = 200, description = "They may", body = Status),
        (status = 503, description = "`database_unavailable`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn readyz(State(portal): State<Portal>) -> Result<Json<Status>, Problem> {
    match portal.auth.ready().await {
        Ok(()) => Ok(OK),
        Err(reason) => {
            tracing::warn!(%reason, "not ready");
            Err(Problem(ErrorCode::DatabaseUnavailable.into()))
        }
    }
}
