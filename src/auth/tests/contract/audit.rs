//! The audit log: what the database refuses, and what the chain finds when it was asked nicely.

use std::time::Duration;

use super::*;
use crate::Breach;
use crate::TestClock;
use crate::audit::Entry;
use crate::client::Client;
use crate::store::{AuditRow, Checkpoint, Mark};

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
    let oldest = tx.oldest_unsealed_audit_at().await.expect("reads");
    assert_eq!(oldest, Some(NOW));
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
    assert_eq!(tx.newest_audit_checkpoint().await.expect("reads"), None);
    for (seq, at) in [(2, NOW + 60), (1, NOW), (2, NOW + 90)] {
        let checkpoint = Checkpoint {
            seq,
            at,
            hash: digest(1).to_vec(),
            mac: digest(2).to_vec(),
        };
        tx.add_audit_checkpoint(&checkpoint).await.expect("adds");
    }

    let newest = tx.newest_audit_checkpoint().await.expect("reads");
    assert_eq!(newest.map(|one| (one.seq, one.at)), Some((2, NOW + 60)));
    let all = tx
        .list_audit_checkpoints(i64::MIN, 10)
        .await
        .expect("reads");
    assert_eq!(
        all.iter().map(|one| (one.seq, one.at)).collect::<Vec<_>>(),
        [(1, NOW), (2, NOW + 60)]
    );
    let second = tx.list_audit_checkpoints(1, 10).await.expect("reads");
    assert_eq!(second.iter().map(|one| one.seq).collect::<Vec<_>>(), [2]);
    let first = tx.list_audit_checkpoints(0, 1).await.expect("reads");
    assert_eq!(first.iter().map(|one| one.seq).collect::<Vec<_>>(), [1]);
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

/// As the database's owner: nothing refuses anything any more.
async fn untriggered(store: &Store, tx: &mut Tx) {
    for (trigger, table) in [
        ("audit_log_is_append_only", "audit_log"),
        ("audit_log_is_kept", "audit_log"),
        ("audit_marks_only_advance", "audit_marks"),
        ("audit_marks_stay", "audit_marks"),
        ("audit_checkpoints_stay_as_they_are", "audit_checkpoints"),
        ("audit_checkpoints_stay", "audit_checkpoints"),
    ] {
        let on = match store.is_embedded() {
            true => String::new(),
            false => format!(" on {table}"),
        };
        run(tx, &format!("drop trigger {trigger}{on}"))
            .await
            .expect("drops");
    }
}

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
    untriggered(store, &mut tx).await;
    for statement in statements {
        assert!(
            run(&mut tx, statement).await.expect("runs") > 0,
            "{statement}"
        );
    }
    tx.commit().await.expect("commits");
    auth.verify_audit().await.expect("verifies")
}

/// What a report says was done, in short.
fn said(report: &crate::AuditReport) -> Vec<(Breach, i64, i64)> {
    let breaches = report.breaches.iter();
    breaches.map(|one| (one.what, one.from, one.to)).collect()
}

macro_rules! found {
    ($name:ident, [$(($what:ident, $from:expr, $to:expr)),+], $($statement:expr),+) => {
        both!($name, async |store| {
            let report = tampered(store, &[$($statement),+]).await;
            assert!(!report.holds());
            assert_eq!(said(&report), [$((Breach::$what, $from, $to)),+], "{report:?}");
        });
    };
}

