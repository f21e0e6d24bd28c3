//! Letters that are due.

use super::*;
use crate::store::NewLetter;

async fn add_letters(store: &Store, ids: &[&str]) {
    let mut tx = store.write().await.expect("a transaction");
    for id in ids {
        let letter = NewLetter {
            id,
            letter: "registration",
            subject: "r1",
            address: "192.0.2.1",
            agent: "test",
            now: NOW,
        };
        tx.add_letter(&letter).await.expect("adds");
    }
    tx.commit().await.expect("commits");
}

both!(
    a_letter_is_taken_by_one_worker_until_its_lease_ends,
    async |store| {
        add_letters(store, &["l1"]).await;
        let mut tx = store.write().await.expect("a transaction");

        assert!(
            tx.consume_due_letter(NOW - 1, NOW)
                .await
                .expect("runs")
                .is_none(),
            "not due"
        );
        let taken = tx
            .consume_due_letter(NOW, NOW + 60)
            .await
            .expect("runs")
            .expect("is due");
        assert_eq!(
            (
                taken.id.as_str(),
                taken.letter.as_str(),
                taken.subject.as_str()
            ),
            ("l1", "registration", "r1")
        );
        assert_eq!(
            (taken.address.as_str(), taken.agent.as_str()),
            ("192.0.2.1", "test")
        );
        assert_eq!((taken.created_at, taken.attempts), (NOW, 1));
        assert!(
            tx.consume_due_letter(NOW + 59, NOW + 119)
                .await
                .expect("runs")
                .is_none()
        );
        let again = tx
            .consume_due_letter(NOW + 60, NOW + 120)
            .await
            .expect("runs")
            .expect("is due again");
        assert_eq!((again.id.as_str(), again.attempts), ("l1", 2));
    }
);

both!(the_letter_that_is_due_longest_goes_first, async |store| {
    add_letters(store, &["l2", "l1", "l3"]).await;
    let mut tx = store.write().await.expect("a transaction");
    tx.set_letter_delayed("l1", NOW + 5, "later")
        .await
        .expect("runs");

    for id in ["l2", "l3", "l1"] {
        let taken = tx
            .consume_due_letter(NOW + 5, NOW + 60)
            .await
            .expect("runs")
            .expect("is due");
        assert_eq!(taken.id, id);
    }
});

both!(
    a_letter_that_left_or_was_given_up_is_never_due_again,
    async |store| {
        add_letters(store, &["l1", "l2"]).await;
        let mut tx = store.write().await.expect("a transaction");
        tx.set_letter_sent("l1", NOW).await.expect("runs");
        tx.set_letter_dead("l2", NOW, "refused")
            .await
            .expect("runs");
        tx.set_letters_free().await.expect("runs");

        assert!(
            tx.consume_due_letter(NOW + 86_400, NOW + 90_000)
                .await
                .expect("runs")
                .is_none()
        );
        tx.commit().await.expect("commits");
        let kept = "select count(*) from outbox where id = 'l2' and last_error = 'refused'";
        assert_eq!(number(store, kept).await, 1);
    }
);

both!(
    a_delayed_letter_waits_for_its_moment_without_a_lease,
    async |store| {
        add_letters(store, &["l1"]).await;
        let mut tx = store.write().await.expect("a transaction");
        tx.consume_due_letter(NOW, NOW + 60)
            .await
            .expect("runs")
            .expect("is due");
        tx.set_letter_delayed("l1", NOW + 5, "later")
            .await
            .expect("runs");

        assert!(
            tx.consume_due_letter(NOW + 4, NOW + 64)
                .await
                .expect("runs")
                .is_none()
        );
        assert!(
            tx.consume_due_letter(NOW + 5, NOW + 65)
                .await
                .expect("runs")
                .is_some()
        );
    }
);

both!(letters_of_a_dead_worker_are_freed, async |store| {
    add_letters(store, &["l1"]).await;
    let mut tx = store.write().await.expect("a transaction");
    tx.consume_due_letter(NOW, NOW + 60)
        .await
        .expect("runs")
        .expect("is due");
    tx.set_letters_free().await.expect("runs");

    assert!(
        tx.consume_due_letter(NOW, NOW + 60)
            .await
            .expect("runs")
            .is_some()
    );
});

both!(many_workers_take_each_letter_once, async |store| {
    let ids: Vec<String> = (0..50).map(|at| format!("l{at:02}")).collect();
    add_letters(store, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let workers = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut taken = Vec::new();
            for _ in 0..50 {
                let mut tx = store.write().await.expect("a transaction");
                taken.extend(tx.consume_due_letter(NOW, NOW + 60).await.expect("runs"));
                tx.commit().await.expect("commits");
            }
            taken
        })
    });
    let mut taken = Vec::new();
    for worker in futures::future::join_all(workers.collect::<Vec<_>>()).await {
        taken.extend(
            worker
                .expect("no panic")
                .into_iter()
                .map(|letter| letter.id),
        );
    }

    taken.sort();
    assert_eq!(taken, ids);
});

both!(
    sent_letters_are_swept_out_and_dead_ones_kept,
    async |store| {
        add_letters(store, &["sent", "dead", "due"]).await;
        let mut tx = store.write().await.expect("a transaction");
        tx.set_letter_sent("sent", NOW).await.expect("runs");
        tx.set_letter_dead("dead", NOW, "refused")
            .await
            .expect("runs");

        assert_eq!(tx.delete_letters_before(NOW).await.expect("deletes"), 0);
        assert_eq!(tx.delete_letters_before(NOW + 1).await.expect("deletes"), 1);
        tx.commit().await.expect("commits");
        assert_eq!(number(store, "select count(*) from outbox").await, 2);
    }
);
