//! Addresses other programs know by heart, and older addresses of the pages.

use auth::rfc3339;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect};
use axum::{Json, body::Bytes};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Portal;

/// Five minutes: a new signing key is published at least fifteen before its use (D24).
const CACHED: &str = "public, max-age=300";
/// RFC 9116 2.5.5 asks for less than a year.
const SECURITY_TXT_LIFE: i64 = 180 * 86_400;

/// The public keys tokens are verified with.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "discovery", responses((status = 200, description = "A JWK set (RFC 7517)", body = serde_json::Value)))]
pub(super) async fn jwks(State(portal): State<Portal>) -> impl IntoResponse {
    let keys = Bytes::from_owner(portal.auth.jwks());
    (
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, CACHED)],
        keys,
    )
}

/// What a verifier needs to know, and nothing that does not work.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Discovery {
    /// The `iss` of every token.
    issuer: String,
    /// Where the keys are.
    jwks_uri: String,
    /// Where ended sessions and changed rights are told (docs/revocation-feed.md).
    revocations_uri: String,
    /// The same as server-sent events.
    revocations_stream_uri: String,
    /// Where the keys of that are.
    revocations_jwks_uri: String,
    /// `sub` is the same for everyone who asks.
    subject_types_supported: [&'static str; 1],
    /// What access tokens are signed with.
    access_token_signing_alg_values_supported: [&'static str; 1],
    /// What access tokens carry.
    claims_supported: [&'static str; 16],
}

/// Where the keys are.
#[utoipa::path(get, path = "/.well-known/openid-configuration", tag = "discovery", responses((status = 200, description = "Issuer and keys", body = Discovery)))]
pub(super) async fn openid_configuration(State(portal): State<Portal>) -> impl IntoResponse {
    let issuer = portal.config.public_url().to_owned();
    let document = Discovery {
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        revocations_uri: format!("{issuer}/.well-known/revocations"),
        revocations_stream_uri: format!("{issuer}/.well-known/revocations/stream"),
        revocations_jwks_uri: format!("{issuer}/.well-known/revocation-keys.json"),
        issuer,
        subject_types_supported: ["public"],
        access_token_signing_alg_values_supported: [portal.auth.settings().algorithm.as_str()],
        claims_supported: auth::CLAIMS,
    };
    ([(CACHE_CONTROL, CACHED)], Json(document))
}

/// Password managers look here (W3C, A Well-Known URL for Changing Passwords).
pub(super) async fn change_password() -> Redirect {
    Redirect::to("/account/security")
}

/// RFC 9116.
pub(super) async fn security_txt(State(portal): State<Portal>) -> impl IntoResponse {
    let url = portal.config.public_url();
    let expires = rfc3339(portal.auth.now() + SECURITY_TXT_LIFE);
    let contact = &portal.config.security_contact;
    // A comment (2.2): reporting a leaked key is no report of a vulnerability, and nobody has to wait for us.
    let text = format!(
        "# Found an API key that begins with wks_live_? End it at once: {url}/leaked-key\n\
         Contact: {contact}\nExpires: {expires}\nCanonical: {url}/.well-known/security.txt\n"
    );
    (
        [
            (CONTENT_TYPE, "text/plain; charset=utf-8"),
            (CACHE_CONTROL, CACHED),
        ],
        text,
    )
}

macro_rules! to_page {
    ($($(#[$doc:meta])* $name:ident => $page:literal,)+) => {
        $($(#[$doc])* pub(super) async fn $name(RawQuery(query): RawQuery) -> Redirect {
            to($page, query.as_deref())
        })+
    };
}

to_page! {
    /// `/auth/login`, in links of older apps.
    to_login => "/login",
    /// `/auth/register`.
    to_register => "/register",
    /// `/auth/accept-invitation`.
    to_accept_invitation => "/accept-invitation",
    /// `/auth/reset-password`.
    to_reset_password => "/reset-password",
    /// `/auth/logout`: the page with the button, because a link may not sign anyone out.
    to_logout => "/logout",
}

/// 303 with the query as it came. It stands behind a `?`, so it cannot lead to another host.
fn to(page: &str, query: Option<&str>) -> Redirect {
    match query {
        Some(query) => Redirect::to(&format!("{page}?{}", visible(query))),
        None => Redirect::to(page),
    }
}

/// A request line may hold bytes beyond ASCII, a `Location` may not (RFC 9110 10.2.2).
fn visible(query: &str) -> String {
    query
        .bytes()
        .map(|b| {
            if b.is_ascii_graphic() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
