//! Letters that are due.

use std::time::Duration;

use super::*;
use crate::store::{DueLetter, Failed, NewLetter, OutboxPage};

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

/// An attempt that was answered with a no.
fn failed(id: &str, attempt: i64) -> Failed<'_> {
    Failed {
        id,
        attempt,
        recipient: Some("ada@example.com"),
        error: "busy",
        is_unsure: false,
    }
}

/// Takes the letter that is due at `now`.
async fn take(tx: &mut Tx, now: i64) -> Option<DueLetter> {
    tx.consume_due_letter(now, now + 60).await.expect("runs")
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
    assert_eq!(take(&mut tx, NOW).await.expect("is due").id, "l1");
    let later = tx.set_letter_delayed(&failed("l1", 1), NOW + 5).await;
    assert!(later.expect("runs"));

    for id in ["l2", "l3", "l1"] {
        assert_eq!(take(&mut tx, NOW + 5).await.expect("is due").id, id);
    }
});

both!(
    a_letter_that_left_or_was_given_up_is_never_due_again,
    async |store| {
        add_letters(store, &["l1", "l2"]).await;
        let mut tx = store.write().await.expect("a transaction");
        take(&mut tx, NOW).await.expect("is due");
        take(&mut tx, NOW).await.expect("is due");
        tx.set_letter_sent("l1", Some("ada@example.com"), NOW)
            .await
            .expect("runs");
        let dead = tx.set_letter_dead(&failed("l2", 1), NOW).await;
        assert!(dead.expect("runs"));
        tx.set_letters_free().await.expect("runs");

        assert!(!tx.has_due_letter(NOW + 86_400).await.expect("runs"));
        assert!(take(&mut tx, NOW + 86_400).await.is_none());
        tx.commit().await.expect("commits");
        let kept = "select count(*) from outbox where id = 'l2' and last_error = 'busy'";
        assert_eq!(number(store, kept).await, 1);
    }
);

both!(
    a_delayed_letter_waits_for_its_moment_without_a_lease,
    async |store| {
        add_letters(store, &["l1"]).await;
        let mut tx = store.write().await.expect("a transaction");
        assert!(tx.has_due_letter(NOW).await.expect("runs"));
        take(&mut tx, NOW).await.expect("is due");
        assert!(!tx.has_due_letter(NOW).await.expect("runs"), "it is taken");
        let later = tx.set_letter_delayed(&failed("l1", 1), NOW + 5).await;
        assert!(later.expect("runs"));

        assert!(!tx.has_due_letter(NOW + 4).await.expect("runs"));
        assert!(take(&mut tx, NOW + 4).await.is_none());
        assert!(tx.has_due_letter(NOW + 5).await.expect("runs"));
        assert!(take(&mut tx, NOW + 5).await.is_some());
    }
);

both!(
    an_attempt_that_was_overtaken_says_nothing_but_that_the_letter_left,
    async |store| {
        add_letters(store, &["l1"]).await;
        let mut tx = store.write().await.expect("a transaction");
        take(&mut tx, NOW).await.expect("is due");
        assert_eq!(take(&mut tx, NOW + 60).await.expect("again").attempts, 2);

        let later = tx.set_letter_delayed(&failed("l1", 1), NOW).await;
        assert!(!later.expect("runs"), "the second attempt has it");
        let dead = tx.set_letter_dead(&failed("l1", 1), NOW).await;
        assert!(!dead.expect("runs"));
        assert!(take(&mut tx, NOW + 61).await.is_none(), "and keeps it");

        tx.set_letter_sent("l1", Some("ada@example.com"), NOW + 61)
            .await
            .expect("runs");
        let later = tx.set_letter_delayed(&failed("l1", 2), NOW + 70).await;
        assert!(!later.expect("runs"), "what left is not sent again");
        let dead = tx.set_letter_dead(&failed("l1", 2), NOW + 70).await;
        assert!(!dead.expect("runs"));
        tx.set_letter_sent("l1", None, NOW + 80)
            .await
            .expect("runs");
        tx.commit().await.expect("commits");
        let first = format!(
            "select count(*) from outbox where sent_at = {} and recipient is not null",
            NOW + 61
        );
        assert_eq!(number(store, &first).await, 1, "the first word holds");
    }
);

