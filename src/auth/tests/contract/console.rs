//! What the administration lists, counts and ends.

use sqlx::Row;

use super::*;
use crate::store::{
    Connection, ManagedUserRow, SignInDayRow, UserFilter, UserLead, UserOrder, UserPlace, list_text,
};

const DAY: i64 = 86_400;

async fn found(tx: &mut Tx, filter: UserFilter<'_>) -> Vec<String> {
    let listed = tx.list_managed_users(filter, UserPlace::Oldest(None), 10);
    let rows = listed.await.expect("reads");
    rows.into_iter().map(|row| row.id).collect()
}

fn standing(status: &'static str, now: i64) -> UserFilter<'static> {
    UserFilter {
        status,
        part: "",
        role: "",
        tenant_id: "",
        now,
    }
}

both!(a_suspension_is_over_at_its_moment_and_once, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for (id, until) in [("u1", Some(NOW + 60)), ("u2", None), ("u3", Some(NOW + 90))] {
        add_user(&mut tx, id, &format!("{id}@example.com")).await;
        assert!(tx.set_suspended(id, NOW, until).await.expect("runs"));
    }
    assert!(!tx.set_suspended("nobody", NOW, None).await.expect("runs"));

    for (at, over) in [
        (NOW + 59, vec![]),
        (NOW + 60, vec!["u1"]),
        (NOW + DAY, vec!["u1", "u3"]),
    ] {
        let ids = tx.list_suspensions_over(at, 10).await.expect("reads");
        assert_eq!(ids, over, "{at}");
    }
    assert_eq!(
        tx.list_suspensions_over(NOW + DAY, 1).await.expect("reads"),
        ["u1"]
    );
    for (id, at, ended) in [
        ("u1", NOW + 59, false),
        ("u1", NOW + 60, true),
        ("u1", NOW + 61, false),
        ("u2", NOW + DAY, false),
    ] {
        let done = tx.set_suspension_over(id, at).await.expect("runs");
        assert_eq!(done, ended, "{id} {at}");
    }
    let one = tx.user_by_id("u1").await.expect("reads").expect("is there");
    assert!(one.may_sign_in() && one.disabled_until.is_none());
    tx.set_deletion_ordered("u3", NOW, NOW + 2 * DAY)
        .await
        .expect("runs");
    let over = tx.list_suspensions_over(NOW + DAY, 10).await;
    assert_eq!(over.expect("reads"), [""; 0], "who is leaving stays out");
    assert!(!tx.set_suspension_over("u3", NOW + DAY).await.expect("runs"));
    assert!(tx.set_disabled("u3", Some(NOW)).await.expect("runs"));
    let lasting = tx.user_by_id("u3").await.expect("reads").expect("is there");
    assert_eq!(lasting.disabled_until, None, "until somebody enables it");
});

