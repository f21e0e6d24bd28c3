//! Whoever has not agreed to what the portal requires is asked before the next page (req 156). Pages
//! alone: programs read `GET /api/account/consents`, and a form that was already open is still taken.

use axum::response::{IntoResponse, Redirect, Response};
use http::Uri;
use wire::percent_encoded;

use super::{Door, Row, Who};
use crate::Portal;
use crate::api::problem::Problem;
use crate::credential::Caller;

/// Where one is asked, and where one may go instead of agreeing: away, with everything.
const OPEN: &[&str] = &[
    "/consent",
    "/step-up",
    "/account/privacy",
    "/account/export",
    "/account/delete",
];

/// Sends the viewer of a page to be asked, if something is outstanding.
pub(super) async fn ask(
    portal: &Portal,
    row: &Row,
    wanted: &Uri,
    viewer: &Caller,
) -> Result<(), Response> {
    if row.door != Door::Page || row.who == Who::Public || OPEN.contains(&row.path) {
        return Ok(());
    }
    let lacks = portal.auth.lacks_consent(&viewer.session.user.id).await;
    if !lacks.map_err(|fault| Problem::from(fault).into_response())? {
        return Ok(());
    }
    let wanted = wanted.path_and_query();
    let wanted = wanted.map_or(row.path, |wanted| wanted.as_str());
    Err(Redirect::to(&format!("/consent?next={}", percent_encoded(wanted))).into_response())
}
