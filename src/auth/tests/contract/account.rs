//! People and their own accounts: names, changes of address, activity.

use sqlx::{AssertSqlSafe, Row};

use super::*;
use crate::store::{AuditRow, Connection, EmailChangeRow, LIST_BY_PERSON, NewEmailChange, Profile};

const DAY: i64 = 86_400;

/// Asks for a change from one address to another, a day to be proven in.
async fn add_change(tx: &mut Tx, id: &str, old_email: &str, new_email: &str) {
    let change = NewEmailChange {
        id,
        user_id: "u1",
        session_id: "s1",
        old_email,
        new_email,
        now: NOW,
        expires_at: NOW + DAY,
    };
    tx.add_email_change(&change).await.expect("adds");
}

async fn change(tx: &mut Tx, id: &str) -> EmailChangeRow {
    let change = tx.email_change_by_id(id).await.expect("reads");
    change.expect("is there")
}

/// A secret mailed for a change.
async fn add_secret(tx: &mut Tx, of: u8, purpose: &str, subject: &str) {
    tx.add_one_time_token(&crate::store::NewOneTimeToken {
        digest: &digest(of),
        purpose,
        subject,
        code_digest: None,
        code_expires_at: None,
        now: NOW,
        expires_at: NOW + DAY,
    })
    .await
    .expect("adds");
}

async fn is_good(tx: &mut Tx, of: u8, purpose: &str) -> bool {
    let found = tx.one_time_token_by_digest(purpose, &digest(of), NOW).await;
    found.expect("reads").is_some()
}

both!(
    names_are_written_and_a_username_has_one_owner,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        add_user(&mut tx, "u2", "bob@example.com").await;
        assert!(tx.set_user_held("u1").await.expect("holds"));
        assert!(!tx.set_user_held("nobody").await.expect("looks"));
        let ada = Profile {
            username: Some("Ada.L"),
            first_name: Some("Ada"),
            last_name: None,
        };
        assert!(tx.set_profile("u1", &ada, NOW).await.expect("writes"));
        let found = tx.user_by_username("ada.l").await.expect("reads");
        assert_eq!(found.expect("is there").first_name.as_deref(), Some("Ada"));
        tx.commit().await.expect("commits");

        let mut tx = store.write().await.expect("a transaction");
        let other = Profile {
            username: Some("aDA.l"),
            first_name: None,
            last_name: None,
        };
        assert!(!tx.set_profile("u2", &other, NOW).await.expect("is refused"));
    }
);

both!(an_address_moves_to_one_owner_alone, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    add_user(&mut tx, "u2", "bob@example.com").await;
    let moved = tx.set_user_email("u1", "ada@new.example", NOW + 9).await;
    assert!(moved.expect("moves"));
    let user = tx.user_by_email("ada@new.example").await.expect("reads");
    let user = user.expect("is there");
    assert_eq!(
        (user.id.as_str(), user.email_verified_at),
        ("u1", Some(NOW + 9))
    );
    assert!(user.password_hash.is_some());
    tx.delete_password("u1", NOW).await.expect("runs");
    let user = tx.user_by_id("u1").await.expect("reads").expect("is there");
    assert_eq!(user.password_hash, None);
    tx.commit().await.expect("commits");

    let mut tx = store.write().await.expect("a transaction");
    let taken = tx.set_user_email("u1", "bob@example.com", NOW).await;
    assert!(!taken.expect("is refused"));
});

both!(changes_keep_their_places_and_one_waits, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "a@example.com").await;
    add_change(&mut tx, "c1", "a@example.com", "b@example.com").await;
    let first = change(&mut tx, "c1").await;
    assert_eq!((first.place, first.tries, first.completed_at), (1, 0, None));
    assert!(first.is_pending(NOW) && !first.is_pending(NOW + DAY));

    assert_eq!(
        tx.set_email_changes_ended("u1", NOW).await.expect("ends"),
        1
    );
    assert_eq!(
        tx.set_email_changes_ended("u1", NOW).await.expect("ends"),
        0
    );
    add_change(&mut tx, "c2", "a@example.com", "c@example.com").await;

    let waits = tx
        .pending_email_change_by_user("u1", NOW)
        .await
        .expect("reads");
    let waits = waits.expect("is there");
    assert_eq!((waits.id.as_str(), waits.place), ("c2", 2));
    assert_eq!(
        (waits.user_id.as_str(), waits.session_id.as_str()),
        ("u1", "s1")
    );
    let later = tx.pending_email_change_by_user("u1", NOW + DAY).await;
    assert!(later.expect("reads").is_none());
    tx.set_email_change_expiry("c1", NOW, NOW + 2 * DAY)
        .await
        .expect("runs");
    assert!(!change(&mut tx, "c1").await.is_pending(NOW), "stays ended");
    tx.set_email_change_expiry("c2", NOW, NOW + 2 * DAY)
        .await
        .expect("runs");
    assert!(change(&mut tx, "c2").await.is_pending(NOW + DAY));
});

