//! Errors as programs read them (RFC 9457, `contract.md`).

use std::borrow::Cow;

use auth::Settings;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use wire::{Error, ErrorCode};

/// A refusal. The layer `http::problems` gives it its body.
#[derive(Clone, Debug)]
pub struct Problem(pub Error);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() =
            StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.extensions_mut().insert(self);
        response
    }
}

/// A reason of the core becomes what the world learns of it; the reason itself goes to the log.
impl<E: Into<Error> + std::fmt::Display> From<E> for Problem {
    fn from(reason: E) -> Self {
        let said = reason.to_string();
        let error: Error = reason.into();
        if error.code.status() >= 500 {
            tracing::error!(code = %error.code, reason = said, "failed");
        } else {
            tracing::info!(code = %error.code, reason = said, "refused");
        }
        Self(error)
    }
}

/// Problem details.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemDetails {
    /// An address that names the code.
    #[serde(rename = "type")]
    kind: String,
    /// The same for every occurrence.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// Stable; what a program decides by.
    code: ErrorCode,
    /// One sentence for people.
    detail: &'static str,
    /// Leads to the log.
    request_id: String,
    /// The field of a `conflict`.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// One entry for each field that needs attention.
    errors: Vec<ProblemField>,
    /// The same in the form older clients read.
    error: OlderError,
}

/// What is wrong with one field.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// The member.
    field: String,
    /// What is wrong.
    code: wire::FieldCode,
    /// One sentence for people.
    #[schema(value_type = String)]
    message: Cow<'static, str>,
}

/// The error in the form older clients read.
#[derive(Debug, Serialize, ToSchema)]
pub struct OlderError {
    status: u16,
    code: ErrorCode,
    message: &'static str,
}

/// The answer that says `error`.
pub fn document(
    error: &Error,
    status: StatusCode,
    settings: &Settings,
    request_id: &str,
) -> Response {
    let details = details(error, status, settings, request_id);
    let body = serde_json::to_vec(&details).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn details(
    error: &Error,
    status: StatusCode,
    settings: &Settings,
    request_id: &str,
) -> ProblemDetails {
    let code = error.code;
    let conflicting = error.fields.first().filter(|_| code == ErrorCode::Conflict);
    let fields = error.fields.iter().map(|one| ProblemField {
        field: one.field.clone(),
        code: one.code,
        message: one.message(settings.password),
    });
    ProblemDetails {
        kind: format!("{}/errors/{code}", settings.public_url),
        title: code.title(),
        status: status.as_u16(),
        code,
        detail: code.sentence(),
        request_id: request_id.to_owned(),
        field: conflicting.map(|one| one.field.clone()),
        errors: fields.collect(),
        error: OlderError {
            status: status.as_u16(),
            code,
            message: code.sentence(),
        },
    }
}

/// The headers that say how to do better: when to come back, and with which credential.
pub fn say_how(error: &Error, headers: &mut HeaderMap) {
    let is_busy = matches!(error.code.status(), 429 | 503);
    if let Some(seconds) = error.retry_after.or(is_busy.then_some(1)) {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(challenge) = challenge(error.code) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
}

/// RFC 6750 3, RFC 9470 3. A request without a credential is told nothing but the scheme.
fn challenge(code: ErrorCode) -> Option<HeaderValue> {
    let text = match code {
        ErrorCode::InvalidToken
        | ErrorCode::TokenExpired
        | ErrorCode::TokenRevoked
        | ErrorCode::TokenStale => {
            format!(
                "Bearer realm=\"gatehouse\", error=\"invalid_token\", error_description=\"{}\"",
                code.sentence()
            )
        }
        ErrorCode::StepUpRequired => {
            let sentence = code.sentence();
            format!(
                "Bearer realm=\"gatehouse\", error=\"insufficient_user_authentication\", error_description=\"{sentence}\", max_age=600"
            )
        }
        code if code.status() == 401 => "Bearer realm=\"gatehouse\"".to_owned(),
        _ => return None,
    };
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_the_contract_shows_it() {
        let error = Error::field("password", wire::FieldCode::TooShort);
        let settings = Settings {
            public_url: "https://login.example".to_owned(),
            ..Settings::default()
        };
        let shown =
            serde_json::to_value(details(&error, StatusCode::BAD_REQUEST, &settings, "r-1"))
                .expect("serialises");
        assert_eq!(
            shown,
            serde_json::json!({
                "type": "https://login.example/errors/invalid_request",
                "title": "Invalid request",
                "status": 400,
                "code": "invalid_request",
                "detail": "Some fields need your attention.",
                "requestId": "r-1",
                "errors": [{ "field": "password", "code": "too_short", "message": "Use at least 12 characters." }],
                "error": { "status": 400, "code": "invalid_request", "message": "Some fields need your attention." }
            })
        );
    }

    #[test]
    fn a_conflict_names_its_field() {
        let shown = serde_json::to_value(details(
            &Error::conflict("username"),
            StatusCode::CONFLICT,
            &Settings::default(),
            "",
        ))
        .expect("serialises");
        assert_eq!(shown["field"], "username");
    }

    #[test]
    fn every_401_names_a_scheme_and_every_busy_answer_a_time() {
        for code in ErrorCode::ALL {
            let mut headers = HeaderMap::new();
            say_how(&(*code).into(), &mut headers);
            assert_eq!(
                headers.contains_key(WWW_AUTHENTICATE),
                code.status() == 401,
                "{code}"
            );
            assert_eq!(
                headers.contains_key(RETRY_AFTER),
                matches!(code.status(), 429 | 503),
                "{code}"
            );
        }
    }
}
