//! API keys.

use wire::Paging;

use super::*;
use crate::store::{ApiKeyFilter, ListedApiKeyRow, NewApiKeyRow, NewMembership, TenantRow};
use crate::tenant::TenantScope;

/// A key of somebody that ends after 1000 seconds.
fn key_of<'a>(user_id: &'a str, id: &'a str, digest: &'a [u8]) -> NewApiKeyRow<'a> {
    NewApiKeyRow {
        id,
        user_id,
        tenant_id: None,
        owned_by_tenant: false,
        name: "Nightly Build",
        digest,
        prefix: "wks_live_",
        last4: "3f9a",
        permissions: "workflow:execute workflow:read",
        rate_limit: 1000,
        now: NOW,
        created_by: user_id,
        expires_at: Some(NOW + 1000),
    }
}

async fn ada_with_keys(tx: &mut Tx, ids: &[&str]) {
    add_user(tx, "u1", "ada@example.com").await;
    for (at, id) in ids.iter().enumerate() {
        let digest = digest(u8::try_from(at).expect("few"));
        let key = key_of("u1", id, &digest);
        tx.add_api_key(&key).await.expect("adds");
    }
}

async fn tenant_of_ada(tx: &mut Tx) {
    let tenant = TenantRow {
        id: "t1".to_owned(),
        name: "North".to_owned(),
        created_at: NOW,
    };
    assert!(tx.add_tenant(&tenant, "north").await.expect("adds"));
    let membership = NewMembership {
        user_id: "u1",
        tenant_id: "t1",
        role: "user",
        now: NOW,
    };
    assert!(tx.add_membership(&membership).await.expect("adds"));
}

async fn listed(tx: &mut Tx, filter: ApiKeyFilter<'_>, now: i64) -> Vec<ListedApiKeyRow> {
    let page = tx.list_api_keys(&filter, &Paging::default(), now).await;
    page.expect("lists")
}

async fn ids(tx: &mut Tx, filter: ApiKeyFilter<'_>, now: i64) -> Vec<String> {
    let rows = listed(tx, filter, now).await.into_iter();
    rows.map(|row| row.id).collect()
}

both!(a_key_is_found_by_its_digest_alone, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    ada_with_keys(&mut tx, &["k1"]).await;

    let found = tx.api_key_by_digest(&digest(0)).await.expect("answers");
    let found = found.expect("is there");
    assert_eq!((found.id.as_str(), found.rate_limit), ("k1", 1000));
    assert_eq!(found.permissions, "workflow:execute workflow:read");
    assert_eq!(found.ends_at, Some(NOW + 1000));
    assert!(!found.has_ended(NOW + 999) && found.has_ended(NOW + 1000));
    let other = tx.api_key_by_digest(&digest(1)).await.expect("answers");
    assert!(other.is_none());
    assert!(tx.api_key_by_id("k1").await.expect("answers").is_some());
    assert!(tx.api_key_by_id("k2").await.expect("answers").is_none());
    // The same key twice would be somebody else's way in.
    let again = tx.add_api_key(&key_of("u1", "k2", &digest(0))).await;
    assert!(again.is_err());
});

both!(a_revoked_key_stays_revoked, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    ada_with_keys(&mut tx, &["k1"]).await;

    assert!(
        tx.set_api_key_revoked("k1", NOW + 1, "owner")
            .await
            .expect("runs")
    );
    assert!(
        !tx.set_api_key_revoked("k1", NOW + 2, "admin")
            .await
            .expect("runs")
    );
    assert!(!tx.set_api_key("k1", "x", "", 1).await.expect("runs"));
    assert!(!tx.set_api_key_confirmed("k1").await.expect("runs"));
    assert!(
        !tx.set_api_key_rolled("k1", "k2", NOW, NOW + 9)
            .await
            .expect("runs")
    );
    assert!(!tx.set_api_key_reminded("k1", 7).await.expect("runs"));
    assert!(
        tx.set_api_keys_suspended("u1", NOW)
            .await
            .expect("runs")
            .is_empty()
    );
    let row = tx
        .api_key_by_id("k1")
        .await
        .expect("answers")
        .expect("is there");
    assert_eq!(
        (row.revoked_at, row.name.as_str()),
        (Some(NOW + 1), "Nightly Build")
    );
});