both!(each_account_stands_in_one_way, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for id in ["u1", "u2", "u3", "u4", "u5"] {
        add_user(&mut tx, id, &format!("{id}@example.com")).await;
    }
    tx.add_failure("account", &digest(1), NOW, NOW)
        .await
        .expect("runs");
    tx.set_locked_until("account", &digest(1), NOW + 60, Some("u2"))
        .await
        .expect("runs");
    tx.add_failure("account_network", &digest(2), NOW, NOW)
        .await
        .expect("runs");
    tx.set_locked_until("account_network", &digest(2), NOW + 60, Some("u1"))
        .await
        .expect("runs");
    tx.set_suspended("u3", NOW, Some(NOW + 60))
        .await
        .expect("runs");
    tx.set_suspended("u4", NOW, None).await.expect("runs");
    tx.set_suspended("u5", NOW, None).await.expect("runs");
    assert!(
        tx.set_deletion_ordered("u5", NOW, NOW + DAY)
            .await
            .expect("runs")
    );
    assert!(
        !tx.set_deletion_ordered("nobody", NOW, NOW)
            .await
            .expect("runs")
    );

    for (status, ids) in [
        ("active", vec!["u1"]),
        ("locked", vec!["u2"]),
        ("suspended", vec!["u3"]),
        ("disabled", vec!["u4"]),
        ("leaving", vec!["u5"]),
    ] {
        assert_eq!(found(&mut tx, standing(status, NOW)).await, ids, "{status}");
    }
    // A lock that is over is none.
    assert_eq!(
        found(&mut tx, standing("active", NOW + 60)).await,
        ["u1", "u2"]
    );
    let locked = tx
        .managed_user_by_id("u2")
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!(locked.locked_until, Some(NOW + 60));
    let elsewhere = tx
        .managed_user_by_id("u1")
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!(elsewhere.locked_until, None, "one network alone waits");

    let counts = tx.count_accounts(NOW, NOW).await.expect("counts");
    let told = (
        counts.total,
        counts.new,
        counts.suspended,
        counts.disabled,
        counts.leaving,
        counts.locked,
    );
    assert_eq!(told, (5, 5, 1, 1, 1, 1), "each in one way, as listed");
    let later = tx.count_accounts(NOW + 1, NOW + 60).await.expect("counts");
    assert_eq!((later.new, later.locked), (0, 0));
    tx.set_suspended("u2", NOW, None).await.expect("runs");
    let shut = tx.count_accounts(NOW, NOW).await.expect("counts");
    assert_eq!(
        (shut.disabled, shut.locked),
        (2, 0),
        "who is shut is not locked"
    );
    tx.set_disabled("u2", None).await.expect("runs");

    assert_eq!(tx.delete_failures_of_account("u2").await.expect("runs"), 1);
    assert_eq!(tx.delete_failures_of_account("u1").await.expect("runs"), 1);
    assert_eq!(tx.delete_failures_of_account("u9").await.expect("runs"), 0);
    assert_eq!(found(&mut tx, standing("active", NOW)).await, ["u1", "u2"]);
});

both!(accounts_are_narrowed_by_role_and_tenant, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for id in ["u1", "u2"] {
        add_user(&mut tx, id, &format!("{id}@example.com")).await;
    }
    run(&mut tx, "update users set role = 'viewer' where id = 'u2'")
        .await
        .expect("runs");
    run(
        &mut tx,
        "insert into tenants (id, name, name_key, created_at) values ('t1', 'T', 't', 1)",
    )
    .await
    .expect("runs");
    run(&mut tx, "insert into memberships (user_id, tenant_id, role, joined_at) values ('u1', 't1', 'user', 1)")
        .await
        .expect("runs");

    for (role, tenant_id, ids) in [
        ("viewer", "", vec!["u2"]),
        ("user' or '1'='1", "", vec![]),
        ("", "t1", vec!["u1"]),
        ("viewer", "t1", vec![]),
        ("", "t2", vec![]),
    ] {
        let filter = UserFilter {
            role,
            tenant_id,
            ..standing("", NOW)
        };
        assert_eq!(found(&mut tx, filter).await, ids, "{role} {tenant_id}");
        let counted = tx.count_managed_users(filter, 100).await.expect("counts");
        assert_eq!(counted, i64::try_from(ids.len()).expect("few"));
    }
    let counted = tx.count_managed_users(standing("", NOW), 1).await;
    assert_eq!(
        counted.expect("counts"),
        1,
        "no further than it is asked to"
    );
});

both!(sign_ins_add_up_under_their_day, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    let day = |day, succeeded, refused| SignInDayRow {
        day,
        succeeded,
        refused,
    };
    for row in [day(10, 2, 1), day(12, 1, 0), day(10, 1, 4), day(9, 7, 7)] {
        tx.add_sign_ins(&row).await.expect("adds");
    }
    let days = tx.list_sign_in_days(10).await.expect("reads");
    assert_eq!(days, [day(10, 3, 5), day(12, 1, 0)]);
});