found!(
    an_altered_row_is_found,
    [(Altered, 4, 4)],
    "update audit_log set detail = '{\"a\":1}' where seq = 4"
);
found!(
    an_altered_actor_is_found,
    [(Altered, 4, 4)],
    "update audit_log set actor_id = null where seq = 4"
);
found!(
    an_altered_first_row_is_found,
    [(Altered, 1, 1)],
    "update audit_log set at = at - 1 where seq = 1"
);
found!(
    an_altered_last_row_is_found,
    [(Altered, 10, 10)],
    "update audit_log set outcome = 'refused' where seq = 10"
);
found!(
    a_removed_row_is_found,
    [(Removed, 4, 4)],
    "delete from audit_log where seq = 4"
);
found!(
    a_removed_first_row_is_found,
    [(Removed, 1, 1)],
    "delete from audit_log where seq = 1"
);
found!(
    a_removed_last_row_is_found,
    [(Removed, 10, 10)],
    "delete from audit_log where seq = 10"
);
found!(
    a_tail_that_was_cut_off_is_found,
    [(Removed, 8, 10)],
    "delete from audit_log where seq > 7"
);
found!(
    a_log_that_was_emptied_is_found,
    [(Removed, 1, 10)],
    "delete from audit_log where seq is not null"
);
found!(
    a_row_removed_and_closed_up_is_found,
    [(Removed, 4, 4)],
    "delete from audit_log where seq = 4",
    "update audit_log set seq = -seq where seq > 4",
    "update audit_log set seq = -seq - 1 where seq < 0"
);
found!(
    a_removed_row_before_the_last_is_found_though_it_was_closed_up,
    [(Removed, 9, 9)],
    "delete from audit_log where seq = 9",
    "update audit_log set seq = 9 where seq = 10"
);
found!(
    rows_that_changed_places_are_found,
    [(Moved, 5, 4)],
    "update audit_log set seq = 99 where seq = 4",
    "update audit_log set seq = 4 where seq = 5",
    "update audit_log set seq = 5 where seq = 99"
);
found!(
    the_last_two_that_changed_places_are_found,
    [(Moved, 10, 9)],
    "update audit_log set seq = 99 where seq = 9",
    "update audit_log set seq = 9 where seq = 10",
    "update audit_log set seq = 10 where seq = 99"
);
found!(
    a_row_moved_to_the_end_is_found,
    [(Moved, 4, 11)],
    "update audit_log set seq = 11 where seq = 4"
);
found!(
    a_row_moved_to_the_front_is_found,
    [(Moved, 1, 0)],
    "update audit_log set seq = 0 where seq = 1"
);
found!(
    a_row_that_was_unsealed_again_is_found,
    [(Removed, 4, 4)],
    "update audit_log set seq = null, hash = null where seq = 4"
);
found!(
    a_row_inserted_in_the_middle_is_found,
    [(Inserted, 4, 4)],
    "update audit_log set seq = -seq where seq >= 4",
    "update audit_log set seq = 1 - seq where seq < 0",
    "insert into audit_log (id, at, request_id, action, outcome, address, agent, detail, seq, hash)
     select 'forged', at, '', action, outcome, address, agent, detail, 4, hash from audit_log where seq = 3"
);
found!(
    a_row_inserted_at_the_head_is_found,
    [(Inserted, 0, 0)],
    "insert into audit_log (id, at, request_id, action, outcome, address, agent, detail, seq, hash)
     select 'forged', at, '', action, outcome, address, agent, detail, 0, hash from audit_log where seq = 3"
);
found!(
    a_row_inserted_at_the_end_is_found,
    [(Inserted, 11, 11)],
    "insert into audit_log (id, at, request_id, action, outcome, address, agent, detail, seq, hash)
     select 'forged', at, '', action, outcome, address, agent, detail, 11, hash from audit_log where seq = 3"
);
found!(
    a_forged_checkpoint_is_found,
    [(Mark, 10, 10)],
    "update audit_checkpoints set mac = hash"
);
found!(
    a_tail_cut_off_with_its_mark_and_checkpoint_is_found,
    [(Mark, 7, 7)],
    "delete from audit_log where seq > 7",
    "delete from audit_marks where name = 'tail'",
    "delete from audit_checkpoints"
);
found!(
    a_forged_mark_is_found,
    [(Mark, 10, 10)],
    "update audit_marks set mac = hash"
);
found!(
    a_mark_that_was_put_back_is_found,
    [(Mark, 9, 9)],
    "update audit_marks set seq = 9"
);

both!(
    a_last_row_whose_hash_was_computed_anew_is_found,
    async |store| {
        let clock = Arc::new(TestClock::new());
        let auth = auth_on(store, clock).await;
        let client = Client::operator();
        for _ in 0..3 {
            auth.audit_alone(Entry::done("test", &client))
                .await
                .expect("adds");
        }
        assert_eq!(auth.seal_audit().await.expect("seals"), 3);
        let mut tx = store.write().await.expect("a transaction");
        let mut rows = tx.list_sealed_audit(0, 10).await.expect("reads");
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
        let mut last = rows.remove(2);
        last.outcome = "refused".to_owned();
        let before: [u8; 32] = rows[1]
            .hash
            .clone()
            .expect("a hash")
            .try_into()
            .expect("32");
        let hash = crate::audit::chain_of(&before, 3, &last);
        run(
            &mut tx,
            "update audit_log set outcome = 'refused' where seq = 3",
        )
        .await
        .expect("runs");
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let bytes = match store.is_embedded() {
            true => format!("x'{hex}'"),
            false => format!("'\\x{hex}'::bytea"),
        };
        run(
            &mut tx,
            &format!("update audit_log set hash = {bytes} where seq = 3"),
        )
        .await
        .expect("runs");
        tx.commit().await.expect("commits");

        let report = auth.verify_audit().await.expect("verifies");
        assert_eq!(said(&report), [(Breach::Rewritten, 1, 3)], "{report:?}");
    }
);

