//! Every route that takes an id, and what it tells whoever looks after another tenant. By hand, and all
//! of it: a route that is missing here fails the walk, and so does a form.

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    /// A tenant.
    Tenant,
    /// An account that is a member of it.
    Member,
    /// An invitation into it.
    Invitation,
    /// A session of that member's.
    Session,
    /// Something that happened to that member.
    Event,
    /// Something entrusted to that member there.
    Assignment,
    /// A key of the tenant's own.
    Key,
    /// Something of the portal itself, of which there is none in a tenant: a letter, a signing key.
    Portal,
}

use Id::{Assignment, Event, Invitation, Key, Member, Portal, Session, Tenant};

/// One route: what it takes where, the least else it needs, and what it tells.
pub(crate) struct Taking {
    pub(crate) route: &'static str,
    /// Placeholders of the path, or fields of a form.
    pub(crate) ids: &'static [(&'static str, Id)],
    /// JSON, or more fields.
    pub(crate) rest: &'static str,
    pub(crate) told: &'static str,
}

const fn taking(
    route: &'static str,
    ids: &'static [(&'static str, Id)],
    rest: &'static str,
    told: &'static str,
) -> Taking {
    Taking {
        route,
        ids,
        rest,
        told,
    }
}

const NOT_THERE: &str = "404 not_found";
const NO_PAGE: &str = "404";
const NO_RIGHT: &str = "403 insufficient_permissions";
const REFUSED: &str = "refused not_found";

const TENANT: &[(&str, Id)] = &[("id", Tenant)];
const MEMBER: &[(&str, Id)] = &[("id", Tenant), ("user", Member)];
const INVITATION: &[(&str, Id)] = &[("id", Tenant), ("invitation", Invitation)];
const IN_TENANT: &[(&str, Id)] = &[("tenant", Tenant)];
const MEMBER_IN: &[(&str, Id)] = &[("tenant", Tenant), ("user", Member)];
const INVITATION_IN: &[(&str, Id)] = &[("tenant", Tenant), ("id", Invitation)];
const USER: &[(&str, Id)] = &[("id", Member)];
const KEY: &[(&str, Id)] = &[("id", Key)];
const KEY_OF: &[(&str, Id)] = &[("id", Tenant), ("key", Key)];
const KEY_IN: &[(&str, Id)] = &[("tenant", Tenant), ("id", Key)];

