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
    /// Where to drop it: the server, and its name there.
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
        run(
            &server,
            format!("drop database if exists {name} with (force)"),
        )
        .await;
        run(&server, format!("create database {name}")).await;
        Some(Self {
            _folder: folder,
            url: with_database(&server, &name),
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
            run(
                server,
                format!("drop database if exists {name} with (force)"),
            )
            .await;
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

/// The same server, another database: `postgres://user@host:port/<name>?options`.
fn with_database(server: &str, name: &str) -> String {
    let (base, options) = server.split_once('?').unwrap_or((server, ""));
    let start = base.find("://").map_or(0, |at| at + 3);
    let end = base[start..].find('/').map_or(base.len(), |at| start + at);
    let mark = if options.is_empty() { "" } else { "?" };
    format!("{}/{name}{mark}{options}", &base[..end])
}

#[expect(
    clippy::disallowed_methods,
    reason = "the run tells its tests where PostgreSQL is"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
