//! The rows. The routes of `/dev/mailbox` exist in development mode alone; their rows do no harm.

use http::Method;

use super::{Body, Cors, Door, Kinds, Row, Who};

const GET: Method = Method::GET;
const POST: Method = Method::POST;

const NONE: Kinds = Kinds::NONE;
const COOKIE: Kinds = Kinds::COOKIE;
const COOKIE_BEARER: Kinds = Kinds::COOKIE.and(Kinds::BEARER);
const ANY: Kinds = COOKIE_BEARER.and(Kinds::SERVICES).and(Kinds::API_KEY);

/// Every route there is.
#[rustfmt::skip]
pub static TABLE: &[Row] = &[
    // The JSON API: who, with which credentials, sending what, readable from where
    json(POST, "/api/auth/register",                Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/verify-email",            Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/resend-verification",     Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/login",                   Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/refresh",                 Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/token",                   Who::SignedIn,               COOKIE,        Body::None,         Cors::Listed),
    json(POST, "/api/auth/step-up",                 Who::SignedIn,               COOKIE_BEARER, Body::Json,         Cors::None),
    json(POST, "/api/auth/logout",                  Who::SignedInOrRefreshToken, COOKIE_BEARER, Body::OptionalJson, Cors::Listed),
    json(GET,  "/api/auth/me",                      Who::SignedIn,               ANY,           Body::None,         Cors::Listed),
    json(GET,  "/api/status",                       Who::Public,                 NONE,          Body::None,         Cors::None),
    json(GET,  "/api/openapi.json",                 Who::Public,                 NONE,          Body::None,         Cors::None),
    json(GET,  "/healthz",                          Who::Public,                 NONE,          Body::None,         Cors::None),
    json(GET,  "/readyz",                           Who::Public,                 NONE,          Body::None,         Cors::None),
    json(GET,  "/.well-known/jwks.json",            Who::Public,                 NONE,          Body::None,         Cors::Any),
    json(GET,  "/.well-known/openid-configuration", Who::Public,                 NONE,          Body::None,         Cors::Any),
    // Files and redirects: the same for everyone
    open("/.well-known/change-password"),
    open("/.well-known/security.txt"),
    open("/auth/login"),
    open("/auth/register"),
    open("/auth/accept-invitation"),
    open("/auth/reset-password"),
    open("/auth/logout"),
    open("/api/docs"),
    open("/api/docs/"),
    open("/api/docs/{*rest}"),
    open("/pkg/{*path}"),
    open("/favicon.ico"),
    open("/favicon.svg"),
    open("/robots.txt"),
    // Pages
    page("/",                   Who::Public),
    page("/setup",              Who::Public),
    page("/login",              Who::Public),
    page("/register",           Who::Public),
    page("/verify-email",       Who::Public),
    page("/logout",             Who::Public),
    page("/step-up",            Who::SignedIn),
    page("/account",            Who::SignedIn),
    page("/dev/mailbox",        Who::Public),
    page("/dev/mailbox/{id}",   Who::Public),
    page("/dev/mailbox/{id}/html", Who::Public),
    page("/dev/mailbox.json",   Who::Public),
    // Server functions
    server_function("/_sf/log_in",              Who::Public),
    server_function("/_sf/register",            Who::Public),
    server_function("/_sf/verify_email",        Who::Public),
    server_function("/_sf/resend_verification", Who::Public),
    server_function("/_sf/log_out",             Who::SignedIn),
    server_function("/_sf/step_up",             Who::SignedIn),
    server_function("/_sf/set_up",              Who::Public),
    server_function("/_sf/password_strength",   Who::Public),
];

const fn json(
    method: Method,
    path: &'static str,
    who: Who,
    kinds: Kinds,
    body: Body,
    cors: Cors,
) -> Row {
    Row {
        method,
        path,
        door: Door::Json,
        who,
        kinds,
        body,
        cors,
    }
}

const fn open(path: &'static str) -> Row {
    let (door, who, kinds) = (Door::Open, Who::Public, NONE);
    Row {
        method: GET,
        path,
        door,
        who,
        kinds,
        body: Body::None,
        cors: Cors::None,
    }
}

const fn page(path: &'static str, who: Who) -> Row {
    let (door, kinds) = (Door::Page, COOKIE);
    Row {
        method: GET,
        path,
        door,
        who,
        kinds,
        body: Body::None,
        cors: Cors::None,
    }
}

const fn server_function(path: &'static str, who: Who) -> Row {
    let (door, kinds) = (Door::ServerFunction, COOKIE);
    Row {
        method: POST,
        path,
        door,
        who,
        kinds,
        body: Body::Form,
        cors: Cors::None,
    }
}