/// Routes with an id in their path.
#[rustfmt::skip]
pub(crate) const PATHS: &[Taking] = &[
    taking("GET /api/admin/tenants/{id}",                    TENANT,     "", NOT_THERE),
    taking("PATCH /api/admin/tenants/{id}",                  TENANT,     r#"{"name":"Mine"}"#, NOT_THERE),
    taking("DELETE /api/admin/tenants/{id}",                 TENANT,     r#"{"name":"Acme"}"#, NOT_THERE),
    taking("GET /api/admin/tenants/{id}/members",            TENANT,     "", NOT_THERE),
    taking("POST /api/admin/tenants/{id}/members",           TENANT,     r#"{"email":"eve@example.com","role":"viewer"}"#, NOT_THERE),
    taking("GET /api/admin/tenants/{id}/members/{user}",     MEMBER,     "", NOT_THERE),
    taking("PATCH /api/admin/tenants/{id}/members/{user}",   MEMBER,     r#"{"role":"viewer","status":"suspended"}"#, NOT_THERE),
    taking("POST /api/admin/tenants/{id}/members/{user}/preview", MEMBER, r#"{"role":"viewer"}"#, NOT_THERE),
    taking("DELETE /api/admin/tenants/{id}/members/{user}",  MEMBER,     "", NOT_THERE),
    taking("GET /api/admin/tenants/{id}/invitations",        TENANT,     "", NOT_THERE),
    taking("POST /api/admin/tenants/{id}/invitations",       TENANT,     r#"{"emails":["new@example.com"],"role":"viewer"}"#, NOT_THERE),
    taking("POST /api/admin/tenants/{id}/invitations/{invitation}/resend", INVITATION, "", NOT_THERE),
    taking("DELETE /api/admin/tenants/{id}/invitations/{invitation}", INVITATION, "", NOT_THERE),
    taking("DELETE /api/account/tenants/{id}",               TENANT,     "", NOT_THERE),
    taking("GET /admin/tenants/{id}",                        TENANT,     "", NO_PAGE),
    taking("GET /admin/tenants/{id}/invitations",            TENANT,     "", NO_PAGE),
    taking("GET /admin/tenants/{id}/settings",               TENANT,     "", NO_PAGE),
    taking("GET /admin/tenants/{id}/members/{user}",         MEMBER,     "", NO_PAGE),
    taking("GET /admin/tenants/{id}/members/{user}/preview", MEMBER,     "", NO_PAGE),
    taking("GET /admin/tenants/{id}/keys",                   TENANT,     "", NO_PAGE),
    taking("GET /admin/tenants/{id}/keys/new",               TENANT,     "", NO_PAGE),
    taking("GET /admin/tenants/{id}/keys/{key}",             KEY_OF,     "", NO_PAGE),
    taking("DELETE /api/admin/assignments/{id}",             &[("id", Assignment)], "", NOT_THERE),
    taking("GET /api/admin/tenants/{id}/keys",               TENANT,     "", NOT_THERE),
    taking("POST /api/admin/tenants/{id}/keys",              TENANT,     r#"{"name":"Mine","permissions":[]}"#, NOT_THERE),
    taking("GET /api/keys/{id}",                             KEY,        "", NOT_THERE),
    taking("PATCH /api/keys/{id}",                           KEY,        r#"{"name":"Mine"}"#, NOT_THERE),
    taking("DELETE /api/keys/{id}",                          KEY,        "", NOT_THERE),
    taking("POST /api/keys/{id}/rotate",                     KEY,        r#"{"overlapSeconds":0}"#, NOT_THERE),
    taking("POST /api/keys/{id}/confirm",                    KEY,        "", NOT_THERE),
    taking("POST /api/keys/{id}/take-over",                  KEY,        "", NOT_THERE),
    taking("GET /account/keys/{id}",                         KEY,        "", NO_PAGE),
    taking("POST /api/admin/keys/{id}/revoke",               KEY,        "", NO_RIGHT),
    // Accounts are looked after by right of the whole portal.
    taking("POST /api/admin/invitations/{id}/resend",        &[("id", Invitation)], "", NO_RIGHT),
    taking("DELETE /api/admin/invitations/{id}",             &[("id", Invitation)], "", NO_RIGHT),
    taking("GET /api/admin/users/{id}",                      USER,       "", NO_RIGHT),
    taking("GET /api/admin/users/{id}/sessions",             USER,       "", NO_RIGHT),
    taking("DELETE /api/admin/users/{id}/sessions/{sid}",    &[("id", Member), ("sid", Session)], "", NO_RIGHT),
    taking("POST /api/admin/users/{id}/sign-out",            USER,       "", NO_RIGHT),
    taking("POST /api/admin/users/{id}/disable",             USER,       "", NO_RIGHT),
    taking("POST /api/admin/users/{id}/enable",              USER,       "", NO_RIGHT),
    taking("PATCH /api/admin/users/{id}",                    USER,       r#"{"firstName":"Mine"}"#, NO_RIGHT),
    taking("DELETE /api/admin/users/{id}",                   USER,       r#"{"confirmation":"bob@example.com"}"#, NO_RIGHT),
    taking("POST /api/admin/users/{id}/unlock",              USER,       "", NO_RIGHT),
    taking("POST /api/admin/users/{id}/send-password-reset", USER,       "", NO_RIGHT),
    taking("POST /api/admin/users/{id}/keep",                USER,       "", NO_RIGHT),
    taking("GET /api/admin/users/{id}/grants",               USER,       "", NO_RIGHT),
    taking("PUT /api/admin/users/{id}/grants",               USER,       "{}", NO_RIGHT),
    taking("POST /api/admin/users/{id}/grants/preview",      USER,       "{}", NO_RIGHT),
    taking("PUT /api/admin/users/{id}/role",                 USER,       r#"{"role":"viewer"}"#, NO_RIGHT),
    taking("GET /admin/users/{id}/roles/preview",            USER,       "", "403"),
    taking("GET /api/admin/users/{id}/consents",             USER,       "", NO_RIGHT),
    taking("GET /admin/users/{id}",                          USER,       "", "403"),
    taking("GET /api/admin/audit/{id}",                      &[("id", Event)], "", NO_RIGHT),
    taking("GET /admin/audit/{id}",                          &[("id", Event)], "", "403"),
    taking("POST /api/admin/outbox/{id}/retry",              &[("id", Portal)], "", NO_RIGHT),
    taking("POST /api/admin/signing-keys/{kid}/revoke",      &[("kid", Portal)], "", NO_RIGHT),
    taking("GET /admin/signing-keys/{kid}/revoke",           &[("kid", Portal)], "", "403"),
    // One's own, and nobody else's whoever asks.
    taking("DELETE /api/account/sessions/{id}",              &[("id", Session)], "", NOT_THERE),
    taking("POST /api/account/events/{id}/disown",           &[("id", Event)], "", NOT_THERE),
    taking("GET /account/activity/{id}",                     &[("id", Event)], "", NO_PAGE),
];

/// Paths whose placeholder is no id of anything: a word we chose, the name of something the portal has and no
/// tenant, a file, a letter of the development mode.
pub(crate) const WORDS: &[&str] = &[
    "PUT /api/account/consents/{purpose}",
    "DELETE /api/account/consents/{purpose}",
    "GET /api/admin/roles/{name}",
    "PUT /api/admin/roles/{name}",
    "DELETE /api/admin/roles/{name}",
    "POST /api/admin/roles/{name}/preview",
    "POST /api/admin/roles/{name}/preview-deletion",
    "PUT /api/admin/permissions/{name}",
    "DELETE /api/admin/permissions/{name}",
    "POST /api/admin/presets/{name}/load",
    "GET /admin/roles/{name}",
    "GET /admin/roles/{name}/preview",
    "GET /admin/roles/{name}/delete",
    "GET /admin/permissions/{name}/remove",
    "GET /dev/mailbox/{id}",
    "GET /dev/mailbox/{id}/html",
    "GET /api/docs/{*rest}",
    "GET /pkg/{*path}",
];

/// Forms that name something by its id.
#[rustfmt::skip]
pub(crate) const FORMS: &[Taking] = &[
    taking("rename_tenant",            IN_TENANT,     "new_name=Mine", REFUSED),
    taking("delete_tenant",            IN_TENANT,     "name=Acme", REFUSED),
    taking("add_member",               IN_TENANT,     "email=eve%40example.com&role=viewer", REFUSED),
    taking("change_member",            MEMBER_IN,     "role=viewer", REFUSED),
    taking("suspend_member",           MEMBER_IN,     "", REFUSED),
    taking("resume_member",            MEMBER_IN,     "", REFUSED),
    taking("remove_member",            MEMBER_IN,     "", REFUSED),
    taking("invite_members",           IN_TENANT,     "emails=new%40example.com&role=viewer", REFUSED),
    taking("resend_tenant_invitation", INVITATION_IN, "", REFUSED),
    taking("revoke_tenant_invitation", INVITATION_IN, "", REFUSED),
    taking("act_in_tenant",            IN_TENANT,     "", REFUSED),
    taking("leave_tenant",             IN_TENANT,     "", REFUSED),
    taking("invite",                   &[("tenant_id", Tenant)], "emails=new%40example.com&role=viewer", NO_RIGHT),
    taking("resend_invitation",        &[("id", Invitation)], "", NO_RIGHT),
    taking("revoke_invitation",        &[("id", Invitation)], "", NO_RIGHT),
    taking("end_session_of",           &[("user", Member), ("id", Session)], "", NO_RIGHT),
    taking("sign_out_user",            &[("user", Member)], "", NO_RIGHT),
    taking("disable_user",             &[("user", Member)], "", NO_RIGHT),
    taking("enable_user",              &[("user", Member)], "", NO_RIGHT),
    taking("set_user_rights",          &[("user", Member)], "role=viewer", NO_RIGHT),
    taking("assign_resource",          &[("user", Member)], "resource_type=case&resource_id=1", NO_RIGHT),
    taking("unassign_resource",        &[("user", Member), ("id", Assignment)], "", NO_RIGHT),
    taking("unlock_user",              &[("user", Member)], "", NO_RIGHT),
    taking("mail_reset_to_user",       &[("user", Member)], "", NO_RIGHT),
    taking("update_user",              &[("user", Member)], "first_name=Mine", NO_RIGHT),
    taking("delete_user",              &[("user", Member)], "confirmation=bob%40example.com", NO_RIGHT),
    taking("keep_user",                &[("user", Member)], "", NO_RIGHT),
    taking("act_on_users",             &[("ids", Member)], "act=disable", NO_RIGHT),
    taking("create_tenant_key",        IN_TENANT,     "name=Mine", REFUSED),
    taking("take_over_key",            KEY_IN,        "", REFUSED),
    taking("update_key",               KEY,           "name=Mine&rate_limit=10", REFUSED),
    taking("roll_key",                 KEY,           "overlap_seconds=0", REFUSED),
    taking("confirm_key",              KEY,           "", REFUSED),
    taking("revoke_key",               KEY,           "", REFUSED),
    taking("revoke_tenant_key",        KEY_IN,        "", REFUSED),
    taking("revoke_key_of",            KEY,           "", NO_RIGHT),
    taking("retry_letter",             &[("id", Portal)], "", NO_RIGHT),
    taking("revoke_signing_key",       &[("kid", Portal)], "", NO_RIGHT),
    // What is not there has ended: they wanted no more.
    taking("end_session",              &[("id", Session)], "", "done"),
    taking("disown",                   &[("event", Event)], "", REFUSED),
];

/// Forms that name nothing but what is one's own, or what a letter brought.
pub(crate) const WITHOUT: &[&str] = &[
    "create_key",
    "report_leaked_key",
    "add_permission",
    "add_role",
    "delete_role",
    "load_preset",
    "remove_permission",
    "save_role",
    "accept_invitation",
    "add_tenant",
    "agree",
    "cancel_email_change",
    "change_email",
    "change_password",
    "confirm_email_change",
    "delete_account",
    "end_other_sessions",
    "inspect_token",
    "log_in",
    "log_in_by_code",
    "log_out",
    "password_strength",
    "redeem_reset_code",
    "register",
    "request_reset",
    "request_sign_in_code",
    "resend_sign_in_code",
    "resend_verification",
    "reset_password",
    "rotate_signing_keys",
    "send_test_letter",
    "set_up",
    "step_up",
    "undo_deletion",
    "undo_email_change",
    "update_profile",
    "verify_email",
    "withdraw_consent",
];

/// Bodies that name a tenant or a member of it without having them in their path; `<own>` is the caller's.
#[rustfmt::skip]
pub(crate) const BODIES: &[(&str, &str, &str)] = &[
    ("POST /api/account/tenant",           r#"{"tenantId":"<tenant>"}"#, NOT_THERE),
    ("POST /api/admin/users/invite",       r#"{"email":"new@example.com","role":"viewer","tenantId":"<tenant>"}"#, NO_RIGHT),
    ("POST /api/admin/users/invite-many",  r#"{"emails":["new@example.com"],"role":"viewer","tenantId":"<tenant>"}"#, NO_RIGHT),
    ("POST /api/admin/users/bulk",         r#"{"act":"disable","ids":["<member>"]}"#, NO_RIGHT),
    ("POST /api/admin/assignments",        r#"{"userId":"<member>","tenantId":"<tenant>","resourceType":"case","resourceId":"1"}"#, NO_RIGHT),
    ("POST /api/admin/assignments",        r#"{"userId":"<member>","tenantId":"<own>","resourceType":"case","resourceId":"1"}"#, "400 invalid_request"),
];
