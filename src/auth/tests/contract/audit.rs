//! The audit log: what the database refuses, and what the chain finds when it was asked nicely.

use super::*;
use crate::TestClock;
use crate::audit::Entry;
use crate::client::Client;
use crate::store::{AuditRow, Checkpoint};

fn row(id: &str) -> AuditRow {
    AuditRow {
        id: id.to_owned(),
        at: NOW,
        request_id: "q1".to_owned(),
        actor_id: None,
        action: "session.started".to_owned(),
        outcome: "success".to_owned(),
        subject_id: Some("u1".to_owned()),
        address: "192.0.2.1".to_owned(),
        agent: "test".to_owned(),
        detail: "{}".to_owned(),
        seq: None,
        hash: None,
        erased_mac: None,
    }
}

both!(rows_wait_for_their_place_and_get_it_once, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for id in ["a2", "a1", "a3"] {
        tx.add_audit(&row(id)).await.expect("adds");
    }
    assert_eq!(tx.count_unsealed_audit().await.expect("counts"), 3);
    assert_eq!(tx.audit_tail().await.expect("reads"), None);
    let waiting = tx.list_unsealed_audit(2).await.expect("reads");
    assert_eq!(
        waiting
            .iter()
            .map(|row| row.id.as_str())
            .collect::<Vec<_>>(),
        ["a1", "a2"]
    );
    assert_eq!(
        (waiting[0].subject_id.as_deref(), &waiting[0].actor_id),
        (Some("u1"), &None)
    );

    assert!(
        tx.set_audit_sealed("a1", 1, &digest(1))
            .await
            .expect("runs")
    );
    assert!(
        tx.set_audit_sealed("a2", 2, &digest(2))
            .await
            .expect("runs")
    );
    assert_eq!(
        tx.audit_tail().await.expect("reads"),
        Some((2, digest(2).to_vec()))
    );
    let sealed = tx.list_sealed_audit(1, 10).await.expect("reads");
    assert_eq!(
        sealed
            .iter()
            .map(|row| (row.id.as_str(), row.seq))
            .collect::<Vec<_>>(),
        [("a2", Some(2))]
    );
    assert!(
        !tx.set_audit_sealed("a1", 3, &digest(3))
            .await
            .expect("runs"),
        "it has its place"
    );
});

both!(checkpoints_are_kept_in_order, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    assert_eq!(tx.newest_audit_checkpoint_at().await.expect("reads"), None);
    for (seq, at) in [(2, NOW + 60), (1, NOW), (2, NOW + 90)] {
        let checkpoint = Checkpoint {
            seq,
            at,
            hash: digest(1).to_vec(),
            mac: digest(2).to_vec(),
        };
        tx.add_audit_checkpoint(&checkpoint).await.expect("adds");
    }

    assert_eq!(
        tx.newest_audit_checkpoint_at().await.expect("reads"),
        Some(NOW + 60)
    );
    let all = tx.list_audit_checkpoints().await.expect("reads");
    assert_eq!(
        all.iter().map(|one| (one.seq, one.at)).collect::<Vec<_>>(),
        [(1, NOW), (2, NOW + 60)]
    );
});

both!(the_database_refuses_to_change_a_row, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    tx.add_audit(&row("open")).await.expect("adds");
    tx.add_audit(&row("sealed")).await.expect("adds");
    assert!(
        tx.set_audit_sealed("sealed", 1, &digest(1))
            .await
            .expect("runs")
    );
    tx.commit().await.expect("commits");

    for change in [
        "id = 'x'",
        "at = at + 1",
        "request_id = 'x'",
        "actor_id = 'x'",
        "action = 'x'",
        "outcome = 'x'",
        "subject_id = 'x'",
        "subject_id = null",
        "address = 'x'",
        "agent = 'x'",
        "detail = 'x'",
    ] {
        for id in ["open", "sealed"] {
            let mut tx = store.write().await.expect("a transaction");
            let changed = run(
                &mut tx,
                &format!("update audit_log set {change} where id = '{id}'"),
            )
            .await;
            assert!(changed.is_err(), "{id}: {change}");
        }
    }
    for change in ["seq = 9", "seq = null", "hash = null"] {
        let mut tx = store.write().await.expect("a transaction");
        let changed = run(
            &mut tx,
            &format!("update audit_log set {change} where id = 'sealed'"),
        )
        .await;
        assert!(changed.is_err(), "sealed: {change}");
    }
});

