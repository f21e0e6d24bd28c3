//! The sessions of one account, and the accounts of a portal, as lists.

use super::*;
use crate::store::{UserFilter, UserPlace};

const ALL: UserFilter<'_> = UserFilter {
    status: "",
    part: "",
    role: "",
    tenant_id: "",
    now: NOW,
};

/// Sessions of this user, seen one second after another.
async fn add_sessions(tx: &mut Tx, user: &str, ids: &[&str]) {
    for (at, id) in ids.iter().enumerate() {
        tx.add_session(&session_of(user, id, None))
            .await
            .expect("adds");
        let seen = NOW + i64::try_from(at).expect("few");
        tx.set_session_seen(id, seen, seen).await.expect("runs");
    }
}

async fn ids(tx: &mut Tx, user: &str, now: i64) -> Vec<String> {
    let rows = tx.list_sessions_by_user(user, now).await.expect("reads");
    rows.into_iter().map(|row| row.id).collect()
}

both!(live_sessions_are_listed_the_latest_first, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    add_user(&mut tx, "u2", "bob@example.com").await;
    add_sessions(&mut tx, "u1", &["s1", "s2", "s3"]).await;
    let mut kept = session_of("u1", "s4", Some(&[7; 32]));
    kept.remembered = true;
    tx.add_session(&kept).await.expect("adds");
    add_sessions(&mut tx, "u2", &["s5"]).await;
    tx.set_session_revoked("s2", NOW, "log_out")
        .await
        .expect("runs");

    assert_eq!(ids(&mut tx, "u1", NOW + 3).await, ["s3", "s4", "s1"]);
    assert_eq!(ids(&mut tx, "u1", NOW + 100).await, ["s3"], "idle");
    assert_eq!(ids(&mut tx, "u1", NOW + 1000).await, [""; 0], "ended");
    let rows = tx.list_sessions_by_user("u1", NOW).await.expect("reads");
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.remembered, row.has_cookie, row.address.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (false, false, "192.0.2.1"),
            (true, true, "192.0.2.1"),
            (false, false, "192.0.2.1")
        ]
    );
});

both!(
    a_session_is_ended_by_its_owner_alone_and_once,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        add_user(&mut tx, "u2", "bob@example.com").await;
        add_sessions(&mut tx, "u1", &["s1", "s2"]).await;

        for (user, id, now, ended) in [
            ("u2", "s1", NOW, false),
            ("u1", "s9", NOW, false),
            ("u1", "s1", NOW + 100, false),
            ("u1", "s1", NOW, true),
            ("u1", "s1", NOW, false),
        ] {
            let done = tx.set_session_revoked_by_user(user, id, now, "ended_by_owner");
            assert_eq!(done.await.expect("runs"), ended, "{user} {id} {now}");
        }
        assert_eq!(ids(&mut tx, "u1", NOW).await, ["s2"]);
    }
);

both!(the_sessions_that_are_too_many_end, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    add_user(&mut tx, "u2", "bob@example.com").await;
    add_sessions(&mut tx, "u1", &["s1", "s2", "s3", "s4"]).await;
    add_sessions(&mut tx, "u2", &["s5", "s6"]).await;

    for (kept, ended) in [(3, vec![]), (2, vec!["s2"]), (0, vec!["s3", "s4"])] {
        let mut done = tx
            .set_excess_sessions_revoked("u1", "s1", kept, NOW + 4, "too_many")
            .await
            .expect("runs");
        done.sort();
        assert_eq!(done, ended, "besides the new one {kept}");
    }
    assert_eq!(ids(&mut tx, "u1", NOW + 4).await, ["s1"]);
    assert_eq!(ids(&mut tx, "u2", NOW + 4).await, ["s6", "s5"]);
});

async fn found(tx: &mut Tx, status: &str, part: &str) -> Vec<String> {
    let filter = UserFilter {
        status,
        part,
        ..ALL
    };
    let listed = tx.list_managed_users(filter, UserPlace::Newest(None), 10);
    let rows = listed.await.expect("reads");
    let counted = tx.count_managed_users(filter, 10).await.expect("counts");
    assert_eq!(counted, i64::try_from(rows.len()).expect("few"));
    rows.into_iter().map(|row| row.id).collect()
}

