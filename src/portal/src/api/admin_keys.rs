//! `/api/admin/keys`: everybody's keys.

use auth::{ApiKeyQuery, Client};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use wire::{ApiKeyStatus, ApiKeys, RevokeApiKey, Success, searched};

use super::body::{FromMembers, Read, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;
use crate::credential::Caller;

/// How a key is to stand.
enum Stands {
    Like(ApiKeyStatus),
    /// It ends within seven days.
    Expiring,
}

impl Stands {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "expiring" => Some(Self::Expiring),
            other => ApiKeyStatus::parse(other).map(Self::Like),
        }
    }
}

/// How a key is to have been used.
enum Used {
    Never,
    /// Not for 90 days.
    NotLately,
}

impl Used {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "never" => Some(Self::Never),
            "unused" => Some(Self::NotLately),
            _ => None,
        }
    }
}

/// Which keys.
pub(super) struct List(ApiKeyQuery);

impl FromMembers for List {
    fn from_members(read: &mut Reader<'_>) -> Self {
        let status = read.choice("status", Stands::parse);
        let used = read.choice("used", Used::parse);
        read.newest_first();
        let part = searched(&read.optional_text("q").unwrap_or_default());
        let part = part.unwrap_or_else(|error| {
            for field in error.fields {
                read.wrong("q", field.code);
            }
            String::new()
        });
        let id = |text: Option<String>| text.filter(|id| !id.is_empty());
        Self(ApiKeyQuery {
            ending: matches!(status, Some(Stands::Expiring)),
            status: match status {
                Some(Stands::Like(status)) => Some(status),
                _ => None,
            },
            user_id: id(read.optional_text("userId")),
            tenant_id: id(read.optional_text("tenantId")),
            never_used: matches!(used, Some(Used::Never)),
            unused: matches!(used, Some(Used::NotLately)),
            part,
            paging: read.paging(),
        })
    }
}

impl FromMembers for RevokeApiKey {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            reason: read.optional_text("reason"),
        }
    }
}

/// List everybody's keys.
///
/// Newest first, without the keys themselves. `q` is a part of the key's name or of its owner's address, or
/// its last four characters.
#[utoipa::path(
    get, path = "/keys", tag = "admin",
    params(
        ("q" = Option<String>, Query, description = "Only those whose name or owner's address holds this, or that end so"),
        ("status" = Option<String>, Query, description = "Only those that stand like this: `active`, `suspended`, `stopped`, `expired`, `revoked`; or `expiring`: within seven days"),
        ("used" = Option<String>, Query, description = "`never`: only those that never were; `unused`: not for 90 days"),
        ("userId" = Option<String>, Query, description = "Only those that stand on this account"),
        ("tenantId" = Option<String>, Query, description = "Only those that act in this tenant"),
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = ApiKeys),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `apikey:manage`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    ReadQuery(List(query)): ReadQuery<List>,
) -> Result<Json<ApiKeys>, Problem> {
    let page = portal.auth.list_all_api_keys(&query).await?;
    Ok(Json(ApiKeys {
        next_cursor: page.next_cursor(),
        keys: page.items,
    }))
}

/// Revoke somebody's key.
///
/// Its owner is told. `reason` is for the audit log. Revoking twice is no error.
#[utoipa::path(
    post, path = "/keys/{id}/revoke", tag = "admin", request_body = Option<RevokeApiKey>,
    params(("id" = String, Path, description = "The key")),
    responses(
        (status = 200, description = "Revoked", body = Success),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `apikey:manage`, or its owner has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn revoke(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
    Read(request): Read<RevokeApiKey>,
) -> Result<Json<Success>, Problem> {
    let said = request.check()?;
    portal
        .auth
        .revoke_key_of(&caller.session, &known(id)?, said.as_deref(), &client)
        .await?;
    Ok(Json(Success::DONE))
}
