//! Where pages are.

use wire::{
    AuditFilters, EditRole, InvitationStatus, LetterStatus, MemberStatus, Permission, RoleName,
    SafeReturnTo, UserSort, UserStatus, percent_encoded,
};

use super::user::Tab;
use crate::server::UserQuery;

pub(crate) const ACCEPT_INVITATION: &str = "/accept-invitation";
pub(crate) const ACCOUNT: &str = "/account";
pub(crate) const ACT_ON_USERS: &str = "/admin/users/act";
pub(crate) const ALL_KEYS: &str = "/admin/keys";
pub(crate) const ACTIVITY: &str = "/account/activity";
pub(crate) const AUDIT: &str = "/admin/audit";
pub(crate) const CHANGE_EMAIL: &str = "/change-email";
pub(crate) const CONSENT: &str = "/consent";
pub(crate) const DASHBOARD: &str = "/admin";
pub(crate) const DELETE: &str = "/account/delete";
pub(crate) const EXPORT: &str = "/account/export";
pub(crate) const INSPECT_TOKEN: &str = "/integrate/token";
pub(crate) const INTEGRATE: &str = "/integrate";
pub(crate) const INVITATIONS: &str = "/admin/invitations";
pub(crate) const FEED_KEYS: &str = "/.well-known/revocation-keys.json";
pub(crate) const FORGOT_PASSWORD: &str = "/forgot-password";
pub(crate) const JWKS: &str = "/.well-known/jwks.json";
pub(crate) const KEYS: &str = "/account/keys";
pub(crate) const NEW_KEY: &str = "/account/keys/new";
pub(crate) const LOG_IN: &str = "/login";
pub(crate) const LOG_OUT: &str = "/logout";
pub(crate) const MAILBOX: &str = "/dev/mailbox";
pub(crate) const LEAKED_KEY: &str = "/leaked-key";
pub(crate) const OWN_TENANTS: &str = "/account/tenants";
pub(crate) const OUTBOX: &str = "/admin/outbox";
pub(crate) const PRIVACY: &str = "/account/privacy";
pub(crate) const REGISTER: &str = "/register";
pub(crate) const ADD_ROLE: &str = "/admin/roles/new";
pub(crate) const PERMISSIONS: &str = "/admin/permissions";
pub(crate) const PRESETS: &str = "/admin/presets";
pub(crate) const ROLES: &str = "/admin/roles";
pub(crate) const RESET_PASSWORD: &str = "/reset-password";
pub(crate) const ROTATE_KEYS: &str = "/admin/signing-keys/rotate";
pub(crate) const SECURITY: &str = "/account/security";
pub(crate) const SESSIONS: &str = "/account/sessions";
pub(crate) const SETTINGS: &str = "/admin/settings";
pub(crate) const SET_UP: &str = "/setup";
pub(crate) const SIGNING_KEYS: &str = "/admin/signing-keys";
pub(crate) const STEP_UP: &str = "/step-up";
pub(crate) const TENANTS: &str = "/admin/tenants";
pub(crate) const UNDO_EMAIL: &str = "/undo-email";
pub(crate) const UNDO_DELETION: &str = "/undo-deletion";
pub(crate) const SIGN_IN_CODE: &str = "/login/code";
pub(crate) const USERS: &str = "/admin/users";
pub(crate) const VERIFY_EMAIL: &str = "/verify-email";

/// The outbox, all of it or the letters of one status.
pub(crate) fn outbox(status: Option<LetterStatus>) -> String {
    status.map_or_else(
        || OUTBOX.to_owned(),
        |status| format!("{OUTBOX}?status={status}"),
    )
}

/// The same, after the last letter of the page before.
pub(crate) fn outbox_after(status: Option<LetterStatus>, cursor: &str) -> String {
    let page = outbox(status);
    let joint = if page.contains('?') { '&' } else { '?' };
    format!("{page}{joint}cursor={cursor}")
}

