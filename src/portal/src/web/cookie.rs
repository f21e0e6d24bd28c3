//! Cookies beside the session's: their names, their attributes, and what is sealed in them.

use auth::{Auth, Purpose};
use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use time::Duration;

use crate::config::Config;
use crate::credential::cookies;

/// The longest value: browsers drop a cookie over 4096 bytes, name and attributes included.
const LONGEST: usize = 3 * 1024;

/// A value that ends, whatever the browser does with its cookie.
#[derive(Serialize, Deserialize)]
struct Lasting<T> {
    until: i64,
    value: T,
}

/// The full name of one of our cookies. The prefix makes browsers insist on https and on one host
/// (RFC 6265bis 4.1.3.2).
pub(super) fn name(config: &Config, short: &str) -> String {
    format!("{}-{short}", config.session_cookie())
}

/// A cookie with the attributes all of ours have.
pub(super) fn cookie(config: &Config, name: String, value: String, seconds: i64) -> String {
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(config.is_https())
        .max_age(Duration::seconds(seconds));
    cookie.to_string()
}

/// The value of a cookie; of two, neither.
pub(super) fn get(headers: &HeaderMap, name: &str) -> Option<String> {
    match cookies(headers, name).as_slice() {
        [one] if !one.is_empty() => Some((*one).to_owned()),
        _ => None,
    }
}

/// Seals a value for one place, so that it opens nowhere else and not after `seconds`.
pub(super) fn seal<T: Serialize>(
    auth: &Auth,
    place: &str,
    seconds: i64,
    value: T,
) -> Option<String> {
    let lasting = Lasting {
        until: auth.now() + seconds,
        value,
    };
    let plain = serde_json::to_vec(&lasting).ok()?;
    let sealed = auth
        .ring()
        .seal(auth.entropy(), Purpose::Cookie, place, &plain);
    Some(URL_SAFE_NO_PAD.encode(sealed)).filter(|text| text.len() <= LONGEST)
}

/// Opens what [`seal`] made for this place; nothing when it was altered, moved, or has ended.
pub(super) fn open<T: DeserializeOwned>(auth: &Auth, place: &str, sealed: &str) -> Option<T> {
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let plain = auth.ring().open(Purpose::Cookie, place, &sealed).ok()?;
    let lasting: Lasting<T> = serde_json::from_slice(&plain).ok()?;
    (auth.now() < lasting.until).then_some(lasting.value)
}
