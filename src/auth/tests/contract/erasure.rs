//! What the audit log forgets, and that its chain holds all the same.

use super::*;
use crate::audit::{ChainKey, Entry, chain_of};
use crate::store::AuditRow;
use crate::{Client, TestClock};

/// A log of six sealed rows: what u1 did alone, to u2, and not signed in; what u2 did to u1; the rest.
async fn log(store: &Store) -> Auth {
    let auth = auth_on(store, Arc::new(TestClock::new())).await;
    let client = Client::new("192.0.2.1".parse().expect("an address"), "Firefox", "r");
    let entry = |action| Entry::done(action, &client).detail(serde_json::json!({ "a": 1 }));
    let entries = [
        entry("other").actor("u3").subject("u3"),
        entry("alone").actor("u1"),
        entry("own").actor("u1").subject("u1"),
        entry("to another").actor("u1").subject("u2"),
        entry("by another").actor("u2").subject("u1"),
        entry("by nobody").subject("u1"),
    ];
    for entry in entries {
        auth.audit_alone(entry).await.expect("adds");
        // One by one: the clock stands still, so that ids alone say nothing of their order.
        assert_eq!(auth.seal_audit().await.expect("seals"), 1);
    }
    auth
}

async fn erase(store: &Store, auth: &Auth, subject: &str) {
    let mut tx = store.write().await.expect("a transaction");
    let mac = ChainKey::of(auth.ring()).erasure(subject);
    tx.add_erasure(subject, &mac, NOW, NOW + 10)
        .await
        .expect("adds");
    tx.add_erasure(subject, b"other", NOW, NOW + 99)
        .await
        .expect("is asked twice");
    tx.commit().await.expect("commits");
    auth.erase_from_audit().await.expect("erases");
}

async fn left(store: &Store) -> Vec<(String, bool, bool)> {
    let mut tx = store.read().await.expect("reads");
    let rows = tx.list_sealed_audit(0, 99).await.expect("reads");
    rows.into_iter()
        .map(|row| {
            (
                row.action,
                !row.address.is_empty() && !row.agent.is_empty(),
                row.detail != "{}",
            )
        })
        .collect()
}

both!(
    the_log_forgets_nobody_the_portal_did_not_order_it_to,
    async |store| {
        let auth = log(store).await;
        let before = left(store).await;
        let mut tx = store.write().await.expect("a transaction");
        // The one is there; of the other nobody with a ring key said anything.
        add_user(&mut tx, "u1", "ada@example.com").await;
        let mac = ChainKey::of(auth.ring()).erasure("u1");
        for subject in ["u1", "u2"] {
            tx.add_erasure(subject, &mac, NOW, NOW + 10)
                .await
                .expect("adds");
        }
        tx.commit().await.expect("commits");

        auth.erase_from_audit().await.expect("runs");

        assert_eq!(left(store).await, before);
        assert_eq!(auth.verify_audit().await.expect("verifies").erased, 0);
    }
);

both!(
    the_log_forgets_one_person_and_stays_a_chain,
    async |store| {
        let auth = log(store).await;
        erase(store, &auth, "u1").await;

        let expected = [
            ("other", true, true),
            ("alone", false, false),
            ("own", false, false),
            ("to another", false, true),
            ("by another", true, false),
            ("by nobody", false, false),
        ];
        let expected = expected.map(|(action, origin, detail)| (action.to_owned(), origin, detail));
        assert_eq!(left(store).await, expected);
        let report = auth.verify_audit().await.expect("verifies");
        assert!(
            report.holds() && report.sealed == 6 && report.erased == 5,
            "{report:?}"
        );

        // The other one leaves as well: a row that was erased is erased further.
        erase(store, &auth, "u2").await;
        let report = auth.verify_audit().await.expect("verifies");
        assert!(report.holds() && report.erased == 5, "{report:?}");
        assert_eq!(
            left(store)
                .await
                .iter()
                .filter(|(_, origin, _)| *origin)
                .count(),
            1
        );

        let mut tx = store.write().await.expect("a transaction");
        let orders = tx.list_erasures().await.expect("reads");
        let orders: Vec<_> = orders
            .iter()
            .map(|order| (order.subject.as_str(), order.is_alive))
            .collect();
        assert_eq!(orders, [("u1", false), ("u2", false)]);
        assert_eq!(tx.delete_erasures_before(NOW + 9).await.expect("runs"), 0);
        assert_eq!(tx.delete_erasures_before(NOW + 10).await.expect("runs"), 2);
        assert_eq!(
            tx.list_audit_details("own", "u1").await.expect("reads"),
            ["{}"]
        );
        assert_eq!(tx.audit_hash_by_seq(99).await.expect("reads"), None);
    }
);