both!(who_signed_in_or_used_a_session_was_there, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for id in ["u1", "u2", "u3", "u4"] {
        add_user(&mut tx, id, &format!("{id}@example.com")).await;
    }
    tx.set_last_login("u1", NOW).await.expect("runs");
    // Long ago, and still there by an old session; and both at once, counted once.
    tx.set_last_login("u2", NOW - 40 * DAY).await.expect("runs");
    tx.add_session(&session_of("u2", "s1", None))
        .await
        .expect("adds");
    tx.set_session_seen("s1", NOW - 3 * DAY, NOW - 3 * DAY)
        .await
        .expect("runs");
    run(
        &mut tx,
        &format!(
            "update sessions set created_at = {}, last_seen_at = {} where id = 's1'",
            NOW - 40 * DAY,
            NOW - 3 * DAY
        ),
    )
    .await
    .expect("runs");
    tx.set_last_login("u3", NOW - 20 * DAY).await.expect("runs");
    tx.add_session(&session_of("u1", "s2", None))
        .await
        .expect("adds");

    let since = [NOW - DAY, NOW - 7 * DAY, NOW - 30 * DAY];
    let active = tx.count_active(since).await.expect("counts");
    assert_eq!((active.first, active.second, active.third), (1, 2, 3));
});

both!(admins_count_while_they_may_sign_in, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for id in ["u1", "u2", "u3", "u4"] {
        add_user(&mut tx, id, &format!("{id}@example.com")).await;
    }
    let none = tx.count_admins("").await.expect("counts");
    assert_eq!((none.may_sign_in, none.may_act), (0, 0));
    run(&mut tx, "update users set role = 'admin' where id <> 'u4'")
        .await
        .expect("runs");
    run(
        &mut tx,
        "update users set email_verified_at = null where id in ('u2', 'u4')",
    )
    .await
    .expect("runs");
    tx.set_suspended("u3", NOW, Some(NOW + 60))
        .await
        .expect("runs");
    let counted = tx.count_admins("").await.expect("counts");
    assert_eq!((counted.may_sign_in, counted.may_act), (2, 1));
});

both!(
    a_made_up_database_is_as_full_as_it_was_asked_for,
    async |store| {
        let seed = crate::store::seed::Seed {
            users: 1000,
            events: 1000,
            now: NOW,
        };
        store.seed(seed).await.expect("is made up");
        assert!(store.seed(seed).await.is_err(), "no id is given twice");
        for (query, many) in [
            ("select count(*) from users", 1000),
            ("select count(*) from sessions", 500),
            ("select count(*) from tenants", 2),
            ("select count(*) from memberships", 1000),
            ("select count(*) from api_keys", 200),
            ("select count(*) from invitations", 100),
            ("select count(*) from audit_log where seq is null", 1000),
            (
                "select count(*) from audit_log where subject_id not in (select id from users)",
                0,
            ),
            ("select count(*) from users where length(id) <> 36", 0),
        ] {
            assert_eq!(number(store, query).await, many, "{query}");
        }
        assert_eq!(store.unsealed().await.expect("counts"), 1000);
    }
);

/// Orders of the list of accounts, and the index each is read along when a role leads.
const ORDERS: [(UserOrder, &str, &str); 4] = [
    (
        UserOrder::Newest,
        "users_by_creation",
        "users_by_role_and_creation",
    ),
    (
        UserOrder::Oldest,
        "users_by_creation",
        "users_by_role_and_creation",
    ),
    (
        UserOrder::LastLogin,
        "users_by_last_login",
        "users_by_role_and_last_login",
    ),
    (UserOrder::Email, "(email>?)", "users_by_role_and_email"),
];

/// How SQLite would read a text: the lines of its plan.
async fn plan(tx: &mut Tx, text: &str) -> Vec<String> {
    let query = sqlx::AssertSqlSafe(format!("explain query plan {text}"));
    let Connection::Sqlite(c) = tx.connection() else {
        panic!("of SQLite alone");
    };
    let rows = sqlx::query(query).fetch_all(c).await.expect("explains");
    rows.iter().map(|row| row.get("detail")).collect()
}

