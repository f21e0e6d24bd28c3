//! Looking through the audit log: each filter along its index, and never more rows than allowed.

use sqlx::{AssertSqlSafe, Row};

use super::*;
use crate::store::{AuditFilter, AuditPlace, AuditRow, Connection, Lead, place_text, search_text};

const LEADS: [(Lead, &str); 8] = [
    (Lead::Request, "audit_log_by_request"),
    (Lead::Subject, "audit_log_by_subject"),
    (Lead::Actor, "audit_log_by_actor"),
    (Lead::Address, "audit_log_by_address"),
    (Lead::Action, "audit_log_by_action"),
    (Lead::Kind, "audit_log_by_kind"),
    (Lead::Outcome, "audit_log_by_outcome"),
    (Lead::Time, "audit_log_by_time"),
];

fn row(number: i64) -> AuditRow {
    let even = number % 2 == 0;
    AuditRow {
        id: format!("e{number:03}"),
        at: NOW + number,
        request_id: format!("q{number}"),
        actor_id: even.then(|| "u1".to_owned()),
        action: if even {
            "user.disabled"
        } else {
            "session.started"
        }
        .to_owned(),
        outcome: if number == 9 { "refused" } else { "success" }.to_owned(),
        subject_id: Some(format!("u{}", number % 3)),
        address: format!("192.0.2.{}", number % 4),
        agent: String::new(),
        detail: "{}".to_owned(),
        ..AuditRow::default()
    }
}

async fn fill(tx: &mut Tx, many: i64) {
    for number in 0..many {
        tx.add_audit(&row(number)).await.expect("adds");
    }
}

fn from_start(filter: AuditFilter) -> AuditFilter {
    AuditFilter {
        from: i64::MIN,
        ..filter
    }
}

async fn found(tx: &mut Tx, filter: AuditFilter, looked: i64) -> Vec<String> {
    let filter = from_start(filter);
    let rows = tx.list_audit(&filter, (i64::MAX, ""), looked, 100).await;
    rows.expect("reads").into_iter().map(|row| row.id).collect()
}

both!(each_filter_finds_its_rows_newest_first, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    fill(&mut tx, 12).await;
    let none = AuditFilter::default;
    let some = str::to_owned;
    for (filter, ids) in [
        (
            AuditFilter {
                request: some("q7"),
                ..none()
            },
            vec!["e007"],
        ),
        (
            AuditFilter {
                subject: some("u2"),
                ..none()
            },
            vec!["e011", "e008", "e005", "e002"],
        ),
        (
            AuditFilter {
                actor: some("u1"),
                subject: some("u0"),
                ..none()
            },
            vec!["e006", "e000"],
        ),
        (
            AuditFilter {
                address: some("192.0.2.3"),
                ..none()
            },
            vec!["e011", "e007", "e003"],
        ),
        (
            AuditFilter {
                action: some("session.started"),
                address: some("192.0.2.1"),
                ..none()
            },
            vec!["e009", "e005", "e001"],
        ),
        (
            AuditFilter {
                kind: some("user"),
                subject: some("u1"),
                ..none()
            },
            vec!["e010", "e004"],
        ),
        (
            AuditFilter {
                kind: some("use"),
                ..none()
            },
            vec![],
        ),
        (
            AuditFilter {
                outcome: some("refused"),
                ..none()
            },
            vec!["e009"],
        ),
        (
            AuditFilter {
                outcome: some("refused"),
                actor: some("u1"),
                ..none()
            },
            vec![],
        ),
    ] {
        assert_eq!(
            found(&mut tx, filter.clone(), 1000).await,
            ids,
            "{filter:?}"
        );
    }
    let all = found(&mut tx, none(), 1000).await;
    assert_eq!((all.len(), all[0].as_str()), (12, "e011"));

    let late = AuditFilter {
        from: NOW + 10,
        ..none()
    };
    let rows = tx
        .list_audit(&late, (i64::MAX, ""), 1000, 100)
        .await
        .expect("reads");
    assert_eq!(rows.len(), 2);
    let filter = from_start(none());
    let page = tx
        .list_audit(&filter, (NOW + 3, "e003"), 1000, 2)
        .await
        .expect("reads");
    assert_eq!(
        page.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        ["e002", "e001"]
    );
});

