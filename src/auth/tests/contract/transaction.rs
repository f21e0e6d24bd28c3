//! What a transaction promises, whatever is done in it.

use std::time::Duration;

use super::*;
use crate::store::{Connection, Pool};

both!(what_is_not_committed_never_was, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    drop(tx);

    let mut tx = store.write().await.expect("a transaction");
    assert!(tx.user_by_id("u1").await.expect("reads").is_none());
    add_user(&mut tx, "u1", "ada@example.com").await;
    tx.commit().await.expect("commits");

    let mut tx = store.read().await.expect("a connection");
    assert!(tx.user_by_id("u1").await.expect("reads").is_some());
});

both!(an_open_transaction_is_seen_by_nobody, async |store| {
    let mut writing = store.write().await.expect("a transaction");
    add_user(&mut writing, "u1", "ada@example.com").await;

    let mut reading = store.read().await.expect("readers do not wait for writers");
    assert!(reading.user_by_id("u1").await.expect("reads").is_none());
    drop(writing);
});

both!(read_then_write_in_parallel_loses_nothing, async |store| {
    // A deferred transaction on SQLite fails here at once, whatever the busy timeout.
    let adders = (0..40).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = store.write().await.expect("a transaction");
            tx.change_number().await.expect("reads");
            tx.add_revocation("all", "", NOW, NOW)
                .await
                .expect("writes");
            tx.commit().await.expect("commits");
        })
    });
    for adder in futures::future::join_all(adders.collect::<Vec<_>>()).await {
        adder.expect("no panic");
    }

    let mut tx = store.read().await.expect("a connection");
    assert_eq!(tx.change_number().await.expect("reads"), 40);
});

both!(two_writers_stand_in_line, async |store| {
    let Pool::Sqlite { .. } = &store.pool else {
        return; // PostgreSQL locks rows, not the file.
    };
    let first = store.write().await.expect("a transaction");
    let second = tokio::time::timeout(Duration::from_millis(50), store.write()).await;
    assert!(second.is_err(), "BEGIN IMMEDIATE: the second waits");
    drop(first);
    store.write().await.expect("now it is its turn");
});

both!(a_reader_of_sqlite_cannot_write, async |store| {
    let mut tx = store.read().await.expect("a connection");
    if matches!(tx.connection(), Connection::Sqlite(_)) {
        assert!(tx.add_meta("name", "value").await.is_err());
    }
});

both!(only_sqlite_is_embedded_and_both_answer, async |store| {
    let is_sqlite = matches!(&store.pool, Pool::Sqlite { .. });
    assert_eq!(store.is_embedded(), is_sqlite);
    // Migrating again changes nothing.
    store.migrate().await.expect("is up to date");
});

both!(a_lost_connection_is_said_as_such, async |store| {
    let mut victim = store.write().await.expect("a transaction");
    if let Connection::Postgres(c) = victim.connection() {
        let pid: i32 = sqlx::query_scalar("select pg_backend_pid()")
            .fetch_one(c)
            .await
            .expect("a number");
        let mut tx = store.read().await.expect("a connection");
        run(&mut tx, &format!("select pg_terminate_backend({pid})"))
            .await
            .expect("terminates");
        let fault = victim
            .change_number()
            .await
            .expect_err("the server is gone");
        let world = wire::Error::from(&fault);
        assert_eq!(world.code, wire::ErrorCode::DatabaseUnavailable, "{fault}");
    }
    drop(victim);
    store.close().await;
    let Err(fault) = store.read().await else {
        panic!("the pool is closed");
    };
    let world = wire::Error::from(&fault);
    assert_eq!(world.code, wire::ErrorCode::DatabaseUnavailable, "{fault}");
    assert!(world.fields.is_empty() && world.retry_after.is_some());
});

both!(
    a_refused_statement_is_our_fault_and_tells_nothing,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        run(&mut tx, "drop table role_grants").await.expect("runs");
        let fault = tx
            .list_given_by_role("user")
            .await
            .expect_err("the table is gone");

        let world = wire::Error::from(fault);
        assert_eq!(world, wire::ErrorCode::Internal.into());
        assert!(!world.to_string().contains("role_grants"));
    }
);
