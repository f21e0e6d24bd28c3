//! The shape of every error: problem details for programs, a page for people.
//!
//! Whoever refuses a request says a [`Problem`] or only a status; the words, the request id and
//! the choice between JSON and HTML are made here, once.

use app::server::accepts_html;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Method, StatusCode, header};
use wire::{Error, ErrorCode};

use super::context::RequestId;
use crate::Portal;
use crate::api::problem::{self, Problem};
use crate::web;

/// Gives an error its body, unless it has one made for it.
pub async fn explain(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let RequestId(id) = request
        .extensions()
        .get::<RequestId>()
        .cloned()
        .unwrap_or(RequestId(String::new()));
    let for_people = wants_page(request.uri().path(), request.headers());
    let response = if is_refused(request.method()) {
        method_not_allowed()
    } else {
        next.run(request).await
    };
    let Some(error) = unexplained(&response) else {
        return response;
    };
    let (mut parts, _) = response.into_parts();
    let status = status_of(&error, parts.status);
    parts.headers.remove(CONTENT_LENGTH);
    let body = if for_people {
        web::error_page(error.code, &id)
    } else {
        problem::document(&error, status, portal.auth.settings(), &id)
    };
    let (shape, body) = body.into_parts();
    parts.status = status;
    for (name, value) in &shape.headers {
        parts.headers.insert(name, value.clone());
    }
    problem::say_how(&error, &mut parts.headers);
    Response::from_parts(parts, body)
}

/// That of the code; a thing that was there once may say so.
fn status_of(error: &Error, given: StatusCode) -> StatusCode {
    if error.code == ErrorCode::NotFound && given == StatusCode::GONE {
        return given;
    }
    StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// TRACE shows a client its own headers, cookies among them; CONNECT is for proxies.
fn is_refused(method: &Method) -> bool {
    matches!(*method, Method::TRACE | Method::CONNECT)
}

fn method_not_allowed() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(
        header::ALLOW,
        header::HeaderValue::from_static("GET, HEAD, POST"),
    );
    response
}

/// The error an answer means without having said it.
fn unexplained(response: &Response) -> Option<Error> {
    if let Some(Problem(error)) = response.extensions().get::<Problem>() {
        return Some(error.clone());
    }
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .map_or(b"".as_slice(), |kind| kind.as_bytes());
    let explained = kind.starts_with(b"text/html") || kind.starts_with(b"application/problem+json");
    (failed && !explained).then(|| code_of(status).into())
}

/// What a bare status means: frameworks refuse with statuses alone.
fn code_of(status: StatusCode) -> ErrorCode {
    match status {
        StatusCode::UNAUTHORIZED => ErrorCode::AuthenticationRequired,
        StatusCode::FORBIDDEN => ErrorCode::InsufficientPermissions,
        StatusCode::NOT_FOUND | StatusCode::GONE => ErrorCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
        StatusCode::CONFLICT => ErrorCode::Conflict,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::UnsupportedMediaType,
        StatusCode::TOO_MANY_REQUESTS => ErrorCode::RateLimited,
        StatusCode::SERVICE_UNAVAILABLE => ErrorCode::Overloaded,
        status if status.is_client_error() => ErrorCode::InvalidRequest,
        _ => ErrorCode::Internal,
    }
}

/// Programs speak to these paths, whatever they accept.
fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let is_api = ["/api/", "/.well-known/", "/healthz", "/readyz"]
        .iter()
        .any(|prefix| path.starts_with(prefix));
    accepts_html(headers) && !is_api
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_get_a_page_and_programs_get_problem_details() {
        let mut browser = HeaderMap::new();
        browser.insert(
            http::header::ACCEPT,
            header::HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"),
        );

        assert!(wants_page("/nowhere", &browser));
        assert!(!wants_page("/api/auth/me", &browser));
        assert!(!wants_page("/nowhere", &HeaderMap::new()));
    }
}
