//! Failures in a row, and rates.

use super::*;

both!(
    a_run_of_failures_is_counted_until_its_window_is_over,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        assert!(
            tx.failure_by_key("account", &digest(1))
                .await
                .expect("reads")
                .is_none()
        );

        for count in 1..=3 {
            let failure = tx
                .add_failure("account", &digest(1), NOW, NOW - 100)
                .await
                .expect("runs");
            assert_eq!(failure.expect("is counted").count, count);
        }
        let other_lane = tx
            .add_failure("network", &digest(1), NOW, NOW - 100)
            .await
            .expect("runs");
        assert_eq!(other_lane.expect("is counted").count, 1);
        let in_window = tx
            .add_failure("account", &digest(1), NOW + 100, NOW)
            .await
            .expect("runs");
        assert_eq!(in_window.expect("is counted").count, 4);
        let anew = tx
            .add_failure("account", &digest(1), NOW + 101, NOW + 1)
            .await
            .expect("runs");
        assert_eq!(anew.expect("is counted").count, 1);
    }
);

both!(a_locked_lane_counts_nothing, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    tx.add_failure("account", &digest(1), NOW, NOW)
        .await
        .expect("runs");
    tx.set_locked_until("account", &digest(1), NOW + 60, None)
        .await
        .expect("runs");

    assert!(
        tx.add_failure("account", &digest(1), NOW + 59, NOW)
            .await
            .expect("runs")
            .is_none()
    );
    let locked = tx
        .failure_by_key("account", &digest(1))
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!((locked.count, locked.locked_until), (1, NOW + 60));
    let after = tx
        .add_failure("account", &digest(1), NOW + 60, NOW)
        .await
        .expect("runs");
    assert_eq!(after.expect("is counted").count, 2);
});

both!(
    two_hundred_failures_at_once_are_two_hundred,
    async |store| {
        let guesses = (0..200).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut tx = store.write().await.expect("a transaction");
                tx.add_failure("account", &digest(1), NOW, NOW)
                    .await
                    .expect("runs");
                tx.commit().await.expect("commits");
            })
        });
        futures::future::join_all(guesses.collect::<Vec<_>>()).await;

        let mut tx = store.read().await.expect("a connection");
        let run = tx
            .failure_by_key("account", &digest(1))
            .await
            .expect("reads")
            .expect("is there");
        assert_eq!(run.count, 200);
    }
);

both!(a_run_ends_or_is_relieved_of_one, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for _ in 0..3 {
        tx.add_failure("network", &digest(1), NOW, NOW)
            .await
            .expect("runs");
    }
    tx.set_locked_until("network", &digest(1), NOW + 60, None)
        .await
        .expect("runs");

    tx.set_failure_taken_back("network", &digest(1))
        .await
        .expect("runs");
    let relieved = tx
        .failure_by_key("network", &digest(1))
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!((relieved.count, relieved.locked_until), (2, 0));
    for _ in 0..5 {
        tx.set_failure_taken_back("network", &digest(1))
            .await
            .expect("runs");
    }
    let none = tx
        .failure_by_key("network", &digest(1))
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!(none.count, 0, "never below");

    tx.delete_failures("network", &digest(1))
        .await
        .expect("runs");
    assert!(
        tx.failure_by_key("network", &digest(1))
            .await
            .expect("reads")
            .is_none()
    );
});

both!(old_runs_are_swept_out_unless_they_lock, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for of in [1, 2] {
        tx.add_failure("account", &digest(of), NOW, NOW)
            .await
            .expect("runs");
    }
    tx.set_locked_until("account", &digest(2), NOW + 500, None)
        .await
        .expect("runs");

    assert_eq!(
        tx.delete_failures_before(NOW, NOW + 100)
            .await
            .expect("deletes"),
        0
    );
    assert_eq!(
        tx.delete_failures_before(NOW + 1, NOW + 100)
            .await
            .expect("deletes"),
        1
    );
    assert!(
        tx.failure_by_key("account", &digest(2))
            .await
            .expect("reads")
            .is_some()
    );
});

both!(events_are_counted_by_window, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for (window, count) in [(NOW, 1), (NOW, 2), (NOW + 60, 1), (NOW + 60, 2)] {
        assert_eq!(
            tx.add_rate("letter", &digest(1), window)
                .await
                .expect("runs"),
            count
        );
    }
    assert_eq!(
        tx.add_rate("letter", &digest(2), NOW).await.expect("runs"),
        1
    );
    assert_eq!(
        tx.add_rate("register", &digest(1), NOW)
            .await
            .expect("runs"),
        1
    );

    assert_eq!(tx.delete_rates_before(NOW).await.expect("deletes"), 0);
    assert_eq!(tx.delete_rates_before(NOW + 1).await.expect("deletes"), 2);
    assert_eq!(
        tx.add_rate("letter", &digest(1), NOW + 60)
            .await
            .expect("runs"),
        3
    );
});
