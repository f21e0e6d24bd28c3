//! `/account/export`: the button on the privacy page. A file, not a page; its own route so that who
//! must confirm first is sent to do so, which a JSON route would only say.

use std::sync::Arc;

use auth::Client;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::get;
use axum::{Extension, Json, Router};
use wire::ErrorCode;

use crate::Portal;
use crate::api::leaving::ATTACHMENT;
use crate::api::problem::Problem;

pub(super) fn router(portal: &Portal) -> Router {
    Router::new()
        .route("/account/export", get(export))
        .with_state(portal.clone())
}

async fn export(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(session): Extension<Option<Arc<auth::Session>>>,
) -> Result<impl IntoResponse, Problem> {
    let session = session.ok_or(ErrorCode::AuthenticationRequired)?;
    let export = portal.auth.export_account(&session, &client).await?;
    Ok((AppendHeaders(ATTACHMENT), Json(export)))
}
