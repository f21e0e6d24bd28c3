//! Tenants, who belongs to them, and where accounts and sessions act.

use wire::{Cursor, Paging};

use super::*;
use crate::store::{
    MemberFilter, MemberGrantRow, MemberRow, NewInvitationRow, NewMembership, TenantRow,
};
use crate::tenant::TenantScope;

fn tenant(id: &str, name: &str, at: i64) -> TenantRow {
    TenantRow {
        id: id.to_owned(),
        name: name.to_owned(),
        created_at: at,
    }
}

async fn join(tx: &mut Tx, user_id: &str, tenant_id: &str, role: &str, now: i64) {
    let membership = NewMembership {
        user_id,
        tenant_id,
        role,
        now,
    };
    assert!(tx.add_membership(&membership).await.expect("adds"));
}

both!(a_tenants_name_is_its_own, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    assert!(
        tx.add_tenant(&tenant("t1", "Acme", NOW), "acme")
            .await
            .expect("adds")
    );
    assert!(
        !tx.add_tenant(&tenant("t2", "ACME", NOW), "acme")
            .await
            .expect("is asked")
    );
    assert!(
        tx.add_tenant(&tenant("t3", "Beta", NOW + 1), "beta")
            .await
            .expect("adds")
    );

    let found = tx
        .tenant_by_id("t1")
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!((found.name.as_str(), found.created_at), ("Acme", NOW));
    assert!(tx.tenant_by_id("t2").await.expect("reads").is_none());
    let names = |rows: Vec<TenantRow>| rows.into_iter().map(|row| row.name).collect::<Vec<_>>();
    let all = tx
        .list_tenants("", &Paging::default())
        .await
        .expect("reads");
    assert_eq!(names(all), ["Beta", "Acme"]);
    let second = Paging {
        limit: 1,
        after: Some(Cursor {
            at: NOW + 1,
            id: "t3".to_owned(),
        }),
    };
    let rest = tx.list_tenants("", &second).await.expect("reads");
    assert_eq!(names(rest), ["Acme"]);
});

both!(an_account_joins_a_tenant_once, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    for id in ["t1", "t2"] {
        assert!(tx.add_tenant(&tenant(id, id, NOW), id).await.expect("adds"));
    }
    let membership = |tenant_id, role| NewMembership {
        user_id: "u1",
        tenant_id,
        role,
        now: NOW,
    };
    assert!(
        tx.add_membership(&membership("t1", "viewer"))
            .await
            .expect("adds")
    );
    assert!(
        !tx.add_membership(&membership("t1", "admin"))
            .await
            .expect("is asked")
    );

    let mut role = async |user, tenant| {
        let row = tx.membership_by_tenant(user, tenant).await.expect("reads");
        row.map(|row| (row.role, row.name))
    };
    let kept = Some(("viewer".to_owned(), "t1".to_owned()));
    assert_eq!(role("u1", "t1").await, kept, "stays what it was");
    assert_eq!(role("u1", "t2").await, None);
    assert_eq!(role("u2", "t1").await, None);
});

both!(
    who_acts_in_a_tenant_is_not_moved_to_another,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        add_user(&mut tx, "u2", "bob@example.com").await;
        for id in ["t1", "t2"] {
            tx.add_tenant(&tenant(id, id, NOW), id).await.expect("adds");
            join(&mut tx, "u1", id, "viewer", NOW).await;
        }
        for (user, id) in [("u1", "s1"), ("u1", "s2"), ("u1", "s3"), ("u2", "s4")] {
            tx.add_session(&session_of(user, id, None))
                .await
                .expect("adds");
        }
        tx.set_session_revoked("s3", NOW, "log_out")
            .await
            .expect("ends");

        assert!(tx.set_first_tenant("u1", "t1", NOW).await.expect("runs"));
        assert!(!tx.set_first_tenant("u1", "t2", NOW).await.expect("runs"));
        for (tenant, wanted) in [
            (None, None),
            (Some("t1"), Some("t1")),
            (Some("t2"), Some("t1")),
        ] {
            let mut changed = tx
                .set_sessions_tenant("u1", tenant, NOW)
                .await
                .expect("runs");
            changed.sort();
            assert_eq!(changed, ["s1", "s2"], "the live ones");
            let session = tx.session_by_id("s1", NOW).await.expect("reads");
            assert_eq!(session.expect("lives").tenant_id.as_deref(), wanted);
        }
        let user = tx.user_by_id("u1").await.expect("reads").expect("is there");
        assert_eq!(user.tenant_id.as_deref(), Some("t1"));
        let other = tx.session_by_id("s4", NOW).await.expect("reads");
        assert_eq!(other.expect("lives").tenant_id, None);
    }
);

