//! The headers every answer carries, errors and static files included (security.md 2.5).

use auth::Entropy;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::Portal;

/// The value every script of one page carries, new for each answer.
#[derive(Clone, Debug)]
pub struct CspNonce(pub String);

impl CspNonce {
    /// 128 random bits.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self(STANDARD.encode(bytes))
    }
}

/// What an answer that is no page may do, should a browser show it as one: nothing.
const DATA_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("x-frame-options"),
        HeaderValue::from_static("DENY"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), \
             geolocation=(), payment=(), usb=(), browsing-topics=()",
        ),
    ),
];

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");
/// One year, the least ASVS 3.4.1 accepts.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Adds what is missing; an answer that set a policy or a cache rule of its own keeps it.
pub async fn protect(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let nonce = request.extensions().get::<CspNonce>().cloned();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if portal.config.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    // What CORS opens to other origins must not be closed again here.
    let scope = if headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        "cross-origin"
    } else {
        "same-origin"
    };
    headers.insert(
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static(scope),
    );
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        let policy = if is_page(headers) {
            nonce.and_then(page_policy)
        } else {
            None
        };
        headers.insert(CONTENT_SECURITY_POLICY, policy.unwrap_or(DATA_POLICY));
    }
    // Kept by nobody unless the answer says otherwise: forgetting to say so must not leak.
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn is_page(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// The policy of pages: our own files alone, scripts with this nonce, no frame around them.
pub(crate) fn page_policy(CspNonce(nonce): CspNonce) -> Option<HeaderValue> {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    );
    HeaderValue::from_str(&policy).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_policy_allows_what_is_written_into_a_page() {
        let policy = page_policy(CspNonce("bm9uY2U=".to_owned())).expect("a header");
        let policy = policy.to_str().expect("text");

        assert!(policy.contains("'nonce-bm9uY2U='"));
        for hole in ["unsafe-inline", "'unsafe-eval'", "strict-dynamic", "*"] {
            assert!(!policy.contains(hole), "{hole}");
        }
    }
}
