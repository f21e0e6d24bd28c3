//! What each route answers each actor.

/// One route; every actor sends the least that reaches the handler.
pub(super) struct Expected {
    pub(super) route: &'static str,
    pub(super) anonymous: &'static str,
    pub(super) cookie: &'static str,
    pub(super) bearer: &'static str,
    pub(super) services_bearer: &'static str,
    pub(super) api_key: &'static str,
    pub(super) cookie_and_bearer: &'static str,
    /// The cookie, sent from a page of another site.
    pub(super) foreign_site: &'static str,
    /// The same from an origin on the CORS list.
    pub(super) listed_origin: &'static str,
    /// The cookie with neither `Sec-Fetch-Site` nor `Origin`.
    pub(super) bare_cookie: &'static str,
}

const FOREIGN: &str = "403 cross_site_request";
const TWO: &str = "400 multiple_credentials";
const NOBODY: &str = "401 authentication_required";
const NO_KEY: &str = "401 invalid_api_key";

/// Open to all, looks at no credential, changes nothing.
const fn same(route: &'static str, answer: &'static str) -> Expected {
    Expected {
        route,
        anonymous: answer,
        cookie: answer,
        bearer: answer,
        services_bearer: answer,
        api_key: answer,
        cookie_and_bearer: answer,
        foreign_site: answer,
        listed_origin: answer,
        bare_cookie: answer,
    }
}

/// Open to all, reads or sets cookies: not from other sites.
const fn public(route: &'static str, answer: &'static str) -> Expected {
    Expected {
        cookie_and_bearer: FOREIGN,
        foreign_site: FOREIGN,
        listed_origin: FOREIGN,
        bare_cookie: FOREIGN,
        ..same(route, answer)
    }
}

/// A page for members.
const fn members_page(route: &'static str, otherwise: &'static str) -> Expected {
    Expected {
        cookie: "200",
        cookie_and_bearer: "200",
        foreign_site: "200",
        listed_origin: "200",
        bare_cookie: "200",
        ..same(route, otherwise)
    }
}

/// A page for those who are not signed in; the others are sent on.
const fn visitors_page(route: &'static str) -> Expected {
    Expected {
        cookie: "303 /account",
        cookie_and_bearer: "303 /account",
        foreign_site: "303 /account",
        listed_origin: "303 /account",
        bare_cookie: "303 /account",
        ..same(route, "200")
    }
}

/// There once the site is built, and then the same for everyone.
pub(super) const FILE: &str = "a file";
const MALFORMED: &str = "400 invalid_request";

pub(super) const EXPECTED: &[Expected] = &[
    public("POST /api/auth/register", MALFORMED),
    public("POST /api/auth/verify-email", MALFORMED),
    public("POST /api/auth/resend-verification", MALFORMED),
    public("POST /api/auth/login", MALFORMED),
    public("POST /api/auth/refresh", MALFORMED),
    Expected {
        route: "POST /api/auth/token",
        anonymous: NOBODY,
        cookie: "200",
        bearer: "403 insufficient_permissions",
        services_bearer: "401 invalid_token",
        api_key: NO_KEY,
        cookie_and_bearer: TWO,
        foreign_site: FOREIGN,
        listed_origin: "200",
        bare_cookie: FOREIGN,
    },
    Expected {
        route: "POST /api/auth/step-up",
        anonymous: NOBODY,
        cookie: MALFORMED,
        bearer: MALFORMED,
        services_bearer: "401 invalid_token",
        api_key: NO_KEY,
        cookie_and_bearer: TWO,
        foreign_site: FOREIGN,
        listed_origin: FOREIGN,
        bare_cookie: FOREIGN,
    },
    Expected {
        route: "POST /api/auth/logout",
        anonymous: NOBODY,
        cookie: "200",
        bearer: "200",
        services_bearer: "401 invalid_token",
        api_key: NO_KEY,
        cookie_and_bearer: TWO,
        foreign_site: FOREIGN,
        listed_origin: "200",
        bare_cookie: FOREIGN,
    },
    Expected {
        route: "GET /api/auth/me",
        anonymous: NOBODY,
        cookie: "200",
        bearer: "200",
        services_bearer: "200",
        api_key: NO_KEY,
        cookie_and_bearer: TWO,
        foreign_site: "200",
        listed_origin: "200",
        bare_cookie: "200",
    },
    same("GET /api/status", "200"),
    same("GET /api/openapi.json", "200"),
    same("GET /healthz", "200"),
    same("GET /readyz", "200"),
    same("GET /.well-known/jwks.json", "200"),
    same("GET /.well-known/openid-configuration", "200"),
    same("GET /.well-known/change-password", "303 /account"),
    same("GET /.well-known/security.txt", "200"),
    same("GET /auth/login", "303 /login"),
    same("GET /auth/register", "303 /register"),
    same("GET /auth/accept-invitation", "303 /accept-invitation"),
    same("GET /auth/reset-password", "303 /reset-password"),
    same("GET /auth/logout", "303 /logout"),
    same("GET /api/docs", "303 /api/docs/"),
    same("GET /api/docs/", "200"),
    same("GET /api/docs/{*rest}", "404 not_found"),
    same("GET /pkg/{*path}", "404 not_found"),
    same("GET /favicon.ico", FILE),
    same("GET /favicon.svg", FILE),
    same("GET /robots.txt", FILE),
    same("GET /", "303 /account"),
    same("GET /setup", "200"),
    visitors_page("GET /login"),
    visitors_page("GET /register"),
    same("GET /verify-email", "200"),
    members_page("GET /logout", "303 /login"),
    members_page("GET /step-up", "303 /login?next=/step-up"),
    members_page("GET /account", "303 /login"),
    same("GET /dev/mailbox", "404 not_found"),
    same("GET /dev/mailbox/{id}", "404 not_found"),
    same("GET /dev/mailbox/{id}/html", "404 not_found"),
    same("GET /dev/mailbox.json", "404 not_found"),
    public("POST /_sf/log_in", "200"),
    public("POST /_sf/register", "200"),
    public("POST /_sf/verify_email", "200"),
    public("POST /_sf/resend_verification", "200"),
    Expected {
        cookie: "200",
        cookie_and_bearer: FOREIGN,
        foreign_site: FOREIGN,
        listed_origin: FOREIGN,
        bare_cookie: FOREIGN,
        ..same("POST /_sf/log_out", "303 /login")
    },
    Expected {
        cookie: "200",
        cookie_and_bearer: FOREIGN,
        foreign_site: FOREIGN,
        listed_origin: FOREIGN,
        bare_cookie: FOREIGN,
        ..same("POST /_sf/step_up", "303 /login")
    },
    public("POST /_sf/set_up", "200"),
    public("POST /_sf/password_strength", "200"),
];

/// What asks for a factor proven in the last ten minutes (contract.md, General). By hand, as all
/// here: a route that is missing must not ask, a route that stands here must.
pub(super) const RECENT: &[&str] = &[];
