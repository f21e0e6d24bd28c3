//! Refresh tokens.

use super::*;
use crate::store::Exchange;

fn exchange<'a>(of: &'a [u8], successor: &'a [u8], now: i64) -> Exchange<'a> {
    Exchange {
        digest: of,
        successor_digest: successor,
        successor_sealed: b"sealed",
        network: "192.0.2.0/24",
        agent: b"agent",
        now,
    }
}

async fn with_refresh_token(store: &Store) {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    tx.add_session(&session_of("u1", "s1", None))
        .await
        .expect("adds");
    tx.add_refresh_token(&digest(1), "s1", NOW, NOW + 50)
        .await
        .expect("adds");
    tx.commit().await.expect("commits");
}

both!(
    a_refresh_token_is_exchanged_once_and_in_time,
    async |store| {
        with_refresh_token(store).await;
        let mut tx = store.write().await.expect("a transaction");

        let late = tx
            .consume_refresh_token(&exchange(&digest(1), &digest(2), NOW + 50))
            .await;
        assert_eq!(late.expect("runs"), None);
        let fresh = tx
            .refresh_token_by_digest(&digest(1))
            .await
            .expect("reads")
            .expect("is there");
        assert_eq!((fresh.rotated_at, fresh.successor_sealed), (None, None));

        let first = tx
            .consume_refresh_token(&exchange(&digest(1), &digest(2), NOW + 49))
            .await;
        assert_eq!(first.expect("runs").as_deref(), Some("s1"));
        let again = tx
            .consume_refresh_token(&exchange(&digest(1), &digest(3), NOW + 49))
            .await;
        assert_eq!(again.expect("runs"), None);
        let used = tx
            .refresh_token_by_digest(&digest(1))
            .await
            .expect("reads")
            .expect("is there");
        assert_eq!(
            (used.session_id.as_str(), used.rotated_at),
            ("s1", Some(NOW + 49))
        );
        assert_eq!(used.rotated_network.as_deref(), Some("192.0.2.0/24"));
        assert_eq!(used.rotated_agent.as_deref(), Some(&b"agent"[..]));
        assert_eq!(used.successor_sealed.as_deref(), Some(&b"sealed"[..]));
        assert!(
            tx.refresh_token_by_digest(&digest(9))
                .await
                .expect("reads")
                .is_none()
        );
    }
);

both!(
    one_of_two_hundred_exchanges_a_refresh_token,
    async |store| {
        with_refresh_token(store).await;
        let exchanges = (0..200).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut tx = store.write().await.expect("a transaction");
                let won = tx
                    .consume_refresh_token(&exchange(&digest(1), &digest(2), NOW))
                    .await;
                tx.commit().await.expect("commits");
                won.expect("runs").is_some()
            })
        });
        let won = futures::future::join_all(exchanges.collect::<Vec<_>>()).await;

        assert_eq!(
            won.into_iter()
                .filter(|won| *won.as_ref().expect("no panic"))
                .count(),
            1
        );
    }
);

both!(
    a_sealed_successor_is_erased_at_its_use_or_in_time,
    async |store| {
        with_refresh_token(store).await;
        let mut tx = store.write().await.expect("a transaction");
        tx.add_refresh_token(&digest(5), "s1", NOW, NOW + 50)
            .await
            .expect("adds");
        for (of, successor) in [(1, 2), (5, 6)] {
            let done = tx
                .consume_refresh_token(&exchange(&digest(of), &digest(successor), NOW))
                .await;
            assert!(done.expect("runs").is_some());
        }

        tx.delete_sealed_successor(&digest(2)).await.expect("runs");
        let erased = tx
            .refresh_token_by_digest(&digest(1))
            .await
            .expect("reads")
            .expect("is there");
        assert_eq!(erased.successor_sealed, None);
        assert!(!tx.has_sealed_successors_before(NOW).await.expect("reads"));
        assert!(
            tx.has_sealed_successors_before(NOW + 1)
                .await
                .expect("reads"),
            "the other one"
        );
        assert_eq!(
            tx.delete_sealed_successors_before(NOW).await.expect("runs"),
            0
        );
        assert_eq!(
            tx.delete_sealed_successors_before(NOW + 1)
                .await
                .expect("runs"),
            1
        );
        assert!(
            !tx.has_sealed_successors_before(NOW + 1)
                .await
                .expect("reads")
        );
    }
);