/// One's own API keys, after the last key of the page before.
pub(crate) fn keys_after(cursor: &str) -> String {
    format!("{KEYS}?cursor={}", percent_encoded(cursor))
}

/// The page of an API key; the list, where this is no id.
pub(crate) fn key(id: &str) -> String {
    below(KEYS, id)
}

/// Everybody's API keys: what is asked for, as far as anything is.
pub(crate) fn all_keys(asked: &[(&str, &str)]) -> String {
    joined(
        ALL_KEYS,
        asked.iter().map(|(name, value)| (*name, Some(*value))),
    )
}

/// The list of them as it stood, from an address anybody may have made: what leads elsewhere is the whole
/// list.
pub(crate) fn all_keys_at(list: &str) -> String {
    at(list, ALL_KEYS)
}

/// Where a signing key is taken out of use. Its name is base64url: nothing to encode.
pub(crate) fn revoke_key(kid: &str) -> String {
    format!("{SIGNING_KEYS}/{kid}/revoke")
}

/// The list of invitations: those that stand like this, whose address holds `part`, after a cursor.
pub(crate) fn invitations(
    status: Option<InvitationStatus>,
    part: &str,
    cursor: Option<&str>,
) -> String {
    list(
        INVITATIONS,
        status.map(InvitationStatus::as_str),
        part,
        cursor,
    )
}

/// The list of accounts that were asked for, after a cursor.
pub(crate) fn users(query: &UserQuery, cursor: Option<&str>) -> String {
    let sort = (query.sort != UserSort::default()).then(|| query.sort.as_str());
    joined(
        USERS,
        [
            ("status", query.status.map(UserStatus::as_str)),
            ("q", Some(query.part.as_str())),
            ("role", query.role.as_deref()),
            ("tenantId", query.tenant_id.as_deref()),
            ("sort", sort),
            ("cursor", cursor),
        ],
    )
}

/// Where one act on many is looked over, and the list they were chosen from.
pub(crate) fn act_on_users(act: &str, ids: &[&str], list: &str) -> String {
    let ids = ids.iter().map(|id| ("id", Some(*id)));
    let list = users_at(list);
    let list = (list != USERS).then_some(list.as_str());
    let others = [("act", Some(act)), ("back", list)];
    joined(ACT_ON_USERS, others.into_iter().chain(ids))
}

/// The list of accounts as it stood, from an address anybody may have made: what leads elsewhere is the
/// whole list.
pub(crate) fn users_at(list: &str) -> String {
    at(list, USERS)
}

fn at(list: &str, page: &str) -> String {
    let safe = SafeReturnTo::parse(list);
    let safe = safe.as_str();
    match safe.strip_prefix(page) {
        Some(rest) if rest.starts_with('?') => safe.to_owned(),
        _ => page.to_owned(),
    }
}

/// A page and what is asked of it. What is empty is not said.
fn joined<'a>(page: &str, pairs: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> String {
    let said = pairs.into_iter().filter_map(|(name, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some(format!("{name}={}", percent_encoded(value)))
    });
    let said: Vec<_> = said.collect();
    let mark = if said.is_empty() { "" } else { "?" };
    format!("{page}{mark}{}", said.join("&"))
}

/// The page of a role; the list, where this is no name.
pub(crate) fn role(name: &str) -> String {
    match RoleName::parse(name) {
        Ok(name) => format!("{ROLES}/{name}"),
        Err(_) => ROLES.to_owned(),
    }
}

/// What deleting a role would do; the list, where this is no name.
pub(crate) fn delete_role(name: &str) -> String {
    match role(name).as_str() {
        ROLES => ROLES.to_owned(),
        page => format!("{page}/delete"),
    }
}

/// What a change of a role would do, with the change in the address.
pub(crate) fn preview_role(name: &str, edit: &EditRole) -> String {
    let page = role(name);
    if page == ROLES {
        return page;
    }
    let patterns = edit.patterns.iter().map(|pattern| ("p", pattern));
    let assigned = edit.assigned.iter().flatten().map(|pattern| ("a", pattern));
    let given = boxes(patterns.chain(assigned));
    let version = edit.version.as_deref().unwrap_or_default();
    let (description, version) = (percent_encoded(&edit.description), percent_encoded(version));
    format!("{page}/preview?description={description}&v={version}{given}")
}

