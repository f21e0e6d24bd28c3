//! The cookie that carries a registration's secret in browsers (D13): whoever opens the letter in
//! the browser that registered keeps the password given there.

use axum::response::AppendHeaders;
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, header};
use time::Duration;
use wire::Secret;

use crate::config::Config;
use crate::credential::cookies;

/// As long as the link in the letter.
const LIFE: Duration = Duration::hours(24);

type SetCookie = Option<AppendHeaders<[(HeaderName, String); 1]>>;

/// For a browser; a program keeps the secret itself, and would only be surprised by a cookie that
/// makes its next request look like another site's.
pub(super) fn set(config: &Config, headers: &HeaderMap, flow: &Secret) -> SetCookie {
    let is_browser = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    is_browser.then(|| cookie(config, flow.reveal(), LIFE))
}

/// The flow is over.
pub(super) fn clear(config: &Config, headers: &HeaderMap) -> SetCookie {
    let has_one = !cookies(headers, config.flow_cookie()).is_empty();
    has_one.then(|| cookie(config, "", Duration::ZERO))
}

/// The secret a browser brings back; of two, neither.
pub(super) fn get(config: &Config, headers: &HeaderMap) -> Option<Secret> {
    match cookies(headers, config.flow_cookie()).as_slice() {
        [one] if !one.is_empty() => Some(Secret::new(*one)),
        _ => None,
    }
}

fn cookie(
    config: &Config,
    value: &str,
    life: Duration,
) -> AppendHeaders<[(HeaderName, String); 1]> {
    let cookie = Cookie::build((config.flow_cookie(), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(config.is_https())
        .max_age(life);
    AppendHeaders([(SET_COOKIE, cookie.to_string())])
}