both!(
    accounts_are_found_by_address_username_and_name,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        let people = [
            (
                "u1",
                "ada@example.com",
                Some("Countess"),
                Some("Ada"),
                Some("Lovelace"),
            ),
            ("u2", "bob_b@example.com", None, Some("Ödön"), None),
            ("u3", "eve%e@example.com", None, None, None),
        ];
        for (at, (id, email, username, first_name, last_name)) in people.into_iter().enumerate() {
            let user = NewUser {
                id,
                email,
                email_verified_at: None,
                username,
                first_name,
                last_name,
                password_hash: "$argon2id$old",
                role: "user",
                now: NOW + i64::try_from(at).expect("few"),
            };
            assert!(tx.add_user(&user).await.expect("adds"));
        }
        tx.set_disabled("u3", Some(NOW)).await.expect("runs");

        for (status, part, ids) in [
            ("", "", vec!["u3", "u2", "u1"]),
            ("active", "", vec!["u2", "u1"]),
            ("disabled", "", vec!["u3"]),
            ("leaving", "", vec![]),
            ("", "ADA@", vec!["u1"]),
            ("", "countess", vec!["u1"]),
            ("", "ada love", vec!["u1"]),
            ("", "Ödön", vec!["u2"]),
            ("", "_", vec!["u2"]),
            ("", "%", vec!["u3"]),
            ("", "' or 1=1 --", vec![]),
            ("disabled", "ada", vec![]),
        ] {
            assert_eq!(found(&mut tx, status, part).await, ids, "{status} {part}");
        }
        let one = tx.managed_user_by_id("u1").await.expect("reads");
        assert_eq!(one.expect("is there").email, "ada@example.com");
        assert!(tx.managed_user_by_id("u9").await.expect("reads").is_none());
    }
);

both!(
    a_page_of_accounts_begins_where_the_one_before_ended,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for id in ["u1", "u2", "u3"] {
            add_user(&mut tx, id, &format!("{id}@example.com")).await;
        }
        tx.set_last_login("u2", NOW + 5).await.expect("runs");
        tx.set_last_login("u1", NOW + 5).await.expect("runs");
        // One second, so the id decides; who never signed in comes last.
        for (order, ids) in [
            ("newest", ["u3", "u2", "u1"]),
            ("oldest", ["u1", "u2", "u3"]),
            ("email", ["u1", "u2", "u3"]),
            ("last_login", ["u2", "u1", "u3"]),
        ] {
            let mut last: Option<(String, i64, String)> = None;
            for id in ids {
                let moment = last.as_ref().map(|(id, at, _)| (*at, id.as_str()));
                let place = match order {
                    "newest" => UserPlace::Newest(moment),
                    "oldest" => UserPlace::Oldest(moment),
                    "email" => UserPlace::Email(last.as_ref().map(|(_, _, email)| email.as_str())),
                    _ => UserPlace::LastLogin(moment),
                };
                let rows = tx.list_managed_users(ALL, place, 1).await.expect("reads");
                assert_eq!(
                    rows.iter().map(|row| &*row.id).collect::<Vec<_>>(),
                    [id],
                    "{order}"
                );
                let row = rows.into_iter().next().expect("is there");
                let at = match order {
                    "last_login" => row.last_login_at.unwrap_or_default(),
                    _ => row.created_at,
                };
                last = Some((row.id, at, row.email));
            }
        }
    }
);

both!(the_newest_act_on_an_account_is_found, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for (at, (id, action, outcome)) in [
        ("a1", "user.disabled", "success"),
        ("a2", "user.disabled", "success"),
        ("a3", "user.disabled", "refused"),
        ("a4", "user.enabled", "success"),
    ]
    .into_iter()
    .enumerate()
    {
        tx.add_audit(&crate::store::AuditRow {
            id: id.to_owned(),
            at: NOW + i64::try_from(at).expect("few"),
            request_id: String::new(),
            actor_id: None,
            action: action.to_owned(),
            outcome: outcome.to_owned(),
            subject_id: Some("u1".to_owned()),
            address: String::new(),
            agent: String::new(),
            detail: format!("{{\"of\":\"{id}\"}}"),
            seq: None,
            hash: None,
            erased_mac: None,
        })
        .await
        .expect("adds");
    }

    let newest = tx
        .newest_detail_by_subject("u1", "user.disabled", NOW)
        .await;
    assert_eq!(newest.expect("reads").as_deref(), Some("{\"of\":\"a2\"}"));
    let later = tx
        .newest_detail_by_subject("u1", "user.disabled", NOW + 2)
        .await;
    assert_eq!(later.expect("reads"), None, "the time before is over");
    let none = tx
        .newest_detail_by_subject("u2", "user.disabled", NOW)
        .await;
    assert_eq!(none.expect("reads"), None);
});