/// The question before a permission is removed; the list, where this is none.
pub(crate) fn remove_permission(name: &str) -> String {
    match Permission::parse(name) {
        Ok(name) => format!("{PERMISSIONS}/{name}/remove"),
        Err(_) => PERMISSIONS.to_owned(),
    }
}

/// The page of an account; the list, where this is no id.
pub(crate) fn user(id: &str) -> String {
    below(USERS, id)
}

/// The list of tenants: those whose name holds `part`, after a cursor.
pub(crate) fn tenants(part: &str, cursor: Option<&str>) -> String {
    list(TENANTS, None, part, cursor)
}

/// The page of a tenant; the list, where this is no id.
pub(crate) fn tenant(id: &str) -> String {
    below(TENANTS, id)
}

/// Its members: those that stand like this, whose address or name holds `part`, after a cursor.
pub(crate) fn tenant_members(
    id: &str,
    status: Option<MemberStatus>,
    part: &str,
    cursor: Option<&str>,
) -> String {
    list(&tenant(id), status.map(MemberStatus::as_str), part, cursor)
}

/// One of them.
pub(crate) fn tenant_member(id: &str, user: &str) -> String {
    below(&format!("{}/members", tenant(id)), user)
}

/// What changing their rights would do.
pub(crate) fn preview_member(id: &str, user: &str) -> String {
    format!("{}/preview", tenant_member(id, user))
}

/// The same, with the change in the address.
pub(crate) fn preview_member_with(
    (id, user): (&str, &str),
    role: &str,
    (patterns, assigned): (&str, &str),
    version: &str,
) -> String {
    let said = [
        ("role", Some(role)),
        ("patterns", Some(patterns)),
        ("assigned", Some(assigned)),
        ("v", Some(version)),
    ];
    joined(&preview_member(id, user), said)
}

/// The invitations into it.
pub(crate) fn tenant_invitations(
    id: &str,
    status: Option<InvitationStatus>,
    part: &str,
    cursor: Option<&str>,
) -> String {
    let page = format!("{}/invitations", tenant(id));
    let status = status.map(InvitationStatus::as_str);
    list(&page, status, part, cursor)
}

/// Its API keys, after a cursor.
pub(crate) fn tenant_keys(id: &str, cursor: Option<&str>) -> String {
    list(&format!("{}/keys", tenant(id)), None, "", cursor)
}

/// Where another is made.
pub(crate) fn new_tenant_key(id: &str) -> String {
    format!("{}/keys/new", tenant(id))
}

/// One of them; all of them, where this is no id.
pub(crate) fn tenant_key(id: &str, key: &str) -> String {
    below(&tenant_keys(id, None), key)
}

/// Where it gets another name, or is deleted.
pub(crate) fn tenant_settings(id: &str) -> String {
    format!("{}/settings", tenant(id))
}

/// A page below another, of an id; the other, where this is none.
fn below(page: &str, id: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_hexdigit() || b == b'-';
    match !id.is_empty() && id.bytes().all(is_plain) {
        true => format!("{page}/{id}"),
        false => page.to_owned(),
    }
}

/// The audit log: what fits these filters, after a cursor.
pub(crate) fn audit(filters: &AuditFilters, cursor: Option<&str>) -> String {
    let cursor = cursor.map(|cursor| format!("cursor={}", percent_encoded(cursor)));
    let query: Vec<_> = [Some(filters.query()), cursor]
        .into_iter()
        .flatten()
        .collect();
    let query: Vec<_> = query.into_iter().filter(|part| !part.is_empty()).collect();
    match query.is_empty() {
        true => AUDIT.to_owned(),
        false => format!("{AUDIT}?{}", query.join("&")),
    }
}

