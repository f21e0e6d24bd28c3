//! Which credential a request brings. One kind and no more: with two somebody is mistaken about who is calling, and a wrong one
//! must not be made up for by the other. Cookies and query strings are no place for a credential here: the first are sent by any
//! page that asks a browser to, the second end up in logs. No other header says anything about the caller.

use http::header::{AUTHORIZATION, HeaderMap, HeaderName};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Credential<'a> {
    None,
    Token(&'a str),
    Key(&'a str),
    /// An `Authorization` that is no single Bearer token (RFC 6750, section 2.1).
    Unreadable,
    /// Both kinds, good or not.
    Several,
}

impl<'a> Credential<'a> {
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        let has = |name| headers.contains_key(name);
        match (has(AUTHORIZATION), has(API_KEY)) {
            (true, true) => Self::Several,
            (false, false) => Self::None,
            (true, false) => {
                let token = single(headers, &AUTHORIZATION).and_then(bearer);
                token.map_or(Self::Unreadable, Self::Token)
            }
            // A key that does not read is a wrong key.
            (false, true) => Self::Key(single(headers, &API_KEY).unwrap_or_default()),
        }
    }
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    value.to_str().ok()
}

/// The token of RFC 6750's `"Bearer" 1*SP b64token`.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, rest) = header.split_once(' ')?;
    let token = rest.trim_matches(' ');
    let letters = token.trim_end_matches('=');
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    let is_token = !letters.is_empty() && letters.bytes().all(is_letter);
    (scheme.eq_ignore_ascii_case("bearer") && is_token).then_some(token)
}

/// Of several the last was added by whoever stands nearest.
pub(crate) fn is_forwarded_https(headers: &HeaderMap) -> bool {
    let last = headers.get_all(FORWARDED_PROTO).iter().next_back();
    let proto = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    proto.is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let line = |&(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn one_bearer_token_is_read() {
        for good in [
            "Bearer a.b.c",
            "bearer a.b.c",
            "BEARER   a.b.c ",
            "Bearer a.b.c",
        ] {
            assert_eq!(
                Credential::of(&headers(&[("authorization", good)])),
                Credential::Token("a.b.c"),
                "{good}"
            );
        }
        for bad in [
            "",
            "Bearer",
            "Bearer ",
            "Basic YTpi",
            "Bearer a b",
            "Bearer a,b",
            "Bearer =",
            "Bearer a=b",
            "Bearer\ta",
            "a.b.c",
        ] {
            assert_eq!(
                Credential::of(&headers(&[("authorization", bad)])),
                Credential::Unreadable,
                "{bad}"
            );
        }
        let mut twice = headers(&[("authorization", "Bearer a")]);
        twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        assert_eq!(Credential::of(&twice), Credential::Unreadable);
    }

    #[test]
    fn two_kinds_are_too_many() {
        let both = headers(&[("authorization", ""), ("x-api-key", "")]);

        assert_eq!(Credential::of(&both), Credential::Several);
    }

    #[test]
    fn a_cookie_is_no_credential() {
        let cookie = headers(&[("cookie", "gatehouse=a; access_token=b")]);

        assert_eq!(Credential::of(&cookie), Credential::None);
    }

    #[test]
    fn the_nearest_proxy_says_how_a_request_came() {
        for (value, secure) in [
            ("https", true),
            ("http, HTTPS", true),
            ("https, http", false),
            ("", false),
            ("httpsx", false),
        ] {
            assert_eq!(
                is_forwarded_https(&headers(&[("x-forwarded-proto", value)])),
                secure,
                "{value}"
            );
        }
        assert!(!is_forwarded_https(&HeaderMap::new()));
    }
}
