//! Signing keys, leases, facts, the change number and notices between nodes.

use std::time::Duration;

use super::*;
use crate::store::SigningKeyRow;

fn key(kid: &str, created_at: i64, active_at: Option<i64>) -> SigningKeyRow {
    SigningKeyRow {
        kid: kid.to_owned(),
        algorithm: "ES256".to_owned(),
        public_jwk: "{}".to_owned(),
        private_sealed: vec![1, 2, 3],
        created_at,
        active_at,
        retired_at: None,
        purpose: "token".to_owned(),
    }
}

both!(
    keys_go_from_next_to_current_to_previous_to_gone,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        tx.add_signing_key(&key("k1", NOW, Some(NOW)))
            .await
            .expect("adds");
        tx.add_signing_key(&key("k2", NOW + 1, None))
            .await
            .expect("adds");

        tx.set_other_signing_keys_retired("token", "k2", NOW + 5)
            .await
            .expect("runs");
        tx.set_signing_key_active("k2", NOW + 5)
            .await
            .expect("runs");
        tx.add_signing_key(&key("k3", NOW + 5, None))
            .await
            .expect("adds");
        let keys = tx.list_signing_keys("token").await.expect("reads");
        let states: Vec<_> = keys
            .iter()
            .map(|key| (key.kid.as_str(), key.active_at, key.retired_at))
            .collect();
        assert_eq!(
            states,
            [
                ("k1", Some(NOW), Some(NOW + 5)),
                ("k2", Some(NOW + 5), None),
                ("k3", None, None)
            ]
        );
        assert_eq!(
            (keys[0].algorithm.as_str(), keys[0].public_jwk.as_str()),
            ("ES256", "{}")
        );
        assert_eq!(keys[0].private_sealed, [1, 2, 3]);

        tx.set_signing_key_active("k2", NOW + 9)
            .await
            .expect("runs");
        assert_eq!(
            tx.list_signing_keys("token").await.expect("reads")[1].active_at,
            Some(NOW + 5),
            "once"
        );
        assert_eq!(
            tx.set_signing_keys_removed(NOW + 4, NOW + 9)
                .await
                .expect("runs"),
            0
        );
        assert_eq!(
            tx.set_signing_keys_removed(NOW + 5, NOW + 9)
                .await
                .expect("runs"),
            1
        );
        let left: Vec<_> = tx
            .list_signing_keys("token")
            .await
            .expect("reads")
            .into_iter()
            .map(|key| key.kid)
            .collect();
        assert_eq!(left, ["k2", "k3"]);
        for (kid, removed_at) in [("k1", Some(NOW + 9)), ("k2", None), ("nobody's", None)] {
            let found = tx.signing_key_removal_by_kid(kid).await.expect("reads");
            assert_eq!(found, removed_at, "{kid}");
        }
    }
);

both!(
    a_revoked_key_is_gone_at_once_and_the_other_purpose_keeps_its_own,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        let feed = SigningKeyRow {
            purpose: "feed".to_owned(),
            ..key("f1", NOW, Some(NOW))
        };
        for key in [key("k1", NOW, Some(NOW)), key("k2", NOW, None), feed] {
            tx.add_signing_key(&key).await.expect("adds");
        }
        let purpose = tx.signing_key_purpose_by_kid("f1").await.expect("reads");
        assert_eq!(purpose.as_deref(), Some("feed"));

        tx.set_other_signing_keys_retired("token", "k2", NOW + 5)
            .await
            .expect("runs");
        tx.set_signing_key_revoked("k1", NOW + 5)
            .await
            .expect("runs");
        let left = tx.list_signing_keys("token").await.expect("reads");
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].kid, "k2");
        assert_eq!(
            tx.signing_key_purpose_by_kid("k1").await.expect("reads"),
            None
        );
        let feed = tx.list_signing_keys("feed").await.expect("reads");
        assert_eq!((feed.len(), feed[0].retired_at), (1, None));
    }
);

both!(a_lease_has_one_holder_at_a_time, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    assert!(
        tx.set_lease("work", "a", NOW, NOW + 10)
            .await
            .expect("runs")
    );
    assert!(
        !tx.set_lease("work", "b", NOW + 9, NOW + 19)
            .await
            .expect("runs")
    );
    assert!(
        tx.set_lease("work", "a", NOW + 9, NOW + 19)
            .await
            .expect("runs"),
        "its holder renews it"
    );
    assert!(
        tx.set_lease("work", "b", NOW + 19, NOW + 29)
            .await
            .expect("runs"),
        "it has ended"
    );
    assert!(
        tx.set_lease("other", "a", NOW, NOW + 10)
            .await
            .expect("runs")
    );
    tx.set_lease("other", "a", NOW, i64::MAX)
        .await
        .expect("runs");
    assert!(
        tx.set_lease("other", "b", NOW, NOW + 10)
            .await
            .expect("runs"),
        "no node takes one for ever"
    );
});