/// Ten sealed rows under a checkpoint, and the trigger out of the way: what somebody with the
/// database's own password can do.
async fn tampered(store: &Store, statements: &[&str]) -> crate::AuditReport {
    let clock = Arc::new(TestClock::new());
    let auth = auth_on(store, clock).await;
    let client = Client::operator();
    let mut tx = store.write().await.expect("a transaction");
    for _ in 0..10 {
        auth.audit(
            &mut tx,
            Entry::done("test", &client).actor("u1").subject("u2"),
        )
        .await
        .expect("adds");
    }
    tx.commit().await.expect("commits");
    assert_eq!(auth.seal_audit().await.expect("seals"), 10);
    auth.audit_alone(Entry::refused("test", &client, "late"))
        .await
        .expect("adds");
    let whole = auth.verify_audit().await.expect("verifies");
    assert!(
        whole.holds() && whole.sealed == 10 && whole.unsealed == 1 && whole.checkpoints == 1,
        "{whole:?}"
    );

    let mut tx = store.write().await.expect("a transaction");
    let on = if store.is_embedded() {
        ""
    } else {
        " on audit_log"
    };
    run(
        &mut tx,
        &format!("drop trigger audit_log_is_append_only{on}"),
    )
    .await
    .expect("drops");
    for statement in statements {
        assert!(
            run(&mut tx, statement).await.expect("runs") > 0,
            "{statement}"
        );
    }
    tx.commit().await.expect("commits");
    auth.verify_audit().await.expect("verifies")
}

macro_rules! found {
    ($name:ident, $at:expr, $($statement:expr),+) => {
        both!($name, async |store| {
            let report = tampered(store, &[$($statement),+]).await;
            assert!(!report.holds());
            assert_eq!(report.first_broken, Some($at), "{report:?}");
        });
    };
}

found!(
    an_altered_row_is_found,
    4,
    "update audit_log set detail = '{\"a\":1}' where seq = 4"
);
found!(
    an_altered_actor_is_found,
    4,
    "update audit_log set actor_id = null where seq = 4"
);
found!(
    an_altered_moment_is_found,
    1,
    "update audit_log set at = at - 1 where seq = 1"
);
found!(
    a_removed_row_is_found,
    4,
    "delete from audit_log where seq = 4"
);
found!(
    a_row_removed_and_closed_up_is_found,
    4,
    "delete from audit_log where seq = 4",
    "update audit_log set seq = -seq where seq > 4",
    "update audit_log set seq = -seq - 1 where seq < 0"
);
found!(
    rows_that_changed_places_are_found,
    4,
    "update audit_log set seq = 99 where seq = 4",
    "update audit_log set seq = 4 where seq = 5",
    "update audit_log set seq = 5 where seq = 99"
);
found!(
    a_row_that_was_unsealed_again_is_found,
    4,
    "update audit_log set seq = null, hash = null where seq = 4"
);
found!(
    a_row_slipped_in_front_is_found,
    1,
    "update audit_log set seq = 0 where seq = 1"
);

both!(
    a_tail_that_was_cut_off_is_found_by_its_checkpoint,
    async |store| {
        let report = tampered(store, &["delete from audit_log where seq > 7"]).await;
        assert_eq!(
            (report.first_broken, report.first_broken_checkpoint),
            (None, Some(10))
        );
    }
);

both!(a_forged_checkpoint_is_found, async |store| {
    let report = tampered(store, &["update audit_checkpoints set mac = hash"]).await;
    assert_eq!(
        (report.first_broken, report.first_broken_checkpoint),
        (None, Some(10))
    );
    assert_eq!(report.checkpoints, 0);
});

both!(two_sealers_make_one_chain, async |store| {
    let clock = Arc::new(TestClock::new());
    let one = auth_on(store, Arc::clone(&clock) as Arc<dyn Clock>).await;
    let other = auth_on(store, clock).await;
    let client = Client::operator();
    for _ in 0..5 {
        one.audit_alone(Entry::done("test", &client))
            .await
            .expect("adds");
        let (a, b) = tokio::join!(one.seal_audit(), other.seal_audit());
        assert_eq!(a.expect("seals") + b.expect("seals"), 1);
    }

    let report = other.verify_audit().await.expect("verifies");
    assert!(
        report.holds() && report.sealed == 5 && report.unsealed == 0,
        "{report:?}"
    );
});
