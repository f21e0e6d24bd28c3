//! Sessions and their flash.

use super::*;

both!(a_session_is_found_while_it_lives, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    tx.add_session(&session_of("u1", "s1", Some(&digest(1))))
        .await
        .expect("adds");

    let found = tx
        .session_by_cookie(&digest(1), NOW + 99)
        .await
        .expect("reads")
        .expect("lives");
    assert_eq!((found.id.as_str(), found.user_id.as_str()), ("s1", "u1"));
    assert_eq!(
        (found.methods.as_str(), found.tenant_id),
        ("pwd email", None)
    );
    assert_eq!(
        (found.auth_time, found.created_at, found.last_seen_at),
        (NOW, NOW, NOW)
    );
    assert_eq!(
        (found.step_up_at, found.idle_seconds, found.expires_at),
        (None, 100, NOW + 1000)
    );
    assert!(
        tx.session_by_id("s1", NOW + 99)
            .await
            .expect("reads")
            .is_some()
    );
    assert!(
        tx.session_by_cookie(&digest(2), NOW)
            .await
            .expect("reads")
            .is_none()
    );

    assert!(
        tx.session_by_cookie(&digest(1), NOW + 100)
            .await
            .expect("reads")
            .is_none(),
        "idle"
    );
    assert!(
        tx.session_by_id("s1", NOW + 100)
            .await
            .expect("reads")
            .is_none(),
        "idle"
    );
    tx.set_session_seen("s1", NOW + 950, NOW + 950)
        .await
        .expect("runs");
    assert!(
        tx.session_by_id("s1", NOW + 999)
            .await
            .expect("reads")
            .is_some()
    );
    assert!(
        tx.session_by_id("s1", NOW + 1000)
            .await
            .expect("reads")
            .is_none(),
        "absolute"
    );
    assert!(
        tx.session_by_cookie(&digest(1), NOW + 1000)
            .await
            .expect("reads")
            .is_none(),
        "absolute"
    );
});

both!(a_use_is_noted_at_most_as_often_as_asked, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    tx.add_session(&session_of("u1", "s1", None))
        .await
        .expect("adds");

    for (at, unless_after, seen) in [(59, -1, 0), (60, 0, 60), (61, 1, 60)] {
        tx.set_session_seen("s1", NOW + at, NOW + unless_after)
            .await
            .expect("runs");
        let row = tx
            .session_by_id("s1", NOW + 61)
            .await
            .expect("reads")
            .expect("lives");
        assert_eq!(row.last_seen_at, NOW + seen, "at {at}");
    }
});

both!(an_ended_session_stays_ended, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    tx.add_session(&session_of("u1", "s1", Some(&digest(1))))
        .await
        .expect("adds");
    assert!(tx.set_flash(&digest(1), 0, "{}", NOW).await.expect("runs"));

    assert!(
        tx.set_session_revoked("s1", NOW, "log_out")
            .await
            .expect("runs")
    );
    assert!(
        !tx.set_session_revoked("s1", NOW + 1, "replaced")
            .await
            .expect("runs"),
        "once"
    );

    tx.set_session_seen("s1", NOW + 90, NOW + 90)
        .await
        .expect("runs");
    assert!(!tx.set_flash(&digest(1), 1, "{}", NOW).await.expect("runs"));
    assert!(
        tx.flash_by_cookie(&digest(1), NOW)
            .await
            .expect("reads")
            .is_none()
    );
    assert!(tx.session_by_id("s1", NOW).await.expect("reads").is_none());
    assert!(
        tx.session_by_cookie(&digest(1), NOW)
            .await
            .expect("reads")
            .is_none()
    );
    tx.commit().await.expect("commits");
    let kept = "select count(*) from sessions where id = 's1' and flash is null and revoked_reason = 'log_out'
                and revoked_at = 1767225600 and last_seen_at = 1767225600";
    assert_eq!(number(store, kept).await, 1);
});

both!(all_sessions_but_one_end_together, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    add_user(&mut tx, "u2", "bob@example.com").await;
    for (user, id) in [("u1", "s1"), ("u1", "s2"), ("u1", "s3"), ("u2", "s4")] {
        tx.add_session(&session_of(user, id, None))
            .await
            .expect("adds");
    }

    let mut ended = tx
        .set_sessions_revoked("u1", Some("s2"), NOW, "log_out_everywhere")
        .await
        .expect("runs");
    ended.sort();
    assert_eq!(ended, ["s1", "s3"]);
    let rest = tx
        .set_sessions_revoked("u1", None, NOW, "log_out_everywhere")
        .await
        .expect("runs");
    assert_eq!(rest, ["s2"], "what has ended is not ended again");
    assert!(tx.session_by_id("s4", NOW).await.expect("reads").is_some());
});

