//! Devices an account was seen on.

use super::*;

both!(
    only_a_further_device_of_an_account_is_news_and_once,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        add_user(&mut tx, "u2", "bob@example.com").await;

        for (device, user, is_news) in [
            (1, "u1", false),
            (1, "u1", false),
            (2, "u1", true),
            (2, "u1", false),
            (1, "u1", false),
            (3, "u2", false),
            (4, "u2", true),
        ] {
            let seen = tx
                .set_device_seen(&digest(device), user, NOW)
                .await
                .expect("runs");
            assert_eq!(seen, is_news, "{device} of {user}");
        }
    }
);

both!(a_new_device_is_news_to_one_of_two_at_once, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    tx.set_device_seen(&digest(1), "u1", NOW)
        .await
        .expect("runs");
    tx.commit().await.expect("commits");

    let seen = (0..50).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = store.write().await.expect("a transaction");
            let is_news = tx
                .set_device_seen(&digest(2), "u1", NOW)
                .await
                .expect("runs");
            tx.commit().await.expect("commits");
            is_news
        })
    });
    let seen = futures::future::join_all(seen.collect::<Vec<_>>()).await;
    let news = seen
        .into_iter()
        .filter(|is_news| *is_news.as_ref().expect("no panic"))
        .count();
    assert_eq!(news, 1);
});

both!(a_device_unused_for_long_is_forgotten, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    for (device, at) in [(1, NOW), (2, NOW), (1, NOW + 100)] {
        tx.set_device_seen(&digest(device), "u1", at)
            .await
            .expect("runs");
    }

    assert_eq!(tx.delete_devices_before(NOW).await.expect("deletes"), 0);
    assert_eq!(
        tx.delete_devices_before(NOW + 100).await.expect("deletes"),
        1
    );
    assert!(
        tx.set_device_seen(&digest(2), "u1", NOW + 101)
            .await
            .expect("runs")
    );
});