both!(no_more_is_looked_at_than_allowed, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    fill(&mut tx, 12).await;
    let rare = AuditFilter {
        outcome: "success".to_owned(),
        subject: "u0".to_owned(),
        address: "192.0.2.0".to_owned(),
        ..AuditFilter::default()
    };
    assert!(rare.has_more() && rare.lead() == Lead::Subject);
    assert!(
        found(&mut tx, rare.clone(), 3).await.is_empty(),
        "e009, e006 and e003 were looked at"
    );
    assert_eq!(found(&mut tx, rare.clone(), 4).await, ["e000"]);

    let rare = from_start(rare);
    let place = tx
        .audit_place(&rare, (i64::MAX, ""), 3)
        .await
        .expect("reads");
    assert_eq!(
        place,
        Some(AuditPlace {
            at: NOW + 3,
            id: "e003".to_owned()
        })
    );
    let beyond = tx
        .audit_place(&rare, (i64::MAX, ""), 5)
        .await
        .expect("reads");
    assert_eq!(beyond, None);
    assert!(
        !AuditFilter {
            kind: "user".to_owned(),
            ..AuditFilter::default()
        }
        .has_more()
    );
});

both!(one_row_and_the_addresses_of_its_people, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    fill(&mut tx, 2).await;
    add_user(&mut tx, "u1", "ada@example.com").await;
    assert_eq!(
        tx.audit_by_id("e001")
            .await
            .expect("reads")
            .map(|row| row.at),
        Some(NOW + 1)
    );
    assert_eq!(tx.audit_by_id("e9").await.expect("reads"), None);
    let emails = tx
        .list_emails(r#"["u1","u2","' or 1=1"]"#)
        .await
        .expect("reads");
    assert_eq!(emails, [("u1".to_owned(), "ada@example.com".to_owned())]);
    assert!(tx.list_emails("[]").await.expect("reads").is_empty());
});

/// How the database reads a text, line by line. PostgreSQL is told not to read small tables whole, as
/// it would not read a large one.
async fn plan(tx: &mut Tx, text: &str, lead: Lead, values: usize) -> String {
    // Every parameter is a text or a number, in the order of the two texts.
    let led = if lead == Lead::Time { "" } else { "x" };
    macro_rules! bound {
        ($query:expr) => {{
            let query = $query
                .bind(led)
                .bind(i64::MAX)
                .bind("")
                .bind(0_i64)
                .bind(10_i64);
            let mut query = query;
            if values > 5 {
                for _ in 0..7 {
                    query = query.bind("");
                }
                query = query.bind(10_i64);
            }
            query
        }};
    }
    match tx.connection() {
        Connection::Sqlite(c) => {
            let query = sqlx::query(AssertSqlSafe(format!("explain query plan {text}")));
            let rows = bound!(query).fetch_all(c).await.expect("explains");
            let lines: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            lines.join("\n")
        }
        Connection::Postgres(c) => {
            for setting in ["enable_seqscan", "enable_bitmapscan", "enable_sort"] {
                let off = AssertSqlSafe(format!("set local {setting} = off"));
                sqlx::query(off).execute(&mut *c).await.expect("is set");
            }
            let query = sqlx::query(AssertSqlSafe(format!("explain {text}")));
            let rows = bound!(query).fetch_all(c).await.expect("explains");
            let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            lines.join("\n")
        }
    }
}

both!(every_filter_reads_along_its_own_index, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    fill(&mut tx, 300).await;
    for (lead, index) in LEADS {
        for (text, values) in [
            (search_text(lead, store.is_embedded()), 13),
            (place_text(lead, store.is_embedded()), 5),
        ] {
            let plan = plan(&mut tx, text, lead, values).await;
            assert!(plan.contains(index), "{lead:?}: {plan}");
            // In the order of the index: what is read is at most what is looked at.
            let reads_whole =
                plan.contains("SCAN audit_log\n") || plan.contains("Seq Scan on audit_log");
            assert!(!reads_whole, "{lead:?}: {plan}");
        }
    }
});
