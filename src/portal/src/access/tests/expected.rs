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

const NO_RIGHT: &str = "403 insufficient_permissions";

/// For those who hold a right nobody here has.
const fn needs_right(route: &'static str) -> Expected {
    Expected {
        route,
        anonymous: NOBODY,
        cookie: NO_RIGHT,
        bearer: NO_RIGHT,
        services_bearer: "401 invalid_token",
        api_key: NO_KEY,
        cookie_and_bearer: TWO,
        foreign_site: NO_RIGHT,
        listed_origin: NO_RIGHT,
        bare_cookie: NO_RIGHT,
    }
}

/// The same where something is changed: not from other sites.
const fn needs_right_to_change(route: &'static str) -> Expected {
    Expected {
        foreign_site: FOREIGN,
        listed_origin: FOREIGN,
        bare_cookie: FOREIGN,
        ..needs_right(route)
    }
}

/// The same for a form of a page.
const fn form_needs_right(route: &'static str) -> Expected {
    Expected {
        cookie: NO_RIGHT,
        cookie_and_bearer: FOREIGN,
        foreign_site: FOREIGN,
        listed_origin: FOREIGN,
        bare_cookie: FOREIGN,
        ..same(route, "303 /login")
    }
}

/// A page for those who hold a right nobody here has.
const fn page_needs_right(route: &'static str, otherwise: &'static str) -> Expected {
    Expected {
        cookie: NO_RIGHT,
        cookie_and_bearer: NO_RIGHT,
        foreign_site: NO_RIGHT,
        listed_origin: NO_RIGHT,
        bare_cookie: NO_RIGHT,
        ..same(route, otherwise)
    }
}

/// A page for members about something that is not there.
const fn missing_page(route: &'static str, otherwise: &'static str) -> Expected {
    Expected {
        cookie: "404",
        cookie_and_bearer: "404",
        foreign_site: "404",
        listed_origin: "404",
        bare_cookie: "404",
        ..same(route, otherwise)
    }
}

/// Reads something of one's own, by JSON: not with an API key.
const fn own_read(route: &'static str, answer: &'static str) -> Expected {
    Expected {
        anonymous: NOBODY,
        services_bearer: "401 invalid_token",
        api_key: NO_KEY,
        cookie_and_bearer: TWO,
        ..same(route, answer)
    }
}

/// Changes something of one's own: not from other sites either.
const fn own_write(route: &'static str, answer: &'static str) -> Expected {
    Expected {
        foreign_site: FOREIGN,
        listed_origin: FOREIGN,
        bare_cookie: FOREIGN,
        ..own_read(route, answer)
    }
}