both!(
    a_key_is_changed_and_its_use_noted_once_a_minute,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        ada_with_keys(&mut tx, &["k1"]).await;

        assert!(
            tx.set_api_key("k1", "CI", "workflow:read", 7)
                .await
                .expect("runs")
        );
        for (now, address) in [
            (NOW + 1, "192.0.2.1"),
            (NOW + 60, "192.0.2.2"),
            (NOW + 61, "192.0.2.3"),
        ] {
            tx.set_api_key_used("k1", address, now, now - 60)
                .await
                .expect("runs");
        }
        let row = listed(&mut tx, ApiKeyFilter::default(), NOW)
            .await
            .remove(0);
        assert_eq!(
            (row.name.as_str(), row.permissions.as_str(), row.rate_limit),
            ("CI", "workflow:read", 7)
        );
        assert_eq!(row.last_used_at, Some(NOW + 61));
        assert_eq!(row.last_used_address.as_deref(), Some("192.0.2.3"));
    }
);

both!(
    a_rolled_key_ends_with_its_overlap_and_is_rolled_once,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        ada_with_keys(&mut tx, &["k1", "k2"]).await;

        assert!(
            tx.set_api_key_rolled("k1", "k9", NOW, NOW + 60)
                .await
                .expect("runs")
        );
        assert!(
            !tx.set_api_key_rolled("k1", "k8", NOW, NOW + 90)
                .await
                .expect("runs")
        );
        // An overlap does not prolong.
        assert!(
            tx.set_api_key_rolled("k2", "k9", NOW, NOW + 9000)
                .await
                .expect("runs")
        );
        tx.set_api_key_revoked_as_rolled("k2", NOW)
            .await
            .expect("runs");

        let rows = listed(&mut tx, ApiKeyFilter::default(), NOW).await;
        let of = |id: &str| {
            rows.iter()
                .find(|row| row.id == id)
                .expect("listed")
                .clone()
        };
        assert_eq!(
            (of("k1").ends_at, of("k1").successor_id.as_deref()),
            (Some(NOW + 60), Some("k9"))
        );
        assert_eq!(
            (of("k1").expires_at, of("k1").rolled_at),
            (Some(NOW + 1000), Some(NOW))
        );
        assert_eq!(
            (of("k2").ends_at, of("k2").status.as_str()),
            (Some(NOW + 1000), "revoked")
        );
        assert_eq!(of("k2").revoked_reason.as_deref(), Some("rolled"));
    }
);

both!(suspended_keys_wait_one_by_one, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    ada_with_keys(&mut tx, &["k1", "k2", "k3"]).await;
    tx.set_api_key_revoked("k3", NOW, "owner")
        .await
        .expect("runs");

    let mut waiting = tx.set_api_keys_suspended("u1", NOW).await.expect("runs");
    waiting.sort();
    assert_eq!(waiting, ["k1", "k2"]);
    assert!(
        tx.set_api_keys_suspended("u1", NOW + 1)
            .await
            .expect("runs")
            .is_empty()
    );
    assert!(tx.set_api_key_confirmed("k1").await.expect("runs"));
    assert!(!tx.set_api_key_confirmed("k1").await.expect("runs"));
    let suspended = ApiKeyFilter {
        status: "suspended",
        ..ApiKeyFilter::default()
    };
    assert_eq!(ids(&mut tx, suspended, NOW).await, ["k2"]);
});

both!(keys_that_are_not_over_are_counted, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    ada_with_keys(&mut tx, &["k1", "k2"]).await;
    tenant_of_ada(&mut tx).await;
    let of_tenant = NewApiKeyRow {
        tenant_id: Some("t1"),
        owned_by_tenant: true,
        expires_at: None,
        ..key_of("u1", "k3", &[9; 32])
    };
    tx.add_api_key(&of_tenant).await.expect("adds");
    tx.set_api_key_revoked("k2", NOW, "owner")
        .await
        .expect("runs");

    assert_eq!(tx.count_api_keys_by_user("u1", NOW).await.expect("runs"), 1);
    assert_eq!(
        tx.count_api_keys_by_user("u1", NOW + 1000)
            .await
            .expect("runs"),
        0
    );
    assert_eq!(
        tx.count_api_keys_by_tenant("t1", NOW + 1000)
            .await
            .expect("runs"),
        1
    );
    assert_eq!(
        tx.count_api_keys_by_tenant("t2", NOW).await.expect("runs"),
        0
    );
});

