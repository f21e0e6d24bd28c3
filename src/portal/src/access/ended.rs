//! The way to the sign-in page, for whoever opens a page for members without being one.

use app::server::{Flash, Notice};
use axum::extract::Request;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use http::Method;
use http::header::SET_COOKIE;
use wire::SafeReturnTo;

use crate::Portal;
use crate::credential;
use crate::web;

/// After signing in, people land where they wanted to go; a form that was sent is not sent again. Who
/// comes with a session that has ended, by its time or by somebody's hand, is told. Their cookie stays: this
/// may be a late request of a browser that got another cookie meanwhile, and taking back the one takes back
/// the other. Signing in replaces it.
pub(super) fn to_sign_in(portal: &Portal, request: &Request) -> Response {
    let is_get = request.method() == Method::GET;
    let wanted = request.uri().path_and_query().filter(|_| is_get);
    let next = SafeReturnTo::parse(wanted.map_or(SafeReturnTo::HOME, |wanted| wanted.as_str()));
    let mut query = Vec::new();
    if !next.is_home() {
        query.push(format!("next={}", next.in_query()));
    }
    let name = portal.config.session_cookie();
    if credential::page_cookie(request.headers(), name).is_none() {
        return to_login(&query).into_response();
    }
    let notice = match is_get {
        true => Notice::SessionEnded,
        false => Notice::SessionEndedBeforeSending,
    };
    let key = Flash::draw_key(portal.auth.entropy());
    let flash = web::flash_cookie(portal, &key, &Flash::news(notice));
    query.push(format!("flash={key}"));
    let set = flash.map(|cookie| AppendHeaders([(SET_COOKIE, cookie)]));
    (set, to_login(&query)).into_response()
}

fn to_login(query: &[String]) -> Redirect {
    let mark = if query.is_empty() { "" } else { "?" };
    Redirect::to(&format!("/login{mark}{}", query.join("&")))
}