both!(
    an_end_that_is_not_what_was_sealed_is_written_down,
    async |store| {
        let report = tampered(store, &["delete from audit_log where seq > 7"]).await;
        assert!(!report.holds() && report.alarms.is_empty());
        let clock = Arc::new(TestClock::new());
        // The lease of the node before has ended.
        clock.advance(Duration::from_secs(10));
        let auth = auth_on(store, clock).await;
        auth.seal_audit().await.expect("seals");
        auth.audit_alone(Entry::done("test", &Client::operator()))
            .await
            .expect("adds");
        auth.seal_audit().await.expect("seals");

        let report = auth.verify_audit().await.expect("verifies");
        assert_eq!(said(&report), [(Breach::Removed, 8, 10)], "{report:?}");
        assert_eq!(report.alarms.len(), 1, "once: {report:?}");
        assert!(report.alarms[0] > 10);
    }
);

both!(nothing_that_vouches_is_written_over, async |store| {
    let auth = auth_on(store, Arc::new(TestClock::new())).await;
    auth.audit_alone(Entry::done("test", &Client::operator()))
        .await
        .expect("adds");
    auth.seal_audit().await.expect("seals");
    let mut statements = vec![
        "update audit_checkpoints set at = at + 1",
        "delete from audit_checkpoints",
        "update audit_marks set seq = 0",
        "delete from audit_marks",
    ];
    if store.is_embedded() {
        statements.extend([
            "insert or replace into audit_log select * from audit_log",
            "insert or replace into audit_checkpoints select seq, at, mac, hash from audit_checkpoints",
            "insert or replace into audit_marks select name, 0, at, hash, mac from audit_marks",
        ]);
    } else {
        statements.extend([
            "truncate audit_log",
            "truncate audit_marks",
            "truncate audit_checkpoints",
        ]);
    }
    for statement in statements {
        let mut tx = store.write().await.expect("a transaction");
        assert!(run(&mut tx, statement).await.is_err(), "{statement}");
    }
    assert!(auth.verify_audit().await.expect("verifies").holds());
});

/// What the portal writes after somebody did this, and has nobody to remember what was there.
async fn written_after(store: &Store, statements: &[&str]) -> crate::AuditReport {
    tampered(store, statements).await;
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    tx.commit().await.expect("commits");
    let clock = Arc::new(TestClock::new());
    // The lease of the node before has ended.
    clock.advance(Duration::from_secs(10));
    let auth = auth_on(store, clock).await;
    auth.audit_alone(Entry::done("test", &Client::operator()))
        .await
        .expect("adds");
    auth.seal_audit().await.expect("seals");
    auth.verify_audit().await.expect("verifies")
}

both!(
    a_log_whose_mark_is_gone_does_not_go_on_as_though_nothing_was,
    async |store| {
        let report = written_after(store, &["delete from audit_marks"]).await;
        assert!(!report.holds() && report.alarms.len() == 1, "{report:?}");
    }
);

both!(only_a_database_nobody_used_is_untouched, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    assert!(tx.is_untouched().await.expect("reads"));
    add_user(&mut tx, "u1", "ada@example.com").await;
    assert!(!tx.is_untouched().await.expect("reads"));
});

both!(
    a_log_that_is_gone_with_all_that_vouched_for_it_does_not_begin_anew,
    async |store| {
        let report = written_after(
            store,
            &[
                "delete from audit_log",
                "delete from audit_checkpoints",
                "delete from audit_marks",
            ],
        );
        let report = report.await;
        assert!(!report.holds() && report.alarms.len() == 1, "{report:?}");
    }
);