both!(
    a_tenants_key_outlives_its_member_and_an_own_one_does_not,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        ada_with_keys(&mut tx, &["k1"]).await;
        tenant_of_ada(&mut tx).await;
        let of_tenant = NewApiKeyRow {
            tenant_id: Some("t1"),
            owned_by_tenant: true,
            ..key_of("u1", "k2", &[9; 32])
        };
        tx.add_api_key(&of_tenant).await.expect("adds");
        add_user(&mut tx, "u2", "bob@example.com").await;
        assert!(
            !tx.set_api_key_member("k1", "u2", "").await.expect("runs"),
            "an own key is not handed on"
        );

        assert_eq!(tx.delete_api_keys_by_user("u1").await.expect("runs"), 1);
        assert_eq!(
            run(&mut tx, "delete from users where id = 'u1'")
                .await
                .expect("runs"),
            1
        );

        let row = listed(&mut tx, ApiKeyFilter::default(), NOW)
            .await
            .remove(0);
        assert_eq!(
            (row.id.as_str(), row.user_id, row.status.as_str()),
            ("k2", None, "stopped")
        );
        assert!(
            tx.set_api_key_member("k2", "u2", "workflow:read")
                .await
                .expect("runs")
        );
        let row = tx
            .api_key_by_id("k2")
            .await
            .expect("answers")
            .expect("is there");
        assert_eq!(
            (row.user_id.as_deref(), row.permissions.as_str()),
            (Some("u2"), "workflow:read")
        );
    }
);

both!(an_own_key_cannot_be_left_to_nobody, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    ada_with_keys(&mut tx, &["k1"]).await;
    let left = run(&mut tx, "delete from users where id = 'u1'").await;
    assert!(left.is_err(), "else anybody could find it there");
});

both!(owners_are_reminded_once_of_each_day, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    ada_with_keys(&mut tx, &["k1"]).await;

    for (until, days, found) in [(NOW + 999, 7, 0), (NOW + 1000, 7, 1), (NOW + 1000, 1, 1)] {
        let due = tx
            .list_ending_api_keys(NOW, until, days, 10)
            .await
            .expect("lists");
        assert_eq!(due.len(), found, "{until} {days}");
    }
    assert!(tx.set_api_key_reminded("k1", 7).await.expect("runs"));
    assert!(!tx.set_api_key_reminded("k1", 7).await.expect("runs"));
    let due = tx
        .list_ending_api_keys(NOW, NOW + 1000, 7, 10)
        .await
        .expect("lists");
    assert!(due.is_empty());
    let due = tx
        .list_ending_api_keys(NOW, NOW + 1000, 1, 10)
        .await
        .expect("lists");
    assert_eq!((due[0].id.as_str(), due[0].life), ("k1", 1000));
    assert!(tx.set_api_key_reminded("k1", 1).await.expect("runs"));
    assert!(
        !tx.set_api_key_reminded("k1", 7).await.expect("runs"),
        "not backwards"
    );
});