both!(a_change_is_completed_once_and_in_time, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "a@example.com").await;
    add_change(&mut tx, "c1", "a@example.com", "b@example.com").await;
    for tries in [true, true, false] {
        let spent = tx.consume_email_change_try("c1", 2).await.expect("spends");
        assert_eq!(spent, tries);
    }
    let complete = async |tx: &mut Tx, id: &str, at| {
        let completed = tx.consume_email_change(id, at).await;
        completed.expect("completes")
    };
    assert!(!complete(&mut tx, "c1", NOW + DAY).await);
    assert!(complete(&mut tx, "c1", NOW + 5).await);
    assert!(!complete(&mut tx, "c1", NOW + 5).await);
    assert_eq!(
        tx.set_email_changes_ended("u1", NOW).await.expect("ends"),
        0
    );

    let standing = async |tx: &mut Tx, since| {
        let change = tx.standing_email_change_by_user("u1", since).await;
        change.expect("reads").map(|change| change.id)
    };
    add_change(&mut tx, "c2", "b@example.com", "c@example.com").await;
    assert!(complete(&mut tx, "c2", NOW + 9).await);
    assert_eq!(standing(&mut tx, NOW).await.as_deref(), Some("c1"));
    assert_eq!(standing(&mut tx, NOW + 6).await.as_deref(), Some("c2"));
    assert_eq!(standing(&mut tx, NOW + 10).await, None);
});

both!(
    an_undo_takes_back_all_later_changes_and_their_secrets,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "a@example.com").await;
        for (number, id) in [(1, "c1"), (2, "c2"), (3, "c3")] {
            add_change(&mut tx, id, "a@example.com", "b@example.com").await;
            add_secret(&mut tx, number, "undo_email", id).await;
            add_secret(&mut tx, number + 10, "change_email", id).await;
        }
        assert!(tx.consume_email_change("c1", NOW).await.expect("completes"));
        assert!(tx.consume_email_change("c2", NOW).await.expect("completes"));

        let undone = tx.set_email_changes_undone("u1", 2, NOW).await;
        assert_eq!(undone.expect("undoes"), 2);

        for (number, is_left) in [(1, true), (2, false), (3, false)] {
            assert_eq!(is_good(&mut tx, number, "undo_email").await, is_left);
            assert_eq!(is_good(&mut tx, number + 10, "change_email").await, is_left);
        }
        assert_eq!(change(&mut tx, "c1").await.undone_at, None);
        assert_eq!(change(&mut tx, "c3").await.undone_at, Some(NOW));
        assert!(!tx.consume_email_change("c3", NOW).await.expect("looks"));

        assert_eq!(
            tx.set_email_changes_ended("u1", NOW).await.expect("ends"),
            0
        );
        assert!(
            is_good(&mut tx, 1, "undo_email").await,
            "an undo stays good"
        );
        assert!(!is_good(&mut tx, 11, "change_email").await);

        let tidied = tx.delete_email_changes_before(NOW + DAY).await;
        assert_eq!(tidied.expect("tidies"), 3);
    }
);

both!(the_living_sessions_of_an_account_are_known, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    add_user(&mut tx, "u2", "bob@example.com").await;
    for (user, id) in [("u1", "s1"), ("u1", "s2"), ("u1", "s3"), ("u2", "s4")] {
        tx.add_session(&session_of(user, id, None))
            .await
            .expect("adds");
    }
    tx.set_session_revoked("s2", NOW, "log_out")
        .await
        .expect("ends");

    let ids = tx.list_session_ids_by_user("u1", NOW).await.expect("reads");
    assert_eq!(ids, ["s1", "s3"]);
    let idle = tx.list_session_ids_by_user("u1", NOW + 100).await;
    assert!(idle.expect("reads").is_empty());
});

