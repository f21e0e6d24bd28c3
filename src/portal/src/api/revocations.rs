//! `/.well-known/revocations`: what ended or changed, for verifiers that never ask about a token
//! (docs/revocation-feed.md).

mod stream;

use std::sync::Arc;

use auth::{FeedDocument, FeedError};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use wire::{ErrorCode, FieldCode};

use super::body::{FromMembers, Reader};
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;

pub(super) use stream::{__path_stream, stream};

/// A JWS in compact form (RFC 7515 9.2.1).
const JOSE: &str = "application/jose";
/// Kept, and asked about each time: it is news.
const ASK_AGAIN: &str = "no-cache";
/// As for `jwks.json`.
const CACHED: &str = "public, max-age=300";

/// A document as it is sent, to many at once.
struct Shared(Arc<str>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// From where on.
pub(super) struct Since(Option<i64>);

impl FromMembers for Since {
    fn from_members(read: &mut Reader<'_>) -> Self {
        let written = read.optional_text("since");
        let since = written.as_deref().and_then(number);
        if written.is_some() && since.is_none() {
            read.wrong("since", FieldCode::Invalid);
        }
        Self(since)
    }
}

/// A change number as it stands in a query: digits alone.
fn number(text: &str) -> Option<i64> {
    let is_number = text.bytes().all(|b| b.is_ascii_digit()) && (1..=18).contains(&text.len());
    is_number.then(|| text.parse().ok()).flatten()
}

/// The revocation feed: ended sessions, disabled accounts, changed rights, accepted keys.
///
/// A signed document (JWS, `application/jose`). With `since`, what came after that number.
#[utoipa::path(
    get, path = "/.well-known/revocations", tag = "discovery",
    params(("since" = Option<i64>, Query, description = "The number of the newest change that is known already")),
    responses(
        (status = 200, description = "The document", body = String, content_type = "application/jose"),
        (status = 304, description = "The one of `If-None-Match` is still the newest"),
        (status = 400, description = "`invalid_request`: `since` is no number", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 410, description = "`not_found`: `since` is higher than the newest number; load the whole document", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, description = "`database_unavailable`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn revocations(
    State(portal): State<Portal>,
    headers: HeaderMap,
    ReadQuery(Since(since)): ReadQuery<Since>,
) -> Response {
    match portal.auth.revocations(since).await {
        Ok(document) => answer(&document, &headers),
        Err(FeedError::Ahead) => gone(),
        Err(error) => Problem::from(error).into_response(),
    }
}

fn answer(document: &FeedDocument, headers: &HeaderMap) -> Response {
    let tag = [(ETAG, document.etag.as_str()), (CACHE_CONTROL, ASK_AGAIN)];
    if is_known(headers, &document.etag) {
        return (StatusCode::NOT_MODIFIED, tag).into_response();
    }
    let body = Body::from(Bytes::from_owner(Shared(document.jws.clone())));
    (tag, [(CONTENT_TYPE, JOSE)], body).into_response()
}

/// Whether the asker holds this very document (RFC 9110 13.1.2).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(IF_NONE_MATCH).iter();
    let mut tags = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    tags.any(|known| known.trim().trim_start_matches("W/") == tag)
}

/// 410: the number is of a stream that is no more. `not_found` in the body, as documented.
fn gone() -> Response {
    let mut response = Problem(ErrorCode::NotFound.into()).into_response();
    *response.status_mut() = StatusCode::GONE;
    response
}

/// The public keys the revocation feed is signed with; they sign nothing else.
#[utoipa::path(get, path = "/.well-known/revocation-keys.json", tag = "discovery", responses((status = 200, description = "A JWK set (RFC 7517)", body = serde_json::Value)))]
pub(super) async fn keys(State(portal): State<Portal>) -> impl IntoResponse {
    let keys = Bytes::from_owner(portal.auth.feed_jwks());
    (
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, CACHED)],
        keys,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_digits_and_nothing_else() {
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("1042"), Some(1042));
        for text in [
            "",
            "-1",
            "+1",
            "1.5",
            "1e3",
            " 1",
            "0x1",
            "٣",
            "9999999999999999999",
        ] {
            assert_eq!(number(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_known_document_is_recognised_among_others() {
        let mut headers = HeaderMap::new();
        assert!(!is_known(&headers, "\"a\""));
        headers.insert(IF_NONE_MATCH, "\"b\", W/\"a\"".parse().expect("a value"));
        assert!(is_known(&headers, "\"a\""));
        assert!(!is_known(&headers, "\"c\""));
    }
}