both!(keys_are_listed_by_what_is_asked_for, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    ada_with_keys(&mut tx, &["k1", "k2"]).await;
    add_user(&mut tx, "u2", "bob@example.com").await;
    let bobs = NewApiKeyRow {
        name: "100% B_b",
        last4: "0b0b",
        expires_at: None,
        now: NOW + 5,
        ..key_of("u2", "k3", &[9; 32])
    };
    tx.add_api_key(&bobs).await.expect("adds");
    tx.set_api_key_used("k2", "192.0.2.1", NOW + 50, NOW)
        .await
        .expect("runs");

    let all = ApiKeyFilter::default();
    assert_eq!(ids(&mut tx, all, NOW + 10).await, ["k3", "k2", "k1"]);
    for (filter, found) in [
        (ApiKeyFilter { id: "k2", ..all }, vec!["k2"]),
        (
            ApiKeyFilter {
                user_id: "u2",
                ..all
            },
            vec!["k3"],
        ),
        (
            ApiKeyFilter {
                tenant_id: "t1",
                ..all
            },
            vec![],
        ),
        (
            ApiKeyFilter {
                owned_by: "tenant",
                ..all
            },
            vec![],
        ),
        (
            ApiKeyFilter {
                owned_by: "account",
                ..all
            },
            vec!["k3", "k2", "k1"],
        ),
        (
            ApiKeyFilter {
                status: "active",
                ..all
            },
            vec!["k3", "k2", "k1"],
        ),
        (
            ApiKeyFilter {
                ends_until: Some(NOW + 1000),
                ..all
            },
            vec!["k2", "k1"],
        ),
        (
            ApiKeyFilter {
                never_used: true,
                ..all
            },
            vec!["k3", "k1"],
        ),
        (
            ApiKeyFilter {
                unused_since: Some(NOW + 20),
                ..all
            },
            vec!["k3", "k1"],
        ),
        (
            ApiKeyFilter {
                part: "nightly",
                ..all
            },
            vec!["k2", "k1"],
        ),
        (
            ApiKeyFilter {
                part: "BOB@",
                ..all
            },
            vec!["k3"],
        ),
        (
            ApiKeyFilter {
                part: "0B0B",
                ..all
            },
            vec!["k3"],
        ),
        (
            ApiKeyFilter {
                part: "100%",
                ..all
            },
            vec!["k3"],
        ),
        (ApiKeyFilter { part: "b_b", ..all }, vec!["k3"]),
        (
            ApiKeyFilter {
                part: "' or 1=1 --",
                ..all
            },
            vec![],
        ),
    ] {
        assert_eq!(ids(&mut tx, filter, NOW + 10).await, found);
    }
    let expired = ApiKeyFilter {
        status: "expired",
        ..all
    };
    assert_eq!(ids(&mut tx, expired, NOW + 1000).await, ["k2", "k1"]);
    let ending = ApiKeyFilter {
        ends_until: Some(NOW + 9000),
        ..all
    };
    assert!(
        ids(&mut tx, ending, NOW + 1000).await.is_empty(),
        "what is over does not end any more"
    );
    tx.set_disabled("u2", Some(NOW)).await.expect("runs");
    let stopped = ApiKeyFilter {
        status: "stopped",
        ..all
    };
    assert_eq!(ids(&mut tx, stopped, NOW + 10).await, ["k3"]);
});

both!(
    a_permission_that_is_deleted_leaves_every_key,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        ada_with_keys(&mut tx, &["k1"]).await;
        for named in ["a_b:read", "axb:read"] {
            let add =
                format!("insert into permissions (name, description) values ('{named}', 'x')");
            run(&mut tx, &add).await.expect("runs");
        }
        let listed = "a_b:read axb:read workflow:read";
        assert!(tx.set_api_key("k1", "CI", listed, 1).await.expect("runs"));
        assert!(tx.delete_permission("a_b:read").await.expect("runs"));
        let key = tx
            .api_key_by_id("k1")
            .await
            .expect("answers")
            .expect("is there");
        assert_eq!(key.permissions, "axb:read workflow:read");
        assert_eq!(
            tx.count_api_keys_by_role("user", NOW).await.expect("runs"),
            1
        );
        assert_eq!(
            tx.count_api_keys_by_role("admin", NOW).await.expect("runs"),
            0
        );
        assert_eq!(
            tx.count_api_keys_by_role("user", NOW + 1000)
                .await
                .expect("runs"),
            0
        );
    }
);

