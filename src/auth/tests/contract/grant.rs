//! What was given to whom, and what comes of it.

use wire::{Pattern, Permission};

use super::*;
use crate::rights::{Acting, Rights, Source};
use crate::store::{NewMembership, TenantRow};

async fn member(tx: &mut Tx, user: &str, tenant: &str, role: &str) {
    let row = TenantRow {
        id: tenant.to_owned(),
        name: tenant.to_owned(),
        created_at: NOW,
    };
    tx.add_tenant(&row, tenant).await.expect("adds");
    let membership = NewMembership {
        user_id: user,
        tenant_id: tenant,
        role,
        now: NOW,
    };
    assert!(tx.add_membership(&membership).await.expect("adds"));
}

async fn rights(tx: &mut Tx, user: &str, acting: Acting<'_>) -> Rights {
    let user = tx.user_by_id(user).await.expect("reads").expect("is there");
    Rights::given_to(tx, &user, acting).await.expect("reads")
}

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).expect("a pattern")
}

both!(the_preset_roles_give_what_they_say, async |store| {
    let mut tx = store.read().await.expect("a connection");
    let mut permissions = Vec::new();
    for role in ["admin", "user", "viewer", "api", "nobody"] {
        let rights = Rights::of_role(&mut tx, role).await.expect("reads");
        permissions.push(rights.permissions());
    }

    let all = tx.list_permission_names().await.expect("reads");
    assert_eq!(all.len(), 14);
    assert!(all.is_sorted());
    assert_eq!(permissions[0], all);
    assert_eq!(permissions[1].len(), 9);
    assert!(
        permissions[1]
            .iter()
            .all(|name| name.starts_with("workflow:") || name.starts_with("automation:"))
    );
    assert_eq!(permissions[2], ["automation:read", "workflow:read"]);
    assert!(permissions[3].is_empty() && permissions[4].is_empty());
});

both!(rights_add_up_and_say_where_they_come_from, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    member(&mut tx, "u1", "t1", "viewer").await;
    for sql in [
        "update users set role = 'viewer' where id = 'u1'",
        "insert into permissions (name, description) values ('content:publish', 'Publish')",
        "insert into user_grants (user_id, pattern, granted_at) values ('u1', 'content:*', 1)",
        "insert into membership_grants (user_id, tenant_id, pattern, granted_at) values ('u1', 't1', 'workflow:execute', 1)",
        "insert into membership_grants (user_id, tenant_id, pattern, condition, granted_at) values ('u1', 't1', 'workflow:delete', 'assigned', 1)",
        "insert into membership_grants (user_id, tenant_id, pattern, granted_at) values ('u1', 't1', 'user:*', 1)",
    ] {
        run(&mut tx, sql).await.expect("runs");
    }

    let alone = rights(&mut tx, "u1", Acting::Alone).await;
    assert_eq!(
        alone.permissions(),
        ["automation:read", "content:publish", "workflow:read"]
    );
    let there = rights(&mut tx, "u1", Acting::In("t1")).await;
    assert_eq!(
        there.permissions(),
        [
            "automation:read",
            "content:publish",
            "workflow:execute",
            "workflow:read"
        ],
        "a membership gives nothing that concerns the whole portal"
    );
    assert_eq!(there.assigned_permissions(), ["workflow:delete"]);
    assert!(!there.hold("workflow:delete") && there.hold("workflow:execute"));
    let elsewhere = rights(&mut tx, "u1", Acting::In("t2")).await;
    assert_eq!(elsewhere.permissions(), alone.permissions());
    let anywhere = rights(&mut tx, "u1", Acting::Anywhere).await;
    assert_eq!(anywhere.permissions(), there.permissions());

    let read = Permission::parse("workflow:read").expect("one");
    let sources: Vec<_> = there.why(&read).iter().map(|given| given.source).collect();
    assert_eq!(sources, [Source::Role, Source::MembershipRole]);
    assert_eq!(there.why(&read)[1].tenant_id.as_deref(), Some("t1"));
    let made_up = Permission::parse("content:burn").expect("reads as one");
    assert!(
        there.why(&made_up).is_empty(),
        "a wildcard makes no permission"
    );
});

