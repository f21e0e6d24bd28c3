//! The portal: configuration, composition, the JSON API and the browser's door, around the core.
//!
//! A library so that tests can build the router over a core of their own; `main.rs` only starts it.

pub mod access;
pub mod api;
pub mod cli;
pub mod compose;
pub mod config;
pub mod credential;
pub mod csv;
pub mod http;
pub mod log;
pub mod metrics;
pub mod serve;
pub mod state;
#[cfg(test)]
mod testing;
pub mod web;
pub mod worker;

use axum::Router;
use axum::middleware::from_fn_with_state;

pub use state::Portal;

/// Every route of the product, guarded and inside its layers.
pub fn router(portal: &Portal) -> Router {
    let routes = api::router(portal)
        .layer(web::session_layer(portal))
        .merge(web::router(portal));
    let guarded = routes.route_layer(from_fn_with_state(portal.clone(), access::guard::guard));
    http::surround(guarded, portal)
}
