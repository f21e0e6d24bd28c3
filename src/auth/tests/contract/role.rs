//! Roles, who has them, the catalogue, and what is entrusted to whom.

use wire::Paging;

use super::*;
use crate::store::{AssignmentFilter, NewAssignment, NewGrant, NewMembership, TenantRow};

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

both!(a_role_is_added_counted_moved_and_deleted, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    assert!(tx.add_role("reader", "Reads").await.expect("adds"));
    assert!(!tx.add_role("reader", "Again").await.expect("runs"));
    assert_eq!(
        tx.count_roles().await.expect("counts"),
        5,
        "four came with the portal"
    );
    tx.set_role_grant("reader", "workflow:read", Some("assigned"))
        .await
        .expect("gives");
    tx.set_role_grant("reader", "workflow:read", None)
        .await
        .expect("gives without condition");
    tx.set_role_description("reader", "Reads much")
        .await
        .expect("runs");
    let given = tx.list_given_by_role("reader").await.expect("reads");
    assert_eq!((given.len(), given[0].condition.as_deref()), (1, None));

    add_user(&mut tx, "u1", "ada@example.com").await;
    add_user(&mut tx, "u2", "eve@example.com").await;
    assert!(
        tx.set_role("u1", "user", "reader", NOW)
            .await
            .expect("runs")
    );
    member(&mut tx, "u2", "t1", "reader").await;
    let row = tx.role_by_name("reader").await.expect("reads");
    let row = row.expect("is there");
    assert_eq!(
        (
            row.description.as_str(),
            row.built_in,
            row.users,
            row.members
        ),
        ("Reads much", false, 1, 1)
    );
    let holders = tx.list_holders_by_role("reader", 10).await.expect("reads");
    let told: Vec<_> = holders
        .iter()
        .map(|one| (one.user_id.as_str(), one.tenant.as_deref()))
        .collect();
    assert_eq!(told, [("u1", None), ("u2", Some("t1"))]);
    assert_eq!(
        tx.list_holders_by_role("reader", 1)
            .await
            .expect("reads")
            .len(),
        1
    );
    for (user, pattern) in [("u1", "tenant:*"), ("u2", "tenant:*"), ("u3", "audit:*")] {
        if user == "u3" {
            add_user(&mut tx, user, "bob@example.com").await;
        }
        let grant = NewGrant {
            pattern,
            condition: None,
            now: NOW,
            by: None,
        };
        tx.set_user_grant(user, &grant).await.expect("gives");
    }
    let mut wanted = vec!["tenant:*".to_owned()];
    for role in ["reader", "user"] {
        let given = tx.list_given_by_role(role).await.expect("reads");
        wanted.extend(given.into_iter().map(|row| row.pattern));
    }
    wanted.sort();
    wanted.dedup();
    let given = tx.list_given_to_holders("reader").await.expect("reads");
    let mut told: Vec<_> = given.into_iter().map(|row| row.pattern).collect();
    told.sort();
    assert_eq!(
        told, wanted,
        "of all who have it, each once, of nobody else"
    );
    assert_eq!(
        tx.list_tenant_ids_by_role("reader", 10)
            .await
            .expect("reads"),
        ["t1"]
    );
    assert_eq!(
        tx.set_holders_role("reader", "viewer", NOW)
            .await
            .expect("moves"),
        ["u1", "u2"]
    );
    assert!(tx.delete_role("reader").await.expect("deletes"));
    assert!(
        tx.list_given_by_role("reader")
            .await
            .expect("reads")
            .is_empty()
    );
    assert!(!tx.delete_role("viewer").await.expect("runs"), "built in");
});

both!(
    a_role_somebody_has_is_not_deleted_from_under_them,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        assert!(tx.add_role("reader", "").await.expect("adds"));
        add_user(&mut tx, "u1", "ada@example.com").await;
        assert!(
            tx.set_role("u1", "user", "reader", NOW)
                .await
                .expect("runs")
        );
        assert!(!tx.delete_role("reader").await.expect("is no fault"));
    }
);

