//! What `bench --console` asks for: every list of the administration, in each order and by each filter.

/// One list or page, and where it is.
pub(super) struct List {
    pub(super) name: String,
    pub(super) path: String,
    /// Walked to a page far behind first.
    pub(super) is_far_behind: bool,
}

const USERS: &str = "/api/admin/users?limit=50";
const KEYS: &str = "/api/admin/keys?limit=50";
const AUDIT: &str = "/api/admin/audit?limit=50";
/// The biggest of the made-up tenants, and a small one.
const TENANT: &str = "0199aaad-bbbb-7ccc-8ddd-100000000001";
const SMALL_TENANT: &str = "0199aaad-bbbb-7ccc-8ddd-100000000009";
/// Whoever did a quarter of all that was done, and one of many.
const BUSY: &str = "0199aaaa-bbbb-7ccc-8ddd-100000000002";
const ANYBODY: &str = "0199aaaa-bbbb-7ccc-8ddd-100000000777";
const WITH_KEY: &str = "0199aaaa-bbbb-7ccc-8ddd-100000099995";

const ORDERS: [(&str, &str); 4] = [
    ("newest", ""),
    ("oldest", "&sort=createdAt"),
    ("by address", "&sort=email"),
    ("by last sign-in", "&sort=-lastLoginAt"),
];
const SEARCHES: [(&str, &str); 4] = [
    ("", ""),
    (", search with many hits", "&q=person"),
    (", search with a hit", "&q=person99999%40"),
    (", search without a hit", "&q=nobody-like-that"),
];

/// All of them.
pub(super) fn all() -> Vec<List> {
    let mut lists = users();
    lists.extend(keys());
    lists.extend(tenants());
    lists.extend(audit());
    lists.extend(
        [
            ("stats, 7 days", "/api/admin/stats?days=7"),
            ("stats, 90 days", "/api/admin/stats?days=90"),
            ("roles", "/api/admin/roles"),
            ("permissions", "/api/admin/permissions"),
            ("role everybody has", "/api/admin/roles/user"),
            ("invitations", "/api/admin/invitations?limit=50"),
            ("page: dashboard, 90 days", "/admin?days=90"),
            ("page: users", "/admin/users"),
            ("page: one user", &format!("/admin/users/{ANYBODY}")),
            ("page: audit", "/admin/audit"),
            ("page: keys", "/admin/keys"),
            ("page: tenants", "/admin/tenants"),
            ("page: a big tenant", &format!("/admin/tenants/{TENANT}")),
            ("page: roles", "/admin/roles"),
            ("page: a role everybody has", "/admin/roles/user"),
            ("page: settings", "/admin/settings"),
        ]
        .map(|(name, path)| list(name, path)),
    );
    lists
}

fn list(name: &str, path: &str) -> List {
    List {
        name: name.to_owned(),
        path: path.to_owned(),
        is_far_behind: false,
    }
}

fn far_behind(name: &str, path: &str) -> List {
    List {
        is_far_behind: true,
        ..list(&format!("{name}, a page far behind"), path)
    }
}

/// Every order by every filter by every search.
fn users() -> Vec<List> {
    let tenant = format!("&tenantId={TENANT}");
    let small = format!("&tenantId={SMALL_TENANT}");
    let filters = [
        ("", ""),
        (", active", "&status=active"),
        (", locked", "&status=locked"),
        (", suspended", "&status=suspended"),
        (", disabled", "&status=disabled"),
        (", leaving", "&status=leaving"),
        (", the usual role", "&role=user"),
        (", a rare role", "&role=viewer"),
        (", a role nobody has", "&role=api"),
        (", a big tenant", &tenant),
        (", a small tenant", &small),
        (", leaving, a rare role", "&status=leaving&role=viewer"),
        (", active, the usual role", "&status=active&role=user"),
    ];
    let mut lists = Vec::new();
    for (order, sort) in ORDERS {
        for (filter, narrowed) in filters {
            for (search, part) in SEARCHES {
                let name = format!("users, {order}{filter}{search}");
                lists.push(list(&name, &format!("{USERS}{sort}{narrowed}{part}")));
            }
        }
        let pages = "/api/admin/users?limit=200";
        let name = format!("users, {order}");
        lists.push(far_behind(&name, &format!("{pages}{sort}")));
    }
    lists
}