both!(
    a_lease_is_held_against_others_until_the_commit,
    async |store| {
        let racers = (0..20).map(|at| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut tx = store.write().await.expect("a transaction");
                let holder = format!("node {at}");
                let taken = tx
                    .set_lease("work", &holder, NOW, NOW + 10)
                    .await
                    .expect("runs");
                tx.commit().await.expect("commits");
                taken
            })
        });
        let taken = futures::future::join_all(racers.collect::<Vec<_>>()).await;

        assert_eq!(
            taken
                .into_iter()
                .filter(|taken| *taken.as_ref().expect("no panic"))
                .count(),
            1
        );
    }
);

both!(a_fact_noted_first_holds, async |store| {
    assert_eq!(store.ring_id().await.expect("reads"), None);
    let mut tx = store.write().await.expect("a transaction");
    tx.add_meta("ring_id", "first").await.expect("runs");
    tx.add_meta("ring_id", "second").await.expect("runs");
    assert_eq!(
        tx.meta_by_name("ring_id").await.expect("reads").as_deref(),
        Some("first")
    );
    assert_eq!(tx.meta_by_name("other").await.expect("reads"), None);
    tx.commit().await.expect("commits");
    assert_eq!(
        store.ring_id().await.expect("reads").as_deref(),
        Some("first")
    );
});

both!(
    changes_are_numbered_without_gaps_and_found_by_subject,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        assert_eq!(tx.change_number().await.expect("reads"), 0);
        for (number, kind, subject) in [
            (1, "session", "s1"),
            (2, "subject", "u1"),
            (3, "subject", "u1"),
        ] {
            assert_eq!(
                tx.add_revocation(kind, subject, NOW, NOW + number)
                    .await
                    .expect("adds"),
                number
            );
        }
        assert_eq!(tx.change_number().await.expect("reads"), 3);
        for (kind, subject, newest) in [
            ("subject", "u1", 3),
            ("session", "s1", 1),
            ("session", "u1", 0),
        ] {
            assert_eq!(
                tx.newest_revocation_by_subject(kind, subject)
                    .await
                    .expect("reads"),
                newest
            );
        }
        assert_eq!(
            tx.delete_revocations_before(NOW + 3)
                .await
                .expect("deletes"),
            2
        );
        assert_eq!(
            tx.newest_revocation_by_subject("subject", "u1")
                .await
                .expect("reads"),
            3
        );
        assert_eq!(
            tx.change_number().await.expect("reads"),
            3,
            "never goes back"
        );
    }
);

both!(the_databases_clock_is_a_clock, async |store| {
    let mut tx = store.read().await.expect("a connection");
    let first = tx.database_clock().await.expect("answers");
    let second = tx.database_clock().await.expect("answers");
    assert!(
        first > NOW - 86_400 * 3650 && (first..=first + 5).contains(&second),
        "{first} {second}"
    );
});

both!(
    a_notice_reaches_who_listens_when_it_is_committed,
    async |store| {
        let Some(mut notices) = store.listen().await.expect("listens") else {
            assert!(store.is_embedded(), "SQLite has no other nodes");
            let mut tx = store.write().await.expect("a transaction");
            tx.notify("s1").await.expect("is no error");
            return;
        };
        // Other tests share the server's channel.
        let mut tx = store.read().await.expect("a connection");
        let query = "select cast(current_schema() as text)";
        let mine: String =
            on!(tx, c => sqlx::query_scalar(query).fetch_one(c).await).expect("a name");
        let (committed, dropped) = (format!("{mine} committed"), format!("{mine} dropped"));

        let mut tx = store.write().await.expect("a transaction");
        tx.notify(&dropped).await.expect("runs");
        drop(tx);
        let mut tx = store.write().await.expect("a transaction");
        tx.notify(&committed).await.expect("runs");
        tx.commit().await.expect("commits");
        loop {
            let heard = tokio::time::timeout(Duration::from_secs(5), notices.next()).await;
            let heard = heard.expect("in time").expect("answers");
            assert_ne!(heard.as_deref(), Some(&dropped[..]));
            if heard == Some(committed.clone()) {
                break;
            }
        }
    }
);