/// One row of it; the log, where this is no id.
pub(crate) fn audit_event(id: &str) -> String {
    below(AUDIT, id)
}

/// A file of what fits these filters.
pub(crate) fn audit_export(format: &str, filters: &AuditFilters) -> String {
    let query = filters.query();
    let joint = if query.is_empty() { "" } else { "&" };
    format!("{AUDIT}/export?format={format}{joint}{query}")
}

/// A tab of it.
pub(crate) fn user_tab(id: &str, tab: Tab) -> String {
    match (user(id), tab) {
        (page, Tab::Overview) => page,
        (page, _) if page == USERS => page,
        (page, tab) => format!("{page}?tab={}", tab.as_str()),
    }
}

/// What a change of it would do.
pub(crate) fn preview_rights(id: &str) -> String {
    match user(id).as_str() {
        USERS => USERS.to_owned(),
        page => format!("{page}/roles/preview"),
    }
}

/// The same, with the change in the address.
pub(crate) fn preview_rights_with(
    id: &str,
    role: &str,
    given: Option<(&[String], &[String])>,
    version: &str,
) -> String {
    let page = preview_rights(id);
    if page == USERS {
        return page;
    }
    let (role, version) = (percent_encoded(role), percent_encoded(version));
    let given = given.map(|(patterns, assigned)| {
        let patterns = patterns.iter().map(|pattern| ("p", pattern));
        let assigned = assigned.iter().map(|pattern| ("a", pattern));
        format!("&g=1{}", boxes(patterns.chain(assigned)))
    });
    format!(
        "{page}?role={role}&v={version}{}",
        given.unwrap_or_default()
    )
}

/// Ticked boxes in an address. A dot stands for the colon: it is read the same, and stays as it is.
fn boxes<'a>(ticked: impl Iterator<Item = (&'static str, &'a String)>) -> String {
    ticked
        .map(|(field, pattern)| format!("&{field}={}", percent_encoded(&pattern.replace(':', "."))))
        .collect()
}

fn list(page: &str, status: Option<&str>, part: &str, cursor: Option<&str>) -> String {
    joined(
        page,
        [("status", status), ("q", Some(part)), ("cursor", cursor)],
    )
}

/// The sign-in page, on the way to somewhere.
pub(crate) fn log_in(next: &SafeReturnTo) -> String {
    on_the_way(LOG_IN, next)
}

/// What is to be agreed to, on the way to somewhere.
pub(crate) fn consent(next: &SafeReturnTo) -> String {
    on_the_way(CONSENT, next)
}

/// The same for registering.
pub(crate) fn register(next: &SafeReturnTo) -> String {
    on_the_way(REGISTER, next)
}

/// Confirming that it is them, on the way to somewhere.
pub(crate) fn step_up(next: &SafeReturnTo) -> String {
    on_the_way(STEP_UP, next)
}

/// The same for entering a mailed code.
pub(crate) fn sign_in_code(next: &SafeReturnTo) -> String {
    on_the_way(SIGN_IN_CODE, next)
}

