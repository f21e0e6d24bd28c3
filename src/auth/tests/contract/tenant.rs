//! Tenants, who belongs to them, and where accounts and sessions act.

use wire::{Cursor, Paging};

use super::*;
use crate::store::{NewMembership, TenantRow};

fn tenant(id: &str, name: &str, at: i64) -> TenantRow {
    TenantRow {
        id: id.to_owned(),
        name: name.to_owned(),
        created_at: at,
    }
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
    let all = tx.list_tenants(&Paging::default()).await.expect("reads");
    assert_eq!(names(all), ["Beta", "Acme"]);
    let second = Paging {
        limit: 1,
        after: Some(Cursor {
            at: NOW + 1,
            id: "t3".to_owned(),
        }),
    };
    let rest = tx.list_tenants(&second).await.expect("reads");
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

    let role = tx.membership_by_tenant("u1", "t1").await.expect("reads");
    assert_eq!(role.as_deref(), Some("viewer"), "stays what it was");
    assert_eq!(
        tx.membership_by_tenant("u1", "t2").await.expect("reads"),
        None
    );
    assert_eq!(
        tx.membership_by_tenant("u2", "t1").await.expect("reads"),
        None
    );
});

both!(
    who_acts_in_a_tenant_is_not_moved_to_another,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        add_user(&mut tx, "u2", "bob@example.com").await;
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
