//! `POST /api/auth/ws-ticket` and its redeeming.

use auth::{Client, WS_TICKET_LIFE};
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use wire::{AccessToken, AskWsTicket, RedeemWsTicket, WsTicket};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for AskWsTicket {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            audience: read.optional_text("audience"),
        }
    }
}

impl FromMembers for RedeemWsTicket {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            ticket: read.secret("ticket"),
            audience: read.text("audience"),
        }
    }
}

/// Get a ticket to open a WebSocket with.
///
/// Send it as the first message, never in an address. It is good for 30 seconds, once, for one service.
#[utoipa::path(
    post, path = "/ws-ticket", tag = "auth", request_body = Option<AskWsTicket>,
    responses(
        (status = 201, description = "A ticket", body = WsTicket),
        (status = 400, description = "`invalid_request`: no service has this `audience`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`cross_site_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`: 60 a minute for each session", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ask(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    Read(request): Read<AskWsTicket>,
) -> Result<(StatusCode, Json<WsTicket>), Problem> {
    let audience = request.audience.as_deref();
    let ticket = portal
        .auth
        .issue_ws_ticket(&caller.session, audience, &client)
        .await?;
    let expires_in = WS_TICKET_LIFE;
    Ok((StatusCode::CREATED, Json(WsTicket { ticket, expires_in })))
}

/// Redeem a ticket: for the service a WebSocket was opened on.
///
/// An access token of the ticket's session, for the services alone. A ticket of another service is
/// refused like any other and stays what it was.
#[utoipa::path(
    post, path = "/ws-ticket/redeem", tag = "auth", request_body = RedeemWsTicket,
    responses(
        (status = 200, description = "A token", body = AccessToken),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`invalid_token`: made up, used, expired, another service's, or its session has ended", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn redeem(
    State(portal): State<Portal>,
    Read(request): Read<RedeemWsTicket>,
) -> Result<Json<AccessToken>, Problem> {
    let redeemed = portal
        .auth
        .redeem_ws_ticket(&request.ticket, &request.audience)
        .await?;
    Ok(Json(redeemed))
}
