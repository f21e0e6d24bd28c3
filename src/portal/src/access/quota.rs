//! How much an API key has left, for programs to pace themselves by
//! (draft-ietf-httpapi-ratelimit-headers-11).

use auth::Quota;
use axum::response::Response;
use http::{HeaderName, HeaderValue};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// Says it in `RateLimit-Policy` (uses in a window of an hour) and `RateLimit` (uses left, seconds until
/// there are more).
pub(super) fn say(mut response: Response, quota: Option<Quota>) -> Response {
    let Some(Quota { limit, left, reset }) = quota else {
        return response;
    };
    let policy = format!("\"api-key\";q={limit};w=3600");
    let rest = format!("\"api-key\";r={left};t={reset}");
    for (name, value) in [(POLICY, policy), (LEFT, rest)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
