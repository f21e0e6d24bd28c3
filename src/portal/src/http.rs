//! What every request passes through, from the outside in: its id and sender, the log line and
//! the numbers, headers, cross-origin answers, the shape of errors, panics.

pub mod access_log;
pub mod client_address;
pub mod context;
pub mod cors;
pub mod cross_site;
pub mod headers;
pub mod limit;
pub mod problems;
pub mod streams;

use axum::Router;
use axum::body::Body;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use http::StatusCode;
use tower_http::catch_panic::CatchPanicLayer;

use crate::Portal;

/// Puts the layers around `router`; the last one added is the outermost.
pub fn surround(router: Router, portal: &Portal) -> Router {
    router
        .layer(CatchPanicLayer::custom(after_a_panic))
        .layer(from_fn_with_state(portal.clone(), limit::general))
        .layer(from_fn_with_state(portal.clone(), problems::explain))
        .layer(from_fn_with_state(portal.clone(), cors::share))
        .layer(from_fn_with_state(portal.clone(), headers::protect))
        .layer(from_fn(access_log::record))
        .layer(from_fn_with_state(portal.clone(), context::establish))
}

/// A panic hurts the one request it happened in (security.md row 117). The panic hook has said
/// where; what it said may hold a secret and is not repeated.
fn after_a_panic(_said: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