both!(only_admins_whose_rights_are_in_force_count, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for (id, email) in [
        ("u1", "a@example.com"),
        ("u2", "b@example.com"),
        ("u3", "c@example.com"),
    ] {
        add_user(&mut tx, id, email).await;
        assert!(tx.set_role(id, "user", "admin", NOW).await.expect("runs"));
    }
    assert_eq!(tx.count_admins("u1").await.expect("counts").may_act, 2);
    assert!(tx.set_disabled("u2", Some(NOW)).await.expect("runs"));
    run(
        &mut tx,
        "update users set email_verified_at = null where id = 'u3'",
    )
    .await
    .expect("runs");
    assert_eq!(tx.count_admins("u1").await.expect("counts").may_act, 0);
    assert_eq!(tx.count_admins("u2").await.expect("counts").may_act, 1);
});

both!(a_permission_goes_with_all_that_names_it, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    assert!(
        tx.add_permission("content:read", "Read")
            .await
            .expect("adds")
    );
    assert!(
        !tx.add_permission("content:read", "Read")
            .await
            .expect("runs")
    );
    assert!(
        tx.set_permission_description("content:read", "See content")
            .await
            .expect("runs")
    );
    add_user(&mut tx, "u1", "ada@example.com").await;
    for pattern in ["content:read", "content:*"] {
        tx.set_role_grant("viewer", pattern, None)
            .await
            .expect("gives");
        let grant = NewGrant {
            pattern,
            condition: Some("assigned"),
            now: NOW,
            by: None,
        };
        tx.set_user_grant("u1", &grant).await.expect("gives");
    }
    let row = tx.permission_by_name("content:read").await.expect("reads");
    let row = row.expect("is there");
    assert_eq!(
        (row.description.as_str(), row.built_in, row.grants),
        ("See content", false, 1)
    );
    assert_eq!(
        tx.list_roles_by_pattern("content:read")
            .await
            .expect("reads"),
        ["viewer"]
    );
    let had = tx.count_permissions().await.expect("counts");
    assert!(tx.delete_permission("content:read").await.expect("removes"));
    assert_eq!(tx.count_permissions().await.expect("counts"), had - 1);
    // What was given the moment it went.
    let late = NewGrant {
        pattern: "content:read",
        condition: None,
        now: NOW,
        by: None,
    };
    add_user(&mut tx, "u9", "late@example.com").await;
    tx.set_user_grant("u9", &late).await.expect("is given");
    tx.delete_gifts_of("content:read").await.expect("sweeps");
    let left = tx.list_user_grants("u9").await.expect("lists");
    assert!(left.is_empty());
    assert!(!tx.delete_permission("content:read").await.expect("runs"));
    assert!(
        !tx.delete_permission("user:manage").await.expect("runs"),
        "built in"
    );
    let left = tx.list_user_grants("u1").await.expect("reads");
    let left: Vec<_> = left.iter().map(|row| row.pattern.as_str()).collect();
    assert_eq!(left, ["content:*"]);
    tx.delete_user_grant("u1", "content:*")
        .await
        .expect("takes");
    tx.delete_role_grant("viewer", "content:*")
        .await
        .expect("takes");
    assert!(tx.list_user_grants("u1").await.expect("reads").is_empty());
    let listed = tx.list_permissions().await.expect("reads");
    assert!(listed.iter().all(|row| row.name != "content:read") && listed.len() == 14);
});

