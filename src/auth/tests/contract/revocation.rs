//! What the revocation feed is read from.

use super::*;

both!(
    what_can_still_matter_is_listed_newest_first_up_to_a_number,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (kind, subject, until) in [
            ("session", "s1", NOW),
            ("subject", "u1", NOW + 5),
            ("session", "s2", NOW + 9),
            ("key", "k1", NOW + 7),
        ] {
            tx.add_revocation(kind, subject, NOW, until)
                .await
                .expect("adds");
        }
        let listed = async |tx: &mut Tx, number, most| {
            let rows = tx.list_revocations(number, NOW, most).await.expect("reads");
            let rows = rows.into_iter();
            rows.map(|row| (row.number, row.kind, row.subject, row.until))
                .collect::<Vec<_>>()
        };
        let row = |number, kind: &str, subject: &str, until| {
            (number, kind.to_owned(), subject.to_owned(), until)
        };

        assert_eq!(
            listed(&mut tx, 3, 10).await,
            [
                row(3, "session", "s2", NOW + 9),
                row(2, "subject", "u1", NOW + 5)
            ],
            "the first concerns nobody any more, the fourth came later"
        );
        assert_eq!(listed(&mut tx, 4, 1).await, [row(4, "key", "k1", NOW + 7)]);
        for (number, latest) in [(4, Some(NOW + 9)), (2, Some(NOW + 5)), (0, None)] {
            let until = tx.latest_revocation_until_by_number(number).await;
            assert_eq!(until.expect("reads"), latest);
        }
    }
);

both!(numbers_can_be_left_out_and_never_come_back, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    assert_eq!(tx.add_change().await.expect("raises"), 1);
    tx.set_change_number_ahead(1000).await.expect("runs");
    assert_eq!(tx.change_number().await.expect("reads"), 1001);
    let next = tx.add_revocation("all", "", NOW, NOW + 1).await;
    assert_eq!(next.expect("adds"), 1002);
});

both!(a_number_is_noted_only_over_a_lower_one, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for (value, noted) in [
        (900, "900"),
        (3600, "3600"),
        (1000, "3600"),
        (10_000, "10000"),
    ] {
        tx.set_meta_at_least("longest", value).await.expect("runs");
        let found = tx.meta_by_name("longest").await.expect("reads");
        assert_eq!(found.as_deref(), Some(noted));
    }
});

both!(a_fact_can_be_noted_over, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    tx.set_meta("feed_stream", "first").await.expect("runs");
    tx.set_meta("feed_stream", "second").await.expect("runs");
    let noted = tx.meta_by_name("feed_stream").await.expect("reads");
    assert_eq!(noted.as_deref(), Some("second"));
});

both!(all_sessions_end_at_once_and_once, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    for id in ["s1", "s2"] {
        tx.add_session(&session_of("u1", id, None))
            .await
            .expect("adds");
    }
    let ended = tx.set_all_sessions_revoked(NOW + 1, "restored").await;
    assert_eq!(ended.expect("runs"), 2);
    let again = tx.set_all_sessions_revoked(NOW + 2, "restored").await;
    assert_eq!(again.expect("runs"), 0);
    let live = tx.session_by_id("s1", NOW + 2).await.expect("reads");
    assert!(live.is_none());
});
