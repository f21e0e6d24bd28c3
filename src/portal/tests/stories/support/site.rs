//! A database of its own for each telling of a story.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// Where one portal keeps what it knows: a database and a folder.
pub(crate) struct Site {
    folder: TempDir,
    database: Database,
}

enum Database {
    Sqlite,
    Postgres { server: String, name: String },
}

impl Site {
    /// A file in a folder that goes away with the story.
    pub(crate) fn sqlite() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            database: Database::Sqlite,
        }
    }

    /// A new database on the server `TEST_POSTGRES_URL` names. `None` on a developer's machine
    /// without one; in CI that is a fault, so that no run passes half.
    #[expect(clippy::print_stdout, reason = "a story that is not told says so")]
    pub(crate) async fn postgres(story: &str) -> Option<Self> {
        let Some(server) = variable("TEST_POSTGRES_URL") else {
            assert!(
                variable("CI").is_none(),
                "CI tells every story on PostgreSQL too: set TEST_POSTGRES_URL"
            );
            println!("SKIPPED {story} on PostgreSQL: TEST_POSTGRES_URL is not set");
            return None;
        };
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("gatehouse_story_{}_{number}", std::process::id());
        run(
            &server,
            &format!("drop database if exists {name} with (force)"),
        )
        .await;
        run(&server, &format!("create database {name}")).await;
        Some(Self {
            folder: tempfile::tempdir().expect("a folder"),
            database: Database::Postgres { server, name },
        })
    }

    /// What the portal is told to connect to.
    pub(crate) fn url(&self) -> String {
        match &self.database {
            Database::Sqlite => format!(
                "sqlite://{}",
                self.folder.path().join("gatehouse.db").display()
            ),
            Database::Postgres { server, name } => with_database(server, name),
        }
    }

    /// Where files are kept.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Does to the database what no door offers yet, as an operator with a console would.
    pub(crate) async fn operate(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        match &self.database {
            Database::Sqlite => {
                let mut console = SqliteConnection::connect(&self.url())
                    .await
                    .expect("connects");
                console.execute(statement).await.expect("runs");
            }
            Database::Postgres { .. } => {
                let mut console = PgConnection::connect(&self.url()).await.expect("connects");
                console.execute(statement).await.expect("runs");
            }
        }
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let statement = AssertSqlSafe(format!("select count(*) from {table}"));
        match &self.database {
            Database::Sqlite => {
                let mut console = SqliteConnection::connect(&self.url())
                    .await
                    .expect("connects");
                sqlx::query_scalar(statement)
                    .fetch_one(&mut console)
                    .await
                    .expect("counts")
            }
            Database::Postgres { .. } => {
                let mut console = PgConnection::connect(&self.url()).await.expect("connects");
                sqlx::query_scalar(statement)
                    .fetch_one(&mut console)
                    .await
                    .expect("counts")
            }
        }
    }

    /// Leaves no database behind on somebody's server.
    pub(crate) async fn clear_away(self) {
        if let Database::Postgres { server, name } = &self.database {
            run(
                server,
                &format!("drop database if exists {name} with (force)"),
            )
            .await;
        }
    }
}

async fn run(server: &str, statement: &str) {
    let mut console = PgConnection::connect(server)
        .await
        .expect("TEST_POSTGRES_URL names a server");
    console
        .execute(AssertSqlSafe(statement.to_owned()))
        .await
        .expect("runs");
}

/// The same server, another database: `postgres://user@host:port/<name>?options`.
fn with_database(server: &str, name: &str) -> String {
    let (base, options) = server.split_once('?').unwrap_or((server, ""));
    let start = base.find("://").map_or(0, |at| at + 3);
    let end = base[start..].find('/').map_or(base.len(), |at| start + at);
    let options = if options.is_empty() {
        String::new()
    } else {
        format!("?{options}")
    };
    format!("{}/{name}{options}", &base[..end])
}

#[expect(
    clippy::disallowed_methods,
    reason = "the run tells its tests where PostgreSQL is"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