both!(a_list_of_accounts_is_read_along_what_leads, async |store| {
    if !store.is_embedded() {
        return;
    }
    let mut tx = store.write().await.expect("a transaction");
    for (order, by_order, by_role) in ORDERS {
        for (lead, index) in [
            (UserLead::All, by_order),
            (UserLead::Next, by_order),
            (UserLead::Role, by_role),
        ] {
            let lines = plan(&mut tx, list_text(lead, order)).await;
            let walks = lines.iter().any(|line| line.contains(index));
            assert!(walks, "{lead:?} {order:?}: {lines:#?}");
            // The next few are few enough to be sorted once more.
            let sorts = lines.iter().any(|line| line.contains("FOR ORDER BY"));
            assert!(!sorts || lead == UserLead::Next, "{lead:?} {order:?}");
        }
        for (lead, reads_all) in [
            (UserLead::Every, true),
            (UserLead::Standing, false),
            (UserLead::Tenant, false),
        ] {
            let lines = plan(&mut tx, list_text(lead, order)).await;
            let walks = lines
                .iter()
                .any(|line| line.contains(by_order) || line.contains(by_role));
            assert!(!walks, "{lead:?} {order:?}: {lines:#?}");
            let reads = lines.iter().any(|line| line == "SCAN users");
            assert_eq!(reads, reads_all, "{lead:?} {order:?}: {lines:#?}");
            assert!(lines[0].contains("(id=?)"), "{lead:?} {order:?}");
        }
    }
});

both!(each_connection_keeps_what_it_read, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    let Connection::Sqlite(c) = tx.connection() else {
        return;
    };
    let options: Vec<String> = sqlx::query_scalar("pragma compile_options")
        .fetch_all(c)
        .await
        .expect("reads");
    assert!(options.iter().any(|option| option == "ENABLE_STAT4"));
    let shared = "ENABLE_MEMORY_MANAGEMENT";
    assert!(!options.iter().any(|option| option == shared), "one cache");
});

/// More than a search looks at in its order.
const CROWD: i64 = 4500;

async fn crowd(store: &Store) {
    let seed = crate::store::seed::Seed {
        users: CROWD,
        events: 0,
        now: NOW,
    };
    store.seed(seed).await.expect("is made up");
}

/// Which of the made-up people this is.
fn nth(id: &str) -> i64 {
    id[24..].parse::<i64>().expect("digits") - 100_000_000_000
}

/// Every account that fits, page by page, in the order of `first`.
async fn all_pages(tx: &mut Tx, filter: UserFilter<'_>, first: UserPlace<'_>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let mut last: Option<ManagedUserRow> = None;
    loop {
        let place = match (&last, first) {
            (None, _) => first,
            (Some(row), UserPlace::Newest(_)) => UserPlace::Newest(Some((row.created_at, &row.id))),
            (Some(row), UserPlace::Oldest(_)) => UserPlace::Oldest(Some((row.created_at, &row.id))),
            (Some(row), UserPlace::LastLogin(_)) => {
                UserPlace::LastLogin(Some((row.last_login_at.unwrap_or_default(), &row.id)))
            }
            (Some(row), UserPlace::Email(_)) => UserPlace::Email(Some(&row.email)),
        };
        let page = tx.list_managed_users(filter, place, 700).await;
        let page = page.expect("reads");
        ids.extend(page.iter().map(|row| row.id.clone()));
        match page.last() {
            Some(row) => last = Some(row.clone()),
            None => return ids,
        }
    }
}

const FIRST_PLACES: [UserPlace<'static>; 4] = [
    UserPlace::Newest(None),
    UserPlace::Oldest(None),
    UserPlace::LastLogin(None),
    UserPlace::Email(None),
];

