//! Who speaks to the portal: `anonymous`, `browser` (keeps cookies, says where its pages are from)
//! and `program` (holds tokens). Each has a network of its own, so that nobody pays for another's
//! failures.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{HeaderName, HeaderValue, Method, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::answer::Answer;
use super::house::House;

/// What browsers accept when a person follows a link or posts a form.
const PAGE: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// One client of the portal.
#[derive(Clone)]
pub(crate) struct Actor<'a> {
    house: &'a House,
    kind: Kind,
    address: IpAddr,
    agent: &'static str,
    cookies: BTreeMap<String, String>,
    bearer: Option<String>,
    key: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Anonymous,
    Browser,
    Program,
}

impl<'a> Actor<'a> {
    pub(crate) fn anonymous(house: &'a House, number: u32) -> Self {
        Self::new(house, number, Kind::Anonymous, "curl/8.14.1")
    }

    pub(crate) fn browser(house: &'a House, number: u32) -> Self {
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        Self::new(house, number, Kind::Browser, agent)
    }

    pub(crate) fn program(house: &'a House, number: u32) -> Self {
        Self::new(house, number, Kind::Program, "workflow-cli/1.0")
    }

    fn new(house: &'a House, number: u32, kind: Kind, agent: &'static str) -> Self {
        // Each in a /24 of its own (D9 forgives a move within one).
        let address = IpAddr::V4(Ipv4Addr::from(0x0A00_0001 + (number << 8)));
        Self {
            house,
            kind,
            address,
            agent,
            cookies: BTreeMap::new(),
            bearer: None,
            key: None,
        }
    }

    /// The same actor with an access token.
    pub(crate) fn with_bearer(&self, token: &str) -> Self {
        Self {
            bearer: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same actor with an API key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self.clone()
        }
    }

    /// The same actor with one more cookie.
    pub(crate) fn with_cookie(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.cookies.insert(name.to_owned(), value.to_owned());
        other
    }

    /// The same actor, calling from somewhere else.
    pub(crate) fn at(&self, address: &str) -> Self {
        Self {
            address: address.parse().expect("an address"),
            ..self.clone()
        }
    }

    /// The same actor, with another program.
    pub(crate) fn using(&self, agent: &'static str) -> Self {
        Self {
            agent,
            ..self.clone()
        }
    }

    /// The value of a cookie it keeps.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// A POST without a body.
    pub(crate) async fn poke(&mut self, path: &str) -> Answer {
        self.send(self.request(Method::POST, path)).await
    }

    /// Opens a page, as somebody who reads it.
    pub(crate) async fn open(&mut self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).header("accept", PAGE))
            .await
    }

    /// Posts a form of a page, without any script.
    pub(crate) async fn submit(&mut self, function: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.form(function, fields)).await
    }

    /// The form before it is posted.
    pub(crate) fn form(&self, function: &str, fields: &[(&str, &str)]) -> Asking {
        let pairs: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        let form = "application/x-www-form-urlencoded";
        self.request(Method::POST, &format!("/_sf/{function}"))
            .header("accept", PAGE)
            .body(form, pairs.join("&"))
    }

    /// A request as this actor makes them, to be changed before it is sent.
    pub(crate) fn request(&self, method: Method, path: &str) -> Asking {
        let mut asking = Asking {
            request: Request::new(Body::empty()),
        };
        *asking.request.method_mut() = method;
        *asking.request.uri_mut() = path.parse().expect("a path");
        asking = asking
            .header("host", self.house.host())
            .header("user-agent", self.agent);
        if self.kind == Kind::Browser {
            asking = asking
                .header("sec-fetch-site", "same-origin")
                .header("origin", self.house.public_url());
        }
        if let Some(token) = &self.bearer {
            asking = asking.header("authorization", &format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            asking = asking.header("x-api-key", key);
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            asking = asking.header("cookie", &pairs.join("; "));
        }
        asking
    }

    /// Sends a request and keeps the cookies of the answer, if this is a browser. What must be true
    /// of every answer is checked here, in every story.
    pub(crate) async fn send(&mut self, asking: Asking) -> Answer {
        let mut request = asking.request;
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::new(self.address, 50_000)));
        let response = self
            .house
            .router()
            .oneshot(request)
            .await
            .expect("the router always answers");
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .expect("the body arrives")
            .to_bytes()
            .to_vec();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        };
        self.house.assert_protected(&answer);
        if self.kind == Kind::Browser {
            self.keep_cookies(&answer);
        }
        answer
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for line in answer.cookies() {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a value");
            if value.is_empty() || attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// A request before it is sent.
pub(crate) struct Asking {
    request: Request<Body>,
}

impl Asking {
    /// Sets a header, in place of one of that name.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header name");
        self.request
            .headers_mut()
            .insert(name, HeaderValue::from_str(value).expect("a header value"));
        self
    }

    /// Sends a header once more.
    pub(crate) fn also(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header name");
        let value = HeaderValue::from_str(value).expect("a header value");
        self.request.headers_mut().append(name, value);
        self
    }

    /// Leaves a header out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.request.headers_mut().remove(name);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn body(self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let mut asking = self
            .header("content-type", kind)
            .header("content-length", &body.len().to_string());
        *asking.request.body_mut() = Body::from(body);
        asking
    }
}

/// As a form escapes a value.
fn escaped(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric();
    value
        .bytes()
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
