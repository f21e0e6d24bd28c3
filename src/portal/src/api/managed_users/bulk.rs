//! `/api/admin/users/bulk`: one act on many.

use auth::Client;
use axum::extract::State;
use axum::{Extension, Json};
use wire::{ActOnUsers, BulkResult};

use super::super::body::{FromMembers, Read, Reader};
use super::super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for ActOnUsers {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            act: read.text("act"),
            ids: read.texts("ids"),
            reason: read.optional_text("reason"),
            seconds: read.optional_integer("seconds"),
            dry_run: read.optional_bool("dryRun"),
        }
    }
}

/// Suspend, enable, sign out or delete many accounts, or with `dryRun` only say who would be affected.
///
/// Each is judged and acted on by itself: one that is left out, with its reason, keeps no other from its
/// turn. At most 100. Accounts are deleted after 14 days; to delete one now, delete it by itself.
#[utoipa::path(
    post, path = "/users/bulk", tag = "admin", request_body = ActOnUsers,
    responses(
        (status = 200, description = "Who was affected, as they stand now, and who was left out", body = BulkResult),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn act_on_many(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    Read(request): Read<ActOnUsers>,
) -> Result<Json<BulkResult>, Problem> {
    let (auth, session) = (&portal.auth, &caller.session);
    let bulk = request.check()?;
    Ok(Json(match request.dry_run {
        Some(true) => auth.preview_bulk(session, &bulk).await?,
        _ => auth.act_on_users(session, &bulk, &client).await?,
    }))
}
