//! The store: all SQL of the product, on SQLite or PostgreSQL, one text for both.
//!
//! It knows no policy: it is told the time, the digests and the limits. Its dialect:
//! - `$1` parameters; text, bigint, bytes. Ids are text, e-mail is stored canonical, no `ilike`.
//! - Times are bigint seconds given by the caller, never the database's clock (D28 is the one probe).
//! - Single use is one conditional `update … returning`: check and act cannot come apart.
//! - `insert … on conflict`, `returning`; counts decode as `i64`; no `sum`, no arrays, no `for update`.
//! - A unique violation is recognised by kind; SQLite names no constraint, so an insert has at most
//!   one column a person can collide on, or says `on conflict do nothing returning`.
//! - A statement that must differ is two literals in one `match`, with the reason.
//! - Verbs: `…_by_…` (one, `Option`), `list_…`, `add_…`, `set_…`, `consume_…`, `delete_…`, `count_…`.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use wire::Paging;

use crate::error::Fault;

/// Runs one query text on whichever database the transaction is of.
macro_rules! on {
    ($tx:expr, $connection:ident => $query:expr) => {
        match $tx.connection() {
            crate::store::Connection::Sqlite($connection) => $query,
            crate::store::Connection::Postgres($connection) => $query,
        }
    };
}

mod api_key;
mod api_key_list;
mod assignment;
mod audit;
mod audit_mark;
mod audit_search;
mod change;
mod consent;
mod email_change;
mod erasure;
mod failure;
mod fault;
mod grant;
mod import;
mod invitation;
mod known_device;
mod leaving;
mod managed_user;
mod managed_user_text;
mod membership;
mod meta;
mod notice;
mod one_time_token;
mod outbox;
mod outbox_view;
mod own_data;
mod password_history;
mod permission;
mod rate;
mod refresh_token;
mod registration;
mod reset;
mod role;
#[cfg(any(test, feature = "seed"))]
mod seed;
mod session;
mod session_list;
mod sign_in_day;
mod sign_in_flow;
mod signing_key;
mod stats;
mod suspension;
mod tenant;
mod user;
mod ws_ticket;

// The contract sees the store from inside.
#[cfg(test)]
#[path = "../tests/contract.rs"]
mod contract;

pub(crate) use api_key::{ApiKeyRow, NewApiKeyRow};
pub(crate) use api_key_list::{ApiKeyFilter, ListedApiKeyRow};
pub(crate) use assignment::{AssignmentFilter, AssignmentRow, NewAssignment};
#[cfg(test)]
pub(crate) use audit::LIST_BY_PERSON;
pub(crate) use audit::{AuditRow, Checkpoint};
pub(crate) use audit_mark::Mark;
pub(crate) use audit_search::{AuditFilter, AuditPlace};
#[cfg(test)]
pub(crate) use audit_search::{Lead, place_text, search_text};
pub(crate) use change::RevocationRow;
pub(crate) use consent::{ConsentRow, NewConsent};
pub(crate) use email_change::{EmailChangeRow, NewEmailChange};
pub(crate) use erasure::ErasureRow;
pub use fault::DatabaseError;
pub(crate) use grant::{GivenRow, NewGrant};
pub(crate) use import::{ExportedRow, ImportMacs, ImportedProfile, ImportedRow, NewImportedUser};
pub(crate) use invitation::{InvitationFilter, InvitationRow, NewInvitationRow};
pub(crate) use managed_user::{ManagedUserRow, UserFilter, UserPlace};
#[cfg(test)]
pub(crate) use managed_user_text::{UserLead, UserOrder, list_text};
pub(crate) use membership::{
    MemberFilter, MemberGrantRow, MemberRow, MembershipRow, NewMembership,
};
pub(crate) use one_time_token::NewOneTimeToken;
pub(crate) use outbox::{DueLetter, Failed, NewLetter};
pub(crate) use outbox_view::{OutboxPage, OutboxRow};
pub(crate) use own_data::{
    OwnAccountRow, OwnApiKeyRow, OwnEmailChangeRow, OwnGrantRow, OwnImportRow, OwnLetterRow,
    OwnMembershipRow, OwnSessionRow,
};
pub(crate) use permission::PermissionRow;
pub(crate) use refresh_token::{Exchange, RefreshRow};
pub(crate) use registration::RegistrationRow;
pub(crate) use reset::ResetRow;
pub(crate) use role::{HolderRow, RoleRow};
#[cfg(feature = "seed")]
pub use seed::Seed;
pub use session::Flash;
pub(crate) use session::{NewSession, SessionRow};
pub(crate) use session_list::ListedSessionRow;
pub(crate) use sign_in_day::SignInDayRow;
pub(crate) use sign_in_flow::SignInFlowRow;
pub(crate) use signing_key::SigningKeyRow;
pub(crate) use tenant::TenantRow;
pub(crate) use user::{NewUser, Profile, UserRow};
pub(crate) use ws_ticket::WsTicketRow;

/// Result of every store method: a missing row is `Ok(None)`, an error is a fault.
pub(crate) type Result<T> = std::result::Result<T, Fault>;

/// The oldest SQLite without the WAL-reset corruption race (`stack.md` T2).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// A pool of connections to one of the two databases. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: Pool,
    /// Statements run so far.
    statements: Arc<AtomicU64>,
}

#[derive(Clone, Debug)]
enum Pool {
    /// One writer, so that writes queue here and not at a busy timeout; several readers beside it.
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
    },
    Postgres(PgPool),
}