both!(
    a_repeat_goes_under_the_name_of_the_attempt_that_may_have_left,
    async |store| {
        add_letters(store, &["l1"]).await;
        let mut tx = store.write().await.expect("a transaction");
        let names = async |tx: &mut Tx, now| {
            let taken = take(tx, now).await.expect("is due");
            (taken.attempts, taken.unsure_since)
        };
        assert_eq!(names(&mut tx, NOW).await, (1, 1));
        let lost = Failed {
            is_unsure: true,
            ..failed("l1", 1)
        };
        tx.set_letter_delayed(&lost, NOW).await.expect("runs");
        assert_eq!(names(&mut tx, NOW).await, (2, 1), "the answer was lost");
        assert_eq!(names(&mut tx, NOW + 60).await, (3, 1), "its worker died");
        tx.set_letter_delayed(&failed("l1", 3), NOW + 60)
            .await
            .expect("runs");
        assert_eq!(names(&mut tx, NOW + 60).await, (4, 4), "it was refused");
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
    letters_that_left_and_letters_given_up_are_swept_out_each_in_its_time,
    async |store| {
        add_letters(store, &["sent", "dead", "due"]).await;
        let mut tx = store.write().await.expect("a transaction");
        tx.set_letter_sent("sent", None, NOW).await.expect("runs");
        let dead = tx.set_letter_dead(&failed("dead", 0), NOW).await;
        assert!(dead.expect("runs"));

        let gone = tx.delete_letters_before(NOW, NOW).await;
        assert_eq!(gone.expect("deletes"), 0);
        let gone = tx.delete_letters_before(NOW + 1, NOW).await;
        assert_eq!(gone.expect("deletes"), 1);
        let gone = tx.delete_letters_before(NOW + 1, NOW + 1).await;
        assert_eq!(gone.expect("deletes"), 1);
        tx.commit().await.expect("commits");
        assert_eq!(number(store, "select count(*) from outbox").await, 1);
    }
);

both!(
    a_worker_that_loses_a_race_takes_the_next_letter,
    async |store| {
        add_letters(store, &["l1", "l2"]).await;
        let mut first = store.write().await.expect("a transaction");
        assert_eq!(take(&mut first, NOW).await.expect("is due").id, "l1");
        let mut second = tokio::spawn({
            let store = store.clone();
            async move {
                let mut tx = store.write().await.expect("a transaction");
                let taken = take(&mut tx, NOW).await;
                tx.commit().await.expect("commits");
                taken
            }
        });

        // Long enough for it to meet the row that the first has locked (or, on SQLite, the first).
        let early = tokio::time::timeout(Duration::from_millis(300), &mut second).await;
        first.commit().await.expect("commits");

        let taken = match early {
            Ok(taken) => taken,
            Err(_) => second.await,
        };
        assert_eq!(taken.expect("no panic").expect("is due").id, "l2");
    }
);

both!(the_operator_sees_letters_page_by_page, async |store| {
    add_letters(store, &["l1", "l2", "l3", "l4", "l5"]).await;
    let mut tx = store.write().await.expect("a transaction");
    for _ in 0..4 {
        take(&mut tx, NOW).await.expect("is due");
    }
    tx.set_letter_sent("l1", Some("ada@example.com"), NOW)
        .await
        .expect("runs");
    tx.set_letter_sent("l2", None, NOW).await.expect("runs");
    tx.set_letter_dead(&failed("l3", 1), NOW)
        .await
        .expect("runs");
    let list = async |tx: &mut Tx, status: &str, after: &str, limit: i64| {
        let page = OutboxPage {
            status,
            after,
            limit,
            now: NOW,
        };
        let rows = tx.list_letters(&page).await.expect("lists");
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };

    assert_eq!(list(&mut tx, "", "", 2).await, ["l5", "l4"]);
    assert_eq!(list(&mut tx, "", "l4", 9).await, ["l3", "l2", "l1"]);
    for (status, id) in [
        ("sent", "l1"),
        ("not_needed", "l2"),
        ("dead", "l3"),
        ("sending", "l4"),
        ("due", "l5"),
    ] {
        assert_eq!(list(&mut tx, status, "", 9).await, [id], "{status}");
    }
    let dead = tx
        .letter_by_id("l3")
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!(
        (dead.recipient.as_deref(), dead.last_error.as_deref()),
        (Some("ada@example.com"), Some("busy"))
    );
    assert!(tx.letter_by_id("l9").await.expect("reads").is_none());
    let counts = tx.count_letters().await.expect("counts");
    assert_eq!(
        (counts.due, counts.dead, counts.oldest_due),
        (2, 1, Some(NOW))
    );
});

both!(
    only_a_letter_that_was_given_up_is_made_due_again,
    async |store| {
        add_letters(store, &["l1", "l2"]).await;
        let mut tx = store.write().await.expect("a transaction");
        take(&mut tx, NOW).await.expect("is due");
        let again = tx.set_letter_due_again("l1", NOW + 90_000).await;
        assert!(!again.expect("runs"), "it is under way");
        tx.set_letter_dead(&failed("l1", 1), NOW)
            .await
            .expect("runs");
        tx.set_letter_sent("l2", None, NOW).await.expect("runs");

        for (id, is_due) in [("l1", true), ("l1", false), ("l2", false), ("l3", false)] {
            let again = tx.set_letter_due_again(id, NOW + 90_000).await;
            assert_eq!(again.expect("runs"), is_due, "{id}");
        }
        let taken = take(&mut tx, NOW + 90_000).await.expect("is due");
        assert_eq!(
            (taken.attempts, taken.created_at, taken.tried_since),
            (2, NOW, NOW + 90_000)
        );
    }
);

both!(
    each_change_of_a_factor_is_a_letter_to_the_owner,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        tx.commit().await.expect("commits");
        let auth = auth_on(store, Arc::new(crate::TestClock::new())).await;
        for change in crate::SecurityChange::ALL {
            let due = DueLetter {
                id: "l1".to_owned(),
                letter: change.letter().to_owned(),
                subject: "u1".to_owned(),
                address: "192.0.2.1".to_owned(),
                agent: String::new(),
                created_at: NOW,
                attempts: 1,
                unsure_since: 1,
                tried_since: NOW,
            };
            let letter = auth.write_letter(&due).await.expect("writes");
            let letter = letter.expect("is needed");
            assert_eq!(letter.to.as_str(), "ada@example.com");
            let crate::LetterKind::SecurityChange {
                change: said,
                account,
            } = letter.kind
            else {
                panic!("another letter");
            };
            let is_of_a_key = change.letter().contains("api_key");
            let page = if is_of_a_key { "keys" } else { "security" };
            let page = format!("http://localhost:3000/account/{page}");
            assert_eq!((said, account.as_str()), (change, page.as_str()));

            let nobody = DueLetter {
                subject: "nobody".to_owned(),
                ..due.clone()
            };
            assert!(auth.write_letter(&nobody).await.expect("writes").is_none());
            let unknown = DueLetter {
                letter: "security_change:".to_owned(),
                ..due
            };
            assert!(auth.write_letter(&unknown).await.is_err());
        }
    }
);
