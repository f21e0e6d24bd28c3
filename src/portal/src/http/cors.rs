//! Answers to browser apps on other origins: exact origins, named routes, nothing else.

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::Portal;
use crate::access::{self, Cors};

/// Adds what lets a listed origin read the answer, and answers preflights. An origin that is not
/// listed gets no header at all, `null` among them, and its browser keeps the answer from it.
pub async fn share(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let wanted = wanted_method(&request);
    let path = request.extensions().get::<MatchedPath>();
    let cors = path
        .and_then(|path| access::row(&wanted, path.as_str()))
        .map_or(Cors::None, |row| row.cors);
    let origin = match cors {
        Cors::None => return next.run(request).await,
        Cors::Any => Some(HeaderValue::from_static("*")),
        Cors::Listed => listed_origin(&portal, request.headers()),
    };
    let mut response = match (&origin, is_preflight(&request)) {
        (Some(_), true) => preflight(&wanted),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    if cors == Cors::Listed {
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = origin {
        if cors == Cors::Listed {
            headers.insert(
                ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("X-Request-Id, Retry-After, WWW-Authenticate"),
        );
    }
    response
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn wanted_method(request: &Request) -> Method {
    let asked = request
        .headers()
        .get(ACCESS_CONTROL_REQUEST_METHOD)
        .filter(|_| is_preflight(request));
    asked
        .and_then(|name| Method::from_bytes(name.as_bytes()).ok())
        .unwrap_or_else(|| request.method().clone())
}

fn listed_origin(portal: &Portal, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(ORIGIN)?;
    let listed = portal
        .config
        .allowed_origins
        .iter()
        .any(|listed| listed.as_bytes() == origin.as_bytes());
    listed.then(|| origin.clone())
}

fn preflight(wanted: &Method) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if let Ok(method) = HeaderValue::from_str(wanted.as_str()) {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, method);
    }
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Authorization, Content-Type, X-API-Key"),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}