both!(
    rows_are_found_until_nothing_of_them_is_left,
    async |store| {
        log(store).await;
        let mut tx = store.write().await.expect("a transaction");
        let seqs = |rows: Vec<AuditRow>| rows.iter().filter_map(|row| row.seq).collect::<Vec<_>>();

        let all = tx.list_audit_to_erase("u1", 0, 99).await.expect("reads");
        assert_eq!(seqs(all.clone()), [2, 3, 4, 5, 6]);
        let some = tx.list_audit_to_erase("u1", 2, 2).await.expect("reads");
        assert_eq!(seqs(some), [3, 4]);
        let nobody = tx.list_audit_to_erase("u9", 0, 99).await.expect("reads");
        assert!(nobody.is_empty());
        for row in all {
            let erased = AuditRow {
                address: String::new(),
                agent: String::new(),
                detail: "{}".to_owned(),
                erased_mac: Some(vec![1]),
                ..row
            };
            tx.set_audit_erased(&erased).await.expect("erases");
        }
        let left = tx.list_audit_to_erase("u1", 0, 99).await.expect("reads");
        assert!(left.is_empty());
        let kept = tx.list_own_events("u1", "~", 3).await.expect("reads");
        assert_eq!(kept.len(), 3);
        let older = tx
            .list_own_events("u1", &kept[2].id, 99)
            .await
            .expect("reads");
        assert_eq!(older.len(), 2, "by whom or to whom, each once");
    }
);

both!(
    the_portal_swears_to_no_row_somebody_altered,
    async |store| {
        let auth = log(store).await;
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
        run(
            &mut tx,
            "update audit_log set outcome = 'refused' where seq = 3",
        )
        .await
        .expect("alters");
        tx.commit().await.expect("commits");

        erase(store, &auth, "u1").await;
        let report = auth.verify_audit().await.expect("verifies");
        assert_eq!((first_broken(&report), report.erased), (Some(3), 4));
        assert_eq!(
            left(store).await[2],
            ("own".to_owned(), true, true),
            "evidence stays"
        );
    }
);

/// Where a report says that something was done.
fn first_broken(report: &crate::AuditReport) -> Option<i64> {
    report.breaches.first().map(|breach| breach.from)
}

/// An erased log, then somebody with the database's own password.
async fn tampered(store: &Store, statements: &[&str]) -> crate::AuditReport {
    let auth = log(store).await;
    erase(store, &auth, "u1").await;
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
            assert_eq!(first_broken(&report), Some($at), "{report:?}");
        });
    };
}

found!(
    an_erased_row_that_was_altered_is_found,
    3,
    "update audit_log set outcome = 'refused' where seq = 3"
);
found!(
    an_erased_row_that_was_filled_in_is_found,
    3,
    "update audit_log set address = '203.0.113.9' where seq = 3"
);
found!(
    an_erased_row_without_its_oath_is_found,
    3,
    "update audit_log set erased_mac = null where seq = 3"
);
found!(
    an_oath_taken_from_another_row_is_found,
    2,
    "update audit_log set erased_mac = (select erased_mac from audit_log where seq = 3) where seq = 2"
);

// Were the oath not bound to the row before, everything before it could be chained anew.
both!(
    rows_before_an_erased_one_cannot_be_chained_anew,
    async |store| {
        let auth = log(store).await;
        erase(store, &auth, "u1").await;
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
        let mut first = tx.list_sealed_audit(0, 1).await.expect("reads").remove(0);
        first.outcome = "refused".to_owned();
        let hash = chain_of(&[0; 32], 1, &first);
        run(
            &mut tx,
            "update audit_log set outcome = 'refused', seq = null where seq = 1",
        )
        .await
        .expect("alters");
        assert!(
            tx.set_audit_sealed(&first.id, 1, &hash)
                .await
                .expect("runs")
        );
        tx.commit().await.expect("commits");

        let report = auth.verify_audit().await.expect("verifies");
        assert_eq!(first_broken(&report), Some(1), "{report:?}");
        let second = report.breaches.get(1).map(|breach| breach.from);
        assert_eq!(second, Some(2), "{report:?}");
    }
);

both!(
    nothing_but_what_may_be_erased_is_changed_by_an_update,
    async |store| {
        log(store).await;
        for (change, is_let) in [
            ("erased_mac = hash", true),
            ("erased_mac = hash, address = ''", true),
            ("erased_mac = hash, agent = '', detail = '{}'", true),
            ("address = ''", false),
            ("erased_mac = hash, address = 'x'", false),
            ("erased_mac = hash, detail = ''", false),
            ("erased_mac = hash, outcome = 'x'", false),
            ("erased_mac = hash, actor_id = null", false),
            ("erased_mac = hash, hash = null", false),
            ("erased_mac = hash, seq = 99", false),
        ] {
            let mut tx = store.write().await.expect("a transaction");
            let changed = run(
                &mut tx,
                &format!("update audit_log set {change} where seq = 3"),
            )
            .await;
            assert_eq!(changed.is_ok(), is_let, "{change}");
        }
    }
);

both!(an_open_row_is_not_erased_yet, async |store| {
    let auth = auth_on(store, Arc::new(TestClock::new())).await;
    let client = Client::operator();
    auth.audit_alone(Entry::done("late", &client).actor("u1"))
        .await
        .expect("adds");
    erase(store, &auth, "u1").await;

    let mut tx = store.write().await.expect("a transaction");
    let open = tx.list_unsealed_audit(9).await.expect("reads");
    assert!(!open[0].address.is_empty());
    let bytes = if store.is_embedded() {
        "x'00'"
    } else {
        "'\\x00'::bytea"
    };
    let changed = run(
        &mut tx,
        &format!("update audit_log set erased_mac = {bytes}"),
    )
    .await;
    assert!(changed.is_err(), "an unsealed row may only be sealed");
    drop(tx);
    auth.seal_audit().await.expect("seals");
    auth.erase_from_audit().await.expect("erases");
    let report = auth.verify_audit().await.expect("verifies");
    assert!(report.holds() && report.erased == 1, "{report:?}");
});