both!(
    an_older_end_put_back_with_its_own_mark_is_written_down,
    async |store| {
        let auth = auth_on(store, Arc::new(TestClock::new())).await;
        let client = Client::operator();
        let write = async || {
            auth.audit_alone(Entry::done("test", &client))
                .await
                .expect("adds");
            auth.seal_audit().await.expect("seals");
        };
        write().await;
        let mut tx = store.read().await.expect("a transaction");
        let mark = tx.audit_mark(Mark::Tail).await.expect("reads");
        let mark = mark.expect("is marked");
        drop(tx);
        write().await;
        let mut tx = store.write().await.expect("a transaction");
        untriggered(store, &mut tx).await;
        run(&mut tx, "delete from audit_log where seq = 2")
            .await
            .expect("cuts");
        run(&mut tx, "delete from audit_marks").await.expect("cuts");
        tx.set_audit_mark(Mark::Tail, &mark).await.expect("is back");
        tx.commit().await.expect("commits");

        write().await;

        let report = auth.verify_audit().await.expect("verifies");
        assert_eq!(said(&report), [(Breach::Removed, 2, 2)], "{report:?}");
        assert_eq!(report.alarms.len(), 1, "{report:?}");
    }
);

both!(nothing_goes_that_no_anchor_covers, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for (id, seq) in [("a", 1), ("b", 2), ("c", 3)] {
        tx.add_audit(&row(id)).await.expect("adds");
        tx.set_audit_sealed(id, seq, &digest(1))
            .await
            .expect("seals");
    }
    tx.add_audit(&row("open")).await.expect("adds");
    let checkpoint = |seq| Checkpoint {
        seq,
        at: NOW,
        hash: digest(1).to_vec(),
        mac: digest(2).to_vec(),
    };
    for seq in [1, 3] {
        tx.add_audit_checkpoint(&checkpoint(seq))
            .await
            .expect("adds");
    }
    assert_eq!(tx.oldest_audit_at(0).await.expect("reads"), Some(NOW));
    assert_eq!(tx.audit_mark(Mark::Anchor).await.expect("reads"), None);
    tx.commit().await.expect("commits");
    for statement in [
        "delete from audit_log where seq = 1",
        "delete from audit_log where id = 'open'",
        "delete from audit_log",
    ] {
        let mut tx = store.write().await.expect("a transaction");
        assert!(run(&mut tx, statement).await.is_err(), "{statement}");
    }

    let mut tx = store.write().await.expect("a transaction");
    tx.set_audit_mark(Mark::Anchor, &checkpoint(2))
        .await
        .expect("sets");
    assert_eq!(tx.delete_audit_up_to(2).await.expect("deletes"), 2);
    assert_eq!(tx.oldest_audit_at(3).await.expect("reads"), None);
    tx.commit().await.expect("commits");
    assert_eq!(number(store, "select count(*) from audit_log").await, 2);
    assert_eq!(
        number(store, "select count(*) from audit_checkpoints").await,
        1
    );
    let mut tx = store.write().await.expect("a transaction");
    assert!(run(&mut tx, "delete from audit_log").await.is_err());
    drop(tx);
    let mut tx = store.write().await.expect("a transaction");
    assert!(
        tx.set_audit_mark(Mark::Anchor, &checkpoint(1))
            .await
            .is_err()
    );
    drop(tx);
    let mut tx = store.write().await.expect("a transaction");
    assert!(run(&mut tx, "delete from audit_marks").await.is_err());
    drop(tx);
    let mut tx = store.read().await.expect("reads");
    assert_eq!(
        tx.audit_mark(Mark::Anchor).await.expect("reads"),
        Some(checkpoint(2))
    );
    assert_eq!(tx.audit_mark(Mark::Tail).await.expect("reads"), None);
});

both!(rows_nobody_seals_are_no_sound_log, async |store| {
    let clock = Arc::new(TestClock::new());
    let auth = auth_on(store, Arc::clone(&clock) as Arc<dyn Clock>).await;
    auth.audit_alone(Entry::done("test", &Client::operator()))
        .await
        .expect("adds");
    clock.advance(Duration::from_secs(60));
    assert!(auth.verify_audit().await.expect("verifies").holds());
    clock.advance(Duration::from_secs(1));
    let report = auth.verify_audit().await.expect("verifies");
    assert!(report.is_stalled && !report.holds(), "{report:?}");

    // Somebody keeps the sealers away; none of ours ever takes a lease for that long.
    let mut tx = store.write().await.expect("a transaction");
    let kept_away = "insert into leases (name, holder, expires_at) values ('audit_sealer', 'x', 9000000000000000)
         on conflict (name) do update set holder = 'x', expires_at = 9000000000000000";
    run(&mut tx, kept_away).await.expect("runs");
    tx.commit().await.expect("commits");
    assert_eq!(auth.seal_audit().await.expect("seals"), 1);
    assert!(auth.verify_audit().await.expect("verifies").holds());
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