/// A form for members.
const fn members_form(route: &'static str) -> Expected {
    Expected {
        cookie: "200",
        cookie_and_bearer: FOREIGN,
        foreign_site: FOREIGN,
        listed_origin: FOREIGN,
        bare_cookie: FOREIGN,
        ..same(route, "303 /login")
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
    public("POST /api/auth/request-password-reset", MALFORMED),
    public("POST /api/auth/reset-password", MALFORMED),
    public("POST /api/auth/verify", MALFORMED),
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
    own_write("POST /api/auth/token/inspect", MALFORMED),
    Expected {
        route: "POST /api/auth/ws-ticket",
        anonymous: NOBODY,
        cookie: "201",
        bearer: "201",
        services_bearer: "201",
        api_key: NO_KEY,
        cookie_and_bearer: TWO,
        foreign_site: FOREIGN,
        listed_origin: "201",
        bare_cookie: FOREIGN,
    },
    public("POST /api/auth/ws-ticket/redeem", MALFORMED),
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
    needs_right("GET /api/admin/outbox"),
    needs_right_to_change("POST /api/admin/outbox/{id}/retry"),
    needs_right_to_change("POST /api/admin/outbox/test"),
    Expected {
        route: "PUT /api/account/password",
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
        bearer: MALFORMED,
        cookie: MALFORMED,
        services_bearer: "401 invalid_token",
        api_key: NO_KEY,
        cookie_and_bearer: TWO,
        ..public("POST /api/auth/accept-invitation", MALFORMED)
    },
    needs_right_to_change("POST /api/admin/users/invite"),
    needs_right_to_change("POST /api/admin/users/invite-many"),
    needs_right("GET /api/admin/invitations"),
    needs_right_to_change("POST /api/admin/invitations/{id}/resend"),
    needs_right_to_change("DELETE /api/admin/invitations/{id}"),
    needs_right("GET /api/admin/users"),
    needs_right("GET /api/admin/users/{id}"),
    needs_right_to_change("PATCH /api/admin/users/{id}"),
    needs_right_to_change("DELETE /api/admin/users/{id}"),
    needs_right_to_change("POST /api/admin/users/bulk"),
    needs_right_to_change("POST /api/admin/users/{id}/unlock"),
    needs_right_to_change("POST /api/admin/users/{id}/send-password-reset"),
    needs_right_to_change("POST /api/admin/users/{id}/keep"),
    needs_right("GET /api/admin/stats"),
    needs_right("GET /api/admin/settings"),
    needs_right("GET /api/admin/users/{id}/sessions"),
    needs_right_to_change("DELETE /api/admin/users/{id}/sessions/{sid}"),
    needs_right_to_change("POST /api/admin/users/{id}/sign-out"),
    needs_right_to_change("POST /api/admin/users/{id}/disable"),
    needs_right_to_change("POST /api/admin/users/{id}/enable"),
    needs_right("GET /api/admin/audit"),
    needs_right("GET /api/admin/audit/export"),
    needs_right("GET /api/admin/audit/{id}"),
    needs_right("GET /api/admin/users/{id}/grants"),
    needs_right_to_change("PUT /api/admin/users/{id}/grants"),
    needs_right_to_change("POST /api/admin/users/{id}/grants/preview"),
    needs_right_to_change("PUT /api/admin/users/{id}/role"),
    needs_right("GET /api/admin/roles"),
    needs_right_to_change("POST /api/admin/roles"),
    needs_right("GET /api/admin/roles/{name}"),
    needs_right_to_change("PUT /api/admin/roles/{name}"),
    needs_right_to_change("DELETE /api/admin/roles/{name}"),
    needs_right_to_change("POST /api/admin/roles/{name}/preview"),
    needs_right_to_change("POST /api/admin/roles/{name}/preview-deletion"),
    needs_right("GET /api/admin/assignments"),
    needs_right_to_change("POST /api/admin/assignments"),
    needs_right_to_change("DELETE /api/admin/assignments/{id}"),
    Expected {
        services_bearer: MALFORMED,
        ..own_write("POST /api/authz/check", MALFORMED)
    },
    needs_right("GET /api/admin/presets"),
    needs_right_to_change("POST /api/admin/presets/{name}/load"),
    needs_right("GET /api/admin/permissions"),
    needs_right_to_change("POST /api/admin/permissions"),
    needs_right_to_change("PUT /api/admin/permissions/{name}"),
    needs_right_to_change("DELETE /api/admin/permissions/{name}"),
    needs_right("GET /api/admin/tenants"),
    needs_right_to_change("POST /api/admin/tenants"),
    needs_right("GET /api/admin/signing-keys"),
    needs_right_to_change("POST /api/admin/signing-keys/rotate"),
    needs_right_to_change("POST /api/admin/signing-keys/{kid}/revoke"),
    own_read("GET /api/account", "200"),
    own_write("PATCH /api/account", "200"),
    own_write("POST /api/account/email", MALFORMED),
    own_write("DELETE /api/account/email", "204"),
    own_write("POST /api/account/email/confirm", MALFORMED),
    public("POST /api/account/email/undo", MALFORMED),
    own_read("GET /api/account/sessions", "200"),
    own_write("DELETE /api/account/sessions", "204"),
    own_write("DELETE /api/account/sessions/{id}", "404 not_found"),
    own_read("GET /api/account/tenants", "200"),
    own_write("DELETE /api/account/tenants/{id}", "404 not_found"),
    own_write("POST /api/account/tenant", MALFORMED),
    // Nobody here looks after a tenant: to them none is there.
    own_read("GET /api/admin/tenants/{id}", "404 not_found"),
    own_write("PATCH /api/admin/tenants/{id}", MALFORMED),
    own_write("DELETE /api/admin/tenants/{id}", MALFORMED),
    own_read("GET /api/admin/tenants/{id}/members", "404 not_found"),
    own_write("POST /api/admin/tenants/{id}/members", MALFORMED),
    own_read(
        "GET /api/admin/tenants/{id}/members/{user}",
        "404 not_found",
    ),
    own_write(
        "PATCH /api/admin/tenants/{id}/members/{user}",
        "404 not_found",
    ),
    own_write(
        "POST /api/admin/tenants/{id}/members/{user}/preview",
        "404 not_found",
    ),
    own_write(
        "DELETE /api/admin/tenants/{id}/members/{user}",
        "404 not_found",
    ),
    own_read("GET /api/admin/tenants/{id}/invitations", "404 not_found"),
    own_write("POST /api/admin/tenants/{id}/invitations", MALFORMED),
    own_write(
        "POST /api/admin/tenants/{id}/invitations/{invitation}/resend",
        "404 not_found",
    ),
    own_write(
        "DELETE /api/admin/tenants/{id}/invitations/{invitation}",
        "404 not_found",
    ),
    own_read("GET /api/account/events", "200"),
    own_write("POST /api/account/events/{id}/disown", "404 not_found"),
    public("POST /api/auth/undo-deletion", MALFORMED),
    own_write("DELETE /api/account", MALFORMED),
    own_read("GET /api/account/export", "200"),
    own_read("GET /api/account/consents", "200"),
    own_write("PUT /api/account/consents/{purpose}", MALFORMED),
    own_write("DELETE /api/account/consents/{purpose}", "204"),
    needs_right("GET /api/admin/users/{id}/consents"),
    own_read("GET /api/keys", "200"),
    own_write("POST /api/keys", MALFORMED),
    own_read("GET /api/keys/{id}", "404 not_found"),
    own_write("PATCH /api/keys/{id}", "404 not_found"),
    own_write("DELETE /api/keys/{id}", "404 not_found"),
    own_write("POST /api/keys/{id}/rotate", "404 not_found"),
    own_write("POST /api/keys/{id}/confirm", "404 not_found"),
    own_write("POST /api/keys/{id}/take-over", "404 not_found"),
    own_write("POST /api/keys/exchange", NO_RIGHT),
    public("POST /api/keys/revoke-leaked", MALFORMED),
    own_read("GET /api/admin/tenants/{id}/keys", "404 not_found"),
    own_write("POST /api/admin/tenants/{id}/keys", MALFORMED),
    needs_right("GET /api/admin/keys"),
    needs_right_to_change("POST /api/admin/keys/{id}/revoke"),
    same("GET /api/status", "200"),
    same("GET /api/openapi.json", "200"),
    same("GET /healthz", "200"),
    same("GET /readyz", "200"),
    same("GET /.well-known/jwks.json", "200"),
    same("GET /.well-known/revocations", "200"),
    same("GET /.well-known/revocations/stream", "200"),
    same("GET /.well-known/revocation-keys.json", "200"),
    same("GET /.well-known/openid-configuration", "200"),
    same("GET /.well-known/change-password", "303 /account/security"),
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
    Expected {
        cookie: "303 /account",
        cookie_and_bearer: "303 /account",
        foreign_site: "303 /account",
        listed_origin: "303 /account",
        bare_cookie: "303 /account",
        ..same("GET /login/code", "303 /login")
    },
    visitors_page("GET /register"),
    same("GET /verify-email", "200"),
    same("GET /forgot-password", "200"),
    same("GET /reset-password", "200"),
    members_page("GET /logout", "303 /login"),
    members_page("GET /step-up", "303 /login?next=/step-up"),
    members_page("GET /account", "303 /login"),
    same("GET /accept-invitation", "200"),
    members_page("GET /account/security", "303 /login?next=/account/security"),
    page_needs_right("GET /admin/outbox", "303 /login?next=/admin/outbox"),
    page_needs_right(
        "GET /admin/invitations",
        "303 /login?next=/admin/invitations",
    ),
    page_needs_right("GET /admin", "303 /login?next=/admin"),
    page_needs_right("GET /admin/settings", "303 /login?next=/admin/settings"),
    page_needs_right("GET /admin/users", "303 /login?next=/admin/users"),
    page_needs_right("GET /admin/users/act", "303 /login?next=/admin/users/act"),
    page_needs_right("GET /admin/users/{id}", "303 /login?next=/admin/users/none"),
    page_needs_right("GET /admin/audit", "303 /login?next=/admin/audit"),
    page_needs_right(
        "GET /admin/audit/export",
        "303 /login?next=/admin/audit/export",
    ),
    page_needs_right("GET /admin/audit/{id}", "303 /login?next=/admin/audit/none"),
    page_needs_right("GET /admin/presets", "303 /login?next=/admin/presets"),
    page_needs_right("GET /admin/roles", "303 /login?next=/admin/roles"),
    page_needs_right("GET /admin/roles/new", "303 /login?next=/admin/roles/new"),
    page_needs_right(
        "GET /admin/roles/{name}",
        "303 /login?next=/admin/roles/none",
    ),
    page_needs_right(
        "GET /admin/roles/{name}/delete",
        "303 /login?next=/admin/roles/none/delete",
    ),
    page_needs_right(
        "GET /admin/roles/{name}/preview",
        "303 /login?next=/admin/roles/none/preview",
    ),
    page_needs_right(
        "GET /admin/permissions",
        "303 /login?next=/admin/permissions",
    ),
    page_needs_right(
        "GET /admin/permissions/{name}/remove",
        "303 /login?next=/admin/permissions/none/remove",
    ),
    page_needs_right(
        "GET /admin/users/{id}/roles/preview",
        "303 /login?next=/admin/users/none/roles/preview",
    ),
    members_page("GET /account/sessions", "303 /login?next=/account/sessions"),
    members_page("GET /account/keys", "303 /login?next=/account/keys"),
    members_page("GET /account/keys/new", "303 /login?next=/account/keys/new"),
    Expected {
        cookie: "404",
        cookie_and_bearer: "404",
        foreign_site: "404",
        listed_origin: "404",
        bare_cookie: "404",
        ..members_page(
            "GET /account/keys/{id}",
            "303 /login?next=/account/keys/none",
        )
    },
    page_needs_right("GET /admin/keys", "303 /login?next=/admin/keys"),
    members_page("GET /account/activity", "303 /login?next=/account/activity"),
    Expected {
        cookie: "404",
        cookie_and_bearer: "404",
        foreign_site: "404",
        listed_origin: "404",
        bare_cookie: "404",
        ..same(
            "GET /account/activity/{id}",
            "303 /login?next=/account/activity/none",
        )
    },
    same("GET /change-email", "200"),
    same("GET /undo-email", "200"),
    members_page("GET /account/privacy", "303 /login?next=/account/privacy"),
    members_page("GET /account/export", "303 /login?next=/account/export"),
    members_page("GET /account/delete", "303 /login?next=/account/delete"),
    Expected {
        cookie: "303 /account",
        cookie_and_bearer: "303 /account",
        foreign_site: "303 /account",
        listed_origin: "303 /account",
        bare_cookie: "303 /account",
        ..same("GET /consent", "303 /login?next=/consent")
    },
    page_needs_right("GET /admin/tenants", "303 /login?next=/admin/tenants"),
    missing_page(
        "GET /admin/tenants/{id}",
        "303 /login?next=/admin/tenants/none",
    ),
    missing_page(
        "GET /admin/tenants/{id}/invitations",
        "303 /login?next=/admin/tenants/none/invitations",
    ),
    missing_page(
        "GET /admin/tenants/{id}/settings",
        "303 /login?next=/admin/tenants/none/settings",
    ),
    missing_page(
        "GET /admin/tenants/{id}/members/{user}",
        "303 /login?next=/admin/tenants/none/members/none",
    ),
    missing_page(
        "GET /admin/tenants/{id}/members/{user}/preview",
        "303 /login?next=/admin/tenants/none/members/none/preview",
    ),
    missing_page(
        "GET /admin/tenants/{id}/keys",
        "303 /login?next=/admin/tenants/none/keys",
    ),
    missing_page(
        "GET /admin/tenants/{id}/keys/new",
        "303 /login?next=/admin/tenants/none/keys/new",
    ),
    missing_page(
        "GET /admin/tenants/{id}/keys/{key}",
        "303 /login?next=/admin/tenants/none/keys/none",
    ),
    members_page("GET /account/tenants", "303 /login?next=/account/tenants"),
    page_needs_right(
        "GET /admin/signing-keys",
        "303 /login?next=/admin/signing-keys",
    ),
    page_needs_right(
        "GET /admin/signing-keys/rotate",
        "303 /login?next=/admin/signing-keys/rotate",
    ),
    page_needs_right(
        "GET /admin/signing-keys/{kid}/revoke",
        "303 /login?next=/admin/signing-keys/none/revoke",
    ),
    members_page("GET /integrate", "303 /login?next=/integrate"),
    members_page("GET /integrate/token", "303 /login?next=/integrate/token"),
    same("GET /undo-deletion", "200"),
    same("GET /leaked-key", "200"),
    same("GET /dev/mailbox", "404 not_found"),
    same("GET /dev/mailbox/{id}", "404 not_found"),
    same("GET /dev/mailbox/{id}/html", "404 not_found"),
    same("GET /dev/mailbox.json", "404 not_found"),
    public("POST /_sf/log_in", "200"),
    public("POST /_sf/request_sign_in_code", "200"),
    public("POST /_sf/resend_sign_in_code", "200"),
    public("POST /_sf/log_in_by_code", "200"),
    public("POST /_sf/register", "200"),
    public("POST /_sf/verify_email", "200"),
    public("POST /_sf/resend_verification", "200"),
    public("POST /_sf/request_reset", "200"),
    public("POST /_sf/redeem_reset_code", "200"),
    public("POST /_sf/reset_password", "200"),
    members_form("POST /_sf/change_password"),
    members_form("POST /_sf/log_out"),
    members_form("POST /_sf/step_up"),
    members_form("POST /_sf/update_profile"),
    members_form("POST /_sf/change_email"),
    members_form("POST /_sf/confirm_email_change"),
    members_form("POST /_sf/cancel_email_change"),
    public("POST /_sf/undo_email_change", "200"),
    members_form("POST /_sf/disown"),
    public("POST /_sf/set_up", "200"),
    form_needs_right("POST /_sf/retry_letter"),
    form_needs_right("POST /_sf/send_test_letter"),
    public("POST /_sf/accept_invitation", "200"),
    form_needs_right("POST /_sf/invite"),
    form_needs_right("POST /_sf/resend_invitation"),
    form_needs_right("POST /_sf/revoke_invitation"),
    members_form("POST /_sf/end_session"),
    members_form("POST /_sf/create_key"),
    members_form("POST /_sf/create_tenant_key"),
    members_form("POST /_sf/take_over_key"),
    public("POST /_sf/report_leaked_key", "200"),
    members_form("POST /_sf/update_key"),
    members_form("POST /_sf/roll_key"),
    members_form("POST /_sf/confirm_key"),
    members_form("POST /_sf/revoke_key"),
    members_form("POST /_sf/revoke_tenant_key"),
    form_needs_right("POST /_sf/revoke_key_of"),
    members_form("POST /_sf/end_other_sessions"),
    form_needs_right("POST /_sf/end_session_of"),
    form_needs_right("POST /_sf/sign_out_user"),
    form_needs_right("POST /_sf/disable_user"),
    form_needs_right("POST /_sf/enable_user"),
    form_needs_right("POST /_sf/unlock_user"),
    form_needs_right("POST /_sf/mail_reset_to_user"),
    form_needs_right("POST /_sf/update_user"),
    form_needs_right("POST /_sf/delete_user"),
    form_needs_right("POST /_sf/keep_user"),
    form_needs_right("POST /_sf/act_on_users"),
    form_needs_right("POST /_sf/add_tenant"),
    members_form("POST /_sf/rename_tenant"),
    members_form("POST /_sf/delete_tenant"),
    members_form("POST /_sf/add_member"),
    members_form("POST /_sf/change_member"),
    members_form("POST /_sf/suspend_member"),
    members_form("POST /_sf/resume_member"),
    members_form("POST /_sf/remove_member"),
    members_form("POST /_sf/invite_members"),
    members_form("POST /_sf/resend_tenant_invitation"),
    members_form("POST /_sf/revoke_tenant_invitation"),
    members_form("POST /_sf/act_in_tenant"),
    members_form("POST /_sf/leave_tenant"),
    form_needs_right("POST /_sf/add_role"),
    form_needs_right("POST /_sf/save_role"),
    form_needs_right("POST /_sf/delete_role"),
    form_needs_right("POST /_sf/add_permission"),
    form_needs_right("POST /_sf/remove_permission"),
    form_needs_right("POST /_sf/load_preset"),
    form_needs_right("POST /_sf/set_user_rights"),
    form_needs_right("POST /_sf/assign_resource"),
    form_needs_right("POST /_sf/unassign_resource"),
    members_form("POST /_sf/agree"),
    members_form("POST /_sf/withdraw_consent"),
    members_form("POST /_sf/delete_account"),
    public("POST /_sf/undo_deletion", "200"),
    form_needs_right("POST /_sf/rotate_signing_keys"),
    form_needs_right("POST /_sf/revoke_signing_key"),
    members_form("POST /_sf/inspect_token"),
    public("POST /_sf/password_strength", "200"),
];

/// What asks for a factor proven in the last ten minutes (contract.md, General). By hand, as all
/// here: a route that is missing must not ask, a route that stands here must.
pub(super) const RECENT: &[&str] = &[
    "PUT /api/account/password",
    "POST /_sf/change_password",
    "POST /api/account/email",
    "POST /_sf/change_email",
    "DELETE /api/account",
    "POST /_sf/delete_account",
    "GET /api/account/export",
    "GET /account/export",
    "GET /api/admin/audit/export",
    "GET /admin/audit/export",
    "GET /admin/roles/{name}",
    "GET /account/keys/new",
    "POST /_sf/create_key",
    "GET /admin/tenants/{id}/keys/new",
    "POST /_sf/create_tenant_key",
    "POST /_sf/take_over_key",
    "POST /_sf/update_key",
    "POST /_sf/roll_key",
    "POST /_sf/confirm_key",
    "POST /_sf/revoke_key_of",
    "POST /_sf/revoke_tenant_key",
    "POST /api/keys",
    "PATCH /api/keys/{id}",
    "POST /api/keys/{id}/rotate",
    "POST /api/keys/{id}/confirm",
    "POST /api/keys/{id}/take-over",
    "POST /api/admin/tenants/{id}/keys",
    "POST /api/admin/keys/{id}/revoke",
    "POST /api/admin/users/invite",
    "POST /api/admin/users/invite-many",
    "POST /api/admin/invitations/{id}/resend",
    "DELETE /api/admin/invitations/{id}",
    "POST /_sf/invite",
    "POST /_sf/resend_invitation",
    "POST /_sf/revoke_invitation",
    "PUT /api/admin/users/{id}/grants",
    "PUT /api/admin/users/{id}/role",
    "POST /api/admin/roles",
    "PUT /api/admin/roles/{name}",
    "DELETE /api/admin/roles/{name}",
    "POST /api/admin/assignments",
    "DELETE /api/admin/assignments/{id}",
    "POST /api/admin/presets/{name}/load",
    "POST /api/admin/permissions",
    "PUT /api/admin/permissions/{name}",
    "DELETE /api/admin/permissions/{name}",
    "POST /api/admin/tenants",
    "PATCH /api/admin/tenants/{id}",
    "DELETE /api/admin/tenants/{id}",
    "POST /api/admin/tenants/{id}/members",
    "PATCH /api/admin/tenants/{id}/members/{user}",
    "DELETE /api/admin/tenants/{id}/members/{user}",
    "POST /api/admin/tenants/{id}/invitations",
    "POST /api/admin/tenants/{id}/invitations/{invitation}/resend",
    "DELETE /api/admin/tenants/{id}/invitations/{invitation}",
    "POST /_sf/add_tenant",
    "POST /_sf/rename_tenant",
    "POST /_sf/delete_tenant",
    "POST /_sf/add_member",
    "POST /_sf/change_member",
    "POST /_sf/suspend_member",
    "POST /_sf/resume_member",
    "POST /_sf/remove_member",
    "POST /_sf/invite_members",
    "POST /_sf/resend_tenant_invitation",
    "POST /_sf/revoke_tenant_invitation",
    "POST /api/admin/signing-keys/rotate",
    "POST /api/admin/signing-keys/{kid}/revoke",
    "DELETE /api/admin/users/{id}/sessions/{sid}",
    "POST /api/admin/users/{id}/sign-out",
    "POST /api/admin/users/{id}/disable",
    "POST /api/admin/users/{id}/enable",
    "PATCH /api/admin/users/{id}",
    "DELETE /api/admin/users/{id}",
    "POST /api/admin/users/bulk",
    "POST /api/admin/users/{id}/unlock",
    "POST /api/admin/users/{id}/send-password-reset",
    "POST /api/admin/users/{id}/keep",
    "POST /_sf/add_role",
    "POST /_sf/save_role",
    "POST /_sf/delete_role",
    "POST /_sf/add_permission",
    "POST /_sf/remove_permission",
    "POST /_sf/load_preset",
    "POST /_sf/set_user_rights",
    "POST /_sf/assign_resource",
    "POST /_sf/unassign_resource",
    "POST /_sf/end_session_of",
    "POST /_sf/sign_out_user",
    "POST /_sf/disable_user",
    "POST /_sf/enable_user",
    "POST /_sf/unlock_user",
    "POST /_sf/mail_reset_to_user",
    "POST /_sf/update_user",
    "POST /_sf/delete_user",
    "POST /_sf/keep_user",
    "POST /_sf/act_on_users",
    "POST /api/admin/outbox/{id}/retry",
    "POST /api/admin/outbox/test",
    "POST /_sf/rotate_signing_keys",
    "POST /_sf/revoke_signing_key",
    "POST /_sf/retry_letter",
    "POST /_sf/send_test_letter",
];

/// What an API key of an admin reaches (contract.md, General): whatever else asks for a credential
/// refuses it, however much its owner may.
pub(super) const KEY_REACHES: &[(&str, &str)] = &[
    ("GET /api/auth/me", "200"),
    ("POST /api/authz/check", MALFORMED),
    ("POST /api/keys/exchange", "200"),
    ("GET /api/admin/outbox", "200"),
    ("GET /api/admin/invitations", "200"),
    ("GET /api/admin/users", "200"),
    ("GET /api/admin/users/{id}", "404 not_found"),
    ("GET /api/admin/tenants", "200"),
    ("GET /api/admin/signing-keys", "200"),
    ("GET /api/admin/keys", "200"),
    ("GET /api/admin/stats", "200"),
    ("GET /api/admin/settings", "200"),
    ("GET /api/admin/roles", "200"),
    ("GET /api/admin/roles/{name}", "404 not_found"),
    ("GET /api/admin/permissions", "200"),
    ("GET /api/admin/audit", "200"),
    ("GET /api/admin/audit/{id}", "404 not_found"),
];

/// What an access token made from that key reaches.
pub(super) const KEY_TOKEN_REACHES: &[(&str, &str)] = &[
    ("GET /api/auth/me", "200"),
    ("POST /api/authz/check", MALFORMED),
];
