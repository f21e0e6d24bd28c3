//! `/api/account/events`: what happened to the caller's account.

use auth::Client;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use wire::{Events, Success};

use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::{Listed, ReadQuery};
use crate::Portal;
use crate::credential::Caller;

/// What happened, newest first.
#[utoipa::path(
    get, path = "/api/account/events", tag = "account",
    params(
        ("limit" = Option<u32>, Query, description = "How many; 50 unless said, at most 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "One page", body = Events),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn events(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    ReadQuery(Listed(paging)): ReadQuery<Listed>,
) -> Result<Json<Events>, Problem> {
    let page = portal.auth.list_events(&caller.session, &paging).await?;
    Ok(Json(Events {
        next_cursor: page.next_cursor(),
        events: page.items,
    }))
}

/// Say of an event that it was not you.
///
/// Takes the account back from whoever it was: every session ends, this one too, changes of address
/// made since are undone, the password opens nothing any more, and a letter leads to a new one.
#[utoipa::path(
    post, path = "/api/account/events/{id}/disown", tag = "account",
    params(("id" = String, Path, description = "The event")),
    responses(
        (status = 200, description = "Taken back", body = Success),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no event of the caller's", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn disown(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Success>, Problem> {
    let id = known(id)?;
    portal.auth.disown(&caller.session, &id, &client).await?;
    Ok(Json(Success::DONE))
}
