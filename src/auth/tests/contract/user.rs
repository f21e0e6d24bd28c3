//! Accounts and roles.

use super::*;

both!(
    an_account_is_found_by_id_address_and_username,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        let user = NewUser {
            id: "u1",
            email: "ada@example.com",
            email_verified_at: None,
            username: Some("Ada.L"),
            first_name: Some("Ada"),
            last_name: Some("李"),
            password_hash: "$argon2id$old",
            role: "viewer",
            now: NOW,
        };
        assert!(tx.add_user(&user).await.expect("adds"));

        let by_id = tx.user_by_id("u1").await.expect("reads").expect("is there");
        let by_email = tx.user_by_email("ada@example.com").await.expect("reads");
        let by_name = tx.user_by_username("ada.l").await.expect("reads");
        assert_eq!(by_email.expect("is there").id, "u1");
        assert_eq!(by_name.expect("is there").id, "u1");
        assert_eq!(by_id.email_verified_at, None);
        assert_eq!(by_id.username.as_deref(), Some("Ada.L"), "as typed");
        assert_eq!(by_id.first_name.as_deref(), Some("Ada"));
        assert_eq!(by_id.last_name.as_deref(), Some("李"));
        assert_eq!(by_id.password_hash.as_deref(), Some("$argon2id$old"));
        assert_eq!((by_id.role.as_str(), by_id.created_at), ("viewer", NOW));
        assert_eq!((&by_id.tenant_id, by_id.disabled_at), (&None, None));
        assert!(by_id.deletes_at.is_none() && by_id.may_sign_in());
        assert!(tx.user_by_id("u2").await.expect("reads").is_none());
        assert!(
            tx.user_by_username("Ada.L").await.expect("reads").is_none(),
            "keys are lower case"
        );
    }
);

both!(an_address_and_a_username_have_one_owner, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    let user = |id, email, username| NewUser {
        id,
        email,
        email_verified_at: Some(NOW),
        username: Some(username),
        first_name: None,
        last_name: None,
        password_hash: "$argon2id$old",
        role: "user",
        now: NOW,
    };
    assert!(
        tx.add_user(&user("u1", "ada@example.com", "ada"))
            .await
            .expect("adds")
    );
    assert!(
        !tx.add_user(&user("u2", "ada@example.com", "bob"))
            .await
            .expect("is asked")
    );
    assert!(
        !tx.add_user(&user("u3", "bob@example.com", "ADA"))
            .await
            .expect("is asked")
    );
    assert!(
        tx.add_user(&user("u4", "bob@example.com", "bob"))
            .await
            .expect("adds")
    );
});

both!(one_of_two_hundred_gets_the_address, async |store| {
    let adders = (0..200).map(|at| {
        let store = store.clone();
        tokio::spawn(async move {
            let id = format!("u{at}");
            let mut tx = store.write().await.expect("a transaction");
            let user = NewUser {
                id: &id,
                email: "ada@example.com",
                email_verified_at: None,
                username: None,
                first_name: None,
                last_name: None,
                password_hash: "$argon2id$old",
                role: "user",
                now: NOW,
            };
            let added = tx.add_user(&user).await.expect("is asked");
            tx.commit().await.expect("commits");
            added
        })
    });
    let won = futures::future::join_all(adders.collect::<Vec<_>>()).await;

    assert_eq!(
        won.into_iter()
            .filter(|won| *won.as_ref().expect("no panic"))
            .count(),
        1
    );
});

both!(
    a_rehash_replaces_only_the_hash_that_was_verified,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;

        tx.set_rehashed("u1", "$argon2id$other", "$argon2id$stale")
            .await
            .expect("runs");
        let kept = tx.user_by_id("u1").await.expect("reads").expect("is there");
        assert_eq!(kept.password_hash.as_deref(), Some("$argon2id$old"));

        tx.set_rehashed("u1", "$argon2id$old", "$argon2id$new")
            .await
            .expect("runs");
        let replaced = tx.user_by_id("u1").await.expect("reads").expect("is there");
        assert_eq!(replaced.password_hash.as_deref(), Some("$argon2id$new"));
    }
);