both!(
    a_search_finds_whoever_fits_however_far_behind,
    async |store| {
        crowd(store).await;
        let mut tx = store.write().await.expect("a transaction");
        let role = |role| UserFilter {
            role,
            ..standing("", NOW)
        };
        for first in FIRST_PLACES {
            for role in [role(""), role("user"), role("viewer"), role("api")] {
                let all = all_pages(&mut tx, role, first).await;
                let search = |part| UserFilter { part, ..role };
                let everybody = all_pages(&mut tx, search("PERSON"), first).await;
                assert_eq!(everybody, all, "each once, in the same order");
                let nobody = all_pages(&mut tx, search("nobody-like-that"), first).await;
                assert_eq!(nobody, [""; 0]);

                // A tenth, and one at each end and in the middle.
                for part in ["7@", "person1@", "person2250@", "person4500@"] {
                    let part_of = |id: &&String| format!("person{}@", nth(id)).ends_with(part);
                    let fit: Vec<_> = all.iter().filter(part_of).cloned().collect();
                    let found = all_pages(&mut tx, search(part), first).await;
                    assert_eq!(found, fit, "{part}");
                }
            }
        }
        assert_eq!(
            all_pages(&mut tx, standing("", NOW), FIRST_PLACES[0])
                .await
                .len(),
            4500
        );
    }
);

both!(
    a_page_of_a_tenants_members_is_one_of_all_of_them,
    async |store| {
        crowd(store).await;
        let mut tx = store.write().await.expect("a transaction");
        let filter = UserFilter {
            tenant_id: "0199aaad-bbbb-7ccc-8ddd-100000000001",
            ..standing("", NOW)
        };
        for first in FIRST_PLACES {
            let all = all_pages(&mut tx, standing("", NOW), first).await;
            let members: Vec<_> = all
                .into_iter()
                .filter(|id| nth(id) % 5 == 0 || nth(id) % 9 == 0)
                .collect();
            assert_eq!(all_pages(&mut tx, filter, first).await, members);
            let many = i64::try_from(members.len()).expect("few");
            for most in [1, many, CROWD] {
                let counted = tx.count_managed_users(filter, most).await;
                assert_eq!(counted.expect("counts"), most.min(many));
            }
        }
    }
);

both!(
    those_who_stand_open_are_counted_as_they_are_listed,
    async |store| {
        crowd(store).await;
        let mut tx = store.write().await.expect("a transaction");
        // One whose lock is over, one who is locked, and one who is locked and shut.
        for (number, until) in [(1, NOW), (2, NOW + 60), (7, NOW + 60)] {
            let id = format!("0199aaaa-bbbb-7ccc-8ddd-{}", 100_000_000_000_i64 + number);
            let key = digest(u8::try_from(number).expect("small"));
            tx.add_failure("account", &key, NOW, NOW)
                .await
                .expect("runs");
            let locked = tx.set_locked_until("account", &key, until, Some(&id)).await;
            locked.expect("runs");
        }
        let tenant_id = "0199aaad-bbbb-7ccc-8ddd-100000000001";
        for (role, tenant_id) in [
            ("", ""),
            ("user", ""),
            ("", tenant_id),
            ("viewer", tenant_id),
            ("api", ""),
        ] {
            let filter = UserFilter {
                role,
                tenant_id,
                ..standing("active", NOW)
            };
            let listed = all_pages(&mut tx, filter, UserPlace::Oldest(None)).await;
            let listed = i64::try_from(listed.len()).expect("few");
            for most in [1, listed - 1, listed, listed + 1, 10_000] {
                let counted = tx.count_managed_users(filter, most.max(1)).await;
                assert_eq!(
                    counted.expect("counts"),
                    listed.min(most.max(1)),
                    "{role} {most}"
                );
            }
        }
        let all = tx.count_managed_users(standing("active", NOW), CROWD).await;
        // Of 4500 three in 400 are shut, 11 times and a little, and one more is locked.
        assert_eq!(all.expect("counts"), 4500 - 36 - 1);
    }
);