fn on_the_way(page: &str, next: &SafeReturnTo) -> String {
    if next.is_home() {
        return page.to_owned();
    }
    format!("{page}?next={}", next.in_query())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_in_its_address_what_it_shows() {
        assert_eq!(invitations(None, "", None), "/admin/invitations");
        assert_eq!(
            invitations(Some(InvitationStatus::Pending), "a&b=c d", Some("1.x")),
            "/admin/invitations?status=pending&q=a%26b%3Dc%20d&cursor=1.x"
        );
    }

    #[test]
    fn a_form_leads_to_an_account_and_nowhere_else() {
        assert_eq!(user("0199aaaa-bbbb"), "/admin/users/0199aaaa-bbbb");
        let danger = user_tab("0199aaaa-bbbb", Tab::Danger);
        assert_eq!(danger, "/admin/users/0199aaaa-bbbb?tab=danger");
        for hostile in [
            "",
            "../../logout",
            "x?next=//evil.example",
            "a\r\nb",
            "//evil",
        ] {
            assert_eq!(user(hostile), "/admin/users", "{hostile}");
            assert_eq!(user_tab(hostile, Tab::Danger), "/admin/users", "{hostile}");
        }
        let query = UserQuery {
            status: Some(UserStatus::Disabled),
            part: "ada".to_owned(),
            sort: UserSort::LastLogin,
            ..UserQuery::default()
        };
        assert_eq!(
            users(&query, None),
            "/admin/users?status=disabled&q=ada&sort=-lastLoginAt"
        );
        assert_eq!(users(&UserQuery::default(), None), "/admin/users");
        assert_eq!(
            act_on_users("delete", &["a", "&b"], USERS),
            "/admin/users/act?act=delete&id=a&id=%26b"
        );
        assert_eq!(
            act_on_users("delete", &["a"], "/admin/users?q=a&sort=email"),
            "/admin/users/act?act=delete&back=/admin/users%3Fq%3Da%26sort%3Demail&id=a"
        );
        for hostile in [
            "",
            "/account",
            "//evil.example",
            "/admin/users/act?x",
            "/admin/usersx",
        ] {
            assert_eq!(users_at(hostile), "/admin/users", "{hostile}");
        }
    }

    #[test]
    fn a_form_of_keys_leads_to_a_page_of_keys_and_nowhere_else() {
        let id = "0199aaaa-bbbb";
        assert_eq!(tenant_key(id, id), format!("/admin/tenants/{id}/keys/{id}"));
        assert_eq!(tenant_key(id, "../x"), format!("/admin/tenants/{id}/keys"));
        assert_eq!(
            tenant_key("//evil.example", id),
            format!("/admin/tenants/keys/{id}")
        );
        let asked = "/admin/keys?status=expiring";
        assert_eq!(all_keys_at(asked), asked);
        for hostile in ["", "//evil.example", "/account", "/admin/keysx?a"] {
            assert_eq!(all_keys_at(hostile), "/admin/keys", "{hostile}");
        }
    }

    #[test]
    fn the_log_says_in_its_address_what_it_shows() {
        let none = AuditFilters::default();
        let some = AuditFilters {
            actor: "a&b@c.d".to_owned(),
            ..AuditFilters::default()
        };
        assert_eq!(audit(&none, None), "/admin/audit");
        assert_eq!(audit(&none, Some("1.x")), "/admin/audit?cursor=1.x");
        assert_eq!(
            audit(&some, Some("1.x")),
            "/admin/audit?actor=a%26b%40c.d&cursor=1.x"
        );
        assert_eq!(
            audit_export("csv", &some),
            "/admin/audit/export?format=csv&actor=a%26b%40c.d"
        );
        assert_eq!(audit_export("csv", &none), "/admin/audit/export?format=csv");
        assert_eq!(audit_event("../x"), "/admin/audit");
    }

    #[test]
    fn a_role_is_a_path_and_its_change_an_address() {
        let edit = EditRole {
            description: "a&b".to_owned(),
            patterns: vec!["workflow:*".to_owned()],
            assigned: Some(vec!["patient:read".to_owned()]),
            version: Some("12ab".to_owned()),
        };
        assert_eq!(
            preview_role("clinic_admin", &edit),
            "/admin/roles/clinic_admin/preview?description=a%26b&v=12ab&p=workflow.%2A&a=patient.read"
        );
        for hostile in ["", "../x", "a?b", "//evil.example", "new"] {
            assert_eq!(role(hostile), "/admin/roles", "{hostile}");
            assert_eq!(preview_role(hostile, &edit), "/admin/roles", "{hostile}");
        }
        assert_eq!(remove_permission("../x"), "/admin/permissions");
    }

    #[test]
    fn the_way_home_needs_no_words() {
        assert_eq!(log_in(&SafeReturnTo::default()), "/login");
        assert_eq!(
            log_in(&SafeReturnTo::parse("/account?a=b&c=d")),
            "/login?next=/account%3Fa%3Db%26c%3Dd"
        );
    }
}
