//! Who looks at a page, and with what in hand. Nothing here may be missing loudly: the list of
//! routes is made by rendering once with an empty request.

use std::sync::Arc;

use auth::{Client, Session};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use wire::{PasswordRule, SafeReturnTo};

use super::{Brought, Flash, Site, Visit};

/// The portal, where there is one.
pub(crate) fn site() -> Option<Site> {
    use_context()
}

/// How long a new password must be here.
pub(crate) fn password_rule() -> PasswordRule {
    site().map_or_else(PasswordRule::default, |site| site.auth.settings().password)
}

/// The session of the person looking; `None` for a visitor.
pub(crate) fn viewer() -> Option<Arc<Session>> {
    extension::<Option<Arc<Session>>>().flatten()
}

/// What the browser brought beside its session.
pub(crate) fn brought() -> Brought {
    extension::<Visit>()
        .map(|visit| visit.brought().clone())
        .unwrap_or_default()
}

/// What this page shows once.
pub(crate) fn flash() -> Flash {
    brought().flash.unwrap_or_default()
}

/// The request's id, for people to quote.
pub(crate) fn request_id() -> String {
    extension::<Client>()
        .map(|client| client.request_id)
        .unwrap_or_default()
}

/// Where `?next=` wants to lead, made safe.
pub(crate) fn next() -> SafeReturnTo {
    SafeReturnTo::parse(&asked("next").unwrap_or_default())
}

/// What the query says of `name`: for the page to judge, never to show.
pub(crate) fn asked(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let pairs = parts.uri.query()?.split('&');
    let mut values = pairs.filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    values.next().map(decoded)
}

/// The same of a name that may be there several times.
pub(crate) fn asked_all(name: &str) -> Vec<String> {
    let Some(parts) = use_context::<Parts>() else {
        return Vec::new();
    };
    let pairs = parts.uri.query().unwrap_or_default().split('&');
    let values = pairs.filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    values.map(decoded).collect()
}

/// The path of the page that is looked at, without its query.
pub(crate) fn here() -> String {
    let parts = use_context::<Parts>();
    parts.map_or_else(String::new, |parts| parts.uri.path().to_owned())
}

/// Answers with a redirect instead of a page.
pub(crate) fn go(path: &str) {
    let answer = use_context::<ResponseOptions>();
    if let (Some(answer), Ok(path)) = (answer, HeaderValue::from_str(path)) {
        answer.set_status(StatusCode::SEE_OTHER);
        answer.insert_header(header::LOCATION, path);
    }
}

/// Something a layer put into the request.
pub(crate) fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
    use_context::<Parts>()?.extensions.get::<T>().cloned()
}

/// RFC 3986 2.1, and `+` as forms write a space. What does not read becomes nothing.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (rest.next().and_then(digit), rest.next().and_then(digit)) {
                (Some(high), Some(low)) => high * 16 + low,
                _ => return String::new(),
            },
            plain => plain,
        });
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_value_reads_as_it_was_written() {
        assert_eq!(decoded("/account%3Ftab%3Dprofile"), "/account?tab=profile");
        assert_eq!(decoded("/a+b%20c"), "/a b c");
        for broken in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(decoded(broken), "", "{broken}");
        }
    }
}
