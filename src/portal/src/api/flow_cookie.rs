//! The cookies that carry a flow's secret in browsers: a registration's (D13), so that whoever opens
//! the letter in the browser that registered keeps the password given there; a reset's and a sign-in's
//! (D7), so that a code works in the browser that asked for it.

use axum::response::AppendHeaders;
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, header};
use time::Duration;
use wire::Secret;

use crate::config::Config;
use crate::credential::cookies;

/// A flow that a letter ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Flow {
    Registration,
    Reset,
    SignIn,
}

impl Flow {
    fn cookie(self, config: &Config) -> &'static str {
        match self {
            Self::Registration => config.flow_cookie(),
            Self::Reset => config.reset_cookie(),
            Self::SignIn => config.sign_in_cookie(),
        }
    }

    /// As long as what it belongs to.
    fn life(self) -> Duration {
        match self {
            Self::Registration => Duration::hours(24),
            Self::Reset => Duration::hours(1),
            Self::SignIn => Duration::minutes(15),
        }
    }
}

type SetCookie = Option<AppendHeaders<[(HeaderName, String); 1]>>;

/// For a browser; a program keeps the secret itself, and would only be surprised by a cookie that
/// makes its next request look like another site's.
pub(super) fn set(config: &Config, headers: &HeaderMap, flow: Flow, secret: &Secret) -> SetCookie {
    is_browser(headers).then(|| cookie(config, flow, secret.reveal(), flow.life()))
}

/// Whether a browser sent a request: programs say nothing of where their pages are from.
pub(super) fn is_browser(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site")
}

/// The flow is over.
pub(super) fn clear(config: &Config, headers: &HeaderMap, flow: Flow) -> SetCookie {
    let has_one = !cookies(headers, flow.cookie(config)).is_empty();
    has_one.then(|| cookie(config, flow, "", Duration::ZERO))
}

/// The secret a browser brings back; of two, neither.
pub(super) fn get(config: &Config, headers: &HeaderMap, flow: Flow) -> Option<Secret> {
    match cookies(headers, flow.cookie(config)).as_slice() {
        [one] if !one.is_empty() => Some(Secret::new(*one)),
        _ => None,
    }
}

fn cookie(
    config: &Config,
    flow: Flow,
    value: &str,
    life: Duration,
) -> AppendHeaders<[(HeaderName, String); 1]> {
    let cookie = Cookie::build((flow.cookie(config), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(config.is_https())
        .max_age(life);
    AppendHeaders([(SET_COOKIE, cookie.to_string())])
}
