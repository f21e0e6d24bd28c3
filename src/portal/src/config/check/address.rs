//! Addresses: where to listen, what people type, who may call, who is believed.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use http::Uri;
use ipnet::IpNet;
use wire::Secret;

use super::Checking;
use crate::config::schema::Hidden;

impl Checking<'_> {
    pub(super) fn bind(&mut self) -> SocketAddr {
        let fallback = SocketAddr::from(([127, 0, 0, 1], 3000));
        let Some(text) = self.written.server.bind.as_deref() else {
            return fallback;
        };
        let Ok(bind) = text.parse::<SocketAddr>() else {
            self.say("server.bind must be an address and a port, like 127.0.0.1:3000.");
            return fallback;
        };
        if self.serving && self.development && !bind.ip().to_canonical().is_loopback() {
            self.say(format!(
                "Development mode listens on a loopback address alone, and server.bind is {bind}."
            ));
        }
        bind
    }

    pub(super) fn public_url(&mut self, bind: SocketAddr) -> String {
        let Some(written) = self.written.server.public_url.as_deref() else {
            self.insist(bind.ip().is_loopback(), "Set server.public_url: links in letters and the issuer of tokens are made from it.");
            return format!("http://localhost:{}", bind.port());
        };
        match origin(written) {
            Some(Origin { scheme: "http", host }) => {
                let sentence = "server.public_url must begin with https:// unless its host is localhost.";
                self.insist(is_loopback(host), sentence);
            }
            Some(_) => {}
            None => self.say("server.public_url must be like https://login.example.com, without a path or a slash at its end."),
        }
        written.to_owned()
    }

    pub(super) fn allowed_origins(&mut self) -> Vec<String> {
        let written = &self.written.server.allowed_origins;
        for one in written.iter().filter(|one| origin(one).is_none()) {
            self.say(format!("server.allowed_origins holds {one}, which is not an exact origin like https://app.example.com."));
        }
        written.clone()
    }

    pub(super) fn trusted_proxies(&mut self) -> Vec<IpNet> {
        let read = |one: &String| {
            one.parse()
                .or_else(|_| one.parse::<IpAddr>().map(IpNet::from))
        };
        let written = &self.written.server.trusted_proxies;
        for one in written.iter().filter(|one| read(one).is_err()) {
            self.say(format!(
                "server.trusted_proxies holds {one}, which is not a network like 10.0.0.0/8."
            ));
        }
        written.iter().filter_map(|one| read(one).ok()).collect()
    }

    pub(super) fn database_url(&mut self, data_dir: &Path) -> Secret {
        let Some(Hidden(url)) = &self.written.database.url else {
            return Secret::new(format!("sqlite://{}/gatehouse.db", data_dir.display()));
        };
        let schemes = ["sqlite://", "sqlite:", "postgres://", "postgresql://"];
        if !schemes
            .iter()
            .any(|scheme| url.reveal().starts_with(scheme))
        {
            self.say("database.url must begin with sqlite:// or postgres://.");
        }
        url.clone()
    }

    pub(super) fn metrics_bind(&mut self, bind: SocketAddr) -> Option<SocketAddr> {
        let text = self.written.metrics.bind.as_deref()?;
        let parsed = text.parse().ok();
        match parsed {
            None => self.say("metrics.bind must be an address and a port, like 127.0.0.1:9090."),
            Some(metrics) if metrics == bind => self.say(
                "metrics.bind and server.bind are the same; metrics have a listener of their own.",
            ),
            Some(_) => {}
        }
        parsed
    }
}

struct Origin<'a> {
    scheme: &'static str,
    host: &'a str,
}

/// Reads `scheme://host[:port]`, as a browser writes an origin (RFC 6454 6.2), and nothing else.
fn origin(text: &str) -> Option<Origin<'_>> {
    let scheme = ["https", "http"].into_iter().find(|scheme| {
        text.strip_prefix(scheme)
            .is_some_and(|rest| rest.starts_with("://"))
    })?;
    let authority = &text[scheme.len() + 3..];
    let plain = !authority.is_empty()
        && authority
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"/?#@\\*".contains(&b) && !b.is_ascii_uppercase());
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let uri: Uri = text.parse().ok()?;
    let host = uri.authority()?.host();
    let start = text.find(host)?;
    (plain && !authority.ends_with(default_port)).then(|| Origin {
        scheme,
        host: &text[start..start + host.len()],
    })
}

pub(super) fn is_loopback(host: &str) -> bool {
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost"
        || host.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}
