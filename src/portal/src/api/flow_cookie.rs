//! The cookies that carry a flow's secret in browsers: of a registration (D13), so that whoever opens
//! the letter in the browser that registered keeps the password given there; and of a sign-in by
//! mailed code (D7), which works in the browser that asked for it.

use axum::response::AppendHeaders;
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, header};
use time::Duration;
use wire::Secret;

use crate::config::Config;
use crate::credential::cookies;

/// What the flow is for.
#[derive(Clone, Copy)]
pub(super) enum Flow {
    /// As long as the link in the letter.
    Registration,
    /// As long as the flow.
    SignIn,
}

impl Flow {
    fn cookie(self, config: &Config) -> (&'static str, Duration) {
        match self {
            Self::Registration => (config.flow_cookie(), Duration::hours(24)),
            Self::SignIn => (config.sign_in_cookie(), Duration::minutes(15)),
        }
    }
}

type SetCookie = Option<AppendHeaders<[(HeaderName, String); 1]>>;

/// For a browser; a program keeps the secret itself, and would only be surprised by a cookie that
/// makes its next request look like another site's.
pub(super) fn set(config: &Config, headers: &HeaderMap, flow: Flow, secret: &Secret) -> SetCookie {
    let is_browser = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    let (name, life) = flow.cookie(config);
    is_browser.then(|| cookie(config, name, secret.reveal(), life))
}

/// The flow is over.
pub(super) fn clear(config: &Config, headers: &HeaderMap, flow: Flow) -> SetCookie {
    let (name, _) = flow.cookie(config);
    let has_one = !cookies(headers, name).is_empty();
    has_one.then(|| cookie(config, name, "", Duration::ZERO))
}

/// The secret a browser brings back; of two, neither.
pub(super) fn get(config: &Config, headers: &HeaderMap, flow: Flow) -> Option<Secret> {
    let (name, _) = flow.cookie(config);
    match cookies(headers, name).as_slice() {
        [one] if !one.is_empty() => Some(Secret::new(*one)),
        _ => None,
    }
}

fn cookie(
    config: &Config,
    name: &'static str,
    value: &str,
    life: Duration,
) -> AppendHeaders<[(HeaderName, String); 1]> {
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(config.is_https())
        .max_age(life);
    AppendHeaders([(SET_COOKIE, cookie.to_string())])
}