/// How many admins may sign in.
async fn admins(tx: &mut Tx) -> i64 {
    tx.count_admins("").await.expect("counts").may_sign_in
}

both!(
    a_disabled_account_says_so_and_counts_for_nothing,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        add_user(&mut tx, "u2", "bob@example.com").await;
        assert_eq!(admins(&mut tx).await, 0);
        for id in ["u1", "u2"] {
            assert!(tx.set_role(id, "user", "admin", NOW).await.expect("runs"));
        }
        assert_eq!(admins(&mut tx).await, 2);

        assert!(tx.set_disabled("u1", Some(NOW)).await.expect("runs"));
        let disabled = tx.user_by_id("u1").await.expect("reads").expect("is there");
        assert_eq!(disabled.disabled_at, Some(NOW));
        assert!(!disabled.may_sign_in());
        assert_eq!(admins(&mut tx).await, 1);

        assert!(tx.set_disabled("u1", None).await.expect("runs"));
        assert_eq!(admins(&mut tx).await, 2);
        assert!(!tx.set_disabled("nobody", Some(NOW)).await.expect("runs"));
    }
);

both!(an_admin_acts_with_a_proven_address_alone, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for id in ["u1", "u2", "u3", "u4"] {
        add_user(&mut tx, id, &format!("{id}@example.com")).await;
    }
    let none = tx.count_admins("").await.expect("counts");
    assert_eq!(none.may_act, 0);
    for (change, left) in [
        ("role = 'admin'", 4),
        ("email_verified_at = null where id = 'u1'", 3),
        ("deletes_at = 5 where id = 'u2'", 2),
        ("disabled_at = 5 where id = 'u3'", 1),
        ("role = 'user' where id = 'u4'", 0),
    ] {
        let changed = run(&mut tx, &format!("update users set {change}")).await;
        changed.expect("runs");
        let counted = tx.count_admins("").await.expect("counts");
        assert_eq!(counted.may_act, left, "{change}");
    }
});

both!(
    an_account_its_owner_closed_may_not_sign_in_and_counts_for_nothing,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        assert!(tx.set_role("u1", "user", "admin", NOW).await.expect("runs"));
        assert_eq!(admins(&mut tx).await, 1);
        run(&mut tx, "update users set deletes_at = 5 where id = 'u1'")
            .await
            .expect("runs");

        let closed = tx.user_by_id("u1").await.expect("reads").expect("is there");
        assert!(closed.deletes_at == Some(5) && !closed.may_sign_in());
        assert_eq!(admins(&mut tx).await, 0);
    }
);

both!(the_last_sign_in_is_noted, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    tx.set_last_login("u1", NOW + 5).await.expect("runs");
    tx.commit().await.expect("commits");

    assert_eq!(
        number(store, "select last_login_at from users where id = 'u1'").await,
        NOW + 5
    );
});

both!(
    an_address_is_proven_once_and_a_strangers_password_goes,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (id, email, proven) in [
            ("u1", "ada@example.com", None),
            ("u2", "bob@example.com", Some(NOW)),
        ] {
            let user = NewUser {
                id,
                email,
                email_verified_at: proven,
                username: None,
                first_name: None,
                last_name: None,
                password_hash: "$argon2id$old",
                role: "user",
                now: NOW,
            };
            assert!(tx.add_user(&user).await.expect("adds"));
        }

        assert!(
            tx.set_email_proven_and_password_gone("u1", NOW + 1)
                .await
                .expect("runs")
        );
        assert!(
            !tx.set_email_proven_and_password_gone("u1", NOW + 2)
                .await
                .expect("runs")
        );
        assert!(
            !tx.set_email_proven_and_password_gone("u2", NOW + 1)
                .await
                .expect("runs")
        );

        let ada = tx.user_by_id("u1").await.expect("reads").expect("is there");
        assert_eq!(
            (ada.email_verified_at, ada.password_hash),
            (Some(NOW + 1), None)
        );
        let bob = tx.user_by_id("u2").await.expect("reads").expect("is there");
        assert_eq!(bob.email_verified_at, Some(NOW));
        assert!(
            bob.password_hash.is_some(),
            "proven before: nothing changes"
        );
    }
);
