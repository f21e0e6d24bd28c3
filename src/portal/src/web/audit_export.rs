//! `/admin/audit/export`: the buttons of the audit page. A file, not a page; its own route so that who
//! must confirm first is sent to do so, which a JSON route would only say.

use std::sync::Arc;

use auth::Client;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use wire::ErrorCode;

use crate::Portal;
use crate::api::audit::{Export, file};
use crate::api::problem::Problem;
use crate::api::query::ReadQuery;

pub(super) fn router(portal: &Portal) -> Router {
    Router::new()
        .route("/admin/audit/export", get(export))
        .with_state(portal.clone())
}

async fn export(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(session): Extension<Option<Arc<auth::Session>>>,
    ReadQuery(wanted): ReadQuery<Export>,
) -> Result<Response, Problem> {
    let session = session.ok_or(ErrorCode::AuthenticationRequired)?;
    file(&portal, &wanted, &session, &client).await
}
