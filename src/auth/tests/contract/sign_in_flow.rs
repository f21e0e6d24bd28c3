//! Sign-ins by mailed code that somebody began.

use super::*;
use crate::store::{NewOneTimeToken, SignInFlowRow};

fn flow(id: &str, email: &str, secret: u8, created_at: i64) -> SignInFlowRow {
    SignInFlowRow {
        id: id.to_owned(),
        email: email.to_owned(),
        flow_digest: digest(secret).to_vec(),
        tries: 0,
        address: "192.0.2.1".to_owned(),
        agent: "test".to_owned(),
        asked_at: created_at,
        created_at,
        expires_at: created_at + 100,
    }
}

async fn add(tx: &mut Tx, row: &SignInFlowRow) {
    tx.add_sign_in_flow(row).await.expect("adds");
}

both!(a_flow_lives_until_its_moment, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add(&mut tx, &flow("f1", "ada@example.com", 1, NOW)).await;

    let by_id = tx.sign_in_flow_by_id("f1", NOW + 99).await.expect("reads");
    let by_secret = tx
        .sign_in_flow_by_secret(&digest(1), NOW + 99)
        .await
        .expect("reads");
    for found in [by_id, by_secret] {
        let found = found.expect("lives");
        assert_eq!((found.id.as_str(), found.tries), ("f1", 0));
        assert_eq!(
            (found.email.as_str(), found.agent.as_str()),
            ("ada@example.com", "test")
        );
        assert_eq!(
            (found.asked_at, found.created_at, found.expires_at),
            (NOW, NOW, NOW + 100)
        );
        assert_eq!(found.address, "192.0.2.1");
    }
    let late = tx.sign_in_flow_by_id("f1", NOW + 100).await.expect("reads");
    assert!(late.is_none());
    for (secret, at) in [(1, NOW + 100), (2, NOW)] {
        let none = tx
            .sign_in_flow_by_secret(&digest(secret), at)
            .await
            .expect("reads");
        assert!(none.is_none());
    }
});

both!(
    living_flows_of_an_address_are_listed_by_end,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (id, email, secret, at) in [
            ("f1", "ada@example.com", 1, NOW + 2),
            ("f2", "ada@example.com", 2, NOW),
            ("f3", "bob@example.com", 3, NOW),
        ] {
            add(&mut tx, &flow(id, email, secret, at)).await;
        }

        for (at, ends) in [
            (NOW, vec![NOW + 100, NOW + 102]),
            (NOW + 100, vec![NOW + 102]),
            (NOW + 102, vec![]),
        ] {
            let found = tx
                .list_sign_in_flow_ends("ada@example.com", at)
                .await
                .expect("reads");
            assert_eq!(found, ends);
        }
    }
);

both!(
    another_letter_prolongs_a_flow_and_gives_no_tries,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add(&mut tx, &flow("f1", "ada@example.com", 1, NOW)).await;
        assert!(tx.consume_sign_in_try("f1", 5).await.expect("runs"));

        assert!(
            tx.set_sign_in_flow_asked("f1", NOW + 40, NOW, NOW + 140)
                .await
                .expect("runs")
        );
        assert!(
            !tx.set_sign_in_flow_asked("f1", NOW + 41, NOW, NOW + 141)
                .await
                .expect("runs"),
            "somebody was first"
        );
        assert!(
            !tx.set_sign_in_flow_asked("f1", NOW + 140, NOW + 40, NOW + 240)
                .await
                .expect("runs"),
            "has ended"
        );
        let found = tx.sign_in_flow_by_id("f1", NOW + 139).await.expect("reads");
        let found = found.expect("lives");
        assert_eq!(
            (found.tries, found.asked_at, found.created_at),
            (1, NOW + 40, NOW)
        );
    }
);

both!(a_flow_has_as_many_tries_as_it_is_told, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add(&mut tx, &flow("f1", "ada@example.com", 1, NOW)).await;
    tx.commit().await.expect("commits");

    let guesses = (0..200).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = store.write().await.expect("a transaction");
            let spent = tx.consume_sign_in_try("f1", 5).await.expect("runs");
            tx.commit().await.expect("commits");
            spent
        })
    });
    let spent = futures::future::join_all(guesses.collect::<Vec<_>>()).await;

    let spent = spent
        .into_iter()
        .filter(|spent| *spent.as_ref().expect("no panic"));
    assert_eq!(spent.count(), 5);
    let mut tx = store.write().await.expect("a transaction");
    assert!(!tx.consume_sign_in_try("nobody", 5).await.expect("runs"));
});

both!(a_flow_is_used_up_once_and_in_time, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add(&mut tx, &flow("f1", "ada@example.com", 1, NOW)).await;

    for (at, is_used) in [(NOW + 100, false), (NOW + 99, true), (NOW + 99, false)] {
        let used = tx.consume_sign_in_flow("f1", at).await.expect("runs");
        assert_eq!(used, is_used);
    }
});

both!(the_secrets_of_a_flow_go_and_no_others, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for (secret, purpose, subject) in [
        (1, "sign_in", "f1"),
        (2, "sign_in", "f1"),
        (3, "sign_in", "f2"),
        (4, "verify_email", "f1"),
    ] {
        tx.add_one_time_token(&NewOneTimeToken {
            digest: &digest(secret),
            purpose,
            subject,
            code_digest: None,
            code_expires_at: None,
            now: NOW,
            expires_at: NOW + 100,
        })
        .await
        .expect("adds");
    }

    tx.delete_sign_in_secrets("f1").await.expect("deletes");

    for (secret, purpose, is_left) in [
        (1, "sign_in", false),
        (2, "sign_in", false),
        (3, "sign_in", true),
        (4, "verify_email", true),
    ] {
        let left = tx
            .one_time_token_by_digest(purpose, &digest(secret), NOW)
            .await
            .expect("reads");
        assert_eq!(left.is_some(), is_left, "{secret}");
    }
});

both!(
    flows_that_ended_are_swept_out_and_no_others,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add(&mut tx, &flow("f1", "ada@example.com", 1, NOW)).await;

        for (before, deleted) in [(NOW + 99, 0), (NOW + 100, 1)] {
            let done = tx
                .delete_sign_in_flows_before(before)
                .await
                .expect("deletes");
            assert_eq!(done, deleted);
        }
    }
);