fn keys() -> Vec<List> {
    let mut lists = vec![
        far_behind("keys", "/api/admin/keys?limit=200"),
        list(
            "keys of an account",
            &format!("/api/admin/keys?userId={WITH_KEY}"),
        ),
        list(
            "keys of an account without one",
            &format!("/api/admin/keys?userId={BUSY}"),
        ),
        list(
            "keys of a big tenant",
            &format!("/api/admin/keys?tenantId={TENANT}"),
        ),
        list(
            "keys of a tenant without one",
            &format!("/api/admin/keys?tenantId={SMALL_TENANT}"),
        ),
        list("one's own keys", "/api/keys"),
    ];
    for (name, narrowed) in [
        ("", ""),
        (", active", "&status=active"),
        (", suspended", "&status=suspended"),
        (", stopped", "&status=stopped"),
        (", expired", "&status=expired"),
        (", expiring", "&status=expiring"),
        (", revoked", "&status=revoked"),
        (", never used", "&used=never"),
        (", search with a hit", "&q=build+19999"),
        (", search without a hit", "&q=nobody-like-that"),
        (
            ", stopped, search without a hit",
            "&status=stopped&q=nobody-like-that",
        ),
    ] {
        lists.push(list(&format!("keys{name}"), &format!("{KEYS}{narrowed}")));
    }
    lists
}

fn tenants() -> Vec<List> {
    let mut lists = vec![
        list("tenants", "/api/admin/tenants?limit=50"),
        list("a big tenant", &format!("/api/admin/tenants/{TENANT}")),
        list(
            "a big tenant's keys",
            &format!("/api/admin/tenants/{TENANT}/keys"),
        ),
        list(
            "a big tenant's invitations",
            &format!("/api/admin/tenants/{TENANT}/invitations"),
        ),
    ];
    let members = format!("/api/admin/tenants/{TENANT}/members?limit=50");
    for (name, narrowed) in [
        ("", ""),
        (", suspended", "&status=suspended"),
        (", search with many hits", "&q=person"),
        (", search without a hit", "&q=nobody-like-that"),
    ] {
        lists.push(list(
            &format!("a big tenant's members{name}"),
            &format!("{members}{narrowed}"),
        ));
    }
    let members = format!("/api/admin/tenants/{TENANT}/members?limit=200");
    lists.push(far_behind("a big tenant's members", &members));
    lists
}

/// Each filter by itself, and pairs of which the second fits nearly nothing the first finds.
fn audit() -> Vec<List> {
    let filters = [
        ("by the busiest", format!("&actor={BUSY}")),
        ("by anybody", format!("&actor={ANYBODY}")),
        (
            "by an address of an account",
            "&actor=person777%40example.test".to_owned(),
        ),
        ("about anybody", format!("&subject={ANYBODY}")),
        ("a rare act", "&action=user.disabled".to_owned()),
        ("a common act", "&action=session.started".to_owned()),
        ("an act nobody did", "&action=key.made".to_owned()),
        ("a kind of act", "&action=session.*".to_owned()),
        ("refused", "&outcome=refused".to_owned()),
        ("from the busiest address", "&ip=192.0.2.1".to_owned()),
        ("from an address", "&ip=198.51.77.77".to_owned()),
        ("one request", "&requestId=made-up-777".to_owned()),
    ];
    let mut lists = vec![
        list("audit, newest", AUDIT),
        far_behind("audit", "/api/admin/audit?limit=200"),
    ];
    for (at, (one, narrowed)) in filters.iter().enumerate() {
        lists.push(list(
            &format!("audit, {one}"),
            &format!("{AUDIT}{narrowed}"),
        ));
        for (other, more) in &filters[at + 1..] {
            let (key, _) = more.split_once('=').unwrap_or_default();
            if narrowed.starts_with(&format!("{key}=")) {
                continue;
            }
            lists.push(list(
                &format!("audit, {one}, {other}"),
                &format!("{AUDIT}{narrowed}{more}"),
            ));
        }
    }
    lists
}