both!(
    nobody_gives_what_they_do_not_hold_themselves,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        member(&mut tx, "u1", "t1", "admin").await;
        for sql in [
            "insert into user_grants (user_id, pattern, condition, granted_at) values ('u1', 'audit:read', 'assigned', 1)",
            "insert into permissions (name, description) values ('invoice:read', 'Read invoices')",
        ] {
            run(&mut tx, sql).await.expect("runs");
        }

        let alone = rights(&mut tx, "u1", Acting::Alone).await;
        assert!(alone.cover(&pattern("workflow:read")));
        assert!(
            !alone.cover(&pattern("workflow:*")),
            "all there is today is not all there will be"
        );
        assert!(
            !alone.cover(&pattern("audit:read")),
            "what is bound is not given on"
        );
        let there = rights(&mut tx, "u1", Acting::In("t1")).await;
        assert!(there.cover(&pattern("workflow:*")) && there.cover(&pattern("invoice:read")));
        assert!(!there.cover(&pattern("user:manage")));

        let viewer = Rights::of_role(&mut tx, "viewer").await.expect("reads");
        let admin = Rights::of_role(&mut tx, "admin").await.expect("reads");
        assert!(viewer.are_within(&alone) && !admin.are_within(&alone) && alone.are_within(&admin));
        assert!(!there.are_within(&alone) && there.are_within(&admin));
    }
);

both!(
    a_suspended_membership_gives_nothing_and_is_still_counted,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        member(&mut tx, "u1", "t1", "admin").await;
        run(&mut tx, "insert into membership_grants (user_id, tenant_id, pattern, granted_at) values ('u1', 't1', 'tenant:manage', 1)")
            .await
            .expect("runs");
        let in_force = async |tx: &mut Tx, acting| {
            let user = tx.user_by_id("u1").await.expect("reads").expect("is there");
            let rights = Rights::in_force(tx, &user, acting).await.expect("reads");
            rights.hold_as_member("tenant:manage")
        };
        assert!(in_force(&mut tx, Acting::In("t1")).await);
        run(&mut tx, "update memberships set suspended_at = 5")
            .await
            .expect("runs");
        for acting in [Acting::In("t1"), Acting::Anywhere, Acting::Alone] {
            assert!(!in_force(&mut tx, acting).await, "{acting:?}");
        }
        let given = rights(&mut tx, "u1", Acting::Anywhere).await;
        assert!(
            given.hold_as_member_of("t1", "tenant:manage"),
            "resuming puts it in force"
        );
        assert!(!given.hold_as_member_of("t2", "tenant:manage"));
        for rows in [
            tx.list_given("u1", "user", "t1").await.expect("reads"),
            tx.list_given_anywhere("u1", "user").await.expect("reads"),
        ] {
            assert_eq!(
                rows.iter()
                    .filter(|row| row.suspended_at == Some(5))
                    .count(),
                2
            );
        }
        assert_eq!(tx.list_own_grants("u1").await.expect("reads").len(), 1);
    }
);

both!(
    a_tenants_admin_of_everything_is_beneath_a_global_one,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (user, email) in [("u1", "ada@example.com"), ("u2", "root@example.com")] {
            add_user(&mut tx, user, email).await;
        }
        run(&mut tx, "update users set role = 'admin' where id = 'u2'")
            .await
            .expect("runs");
        member(&mut tx, "u1", "t1", "admin").await;
        let hers = rights(&mut tx, "u1", Acting::In("t1")).await;
        let roots = rights(&mut tx, "u2", Acting::In("t1")).await;
        assert!(roots.are_within(&hers), "in word alone");
        assert!(!roots.are_beneath(&hers));
        assert!(hers.are_beneath(&roots) && hers.are_beneath(&hers));
    }
);

both!(
    rights_end_with_the_account_and_wait_for_its_proof,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        let in_force = async |tx: &mut Tx| {
            let user = tx.user_by_id("u1").await.expect("reads").expect("is there");
            let rights = Rights::in_force(tx, &user, Acting::Alone).await;
            rights.expect("reads").permissions().len()
        };
        assert_eq!(in_force(&mut tx).await, 9);

        assert!(tx.set_disabled("u1", Some(NOW)).await.expect("runs"));
        assert_eq!(in_force(&mut tx).await, 0);
        assert!(tx.set_disabled("u1", None).await.expect("runs"));
        run(
            &mut tx,
            "update users set email_verified_at = null where id = 'u1'",
        )
        .await
        .expect("runs");
        assert_eq!(in_force(&mut tx).await, 0);
    }
);
