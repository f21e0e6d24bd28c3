//! The pages and their server functions, inside the layers they rely on.

use std::sync::Arc;

use app::App;
use app::server::{Site, UiError};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::request::Parts;
use leptos::config::LeptosOptions;
use leptos::nonce::Nonce;
use leptos::prelude::{provide_context, use_context};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use leptos_axum::{LeptosRoutes, generate_route_list_with_exclusions_and_ssg_and_context};
use wire::ErrorCode;

use super::{assets, audit_export, export, link, mailbox, session_layer, visit};
use crate::Portal;
use crate::api::problem::Problem;
use crate::http::headers::CspNonce;

/// Where people land who ask for nothing.
const HOME: &str = "/account";

/// All pages, from the inside out: the forms' errors, the mailbox's guard, what visitors carry,
/// links, the session.
pub(super) fn router(portal: &Portal) -> Router {
    let options = LeptosOptions::builder().output_name("gatehouse").build();
    let context = context(portal);
    let absent = portal.mailbox.is_none().then(mailbox::page_paths);
    let (routes, _) =
        generate_route_list_with_exclusions_and_ssg_and_context(App, absent, context.clone());
    Router::new()
        .leptos_routes_with_context(&options, routes, context, App)
        .with_state(options)
        .route("/", get(|| async { Redirect::to(HOME) }))
        .layer(from_fn(without_words))
        .merge(mailbox::router(portal))
        .merge(export::router(portal))
        .merge(audit_export::router(portal))
        .layer(from_fn_with_state(portal.clone(), mailbox::guard))
        .layer(from_fn_with_state(portal.clone(), visit::visit))
        .layer(from_fn_with_state(portal.clone(), link::move_token))
        .layer(session_layer(portal))
}

/// What every page and server function finds in its context.
fn context(portal: &Portal) -> impl Fn() + Clone + Send + Sync + 'static {
    let site = Site {
        auth: portal.auth.clone(),
        assets: assets::manifest().cloned(),
        has_mailbox: portal.mailbox.is_some(),
        settings: portal.config.settings.clone().into(),
        looks: {
            let config = Arc::clone(&portal.config);
            Arc::new(move || config.deployment())
        },
    };
    move || {
        provide_context(site.clone());
        // Leptos has drawn one of its own by now; the header's is the one that counts.
        let nonce =
            use_context::<Parts>().and_then(|parts| parts.extensions.get::<CspNonce>().cloned());
        if let Some(CspNonce(nonce)) = nonce {
            provide_context(Nonce::from_value(nonce));
        }
    }
}

/// A server function that did not run says so in a redirect with the error in the URL. Nothing
/// from a URL is ever shown, so the answer is an error like any other.
async fn without_words(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return response;
    }
    Problem(code(response.into_body()).await.into()).into_response()
}

async fn code(body: Body) -> ErrorCode {
    let bytes = to_bytes(body, 1024).await.unwrap_or_default();
    match serde_json::from_slice(&bytes) {
        Ok(UiError::InvalidRequest) => ErrorCode::InvalidRequest,
        Ok(UiError::Internal) | Err(_) => ErrorCode::Internal,
    }
}
