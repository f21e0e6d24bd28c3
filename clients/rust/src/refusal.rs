//! Every "no" of this crate as an answer: RFC 9457 with the `error` object of the portal's contract, or the flat shape of old.

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::rejected::{Reason, Rejected};
use crate::settings::{ErrorShape, Settings};

/// How this service says no.
#[derive(Clone)]
pub(crate) struct Manner {
    shape: ErrorShape,
    /// The audience.
    realm: String,
    /// Where `type` of a problem begins.
    types: String,
}

impl Manner {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            shape: settings.shape,
            realm: settings.audience.clone(),
            types: format!("{}/errors/", settings.issuer),
        }
    }
}

/// One "no".
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
    /// What `WWW-Authenticate` says (RFC 6750, section 3; RFC 9470, section 3) after the realm; `None`: no such header.
    challenge: Option<String>,
    retry_after: Option<u64>,
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    error: Inner<'a>,
}

#[derive(Serialize)]
struct Inner<'a> {
    message: &'a str,
    status: u16,
    code: &'a str,
}

#[derive(Serialize)]
struct Flat<'a> {
    error: &'a str,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            code,
            message,
            challenge: None,
            retry_after: None,
        }
    }

    fn challenging(mut self, parameters: &[(&str, &str)]) -> Self {
        let parameter = |(name, value): &(&str, &str)| format!(", {name}={}", quoted(value));
        self.challenge = Some(parameters.iter().map(parameter).collect());
        self
    }

    /// No error in the challenge: RFC 6750, section 3.1, wants none where no credential came.
    pub(crate) fn anonymous() -> Self {
        let message = "Authentication required";
        Self::new(StatusCode::UNAUTHORIZED, "authentication_required", message).challenging(&[])
    }

    /// Somebody is mistaken about who is calling.
    pub(crate) fn ambiguous() -> Self {
        let message = "More than one kind of credential was sent";
        Self::new(StatusCode::BAD_REQUEST, "multiple_credentials", message)
            .challenging(&[("error", "invalid_request"), ("error_description", message)])
    }

    pub(crate) fn insecure() -> Self {
        let message = "Credentials are taken over https alone";
        Self::new(StatusCode::FORBIDDEN, "https_required", message)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found")
    }

    /// `scope`: what would have been enough; empty where that is no question of permissions.
    pub(crate) fn insufficient(scope: &[String]) -> Self {
        let code = "insufficient_permissions";
        let scope = scope.join(" ");
        let mut parameters = vec![("error", "insufficient_scope")];
        if !scope.is_empty() {
            parameters.push(("scope", &scope));
        }
        Self::new(StatusCode::FORBIDDEN, code, "Insufficient permissions").challenging(&parameters)
    }

    /// RFC 9470, section 3.
    pub(crate) fn step_up_required(max_age: u64) -> Self {
        let message = "A more recent authentication is required";
        let error = "insufficient_user_authentication";
        let mut refusal = Self::new(StatusCode::UNAUTHORIZED, "step_up_required", message)
            .challenging(&[("error", error), ("error_description", message)]);
        let challenge = refusal.challenge.get_or_insert_default();
        challenge.push_str(&format!(", max_age={max_age}"));
        refusal
    }

    /// A guard or an extractor without the layer before it: a mistake of ours, never a way in.
    pub(crate) fn misplaced() -> Self {
        let message = "Something went wrong";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// The answer.
    pub(crate) fn answer(&self, manner: &Manner) -> Response {
        let (content_type, body) = self.body(manner);
        let mut answer = Response::new(Body::from(body));
        *answer.status_mut() = self.status;
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(parameters) = &self.challenge {
            let challenge = format!("Bearer realm={}{parameters}", quoted(&manner.realm));
            let challenge = HeaderValue::try_from(challenge).expect("quoted texts are printable");
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }

    fn body(&self, manner: &Manner) -> (&'static str, Vec<u8>) {
        let &Self { code, message, .. } = self;
        let status = self.status.as_u16();
        let (content_type, body) = match manner.shape {
            ErrorShape::Flat => (
                "application/json",
                serde_json::to_vec(&Flat { error: message }),
            ),
            ErrorShape::Problem => (
                "application/problem+json",
                serde_json::to_vec(&Problem {
                    r#type: format!("{}{code}", manner.types),
                    title: message,
                    status,
                    code,
                    detail: message,
                    error: Inner {
                        message,
                        status,
                        code,
                    },
                }),
            ),
        };
        (content_type, body.expect("texts and numbers are JSON"))
    }
}

/// 401, or 503 when it is not the credential's fault.
impl From<Rejected> for Refusal {
    fn from(rejected: Rejected) -> Self {
        let Rejected { code, message, .. } = rejected;
        if rejected.reason == Reason::Unavailable {
            let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message);
            return Self {
                retry_after: rejected.retry_after,
                ..refusal
            };
        }
        Self::new(StatusCode::UNAUTHORIZED, code, message)
            .challenging(&[("error", "invalid_token"), ("error_description", message)])
    }
}

/// A quoted string (RFC 9110, section 5.6.4); what has no place in a header is left out.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars().filter(|one| (' '..='~').contains(one)) {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}
