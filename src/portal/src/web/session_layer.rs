//! The session cookie.

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::SET_COOKIE;
use tower::util::MapResponseLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use super::session_store::Sessions;
use crate::Portal;

/// The session layer, and around it what mends the cookie it takes back.
pub type SessionLayer = (
    MapResponseLayer<fn(Response<Body>) -> Response<Body>>,
    SessionManagerLayer<Sessions>,
);

/// Carries sessions of the core in a cookie: `Lax`, so that links in letters find people signed in
/// (`stack.md` T26). It ends with the browser, unless whoever sets it says how long it is to be kept
/// (`carry_on`); whether the session lives is the core's.
pub fn session_layer(portal: &Portal) -> SessionLayer {
    let sessions = SessionManagerLayer::new(Sessions::new(portal.auth.clone()))
        .with_name(portal.config.session_cookie())
        .with_secure(portal.config.is_https())
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd);
    (MapResponseLayer::new(mend_removal as fn(_) -> _), sessions)
}

/// tower-sessions takes a cookie back without `Secure`. Browsers refuse that under the `__Host-`
/// prefix, and the cookie would stay.
fn mend_removal(mut response: Response<Body>) -> Response<Body> {
    for value in response
        .headers_mut()
        .iter_mut()
        .filter(|(name, _)| *name == SET_COOKIE)
        .map(|(_, value)| value)
    {
        let mended = value
            .to_str()
            .ok()
            .filter(|text| text.starts_with("__Host-gatehouse=;"));
        if let Some(mended) =
            mended.and_then(|text| HeaderValue::from_str(&format!("{text}; Secure")).ok())
        {
            *value = mended;
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_is_taken_back_leaves() {
        let mut response = Response::new(Body::empty());
        for line in [
            "__Host-gatehouse=; Path=/; Max-Age=0",
            "__Host-gatehouse=AAAA; Secure",
            "other=; Path=/",
        ] {
            response
                .headers_mut()
                .append(SET_COOKIE, HeaderValue::from_static(line));
        }

        let mended = mend_removal(response);

        let lines: Vec<_> = mended.headers().get_all(SET_COOKIE).iter().collect();
        assert_eq!(
            lines,
            [
                "__Host-gatehouse=; Path=/; Max-Age=0; Secure",
                "__Host-gatehouse=AAAA; Secure",
                "other=; Path=/"
            ]
        );
    }
}