both!(a_role_is_changed_only_from_what_it_was, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    assert!(
        !tx.set_role("u1", "viewer", "admin", NOW)
            .await
            .expect("runs")
    );
    assert!(tx.set_role("u1", "user", "admin", NOW).await.expect("runs"));
    let user = tx.user_by_id("u1").await.expect("reads").expect("is there");
    assert_eq!(user.role, "admin");
    assert_eq!(
        tx.list_roles().await.expect("reads"),
        ["admin", "api", "user", "viewer"]
    );
});

/// Two tenants, Ada in both and Bob in the second, with a session of Ada's in each.
async fn two_tenants(tx: &mut Tx) -> (TenantScope, TenantScope) {
    for (user, email) in [("u1", "ada@example.com"), ("u2", "bob@example.com")] {
        add_user(tx, user, email).await;
    }
    for id in ["t1", "t2"] {
        assert!(tx.add_tenant(&tenant(id, id, NOW), id).await.expect("adds"));
        join(tx, "u1", id, "viewer", NOW).await;
        let session = format!("s-{id}");
        tx.add_session(&session_of("u1", &session, None))
            .await
            .expect("adds");
        assert!(
            tx.set_session_tenant(&session, Some(id), NOW)
                .await
                .expect("runs")
        );
    }
    join(tx, "u2", "t2", "user", NOW + 1).await;
    (
        TenantScope::of_operator("t1"),
        TenantScope::of_operator("t2"),
    )
}

fn ids(rows: Vec<MemberRow>) -> Vec<String> {
    rows.into_iter().map(|row| row.user_id).collect()
}

both!(members_are_listed_by_tenant_state_and_part, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    let (one, two) = two_tenants(&mut tx).await;
    let all = MemberFilter::default();
    let first = Paging::default();
    let listed = tx.list_members(&two, all, &first).await.expect("reads");
    assert_eq!(ids(listed), ["u2", "u1"]);
    let listed = tx.list_members(&one, all, &first).await.expect("reads");
    assert_eq!(ids(listed), ["u1"]);
    let after = Paging {
        limit: 5,
        after: Some(Cursor {
            at: NOW + 1,
            id: "u2".to_owned(),
        }),
    };
    let listed = tx.list_members(&two, all, &after).await.expect("reads");
    assert_eq!(ids(listed), ["u1"]);

    tx.set_member_suspended(&two, "u1", Some(NOW + 5))
        .await
        .expect("runs");
    for (status, part, wanted) in [
        ("suspended", "", vec!["u1"]),
        ("active", "", vec!["u2"]),
        ("", "ADA@", vec!["u1"]),
        ("active", "ada", vec![]),
        ("", "%", vec![]),
    ] {
        let filter = MemberFilter { status, part };
        let listed = tx.list_members(&two, filter, &first).await.expect("reads");
        assert_eq!(ids(listed), wanted, "{status} {part}");
    }
    let found = tx.member_by_user(&two, "u1").await.expect("reads");
    assert_eq!(found.expect("is there").suspended_at, Some(NOW + 5));
    assert!(
        tx.member_by_user(&one, "u2")
            .await
            .expect("reads")
            .is_none()
    );
    assert_eq!(tx.count_members(&two).await.expect("counts"), 2);
    let own = tx.list_memberships_by_user("u1", 10).await.expect("reads");
    let own: Vec<_> = own
        .iter()
        .map(|row| (row.tenant_id.as_str(), row.suspended_at))
        .collect();
    assert_eq!(own, [("t1", None), ("t2", Some(NOW + 5))]);
    let own = tx.list_memberships_by_user("u1", 1).await.expect("reads");
    assert_eq!(own.len(), 1);
});