both!(keys_are_counted_where_they_would_stop, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    ada_with_keys(&mut tx, &["k1", "k2"]).await;
    tenant_of_ada(&mut tx).await;
    for (at, (id, owned_by_tenant)) in [("k3", true), ("k4", false), ("k5", true)]
        .into_iter()
        .enumerate()
    {
        let digest = digest(u8::try_from(at + 10).expect("few"));
        let key = NewApiKeyRow {
            tenant_id: Some("t1"),
            owned_by_tenant,
            ..key_of("u1", id, &digest)
        };
        tx.add_api_key(&key).await.expect("adds");
    }
    tx.set_api_key_revoked("k5", NOW, "tenant")
        .await
        .expect("runs");
    let (one, other) = (
        TenantScope::of_operator("t1"),
        TenantScope::of_operator("t2"),
    );

    assert_eq!(tx.count_api_keys_on("u1", NOW).await.expect("runs"), 4);
    assert_eq!(tx.count_api_keys_on("u2", NOW).await.expect("runs"), 0);
    assert_eq!(tx.count_api_keys_in(&one, NOW).await.expect("runs"), 2);
    assert_eq!(tx.count_api_keys_in(&other, NOW).await.expect("runs"), 0);
    let of = async |tx: &mut Tx, user: &str, now: i64| {
        let counted = tx.count_api_keys_by_member(&one, user, now).await;
        counted.expect("runs")
    };
    assert_eq!(of(&mut tx, "u1", NOW).await, 2);
    assert_eq!(of(&mut tx, "u1", NOW + 1000).await, 0, "they are over");
    assert_eq!(of(&mut tx, "u2", NOW).await, 0);
    // Those that are over, or revoked, end no more; the end itself counts as soon.
    for (now, until, ending) in [
        (NOW, NOW + 999, 0),
        (NOW, NOW + 1000, 4),
        (NOW + 1000, NOW + 2000, 0),
    ] {
        let counted = tx.count_ending_api_keys(now, until).await.expect("runs");
        assert_eq!(counted, ending, "{now} {until}");
    }
    // Who left takes the rights of a tenant's key along.
    tx.set_api_keys_left("u1", "t1", NOW).await.expect("runs");
    assert_eq!(of(&mut tx, "u1", NOW).await, 1, "their own waits there");
    assert_eq!(tx.count_api_keys_in(&one, NOW).await.expect("runs"), 2);
});

both!(keys_that_were_over_for_long_are_removed, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    ada_with_keys(&mut tx, &["k1", "k2"]).await;
    tx.set_api_key_revoked("k2", NOW + 10, "owner")
        .await
        .expect("runs");
    assert_eq!(tx.delete_api_keys_before(NOW + 9).await.expect("runs"), 0);
    assert_eq!(tx.delete_api_keys_before(NOW + 10).await.expect("runs"), 1);
    assert_eq!(
        tx.delete_api_keys_before(NOW + 1000).await.expect("runs"),
        1
    );
});

both!(several_events_are_counted_at_once, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    assert_eq!(
        tx.add_rates("api_key", b"k", NOW, 10)
            .await
            .expect("counts"),
        10
    );
    assert_eq!(
        tx.add_rates("api_key", b"k", NOW, 10)
            .await
            .expect("counts"),
        20
    );
    assert_eq!(
        tx.add_rates("api_key", b"k", NOW + 3600, 3)
            .await
            .expect("counts"),
        3
    );
    assert_eq!(
        tx.add_rate("api_key", b"k", NOW + 3600)
            .await
            .expect("counts"),
        4
    );
});

both!(
    a_key_does_not_revive_when_its_member_comes_back,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        ada_with_keys(&mut tx, &[]).await;
        tenant_of_ada(&mut tx).await;
        for (id, of, owned_by_tenant) in [("k1", 1, true), ("k2", 2, false)] {
            let digest = digest(of);
            let key = NewApiKeyRow {
                tenant_id: Some("t1"),
                owned_by_tenant,
                ..key_of("u1", id, &digest)
            };
            tx.add_api_key(&key).await.expect("adds");
        }
        assert!(tx.is_writing() && tx.set_api_key_held("k1").await.expect("runs"));
        assert!(!tx.set_api_key_held("k9").await.expect("runs"));

        tx.set_api_keys_left("u1", "t1", NOW).await.expect("runs");

        let of_tenant = ApiKeyFilter {
            id: "k1",
            ..ApiKeyFilter::default()
        };
        assert_eq!(listed(&mut tx, of_tenant, NOW).await[0].status, "stopped");
        let own = ApiKeyFilter {
            id: "k2",
            ..ApiKeyFilter::default()
        };
        assert_eq!(listed(&mut tx, own, NOW).await[0].status, "suspended");
    }
);
