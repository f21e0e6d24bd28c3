//! `/api/admin/outbox`: what became of letters.

use auth::Client;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{FieldCode, LetterStatus, Outbox, Paging, Success};

use super::body::{FromMembers, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;
use crate::credential::Caller;

/// Which letters.
pub(super) struct List {
    status: Option<LetterStatus>,
    paging: Paging,
}

impl FromMembers for List {
    fn from_members(read: &mut Reader<'_>) -> Self {
        let written = read.optional_text("status");
        let status = written.as_deref().and_then(LetterStatus::parse);
        if written.is_some() && status.is_none() {
            read.wrong("status", FieldCode::Invalid);
        }
        Self {
            status,
            paging: read.paging(),
        }
    }
}

/// Letters, newest first: to whom, how far each has come, and why the last attempt failed.
///
/// What a letter says is stored nowhere.
#[utoipa::path(
    get, path = "/api/admin/outbox", tag = "admin",
    params(
        ("status" = Option<LetterStatus>, Query, description = "Letters of this status alone"),
        ("limit" = Option<u32>, Query, description = "50 unless said otherwise, 200 at most"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of the outbox", body = Outbox),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    ReadQuery(List { status, paging }): ReadQuery<List>,
) -> Result<Json<Outbox>, Problem> {
    let page = portal.auth.list_letters(status, &paging).await?;
    Ok(Json(Outbox {
        next_cursor: page.next_cursor(),
        letters: page.items,
    }))
}

/// Try a letter that was given up for another day.
#[utoipa::path(
    post, path = "/api/admin/outbox/{id}/retry", tag = "admin",
    params(("id" = String, Path, description = "The letter")),
    responses(
        (status = 200, description = "It is due again", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict`, field `status`: it was not given up", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn retry(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    portal
        .auth
        .retry_letter(&known(id)?, &caller.session, &client)
        .await?;
    Ok(Json(Success::DONE))
}

/// Send the caller a letter, through the outbox like every other, to see whether letters arrive.
#[utoipa::path(
    post, path = "/api/admin/outbox/test", tag = "admin",
    responses(
        (status = 202, description = "It is on its way", body = Success),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `system:config`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn test(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
) -> Result<(StatusCode, Json<Success>), Problem> {
    portal
        .auth
        .send_test_letter(&caller.session, &client)
        .await?;
    Ok((StatusCode::ACCEPTED, Json(Success::DONE)))
}