/// One connection: a transaction that is rolled back unless committed, or a plain connection that
/// only reads.
pub(crate) struct Tx {
    held: Held,
    statements: Arc<AtomicU64>,
}

enum Held {
    SqliteRead(PoolConnection<Sqlite>),
    SqliteWrite(Transaction<'static, Sqlite>),
    PostgresRead(PoolConnection<Postgres>),
    PostgresWrite(Transaction<'static, Postgres>),
}

/// What `on!` matches on.
pub(crate) enum Connection<'t> {
    Sqlite(&'t mut SqliteConnection),
    Postgres(&'t mut PgConnection),
}

impl Store {
    /// Opens `sqlite://path` (made if missing) or `postgres://…`.
    ///
    /// # Errors
    /// When the URL does not read, the database cannot be reached, or its SQLite is too old.
    pub async fn connect(url: &str) -> std::result::Result<Self, Fault> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::connect_postgres(url).await
        } else {
            Self::connect_sqlite(url).await
        }
    }

    async fn connect_sqlite(url: &str) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: an acknowledged registration outlives a power cut, not only a crash.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("trusted_schema", "off")
            .statement_cache_capacity(256);
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(30))
                .test_before_acquire(false)
        };
        // The writer first: it makes the file and switches it to WAL.
        let write = pool(1).connect_with(options.clone()).await?;
        // Readers refuse to write: a write beside the writer would wait, and one day deadlock.
        let read = pool(8)
            .connect_with(options.pragma("query_only", "on"))
            .await?;
        let store = Self::of(Pool::Sqlite { read, write });
        store.refuse_old_sqlite().await?;
        Ok(store)
    }

    async fn refuse_old_sqlite(&self) -> Result<()> {
        let Pool::Sqlite { read, .. } = &self.pool else {
            return Ok(());
        };
        let version: String = sqlx::query_scalar("select sqlite_version()")
            .fetch_one(read)
            .await?;
        let mut parts = version
            .split('.')
            .map(|part| part.parse::<u32>().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        if (next(), next(), next()) < OLDEST_SQLITE {
            return Err(Fault::Inconsistent(
                "the linked SQLite is older than 3.51.3",
            ));
        }
        Ok(())
    }

    async fn connect_postgres(url: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?.application_name("gatehouse");
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await?;
        Ok(Self::of(Pool::Postgres(pool)))
    }

    fn of(pool: Pool) -> Self {
        Self {
            pool,
            statements: Arc::default(),
        }
    }

    /// Brings the schema up to date. Safe on several nodes at once: the first one does it.
    ///
    /// # Errors
    /// When a migration fails, or the database is newer than this binary.
    pub async fn migrate(&self) -> std::result::Result<(), Fault> {
        match &self.pool {
            Pool::Sqlite { write, .. } => {
                sqlx::migrate!("../../migrations/sqlite").run(write).await?
            }
            Pool::Postgres(pool) => {
                sqlx::migrate!("../../migrations/postgres")
                    .run(pool)
                    .await?
            }
        }
        Ok(())
    }

    /// Whether every node of this store is in this process, so that a cache here misses nothing.
    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self.pool, Pool::Sqlite { .. })
    }

    /// A connection to read with; there is nothing to commit.
    pub(crate) async fn read(&self) -> Result<Tx> {
        Ok(self.tx(match &self.pool {
            Pool::Sqlite { read, .. } => Held::SqliteRead(read.acquire().await?),
            Pool::Postgres(pool) => Held::PostgresRead(pool.acquire().await?),
        }))
    }

    /// A transaction to write in. `BEGIN IMMEDIATE` on SQLite: a transaction that reads first and
    /// then writes would fail at once with BUSY_SNAPSHOT, whatever the busy timeout.
    pub(crate) async fn write(&self) -> Result<Tx> {
        Ok(self.tx(match &self.pool {
            Pool::Sqlite { write, .. } => {
                Held::SqliteWrite(write.begin_with("begin immediate").await?)
            }
            Pool::Postgres(pool) => Held::PostgresWrite(pool.begin().await?),
        }))
    }

    fn tx(&self, held: Held) -> Tx {
        Tx {
            held,
            statements: Arc::clone(&self.statements),
        }
    }

    /// How many statements were run so far.
    pub(crate) fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Ends all connections, writing SQLite's log back into its file.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

/// After which moment and id a page begins: the first one after what no row can be after.
fn beginning(paging: &Paging) -> (i64, &str) {
    match &paging.after {
        Some(cursor) => (cursor.at, &cursor.id),
        None => (i64::MAX, ""),
    }
}

impl Tx {
    /// The connection, for one statement: `on!` asks once for each.
    pub(crate) fn connection(&mut self) -> Connection<'_> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.held {
            Held::SqliteRead(connection) => Connection::Sqlite(connection),
            Held::SqliteWrite(transaction) => Connection::Sqlite(transaction),
            Held::PostgresRead(connection) => Connection::Postgres(connection),
            Held::PostgresWrite(transaction) => Connection::Postgres(transaction),
        }
    }

    /// Whether it writes at all; on a plain connection there is nothing to hold a row with.
    pub(crate) fn is_writing(&self) -> bool {
        matches!(self.held, Held::SqliteWrite(_) | Held::PostgresWrite(_))
    }

    /// Makes everything done so far last.
    pub(crate) async fn commit(self) -> Result<()> {
        match self.held {
            Held::SqliteWrite(transaction) => transaction.commit().await?,
            Held::PostgresWrite(transaction) => transaction.commit().await?,
            Held::SqliteRead(_) | Held::PostgresRead(_) => {}
        }
        Ok(())
    }
}
