//! What came back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// A whole answer.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Status and body in one line: `200`, or `400 invalid_request password:too_short`. An error
    /// is checked against the contract on the way.
    pub(crate) fn told(&self) -> String {
        let status = self.status.as_u16();
        if status < 400 {
            return status.to_string();
        }
        let problem = self.problem();
        let fields = problem["errors"]
            .as_array()
            .expect("errors is a list")
            .iter();
        let fields =
            fields.map(|field| format!(" {}:{}", text(&field["field"]), text(&field["code"])));
        format!(
            "{status} {}{}",
            text(&problem["code"]),
            fields.collect::<String>()
        )
    }

    /// The error, which has every member the contract names and says the same thing everywhere.
    pub(crate) fn problem(&self) -> Value {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        let problem = self.json();
        let status = self.status.as_u16();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["error"]["status"], status);
        assert_eq!(problem["error"]["code"], problem["code"]);
        assert_eq!(problem["error"]["message"], problem["detail"]);
        assert_eq!(problem["requestId"], self.header("x-request-id"));
        let code = text(&problem["code"]);
        assert!(
            text(&problem["type"]).ends_with(&format!("/errors/{code}")),
            "{problem}"
        );
        assert!(
            !text(&problem["title"]).is_empty() && !text(&problem["detail"]).is_empty(),
            "{problem}"
        );
        for field in problem["errors"].as_array().expect("errors is a list") {
            assert!(!text(&field["message"]).is_empty(), "{problem}");
        }
        assert_eq!(
            self.headers.contains_key("www-authenticate"),
            status == 401,
            "{:?}",
            self.headers
        );
        if matches!(status, 429 | 503) {
            assert!(
                self.header("retry-after")
                    .parse::<u32>()
                    .is_ok_and(|seconds| seconds > 0)
            );
        }
        problem
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// One header; empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a header is text"))
    }

    /// A member of the body that must be a text: a token, an id.
    pub(crate) fn member(&self, name: &str) -> String {
        text(&self.json()[name]).to_owned()
    }

    /// The names of the body's members, sorted.
    pub(crate) fn members(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .json()
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        names.sort();
        names
    }

    /// The `Set-Cookie` lines.
    pub(crate) fn cookies(&self) -> Vec<&str> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines
            .map(|line| line.to_str().expect("a cookie is text"))
            .collect()
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, self.text())
    }
}

/// Whether two answers are the same, byte for byte, once `secrets` and what differs between any
/// two answers (request id, the value of a cookie) are put aside.
pub(crate) fn same_but_for(secrets: &[&str], one: &Answer, other: &Answer) {
    assert_eq!(put_aside(one, secrets), put_aside(other, secrets));
}

fn put_aside(answer: &Answer, secrets: &[&str]) -> (StatusCode, Vec<String>, String) {
    let mut body = answer.text();
    let id = answer.header("x-request-id");
    assert!(!id.is_empty(), "{answer:?}");
    body = body.replace(id, "<id>");
    if !secrets.is_empty() {
        for name in secrets {
            let secret = answer.member(name);
            body = body.replace(&secret, &format!("<{} of {name}>", secret.len()));
        }
    }
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .map(|(name, value)| {
            let value = value.to_str().expect("a header is text");
            match name.as_str() {
                "x-request-id" => format!("{name}: <id>"),
                "set-cookie" => format!("{name}: {}", without_value(value)),
                _ => format!("{name}: {value}"),
            }
        })
        .collect();
    headers.sort();
    (answer.status, headers, body)
}

fn without_value(cookie: &str) -> String {
    let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
    let (name, value) = pair.split_once('=').expect("a cookie has a value");
    format!("{name}=<{}>;{attributes}", value.len())
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// Header and claims of an access token, unverified: what stories look at, never what code trusts.
pub(crate) fn claims(token: &str) -> (Value, Value) {
    let part = |at: usize| {
        let bytes = URL_SAFE_NO_PAD
            .decode(token.split('.').nth(at).expect("three parts"))
            .expect("base64url");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    (part(0), part(1))
}
