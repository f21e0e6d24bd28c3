//! Who is calling, as far as the network tells.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The other end of a request: recorded with sessions and audit rows, and what network limits
/// count by. The door fills it in from the socket or, behind trusted proxies, from their header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The address; an IPv4 address mapped into IPv6 is kept as IPv4.
    pub address: IpAddr,
    /// `User-Agent`, at most 512 characters, control characters removed.
    pub agent: String,
    /// The id every log line and answer of this request carries.
    pub request_id: String,
}

impl Client {
    /// Reads what a request says of its sender.
    pub fn new(address: IpAddr, agent: &str, request_id: impl Into<String>) -> Self {
        Self {
            address: address.to_canonical(),
            agent: agent
                .chars()
                .filter(|c| !c.is_control())
                .take(512)
                .collect(),
            request_id: request_id.into(),
        }
    }

    /// The operator at the machine itself: command line and worker.
    pub fn operator() -> Self {
        Self::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "gatehouse", "command-line")
    }

    /// The unit limits count by: one IPv4 address, or an IPv6 /64, which one host owns whole
    /// (security.md row 17).
    pub fn network(&self) -> String {
        match self.address {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => format!("{}/64", mask_v6(v6, 64)),
        }
    }

    /// The wider unit a refresh may move within: /24, or /48 (D9).
    pub(crate) fn neighbourhood(&self) -> String {
        match self.address {
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(v6) => format!("{}/48", mask_v6(v6, 48)),
        }
    }
}

fn mask_v6(address: Ipv6Addr, bits: u32) -> Ipv6Addr {
    Ipv6Addr::from(u128::from(address) & (u128::MAX << (128 - bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> Client {
        Client::new(address.parse().expect("an address"), "test", "r")
    }

    #[test]
    fn spellings_of_one_address_are_one_network() {
        assert_eq!(client("::ffff:192.0.2.1").network(), "192.0.2.1");
        assert_eq!(
            client("2001:db8::1").network(),
            client("2001:0db8:0:0:ffff::2").network()
        );
        assert_ne!(
            client("2001:db8::1").network(),
            client("2001:db8:0:1::1").network()
        );
        assert_eq!(client("192.0.2.77").neighbourhood(), "192.0.2.0/24");
        assert_eq!(client("2001:db8:1:2::3").neighbourhood(), "2001:db8:1::/48");
    }

    #[test]
    fn a_hostile_agent_cannot_forge_a_log_line() {
        let hostile = format!("curl\r\nlevel=error {}", "x".repeat(5000));
        let client = Client::new(IpAddr::V4(Ipv4Addr::LOCALHOST), &hostile, "r");
        assert!(!client.agent.contains(['\r', '\n']));
        assert!(client.agent.chars().count() <= 512);
    }
}