both!(
    what_a_member_is_given_is_of_one_tenant_and_ends_with_it,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        let (one, two) = two_tenants(&mut tx).await;
        let grant = |pattern: &str, condition: Option<&str>| MemberGrantRow {
            pattern: pattern.to_owned(),
            condition: condition.map(str::to_owned),
        };
        for given in [
            grant("workflow:read", None),
            grant("tenant:manage", Some("assigned")),
        ] {
            tx.add_member_grant(&two, "u1", &given, NOW)
                .await
                .expect("runs");
        }
        assert_eq!(
            tx.count_managers(&two, "").await.expect("counts"),
            0,
            "bound"
        );
        let freed = grant("tenant:manage", None);
        tx.add_member_grant(&two, "u1", &freed, NOW)
            .await
            .expect("runs");
        let listed = tx.list_member_grants(&two, "u1").await.expect("reads");
        assert_eq!(listed, [freed, grant("workflow:read", None)]);
        assert_eq!(tx.list_member_grants(&one, "u1").await.expect("reads"), []);

        assert_eq!(tx.count_managers(&two, "").await.expect("counts"), 1);
        assert_eq!(tx.count_managers(&two, "u1").await.expect("counts"), 0);
        tx.set_member_role(&two, "u2", "admin").await.expect("runs");
        assert_eq!(tx.count_managers(&two, "").await.expect("counts"), 2);
        tx.set_member_suspended(&two, "u2", Some(NOW))
            .await
            .expect("runs");
        assert_eq!(tx.count_managers(&two, "").await.expect("counts"), 1);
        tx.delete_member_grant(&two, "u1", "tenant:manage")
            .await
            .expect("runs");
        assert_eq!(tx.count_managers(&two, "").await.expect("counts"), 0);

        assert!(tx.delete_membership("u1", "t2").await.expect("runs"));
        assert!(!tx.delete_membership("u1", "t2").await.expect("runs"));
        assert_eq!(tx.list_member_grants(&two, "u1").await.expect("reads"), []);
        assert!(
            tx.member_by_user(&one, "u1")
                .await
                .expect("reads")
                .is_some()
        );
    }
);

both!(
    a_session_acts_in_a_tenant_while_its_owner_belongs_to_it,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        let (_, two) = two_tenants(&mut tx).await;
        let acts = async |tx: &mut Tx, id: &str| {
            let row = tx.session_by_id(id, NOW).await.expect("reads");
            row.expect("lives").tenant_id
        };
        assert_eq!(acts(&mut tx, "s-t2").await.as_deref(), Some("t2"));
        assert_eq!(
            tx.count_sessions_by_tenant(&two, NOW)
                .await
                .expect("counts"),
            1
        );
        for (user, many) in [("u1", 1), ("u2", 0), ("nobody", 0)] {
            let counted = tx.count_sessions_by_member(&two, user, NOW).await;
            assert_eq!(counted.expect("counts"), many, "{user}");
        }
        tx.set_member_suspended(&two, "u1", Some(NOW))
            .await
            .expect("runs");
        assert_eq!(acts(&mut tx, "s-t2").await, None, "suspended");
        assert_eq!(
            tx.count_sessions_by_tenant(&two, NOW)
                .await
                .expect("counts"),
            0
        );
        tx.set_member_suspended(&two, "u1", None)
            .await
            .expect("runs");
        assert_eq!(acts(&mut tx, "s-t2").await.as_deref(), Some("t2"));

        tx.set_usual_tenant("u1", Some("t2"), NOW)
            .await
            .expect("runs");
        tx.delete_acting_by_user("u1", "t1").await.expect("runs");
        let user = tx.user_by_id("u1").await.expect("reads").expect("is there");
        assert_eq!(user.tenant_id.as_deref(), Some("t2"), "another one");
        assert_eq!(acts(&mut tx, "s-t1").await, None);
        tx.delete_acting_by_user("u1", "t2").await.expect("runs");
        let user = tx.user_by_id("u1").await.expect("reads").expect("is there");
        assert_eq!(user.tenant_id, None);
        assert_eq!(acts(&mut tx, "s-t2").await, None);
        assert!(
            !tx.set_session_tenant("s-t2", Some("t2"), NOW + 100)
                .await
                .expect("runs"),
            "it has idled out"
        );
    }
);

