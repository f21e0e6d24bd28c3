//! The files of the site, carried inside the binary (D17).

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use app::server::Assets;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use rust_embed::{EmbeddedFile, RustEmbed};

/// What `cargo xtask build` made; empty before it ran. In debug builds read from the disk.
#[derive(RustEmbed)]
#[folder = "../../target/site"]
#[allow_missing = true]
struct Site;

/// A name with a hash of the content means this content for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

static MANIFEST: LazyLock<Option<Arc<Assets>>> = LazyLock::new(|| {
    let file = Site::get("manifest.json")?;
    let assets = serde_json::from_slice(&file.data);
    if let Err(error) = &assets {
        tracing::error!(reason = %error, "the site's manifest does not read");
    }
    assets.ok().map(Arc::new)
});

/// Where style sheet and islands are; `None` before the site is built.
pub(super) fn manifest() -> Option<&'static Arc<Assets>> {
    MANIFEST.as_ref()
}

/// The routes of files.
pub(super) fn router() -> Router {
    Router::new()
        .route("/pkg/{*path}", get(hashed))
        .route(
            "/favicon.ico",
            get(|request: Request| file("favicon.ico", FOR_A_DAY, request)),
        )
        .route(
            "/favicon.svg",
            get(|request: Request| file("favicon.svg", FOR_A_DAY, request)),
        )
        .route(
            "/robots.txt",
            get(|request: Request| file("robots.txt", FOR_A_DAY, request)),
        )
}

async fn hashed(Path(path): Path<String>, request: Request) -> Response {
    file(&format!("pkg/{path}"), FOR_EVER, request).await
}

async fn file(path: &str, cache: HeaderValue, request: Request) -> Response {
    let twin = takes_brotli(request.headers())
        .then(|| Site::get(&format!("{path}.br")))
        .flatten();
    let is_small = twin.is_some();
    let (Some(file), Some(kind)) = (twin.or_else(|| Site::get(path)), media_type(path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = tag(&file);
    let known = request.headers().get(IF_NONE_MATCH) == Some(&tag);
    let status = if known {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    };
    let body = if known { Body::empty() } else { body(file) };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, cache);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(ETAG, tag);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if is_small {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn body(file: EmbeddedFile) -> Body {
    match file.data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    }
}

/// Strong, and another one for the compressed twin: its bytes differ (RFC 9110 8.8.3.3).
fn tag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let hex: String = hash
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    HeaderValue::from_str(&format!("\"{hex}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Every browser of the last ten years, over https.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let lines = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        name.trim() == "br"
            && !matches!(
                weight.trim().trim_start_matches("q="),
                "0" | "0.0" | "0.00" | "0.000"
            )
    })
}

/// The types of the files there are; anything else is not served.
fn media_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
        takes_brotli(&headers)
    }

    #[test]
    fn compressed_is_for_those_who_ask() {
        assert!(accepts("gzip, deflate, br, zstd"));
        assert!(accepts("br;q=0.5"));
        assert!(!accepts("gzip"));
        assert!(!accepts("br;q=0"));
        assert!(!takes_brotli(&HeaderMap::new()));
    }

    #[test]
    fn the_manifest_and_the_twins_are_not_for_the_asking() {
        for path in ["manifest.json", "pkg/gatehouse.1a.css.br", "pkg/x"] {
            assert_eq!(media_type(path), None, "{path}");
        }
    }
}
