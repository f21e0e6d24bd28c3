//! Pending registrations.

use super::one_time_token::token;
use super::*;
use crate::store::RegistrationRow;

fn registration(id: &str, email: &str, flow: u8, created_at: i64) -> RegistrationRow {
    RegistrationRow {
        id: id.to_owned(),
        email: email.to_owned(),
        flow_digest: digest(flow).to_vec(),
        password_hash: "$argon2id$old".to_owned(),
        username: Some("ada".to_owned()),
        first_name: None,
        last_name: Some("L".to_owned()),
        address: "192.0.2.1".to_owned(),
        tries: 0,
        agent: "test".to_owned(),
        created_at,
        expires_at: created_at + 100,
    }
}

both!(a_registration_lives_until_its_moment, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    tx.add_registration(&registration("r1", "ada@example.com", 1, NOW))
        .await
        .expect("adds");

    let found = tx
        .registration_by_id("r1", NOW + 99)
        .await
        .expect("reads")
        .expect("lives");
    assert_eq!(
        (found.email.as_str(), found.last_name.as_deref()),
        ("ada@example.com", Some("L"))
    );
    assert_eq!(
        (found.username.as_deref(), found.first_name),
        (Some("ada"), None)
    );
    assert_eq!(
        (found.address.as_str(), found.agent.as_str()),
        ("192.0.2.1", "test")
    );
    let by_flow = tx
        .registration_by_flow(&digest(1), NOW + 99)
        .await
        .expect("reads");
    assert_eq!(by_flow.expect("lives").id, "r1");
    assert!(
        tx.registration_by_id("r1", NOW + 100)
            .await
            .expect("reads")
            .is_none()
    );
    assert!(
        tx.registration_by_flow(&digest(1), NOW + 100)
            .await
            .expect("reads")
            .is_none()
    );
    assert!(
        tx.registration_by_email("ada@example.com", NOW + 100)
            .await
            .expect("reads")
            .is_none()
    );
    assert!(
        tx.registration_by_flow(&digest(2), NOW)
            .await
            .expect("reads")
            .is_none()
    );
});

both!(
    each_registration_stands_for_itself_and_the_newest_is_answered,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (id, flow, at) in [("r1", 1, NOW), ("r3", 3, NOW + 1), ("r2", 2, NOW + 1)] {
            tx.add_registration(&registration(id, "ada@example.com", flow, at))
                .await
                .expect("adds");
        }

        let newest = tx
            .registration_by_email("ada@example.com", NOW + 1)
            .await
            .expect("reads");
        assert_eq!(newest.expect("lives").id, "r3");
        let first = tx
            .registration_by_flow(&digest(1), NOW + 1)
            .await
            .expect("reads");
        assert_eq!(first.expect("is not overwritten").id, "r1");
    }
);

both!(tries_are_spent_and_then_there_are_none, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    tx.add_registration(&registration("r1", "ada@example.com", 1, NOW))
        .await
        .expect("adds");
    tx.commit().await.expect("commits");

    let guesses = (0..200).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = store.write().await.expect("a transaction");
            let spent = tx.consume_registration_try("r1", 5).await.expect("runs");
            tx.commit().await.expect("commits");
            spent
        })
    });
    let spent = futures::future::join_all(guesses.collect::<Vec<_>>()).await;

    assert_eq!(
        spent
            .into_iter()
            .filter(|spent| *spent.as_ref().expect("no panic"))
            .count(),
        5
    );
    let mut tx = store.write().await.expect("a transaction");
    assert!(
        !tx.consume_registration_try("nobody", 5)
            .await
            .expect("runs")
    );
});

both!(
    finishing_removes_all_of_an_address_with_their_secrets,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (id, email, flow) in [
            ("r1", "ada@example.com", 1),
            ("r2", "ada@example.com", 2),
            ("r3", "bob@example.com", 3),
        ] {
            tx.add_registration(&registration(id, email, flow, NOW))
                .await
                .expect("adds");
            tx.add_one_time_token(&token(&digest(flow), id, None))
                .await
                .expect("adds");
        }

        assert_eq!(
            tx.delete_registrations_by_email("ada@example.com")
                .await
                .expect("deletes"),
            2
        );

        for (of, is_left) in [(1, false), (2, false), (3, true)] {
            let left = tx
                .one_time_token_by_digest("verify_email", &digest(of), NOW)
                .await
                .expect("reads");
            assert_eq!(left.is_some(), is_left, "{of}");
        }
        assert!(
            tx.registration_by_id("r3", NOW)
                .await
                .expect("reads")
                .is_some()
        );
    }
);

both!(
    what_has_ended_is_swept_out_and_nothing_else,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        tx.add_registration(&registration("r1", "ada@example.com", 1, NOW))
            .await
            .expect("adds");
        tx.add_one_time_token(&token(&digest(1), "r1", None))
            .await
            .expect("adds");

        assert_eq!(
            tx.delete_registrations_before(NOW + 99)
                .await
                .expect("deletes"),
            0
        );
        assert_eq!(
            tx.delete_registrations_before(NOW + 100)
                .await
                .expect("deletes"),
            1
        );
        assert_eq!(
            tx.delete_one_time_tokens_before(NOW + 99)
                .await
                .expect("deletes"),
            0
        );
        assert_eq!(
            tx.delete_one_time_tokens_before(NOW + 100)
                .await
                .expect("deletes"),
            1
        );
    }
);

both!(a_registration_waits_as_long_as_it_is_told, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    tx.add_registration(&registration("r1", "ada@example.com", 1, NOW))
        .await
        .expect("adds");
    tx.set_registration_expiry("r1", NOW + 500)
        .await
        .expect("sets");

    let found = tx.registration_by_id("r1", NOW + 499).await.expect("reads");
    assert!(found.is_some());
    let found = tx.registration_by_id("r1", NOW + 500).await.expect("reads");
    assert!(found.is_none());
});
