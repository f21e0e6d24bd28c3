//! The rows. The routes of `/dev/mailbox` exist in development mode alone; their rows do no harm.

use http::Method;

use super::{Body, Cors, Door, Kinds, Row, Who};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

const NONE: Kinds = Kinds::NONE;
const COOKIE: Kinds = Kinds::COOKIE;
const COOKIE_BEARER: Kinds = Kinds::COOKIE.and(Kinds::BEARER);
/// What an admin reads with: API keys, too.
const ANY_OURS: Kinds = COOKIE_BEARER.and(Kinds::API_KEY);
const ANY: Kinds = COOKIE_BEARER.and(Kinds::SERVICES).and(Kinds::API_KEY);

/// Every route there is.
#[rustfmt::skip]
pub static TABLE: &[Row] = &[
    // The JSON API: who, with which credentials, sending what, readable from where
    json(POST, "/api/auth/register",                Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/verify-email",            Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/resend-verification",     Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/login",                   Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/request-password-reset",  Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/reset-password",          Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/verify",                  Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/refresh",                 Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/token",                   Who::SignedIn,               COOKIE,        Body::None,         Cors::Listed),
    json(POST, "/api/auth/ws-ticket",               Who::SignedIn,               ANY,           Body::OptionalJson, Cors::Listed),
    json(POST, "/api/auth/ws-ticket/redeem",        Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(POST, "/api/auth/token/inspect",           Who::SignedIn,               COOKIE_BEARER, Body::Json,         Cors::None),
    json(POST, "/api/auth/step-up",                 Who::SignedIn,               COOKIE_BEARER, Body::Json,         Cors::None),
    json(POST, "/api/auth/logout",                  Who::SignedInOrRefreshToken, COOKIE_BEARER, Body::OptionalJson, Cors::Listed),
    json(POST, "/api/auth/accept-invitation",       Who::Anyone,                 COOKIE_BEARER, Body::Json,         Cors::None),
    json(GET,  "/api/auth/me",                      Who::SignedIn,               ANY,           Body::None,         Cors::Listed),
    json(GET,  "/api/admin/outbox",                 Who::Permission("system:config"),       ANY_OURS,      Body::None, Cors::None),
    json(POST, "/api/admin/outbox/{id}/retry",      Who::RecentPermission("system:config"), COOKIE_BEARER, Body::None, Cors::None),
    json(POST, "/api/admin/outbox/test",            Who::RecentPermission("system:config"), COOKIE_BEARER, Body::None, Cors::None),
    json(POST, "/api/admin/users/invite",           Who::RecentPermission("user:manage"),   COOKIE_BEARER, Body::Json, Cors::None),
    json(POST, "/api/admin/users/invite-many",      Who::RecentPermission("user:manage"),   COOKIE_BEARER, Body::Json, Cors::None),
    json(GET,  "/api/admin/invitations",            Who::Permission("user:manage"),         ANY_OURS,      Body::None, Cors::None),
    json(POST, "/api/admin/invitations/{id}/resend", Who::RecentPermission("user:manage"),  COOKIE_BEARER, Body::None, Cors::None),
    json(DELETE, "/api/admin/invitations/{id}",     Who::RecentPermission("user:manage"),   COOKIE_BEARER, Body::None, Cors::None),
    json(GET,  "/api/admin/users",                  Who::Permission("user:manage"),         ANY_OURS,      Body::None, Cors::None),
    json(GET,  "/api/admin/users/{id}",             Who::Permission("user:manage"),         ANY_OURS,      Body::None, Cors::None),
    json(GET,  "/api/admin/users/{id}/sessions",    Who::Permission("user:manage"),         COOKIE_BEARER, Body::None, Cors::None),
    json(DELETE, "/api/admin/users/{id}/sessions/{sid}", Who::RecentPermission("user:manage"), COOKIE_BEARER, Body::None, Cors::None),
    json(POST, "/api/admin/users/{id}/sign-out",    Who::RecentPermission("user:manage"),   COOKIE_BEARER, Body::None, Cors::None),
    json(POST, "/api/admin/users/{id}/disable",     Who::RecentPermission("user:manage"),   COOKIE_BEARER, Body::OptionalJson, Cors::None),
    json(POST, "/api/admin/users/{id}/enable",      Who::RecentPermission("user:manage"),   COOKIE_BEARER, Body::None, Cors::None),
    json(GET,  "/api/admin/tenants",                Who::Permission("system:config"),       ANY_OURS,      Body::None, Cors::None),
    json(POST, "/api/admin/tenants",                Who::RecentPermission("system:config"), COOKIE_BEARER, Body::Json, Cors::None),
    // Who looks after one tenant is for the core to say: to everybody else it is not there
    json(GET,  "/api/admin/tenants/{id}",           Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(PATCH, "/api/admin/tenants/{id}",          Who::Recent,                 COOKIE_BEARER, Body::Json,         Cors::None),
    json(DELETE, "/api/admin/tenants/{id}",         Who::Recent,                 COOKIE_BEARER, Body::Json,         Cors::None),
    json(GET,  "/api/admin/tenants/{id}/members",   Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(POST, "/api/admin/tenants/{id}/members",   Who::Recent,                 COOKIE_BEARER, Body::Json,         Cors::None),
    json(GET,  "/api/admin/tenants/{id}/members/{user}", Who::SignedIn,          COOKIE_BEARER, Body::None,         Cors::None),
    json(PATCH, "/api/admin/tenants/{id}/members/{user}", Who::Recent,           COOKIE_BEARER, Body::Json,         Cors::None),
    json(DELETE, "/api/admin/tenants/{id}/members/{user}", Who::Recent,          COOKIE_BEARER, Body::None,         Cors::None),
    json(GET,  "/api/admin/tenants/{id}/invitations", Who::SignedIn,             COOKIE_BEARER, Body::None,         Cors::None),
    json(POST, "/api/admin/tenants/{id}/invitations", Who::Recent,               COOKIE_BEARER, Body::Json,         Cors::None),
    json(POST, "/api/admin/tenants/{id}/invitations/{invitation}/resend", Who::Recent, COOKIE_BEARER, Body::None,   Cors::None),
    json(DELETE, "/api/admin/tenants/{id}/invitations/{invitation}", Who::Recent, COOKIE_BEARER, Body::None,        Cors::None),
    json(GET,  "/api/account/tenants",              Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(DELETE, "/api/account/tenants/{id}",       Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(POST, "/api/account/tenant",               Who::SignedIn,               COOKIE_BEARER, Body::Json,         Cors::None),
    json(GET,  "/api/admin/signing-keys",           Who::Permission("system:config"),       ANY_OURS,      Body::None, Cors::None),
    json(POST, "/api/admin/signing-keys/rotate",    Who::RecentPermission("system:config"), COOKIE_BEARER, Body::None, Cors::None),
    json(POST, "/api/admin/signing-keys/{kid}/revoke", Who::RecentPermission("system:config"), COOKIE_BEARER, Body::None, Cors::None),
    json(PUT,  "/api/account/password",             Who::Recent,                 COOKIE_BEARER, Body::Json,         Cors::None),
    json(GET,  "/api/account",                      Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(PATCH, "/api/account",                     Who::SignedIn,               COOKIE_BEARER, Body::Json,         Cors::None),
    json(POST, "/api/account/email",                Who::Recent,                 COOKIE_BEARER, Body::Json,         Cors::None),
    json(DELETE, "/api/account/email",              Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(POST, "/api/account/email/confirm",        Who::SignedIn,               COOKIE_BEARER, Body::Json,         Cors::None),
    json(POST, "/api/account/email/undo",           Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(GET,  "/api/account/sessions",             Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(DELETE, "/api/account/sessions",           Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(DELETE, "/api/account/sessions/{id}",      Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(GET,  "/api/account/events",               Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(POST, "/api/account/events/{id}/disown",   Who::SignedIn,               COOKIE_BEARER, Body::OptionalJson, Cors::None),
    json(POST, "/api/auth/undo-deletion",           Who::Public,                 NONE,          Body::Json,         Cors::None),
    json(DELETE, "/api/account",                    Who::Recent,                 COOKIE_BEARER, Body::Json,         Cors::None),
    json(GET,  "/api/account/export",               Who::Recent,                 COOKIE_BEARER, Body::None,         Cors::None),
    json(GET,  "/api/account/consents",             Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(PUT,  "/api/account/consents/{purpose}",   Who::SignedIn,               COOKIE_BEARER, Body::Json,         Cors::None),
    json(DELETE, "/api/account/consents/{purpose}", Who::SignedIn,               COOKIE_BEARER, Body::None,         Cors::None),
    json(GET,  "/api/admin/users/{id}/consents",    Who::Permission("user:manage"), COOKIE_BEARER, Body::None,      Cors::None),
    json(GET,  "/api/status",                       Who::Public,                 NONE,          Body::None,         Cors::None),
    json(GET,  "/api/openapi.json",                 Who::Public,                 NONE,          Body::None,         Cors::None),
    json(GET,  "/healthz",                          Who::Public,                 NONE,          Body::None,         Cors::None),
    json(GET,  "/readyz",                           Who::Public,                 NONE,          Body::None,         Cors::None),
    json(GET,  "/.well-known/jwks.json",            Who::Public,                 NONE,          Body::None,         Cors::Any),
    json(GET,  "/.well-known/revocations",          Who::Public,                 NONE,          Body::None,         Cors::Any),
    json(GET,  "/.well-known/revocations/stream",   Who::Public,                 NONE,          Body::None,         Cors::Any),
    json(GET,  "/.well-known/revocation-keys.json", Who::Public,                 NONE,          Body::None,         Cors::Any),
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
    page("/forgot-password",    Who::Public),
    page("/reset-password",     Who::Public),
    page("/login/code",         Who::Public),
    page("/logout",             Who::Public),
    page("/step-up",            Who::SignedIn),
    page("/account",            Who::SignedIn),
    page("/admin/outbox",       Who::Permission("system:config")),
    page("/accept-invitation",  Who::Public),
    page("/admin/invitations",  Who::Permission("user:manage")),
    page("/admin/users",        Who::Permission("user:manage")),
    page("/admin/users/{id}",   Who::Permission("user:manage")),
    page("/account/sessions",   Who::SignedIn),
    page("/account/security",   Who::SignedIn),
    page("/account/activity",   Who::SignedIn),
    page("/account/activity/{id}", Who::SignedIn),
    page("/change-email",       Who::Public),
    page("/undo-email",         Who::Public),
    page("/account/privacy",    Who::SignedIn),
    page("/account/export",     Who::Recent),
    page("/account/delete",     Who::SignedIn),
    page("/consent",            Who::SignedIn),
    page("/admin/signing-keys", Who::Permission("system:config")),
    page("/admin/signing-keys/rotate", Who::Permission("system:config")),
    page("/admin/signing-keys/{kid}/revoke", Who::Permission("system:config")),
    page("/integrate",          Who::SignedIn),
    page("/integrate/token",    Who::SignedIn),
    page("/undo-deletion",      Who::Public),
    page("/dev/mailbox",        Who::Public),
    page("/dev/mailbox/{id}",   Who::Public),
    page("/dev/mailbox/{id}/html", Who::Public),
    page("/dev/mailbox.json",   Who::Public),
    // Server functions
    server_function("/_sf/log_in",              Who::Public),
    server_function("/_sf/request_sign_in_code", Who::Public),
    server_function("/_sf/resend_sign_in_code", Who::Public),
    server_function("/_sf/log_in_by_code",      Who::Public),
    server_function("/_sf/register",            Who::Public),
    server_function("/_sf/verify_email",        Who::Public),
    server_function("/_sf/resend_verification", Who::Public),
    server_function("/_sf/request_reset",       Who::Public),
    server_function("/_sf/redeem_reset_code",   Who::Public),
    server_function("/_sf/reset_password",      Who::Public),
    server_function("/_sf/change_password",     Who::Recent),
    server_function("/_sf/log_out",             Who::SignedIn),
    server_function("/_sf/step_up",             Who::SignedIn),
    server_function("/_sf/update_profile",      Who::SignedIn),
    server_function("/_sf/change_email",        Who::Recent),
    server_function("/_sf/confirm_email_change", Who::SignedIn),
    server_function("/_sf/cancel_email_change", Who::SignedIn),
    server_function("/_sf/undo_email_change",   Who::Public),
    server_function("/_sf/disown",              Who::SignedIn),
    server_function("/_sf/set_up",              Who::Public),
    server_function("/_sf/retry_letter",        Who::RecentPermission("system:config")),
    server_function("/_sf/send_test_letter",    Who::RecentPermission("system:config")),
    server_function("/_sf/accept_invitation",   Who::Public),
    server_function("/_sf/invite",              Who::RecentPermission("user:manage")),
    server_function("/_sf/resend_invitation",   Who::RecentPermission("user:manage")),
    server_function("/_sf/revoke_invitation",   Who::RecentPermission("user:manage")),
    server_function("/_sf/end_session",         Who::SignedIn),
    server_function("/_sf/end_other_sessions",  Who::SignedIn),
    server_function("/_sf/end_session_of",      Who::RecentPermission("user:manage")),
    server_function("/_sf/sign_out_user",       Who::RecentPermission("user:manage")),
    server_function("/_sf/disable_user",        Who::RecentPermission("user:manage")),
    server_function("/_sf/enable_user",         Who::RecentPermission("user:manage")),
    server_function("/_sf/agree",               Who::SignedIn),
    server_function("/_sf/withdraw_consent",    Who::SignedIn),
    server_function("/_sf/delete_account",      Who::Recent),
    server_function("/_sf/undo_deletion",       Who::Public),
    server_function("/_sf/rotate_signing_keys", Who::RecentPermission("system:config")),
    server_function("/_sf/revoke_signing_key",  Who::RecentPermission("system:config")),
    server_function("/_sf/inspect_token",       Who::SignedIn),
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
