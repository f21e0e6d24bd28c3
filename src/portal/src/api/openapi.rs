//! The OpenAPI document, generated from the handlers, and a page to read it with.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder, Server};
use utoipa_swagger_ui::Config as Swagger;

use crate::Portal;
use crate::access::{Door, Kinds, Row, TABLE, Who};

/// The reader is a vendored page with styles written into it; nothing else is shown under this.
const READER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
);

/// Title, version and the kinds of credential.
pub(super) fn base() -> OpenApi {
    let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-gatehouse")));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key")));
    let mut components = Components::new();
    components.add_security_scheme("session", session);
    components.add_security_scheme("apiKey", key);
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let info = InfoBuilder::new()
        .title("Gatehouse")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Sign-in, sessions and access tokens. Errors are problem details (RFC 9457) with a stable `code`."))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .build()
}

/// The whole document. `server` is the public URL, where there is one.
pub fn document(server: Option<&str>) -> OpenApi {
    let mut document = super::documented().into_openapi();
    document.servers = server.map(|url| vec![Server::new(url)]);
    for row in TABLE.iter().filter(|row| row.door == Door::Json) {
        let item = document.paths.paths.get_mut(row.path);
        if let Some(operation) = item.and_then(|item| operation(item, &row.method)) {
            operation.security = security(row);
        }
    }
    document
}

fn operation<'a>(item: &'a mut PathItem, method: &Method) -> Option<&'a mut Operation> {
    match method.as_str() {
        "GET" => item.get.as_mut(),
        "POST" => item.post.as_mut(),
        "PUT" => item.put.as_mut(),
        "PATCH" => item.patch.as_mut(),
        "DELETE" => item.delete.as_mut(),
        _ => None,
    }
}

/// What a route is opened with, as the access table enforces it: one of these, or nothing where that does.
fn security(row: &Row) -> Option<Vec<SecurityRequirement>> {
    let schemes = [
        ("session", &[Kinds::COOKIE][..]),
        (
            "bearer",
            &[Kinds::BEARER, Kinds::SERVICES, Kinds::KEY_TOKEN],
        ),
        ("apiKey", &[Kinds::API_KEY]),
    ];
    let may_do_without = matches!(row.who, Who::Anyone | Who::SignedInOrRefreshToken);
    let taken = schemes
        .into_iter()
        .filter(|(_, kinds)| kinds.iter().any(|kind| row.kinds.take(*kind)))
        .map(|(scheme, _)| SecurityRequirement::new::<_, [&str; 0], &str>(scheme, []));
    match row.who {
        Who::Public => None,
        _ => Some(
            may_do_without
                .then(SecurityRequirement::default)
                .into_iter()
                .chain(taken)
                .collect(),
        ),
    }
}

/// The document and its reader. The document never changes while the process lives: made once.
pub(super) fn router(portal: &Portal) -> Router {
    let document = serde_json::to_vec(&document(Some(portal.config.public_url())));
    let document = Bytes::from(document.unwrap_or_default());
    let swagger = Arc::new(Swagger::from("/api/openapi.json"));
    Router::new()
        .route("/api/openapi.json", get(answer))
        .route("/api/docs", get(to_reader))
        .route("/api/docs/", get(read))
        .route("/api/docs/{*rest}", get(read))
        .layer(Extension(swagger))
        .layer(Extension(document))
}

async fn answer(Extension(document): Extension<Bytes>) -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, "application/json"),
            (CACHE_CONTROL, "public, max-age=300"),
        ],
        document,
    )
}

async fn to_reader() -> Redirect {
    Redirect::to("/api/docs/")
}

async fn read(
    path: Option<Path<String>>,
    Extension(swagger): Extension<Arc<Swagger<'static>>>,
) -> Response {
    let path = path.map_or_else(String::new, |Path(path)| path);
    let Ok(Some(file)) = utoipa_swagger_ui::serve(&path, swagger) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = file.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, READER_POLICY);
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600"),
    );
    if let Ok(kind) = HeaderValue::from_str(&file.content_type) {
        headers.insert(CONTENT_TYPE, kind);
    }
    if file.gzpipped {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