both!(
    a_thing_is_entrusted_once_and_goes_with_the_membership,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        member(&mut tx, "u1", "t1", "viewer").await;
        let new = |id, tenant_id| NewAssignment {
            id,
            user_id: "u1",
            tenant_id,
            resource_type: "patient",
            resource_id: "42",
            now: NOW,
            by: None,
        };
        assert!(
            tx.add_assignment(&new("a1", Some("t1")))
                .await
                .expect("adds")
        );
        assert!(
            !tx.add_assignment(&new("a2", Some("t1")))
                .await
                .expect("runs")
        );
        assert!(tx.add_assignment(&new("a3", None)).await.expect("adds"));
        assert!(
            !tx.add_assignment(&new("a4", None)).await.expect("runs"),
            "none is one place"
        );
        for (tenant, resource, is_assigned) in [
            (Some("t1"), "42", true),
            (None, "42", true),
            (Some("t2"), "42", false),
            (None, "43", false),
        ] {
            let found = tx.is_assigned("u1", tenant, "patient", resource).await;
            assert_eq!(found.expect("reads"), is_assigned, "{tenant:?} {resource}");
        }
        let filter = AssignmentFilter {
            tenant_id: "t1",
            ..AssignmentFilter::default()
        };
        let listed = tx.list_assignments(filter, &Paging::default()).await;
        let listed = listed.expect("reads");
        assert_eq!(
            (listed.len(), listed[0].email.as_str()),
            (1, "ada@example.com")
        );
        assert_eq!(tx.list_own_assignments("u1").await.expect("reads").len(), 2);
        assert_eq!(tx.count_assignments("u1").await.expect("counts"), 2);
        assert_eq!(tx.count_assignments("u2").await.expect("counts"), 0);
        run(&mut tx, "delete from memberships where user_id = 'u1'")
            .await
            .expect("runs");
        assert!(tx.assignment_by_id("a1").await.expect("reads").is_none());
        assert!(tx.delete_assignment("a3").await.expect("takes"));
        assert!(!tx.delete_assignment("a3").await.expect("runs"));
    }
);

both!(a_role_knows_whom_it_would_touch, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    assert!(tx.add_role("reader", "Reads").await.expect("adds"));
    add_user(&mut tx, "u1", "ada@example.com").await;
    add_user(&mut tx, "u2", "eve@example.com").await;
    assert!(
        tx.set_role("u1", "user", "reader", NOW)
            .await
            .expect("runs")
    );
    member(&mut tx, "u2", "t1", "reader").await;
    for (user, id) in [("u1", "s1"), ("u1", "s2"), ("u2", "s3"), ("u2", "s4")] {
        let session = session_of(user, id, None);
        tx.add_session(&session).await.expect("adds");
    }
    for sql in [
        "update sessions set revoked_at = 1 where id = 's2'",
        "update sessions set tenant_id = 't1' where id = 's3'",
    ] {
        run(&mut tx, sql).await.expect("runs");
    }
    let touched = tx
        .count_sessions_by_role("reader", NOW)
        .await
        .expect("counts");
    assert_eq!(
        touched, 2,
        "a live one of each, and of the member only where they act there"
    );

    for (id, role, account_role, accepted) in [
        ("i1", "reader", "null", "null"),
        ("i2", "user", "'reader'", "null"),
        ("i3", "reader", "null", "1"),
        ("i4", "user", "null", "null"),
    ] {
        let sql = format!(
            "insert into invitations (id, email, role, account_role, inviter_id, created_at, expires_at, accepted_at)
             values ('{id}', 'bob@example.com', '{role}', {account_role}, 'u1', 0, {}, {accepted})",
            NOW + 10
        );
        run(&mut tx, sql.leak()).await.expect("runs");
    }
    let open = tx
        .count_open_invitations_by_role("reader", NOW)
        .await
        .expect("counts");
    assert_eq!(open, 2);
    let late = tx
        .count_open_invitations_by_role("reader", NOW + 10)
        .await
        .expect("counts");
    assert_eq!(late, 0);
    let revoked = tx
        .set_invitations_revoked_by_role("reader", NOW)
        .await
        .expect("runs");
    assert_eq!(revoked, 2);
    let open = tx
        .count_open_invitations_by_role("reader", NOW)
        .await
        .expect("counts");
    assert_eq!(open, 0);

    let names: Vec<_> = tx.list_role_rows().await.expect("reads");
    let names: Vec<_> = names.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["admin", "api", "reader", "user", "viewer"]);
});
