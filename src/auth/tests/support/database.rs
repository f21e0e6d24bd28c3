//! A database of its own for each test, on SQLite and on PostgreSQL.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;

/// Which of the two a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// One empty database.
pub(crate) struct Database {
    _folder: TempDir,
    url: String,
    /// Where to drop it: the server, and the schema's name there.
    on_server: Option<(String, String)>,
}

impl Database {
    /// `None` on a developer's machine without PostgreSQL; in CI that is a fault, so that no run
    /// passes half.
    pub(crate) async fn make(kind: Kind) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        if kind == Kind::Sqlite {
            let url = format!("sqlite://{}", folder.path().join("gatehouse.db").display());
            return Some(Self {
                _folder: folder,
                url,
                on_server: None,
            });
        }
        let Some(server) = variable("TEST_POSTGRES_URL") else {
            assert!(
                variable("CI").is_none(),
                "CI runs every test on PostgreSQL too: set TEST_POSTGRES_URL"
            );
            return None;
        };
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("gatehouse_auth_{}_{number}", std::process::id());
        // A schema, not a database: making one takes a millisecond, and dropping it no checkpoint.
        let (away, make) = (drop_schema(&name), format!("create schema {name}"));
        run(&server, away).await;
        run(&server, make).await;
        let mark = if server.contains('?') { '&' } else { '?' };
        Some(Self {
            _folder: folder,
            url: format!("{server}{mark}options=-csearch_path%3D{name}"),
            on_server: Some((server, name)),
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Leaves nothing behind on somebody's server. Not done when a test fails: its database is the
    /// evidence.
    pub(crate) async fn clear_away(self) {
        if let Some((server, name)) = &self.on_server {
            run(server, drop_schema(name)).await;
        }
    }
}

/// Runs one test on one database, on two threads, so that what is parallel really is.
#[expect(clippy::print_stdout, reason = "a test that did not run says so")]
pub(crate) fn on_database<F: Future<Output = Database>>(
    kind: Kind,
    test: &str,
    run: impl FnOnce(Database) -> F,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        match Database::make(kind).await {
            Some(database) => Box::pin(run(database)).await.clear_away().await,
            None => println!("SKIPPED {test} on PostgreSQL: TEST_POSTGRES_URL is not set"),
        }
    });
}

async fn run(server: &str, statement: String) {
    let mut console = PgConnection::connect(server)
        .await
        .expect("TEST_POSTGRES_URL names a server");
    console
        .execute(AssertSqlSafe(statement))
        .await
        .expect("runs");
}

fn drop_schema(name: &str) -> String {
    format!("drop schema if exists {name} cascade")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the run tells its tests where PostgreSQL is"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
