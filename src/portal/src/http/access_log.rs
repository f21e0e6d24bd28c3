//! One line and some numbers for each request. No query, no address, no body: the route as it is
//! written in the table, never the path as it was sent.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;

use crate::metrics;

/// What is logged of a path no route has.
const NO_ROUTE: &str = "none";

/// Measures and records a request.
pub async fn record(request: Request, next: Next) -> Response {
    let method = method(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let started = Instant::now();
    let response = next.run(request).await;
    let took = started.elapsed();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let status = response.status().as_u16();
    tracing::info!(target: "portal::access", method, route, status, ms = milliseconds(took), "request");
    metrics::request(method, route, &response, took);
    response
}

/// To a hundredth: more is noise.
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 100_000.0).round() / 100.0
}

/// A method nobody defined would be a label nobody bounds.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