both!(
    a_flash_is_written_over_the_version_that_was_read,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        tx.add_session(&session_of("u1", "s1", Some(&digest(1))))
            .await
            .expect("adds");

        let empty = tx
            .flash_by_cookie(&digest(1), NOW)
            .await
            .expect("reads")
            .expect("lives");
        assert_eq!((empty.version, empty.text), (0, None));
        assert!(
            tx.set_flash(&digest(1), 0, "first", NOW)
                .await
                .expect("runs")
        );
        assert!(
            !tx.set_flash(&digest(1), 0, "late", NOW)
                .await
                .expect("runs")
        );
        let kept = tx
            .flash_by_cookie(&digest(1), NOW)
            .await
            .expect("reads")
            .expect("lives");
        assert_eq!((kept.version, kept.text.as_deref()), (1, Some("first")));
        for at in [NOW + 100, NOW + 1000] {
            assert!(
                !tx.set_flash(&digest(1), 1, "too late", at)
                    .await
                    .expect("runs")
            );
            assert!(
                tx.flash_by_cookie(&digest(1), at)
                    .await
                    .expect("reads")
                    .is_none()
            );
        }
    }
);

both!(
    sessions_are_swept_out_long_after_they_ended,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        for id in ["idle", "revoked", "seen"] {
            tx.add_session(&session_of("u1", id, None))
                .await
                .expect("adds");
        }
        tx.add_refresh_token(&digest(1), "revoked", NOW, NOW + 500)
            .await
            .expect("adds");
        tx.set_session_revoked("revoked", NOW + 10, "log_out")
            .await
            .expect("runs");
        tx.set_session_seen("seen", NOW + 90, NOW + 90)
            .await
            .expect("runs");

        assert_eq!(
            tx.delete_sessions_before(NOW + 9).await.expect("deletes"),
            0
        );
        assert_eq!(
            tx.delete_sessions_before(NOW + 10).await.expect("deletes"),
            1,
            "revoked"
        );
        assert!(
            tx.refresh_token_by_digest(&digest(1))
                .await
                .expect("reads")
                .is_none(),
            "goes with it"
        );
        assert_eq!(
            tx.delete_sessions_before(NOW + 100).await.expect("deletes"),
            1,
            "idle"
        );
        assert_eq!(
            tx.delete_sessions_before(NOW + 1000)
                .await
                .expect("deletes"),
            1,
            "expired"
        );
    }
);

both!(
    a_live_session_steps_up_and_a_dead_one_does_not,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        tx.add_session(&session_of("u1", "s1", None))
            .await
            .expect("adds");

        assert!(
            tx.set_session_stepped_up("s1", NOW + 99)
                .await
                .expect("runs")
        );
        let row = tx.session_by_id("s1", NOW + 99).await.expect("reads");
        assert_eq!(row.expect("lives").step_up_at, Some(NOW + 99));

        assert!(
            !tx.set_session_stepped_up("s1", NOW + 100)
                .await
                .expect("runs"),
            "idle"
        );
        tx.set_session_revoked("s1", NOW, "log_out")
            .await
            .expect("runs");
        assert!(!tx.set_session_stepped_up("s1", NOW).await.expect("runs"));
        assert!(!tx.set_session_stepped_up("s2", NOW).await.expect("runs"));
    }
);

both!(a_session_goes_on_under_another_cookie, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    for (id, cookie) in [("s1", Some(digest(1))), ("s2", None)] {
        tx.add_session(&session_of("u1", id, cookie.as_ref().map(|d| &d[..])))
            .await
            .expect("adds");
    }

    assert!(tx.set_session_cookie("s1", &digest(2)).await.expect("runs"));
    let found = |row: Option<crate::store::SessionRow>| row.map(|row| row.id);
    let old = tx.session_by_cookie(&digest(1), NOW).await.expect("reads");
    let new = tx.session_by_cookie(&digest(2), NOW).await.expect("reads");
    assert_eq!((found(old), found(new).as_deref()), (None, Some("s1")));

    assert!(
        !tx.set_session_cookie("s2", &digest(3)).await.expect("runs"),
        "carried by tokens"
    );
    tx.set_session_revoked("s1", NOW, "log_out")
        .await
        .expect("runs");
    assert!(
        !tx.set_session_cookie("s1", &digest(4)).await.expect("runs"),
        "ended"
    );
});

both!(how_somebody_proved_it_can_be_added_to, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    tx.add_session(&session_of("u1", "s1", None))
        .await
        .expect("adds");
    tx.set_session_methods("s1", "email pwd")
        .await
        .expect("runs");
    let session = tx.session_by_id("s1", NOW).await.expect("reads");
    assert_eq!(session.expect("lives").methods, "email pwd");
});