both!(
    a_deleted_tenant_leaves_people_and_takes_the_rest,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        let (one, two) = two_tenants(&mut tx).await;
        for (id, tenant_id) in [("i1", "t1"), ("i2", "t2")] {
            let row = NewInvitationRow {
                id,
                email: "eve@example.com",
                role: "viewer",
                first_name: None,
                last_name: None,
                tenant_id: Some(tenant_id),
                account_role: Some("user"),
                inviter_id: "u1",
                now: NOW,
                expires_at: NOW + 100,
            };
            tx.add_invitation(&row).await.expect("adds");
        }
        let found = tx.invitation_in_tenant(&two, "i2").await.expect("reads");
        assert_eq!(
            found.expect("is there").account_role.as_deref(),
            Some("user")
        );
        assert!(
            tx.invitation_in_tenant(&two, "i1")
                .await
                .expect("reads")
                .is_none()
        );
        let filter = crate::store::InvitationFilter {
            now: NOW,
            ..Default::default()
        };
        let listed = tx
            .list_invitations_by_tenant(&one, filter, &Paging::default())
            .await
            .expect("reads");
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].id, "i1");
        let waiting = tx.count_invitations_by_tenant(&two, NOW).await;
        assert_eq!(waiting.expect("counts"), 1);
        let members = tx.count_members(&two).await.expect("counts");
        let places = tx.count_places("t2", NOW).await.expect("counts");
        assert_eq!(places, (members, 1));
        let places = tx.count_places("t2", NOW + 100).await.expect("counts");
        assert_eq!(places, (members, 0));
        assert_eq!(tx.count_places("t3", NOW).await.expect("counts"), (0, 0));
        let waiting = tx.count_invitations_by_tenant(&two, NOW + 100).await;
        assert_eq!(waiting.expect("counts"), 0, "they have ended");

        tx.set_invitations_into_tenant_revoked("t2", "eve@example.com", NOW)
            .await
            .expect("runs");
        for (scope, waiting) in [(&one, 1), (&two, 0)] {
            let counted = tx.count_invitations_by_tenant(scope, NOW).await;
            assert_eq!(counted.expect("counts"), waiting, "of one tenant alone");
        }
        tx.set_usual_tenant("u1", Some("t2"), NOW)
            .await
            .expect("runs");
        assert!(tx.set_tenant_held("t2").await.expect("runs"));
        assert!(!tx.set_tenant_held("t3").await.expect("runs"));
        assert!(
            !tx.set_tenant_name(&two, "T1", "t1")
                .await
                .is_ok_and(|named| named),
            "another has the name"
        );
        drop(tx);
        let mut tx = store.write().await.expect("a transaction");
        let (one, two) = two_tenants(&mut tx).await;
        assert!(
            tx.set_tenant_name(&two, "Beta", "beta")
                .await
                .expect("runs")
        );
        tx.set_usual_tenant("u1", Some("t2"), NOW)
            .await
            .expect("runs");
        tx.delete_tenant(&two).await.expect("runs");
        assert!(tx.tenant_by_id("t2").await.expect("reads").is_none());
        assert_eq!(tx.count_members(&two).await.expect("counts"), 0);
        assert_eq!(tx.count_members(&one).await.expect("counts"), 1);
        let user = tx.user_by_id("u1").await.expect("reads").expect("stays");
        assert_eq!(user.tenant_id, None);
        let session = tx.session_by_id("s-t2", NOW).await.expect("reads");
        assert_eq!(session.expect("lives").tenant_id, None);
    }
);
