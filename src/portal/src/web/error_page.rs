//! The page for people behind an error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use wire::ErrorCode;

use super::assets;

/// When even the error page fails.
const FALLBACK: &str = "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Something went wrong</title>\
    <main><h1>Something went wrong</h1><p>It is our fault, not yours. Try again in a moment.</p></main></html>";

/// What happened, what to do, and the request to ask about. Needs no database and no session.
pub fn error_page(code: ErrorCode, request_id: &str) -> Response {
    let css = assets::manifest().map(|assets| assets.css.as_str());
    let page = catch_unwind(AssertUnwindSafe(|| {
        app::error_document(code, request_id, css)
    }));
    let html = page.unwrap_or_else(|_| FALLBACK.to_owned());
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Html(html)).into_response()
}
