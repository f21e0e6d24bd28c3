//! The address a request came from (security.md row 85).

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

/// Who sent a request, told by the socket and, behind trusted proxies only, by `X-Forwarded-For`.
///
/// `forwarded` is the header's lines in the order they came. Read from the right, because each
/// proxy appends what it saw: the first address no trusted proxy has is the sender's, and
/// whatever stands left of it is the sender's own invention. A list that does not read as
/// addresses proves nothing, so the socket counts: never a guess, never a rule skipped.
pub fn client_address<'a>(
    socket: IpAddr,
    forwarded: impl IntoIterator<Item = &'a str>,
    trusted: &[IpNet],
) -> IpAddr {
    let socket = socket.to_canonical();
    if !is_trusted(socket, trusted) {
        return socket;
    }
    let hops: Vec<&str> = forwarded
        .into_iter()
        .flat_map(|line| line.split(','))
        .collect();
    let mut nearest = socket;
    for hop in hops.iter().rev() {
        let Some(address) = address(hop.trim()) else {
            return socket;
        };
        nearest = address;
        if !is_trusted(nearest, trusted) {
            break;
        }
    }
    nearest
}

/// The same from a request's headers.
pub fn of_request(socket: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let lines = headers.get_all("x-forwarded-for").iter();
    // A line that is no text reads as an address that is none.
    client_address(
        socket,
        lines.map(|line| line.to_str().unwrap_or("?")),
        trusted,
    )
}

/// Whether a proxy of ours has this address.
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|network| network.contains(&address))
}

/// Some proxies add the port.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(hop);
    let plain = bare.parse::<IpAddr>().ok();
    plain
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|both| both.ip()))
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(socket: &str, forwarded: &[&str]) -> String {
        let trusted = [
            "10.0.0.0/8".parse().expect("a network"),
            "2001:db8:1::/48".parse().expect("a network"),
        ];
        client_address(
            socket.parse().expect("an address"),
            forwarded.iter().copied(),
            &trusted,
        )
        .to_string()
    }

    #[test]
    fn a_stranger_cannot_name_another_address() {
        assert_eq!(from("192.0.2.9", &["203.0.113.1"]), "192.0.2.9");
        assert_eq!(from("192.0.2.9", &[]), "192.0.2.9");
    }

    #[test]
    fn behind_a_proxy_the_last_stranger_counts() {
        assert_eq!(from("10.0.0.1", &["203.0.113.1"]), "203.0.113.1");
        assert_eq!(from("10.0.0.1", &["6.6.6.6, 203.0.113.1"]), "203.0.113.1");
        assert_eq!(
            from("10.0.0.1", &["6.6.6.6", "203.0.113.1, 10.0.0.2"]),
            "203.0.113.1"
        );
        assert_eq!(from("2001:db8:1::5", &["2001:db8:2::7"]), "2001:db8:2::7");
    }

    #[test]
    fn a_list_that_does_not_read_falls_back_to_the_socket() {
        for forwarded in [
            "unknown",
            "",
            "203.0.113.1,",
            "203.0.113.1, evil",
            "999.1.1.1",
            "203.0.113.1 10.0.0.2",
            "_hidden",
        ] {
            assert_eq!(from("10.0.0.1", &[forwarded]), "10.0.0.1", "{forwarded:?}");
        }
        assert_eq!(
            from("10.0.0.1", &["evil, 203.0.113.1"]),
            "203.0.113.1",
            "what a stranger wrote is not read"
        );
    }

    #[test]
    fn a_way_through_proxies_alone_ends_at_the_first() {
        assert_eq!(from("10.0.0.1", &["10.1.1.1, 10.2.2.2"]), "10.1.1.1");
    }

    #[test]
    fn one_address_has_one_spelling() {
        assert_eq!(from("::ffff:192.0.2.9", &[]), "192.0.2.9");
        assert_eq!(
            from("::ffff:10.0.0.1", &["::ffff:203.0.113.1"]),
            "203.0.113.1"
        );
        assert_eq!(from("10.0.0.1", &["203.0.113.1:4711"]), "203.0.113.1");
        assert_eq!(from("10.0.0.1", &["[2001:DB8:0::7]:4711"]), "2001:db8::7");
        assert_eq!(from("10.0.0.1", &["[2001:db8::7]"]), "2001:db8::7");
    }
}
