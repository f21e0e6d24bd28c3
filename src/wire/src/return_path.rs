//! Where a person goes after signing in (D5; ASVS 5.0 3.7.2).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A path on this site that is safe to redirect to. Whatever else was asked for becomes
/// [`SafeReturnTo::HOME`]: a return path comes from a link anybody may have made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SafeReturnTo(String);

impl SafeReturnTo {
    /// Where people land who asked for nowhere else.
    pub const HOME: &'static str = "/account";
    /// Room for the few hundred ticked boxes of a preview; written into a query it stays below the 8 KiB that
    /// proxies read of an address.
    const LONGEST: usize = 6000;

    /// Reads a wanted path; anything doubtful is [`Self::HOME`].
    pub fn parse(wanted: &str) -> Self {
        Self(if is_safe(wanted) { wanted } else { Self::HOME }.to_owned())
    }

    /// The path, fit for a `Location` header: visible ASCII only.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as the value of a query, for the page on the way to it.
    pub fn in_query(&self) -> String {
        percent_encoded(&self.0)
    }

    /// Whether this is where people land anyway, so that links need not carry it.
    pub fn is_home(&self) -> bool {
        self.0 == Self::HOME
    }
}

/// RFC 3986 2.1, of everything but unreserved characters and slashes: a value fit for a query.
pub fn percent_encoded(text: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let encode = |b: u8| {
        if is_plain(b) {
            char::from(b).to_string()
        } else {
            format!("%{b:02X}")
        }
    };
    text.bytes().map(encode).collect()
}

/// A single leading slash, visible ASCII, no backslash (browsers read it as a slash), no encoded
/// slash or control right behind the first one, and not a page that only leads away again.
fn is_safe(path: &str) -> bool {
    let bytes = path.as_bytes();
    let lower = path.to_ascii_lowercase();
    path.len() <= SafeReturnTo::LONGEST
        && bytes.first() == Some(&b'/')
        && !matches!(bytes.get(1), Some(b'/' | b'\\' | b'%'))
        && bytes.iter().all(|b| b.is_ascii_graphic() && *b != b'\\')
        && !lower.contains("/..")
        && !lower.contains("/./")
        && !lower.contains("%5c")
        && !lower.contains("%2e%2e")
        && !lower.contains("%00")
        && !lower.contains("%0a")
        && !lower.contains("%0d")
        && !["/logout", "/login", "/_sf/"]
            .iter()
            .any(|exit| lower.starts_with(exit))
}

impl Default for SafeReturnTo {
    fn default() -> Self {
        Self(Self::HOME.to_owned())
    }
}

impl From<String> for SafeReturnTo {
    fn from(wanted: String) -> Self {
        Self::parse(&wanted)
    }
}

impl From<SafeReturnTo> for String {
    fn from(path: SafeReturnTo) -> Self {
        path.0
    }
}

impl fmt::Display for SafeReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_this_site_is_kept() {
        for path in [
            "/",
            "/account",
            "/account/keys?sort=-createdAt&q=a%20b#top",
            "/admin/users/0199",
        ] {
            assert_eq!(SafeReturnTo::parse(path).as_str(), path);
        }
    }

    #[test]
    fn a_return_path_survives_the_way_through_a_query() {
        assert_eq!(
            SafeReturnTo::parse("/account/keys?q=a%20b&next=/x").in_query(),
            "/account/keys%3Fq%3Da%2520b%26next%3D/x"
        );
        assert_eq!(percent_encoded("a b\u{e9}"), "a%20b%C3%A9");
    }

    #[test]
    fn everything_else_leads_home() {
        for path in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/%09/evil.example",
            "/%2f/evil.example",
            "/%5cevil.example",
            " /account",
            "/acc ount",
            "/account\r\nSet-Cookie: a=b",
            "/a/../../evil",
            "/a/%2e%2e/b",
            "/é",
            "/\u{202E}",
            "http://localhost@evil.example",
            "@evil.example",
            "/login?next=/login",
            "/logout",
            "/_sf/log_in",
        ] {
            assert_eq!(SafeReturnTo::parse(path).as_str(), "/account", "{path:?}");
        }
        assert!(SafeReturnTo::parse(&format!("/{}", "a".repeat(6000))).is_home());
    }
}