fn row(id: &str, at: i64, actor: Option<&str>, subject: Option<&str>) -> AuditRow {
    AuditRow {
        id: id.to_owned(),
        at,
        request_id: "r".to_owned(),
        actor_id: actor.map(str::to_owned),
        action: "session.started".to_owned(),
        outcome: "success".to_owned(),
        subject_id: subject.map(str::to_owned),
        address: "192.0.2.1".to_owned(),
        agent: "test".to_owned(),
        detail: "{}".to_owned(),
        seq: None,
        hash: None,
        erased_mac: None,
    }
}

both!(
    activity_is_ones_own_newest_first_and_paged_by_key,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for row in [
            row("e1", NOW, Some("u1"), Some("u1")),
            row("e2", NOW + 1, Some("u2"), Some("u1")),
            row("e3", NOW + 1, Some("u1"), None),
            row("e4", NOW + 2, None, Some("u1")),
            row("e5", NOW + 3, Some("u2"), Some("u2")),
            row("e6", NOW + 4, None, None),
        ] {
            tx.add_audit(&row).await.expect("adds");
        }
        let page = async |tx: &mut Tx, before, limit| {
            let rows = tx.list_audit_by_person("u1", before, limit).await;
            let rows = rows.expect("reads").into_iter();
            rows.map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!(
            page(&mut tx, (i64::MAX, ""), 9).await,
            ["e4", "e3", "e2", "e1"]
        );
        assert_eq!(page(&mut tx, (i64::MAX, ""), 2).await, ["e4", "e3"]);
        assert_eq!(page(&mut tx, (NOW + 1, "e3"), 2).await, ["e2", "e1"]);
        assert!(page(&mut tx, (NOW, "e1"), 2).await.is_empty());

        let seen = async |tx: &mut Tx, user, id| {
            let row = tx.audit_by_person(user, id).await;
            row.expect("reads").is_some()
        };
        assert!(seen(&mut tx, "u1", "e2").await && seen(&mut tx, "u2", "e2").await);
        assert!(!seen(&mut tx, "u1", "e5").await && !seen(&mut tx, "u1", "e6").await);
    }
);

/// How the database reads somebody's activity, line by line. PostgreSQL is told not to read small
/// tables whole, as it would not read a large one.
async fn plan_of_activity(tx: &mut Tx) -> Vec<String> {
    match tx.connection() {
        Connection::Sqlite(c) => {
            let query = AssertSqlSafe(format!("explain query plan {LIST_BY_PERSON}"));
            let rows = sqlx::query(query)
                .bind("u1")
                .bind(i64::MAX)
                .bind("")
                .bind(50_i64)
                .fetch_all(c)
                .await
                .expect("explains");
            rows.iter().map(|row| row.get("detail")).collect()
        }
        Connection::Postgres(c) => {
            for setting in ["enable_seqscan", "enable_bitmapscan"] {
                let off = AssertSqlSafe(format!("set local {setting} = off"));
                sqlx::query(off).execute(&mut *c).await.expect("is set");
            }
            let query = AssertSqlSafe(format!("explain {LIST_BY_PERSON}"));
            sqlx::query_scalar(query)
                .bind("u1")
                .bind(i64::MAX)
                .bind("")
                .bind(50_i64)
                .fetch_all(c)
                .await
                .expect("explains")
        }
    }
}

both!(activity_is_read_along_its_indexes, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for number in 0..300 {
        let user = format!("u{}", number % 100);
        let (actor, subject) = (Some(user.as_str()), Some(user.as_str()));
        let row = row(&format!("e{number}"), NOW, actor, subject);
        tx.add_audit(&row).await.expect("adds");
    }
    let plan = plan_of_activity(&mut tx).await.join("\n");
    for index in ["audit_log_by_actor", "audit_log_by_subject"] {
        assert!(plan.contains(index), "{plan}");
    }
    assert!(
        !plan.contains("SCAN audit_log") && !plan.contains("Seq Scan"),
        "{plan}"
    );
});
