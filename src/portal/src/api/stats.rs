//! `/api/admin/stats` and `/api/admin/settings`: how the portal does, and what it runs with.

use axum::Json;
use axum::extract::State;
use wire::{FieldCode, Settings, Stats};

use super::body::{FromMembers, Reader};
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;

/// Over how many days.
pub(super) struct Days(u32);

impl FromMembers for Days {
    fn from_members(read: &mut Reader<'_>) -> Self {
        let days = read.optional_text("days");
        let days = days.as_deref().map_or(Some(30), Stats::days);
        if days.is_none() {
            read.wrong("days", FieldCode::Invalid);
        }
        Self(days.unwrap_or_default())
    }
}

/// Accounts, sign-ins day by day, letters that wait, and what should be looked at.
#[utoipa::path(
    get, path = "/stats", tag = "admin",
    params(("days" = Option<u32>, Query, description = "7, 30 or 90 days, today included; 30 unless said")),
    responses(
        (status = 200, description = "As of a second ago", body = Stats),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn stats(
    State(portal): State<Portal>,
    ReadQuery(Days(days)): ReadQuery<Days>,
) -> Result<Json<Stats>, Problem> {
    let deployment = portal.config.deployment();
    Ok(Json(portal.auth.stats(days, &deployment).await?))
}

/// Every setting: what holds, what holds by default, and who said so. Of a secret only that it is set.
#[utoipa::path(
    get, path = "/settings", tag = "admin",
    responses(
        (status = 200, description = "As read at the start", body = Settings),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn settings(State(portal): State<Portal>) -> Json<Settings> {
    let settings = portal.config.settings.clone();
    Json(Settings { settings })
}
