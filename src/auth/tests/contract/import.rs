//! Where accounts came from, and all accounts in order.

use super::*;
use crate::store::{ImportMacs, ImportedProfile, NewImportedUser};

fn newcomer<'a>(id: &'a str, email: &'a str, username: Option<&'a str>) -> NewImportedUser<'a> {
    NewImportedUser {
        id,
        email,
        email_verified_at: Some(NOW),
        username,
        first_name: Some("Ada"),
        last_name: None,
        password_hash: None,
        role: "user",
        created_at: NOW - 1000,
        disabled_at: Some(NOW),
        now: NOW,
    }
}

fn macs(mac: &[u8]) -> ImportMacs<'_> {
    ImportMacs {
        profile: mac,
        hash: mac,
        kept: mac,
    }
}

both!(
    an_imported_account_is_found_by_its_source_and_id_there,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        let ada = newcomer("u1", "ada@example.com", Some("Ada.L"));
        assert!(tx.add_imported_user(&ada).await.expect("adds"));
        assert!(
            tx.add_imported("clerk", "user_1", "u1", macs(b"one"), NOW)
                .await
                .expect("adds")
        );
        assert!(
            !tx.add_imported("clerk", "user_1", "u1", macs(b"two"), NOW)
                .await
                .expect("is asked")
        );

        let found = tx.imported_by_external_id("clerk", "user_1").await;
        let found = found.expect("reads").expect("is there");
        assert_eq!(found.user_id.as_deref(), Some("u1"));
        assert_eq!(
            (found.profile_mac, found.kept_mac),
            (b"one".to_vec(), b"one".to_vec())
        );
        let elsewhere = tx.imported_by_external_id("auth0", "user_1").await;
        assert!(elsewhere.expect("reads").is_none());

        tx.set_imported("clerk", "user_1", macs(b"two"), NOW + 1)
            .await
            .expect("runs");
        let changed = tx.imported_by_external_id("clerk", "user_1").await;
        assert_eq!(changed.expect("reads").expect("is there").hash_mac, b"two");

        let user = tx.user_by_id("u1").await.expect("reads").expect("is there");
        assert_eq!(user.created_at, NOW - 1000);
        assert_eq!((user.disabled_at, user.password_hash), (Some(NOW), None));
        assert!(tx.user_by_username("ada.l").await.expect("reads").is_some());
    }
);

both!(
    a_deleted_account_leaves_its_id_there_behind,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        let ada = newcomer("u1", "ada@example.com", None);
        assert!(tx.add_imported_user(&ada).await.expect("adds"));
        tx.add_imported("clerk", "user_1", "u1", macs(b"one"), NOW)
            .await
            .expect("adds");

        run(&mut tx, "delete from users where id = 'u1'")
            .await
            .expect("runs");

        let found = tx.imported_by_external_id("clerk", "user_1").await;
        assert_eq!(found.expect("reads").expect("stays").user_id, None);
    }
);

both!(
    an_imported_account_takes_nobodys_id_address_or_username,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (user, is_added) in [
            (newcomer("u1", "ada@example.com", Some("ada")), true),
            (newcomer("u1", "bob@example.com", None), false),
            (newcomer("u2", "ada@example.com", None), false),
            (newcomer("u2", "bob@example.com", Some("ADA")), false),
            (newcomer("u2", "bob@example.com", Some("bob")), true),
        ] {
            assert_eq!(
                tx.add_imported_user(&user).await.expect("is asked"),
                is_added
            );
        }
    }
);

both!(
    names_are_brought_up_to_date_and_never_erased,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        let ada = newcomer("u1", "ada@example.com", Some("ada"));
        assert!(tx.add_imported_user(&ada).await.expect("adds"));

        let profile = ImportedProfile {
            username: None,
            first_name: None,
            last_name: Some("Lovelace"),
        };
        tx.set_imported_profile("u1", &profile, NOW + 1)
            .await
            .expect("runs");

        let user = tx
            .user_by_username("ada")
            .await
            .expect("reads")
            .expect("is there");
        assert_eq!(user.first_name.as_deref(), Some("Ada"));
        assert_eq!(user.last_name.as_deref(), Some("Lovelace"));
    }
);

both!(all_accounts_leave_in_order_page_by_page, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for (id, email) in [
        ("u3", "c@example.com"),
        ("u1", "a@example.com"),
        ("u2", "b@example.com"),
    ] {
        assert!(
            tx.add_imported_user(&newcomer(id, email, None))
                .await
                .expect("adds")
        );
    }

    let first = tx.list_exported_users("", 2).await.expect("reads");
    assert_eq!(
        first
            .iter()
            .map(|user| user.id.as_str())
            .collect::<Vec<_>>(),
        ["u1", "u2"]
    );
    let rest = tx.list_exported_users("u2", 2).await.expect("reads");
    assert_eq!(rest.len(), 1);
    assert_eq!(
        (rest[0].email.as_str(), rest[0].disabled_at),
        ("c@example.com", Some(NOW))
    );
});

both!(a_role_is_there_or_not, async |store| {
    let mut tx = store.read().await.expect("a connection");
    assert_eq!(tx.count_roles_by_name("api").await.expect("counts"), 1);
    assert_eq!(tx.count_roles_by_name("Admin").await.expect("counts"), 0);
});
