//! Hosts, as far as letters care about them.

use std::net::IpAddr;

/// The host of the portal's public URL: the right side of a Message-ID, and what a letter calls
/// the portal. Anything that is no host name becomes `localhost`, so that nothing else can
/// reach a header.
pub(crate) fn of_url(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority
        .split_once(':')
        .map_or(authority, |(host, _)| host);
    if is_name(host) { host } else { "localhost" }
}

/// Whether this is letters, digits, dots and dashes: a DNS name or an IPv4 address.
pub(crate) fn is_name(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

/// Whether what is said to this host stays on this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_url_is_its_host() {
        assert_eq!(of_url("https://id.example.com"), "id.example.com");
        assert_eq!(of_url("http://localhost:3000"), "localhost");
        assert_eq!(of_url("http://127.0.0.1:3000/x?y#z"), "127.0.0.1");
    }

    #[test]
    fn what_is_no_host_cannot_reach_a_header() {
        for url in [
            "https://a b",
            "https://x>\r\nBcc: eve",
            "https://[::1]:3000",
            "",
            "https://a..b",
        ] {
            assert_eq!(of_url(url), "localhost", "{url:?}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for host in [
            "localhost",
            "LOCALHOST",
            "127.0.0.1",
            "127.8.9.1",
            "::1",
            "[::1]",
            "::ffff:127.0.0.1",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.example.com",
            "10.0.0.1",
            "127.0.0.1.example.com",
            "::2",
            "",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
