//! The store's contract: every method, on both databases, seen from inside. What the flows build on
//! it is told in `stories`.

#[path = "support/both.rs"]
#[macro_use]
mod both;
#[path = "support/database.rs"]
mod database;

#[path = "contract/account.rs"]
mod account;
#[path = "contract/api_key.rs"]
mod api_key;
#[path = "contract/audit.rs"]
mod audit;
#[path = "contract/audit_search.rs"]
mod audit_search;
#[path = "contract/console.rs"]
mod console;
#[path = "contract/erasure.rs"]
mod erasure;
#[path = "contract/grant.rs"]
mod grant;
#[path = "contract/import.rs"]
mod import;
#[path = "contract/invitation.rs"]
mod invitation;
#[path = "contract/key.rs"]
mod key;
#[path = "contract/known_device.rs"]
mod known_device;
#[path = "contract/leaving.rs"]
mod leaving;
#[path = "contract/limit.rs"]
mod limit;
#[path = "contract/migration.rs"]
mod migration;
#[path = "contract/one_time_token.rs"]
mod one_time_token;
#[path = "contract/outbox.rs"]
mod outbox;
#[path = "contract/race.rs"]
mod race;
#[path = "contract/refresh_token.rs"]
mod refresh_token;
#[path = "contract/registration.rs"]
mod registration;
#[path = "contract/reset.rs"]
mod reset;
#[path = "contract/reset_race.rs"]
mod reset_race;
#[path = "contract/revocation.rs"]
mod revocation;
#[path = "contract/role.rs"]
mod role;
#[path = "contract/session.rs"]
mod session;
#[path = "contract/session_list.rs"]
mod session_list;
#[path = "contract/sign_in_flow.rs"]
mod sign_in_flow;
#[path = "contract/tenant.rs"]
mod tenant;
#[path = "contract/transaction.rs"]
mod transaction;
#[path = "contract/user.rs"]
mod user;
#[path = "contract/ws_ticket.rs"]
mod ws_ticket;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use database::{Kind, on_database};

use crate::store::{NewSession, NewUser, Store, Tx};
use crate::{Auth, Clock, HashCost, KeyRing, Parts, SeededEntropy, Settings};

/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600;

/// Gives the body of a test an empty, migrated store.
fn tell(kind: Kind, test: &str, body: impl AsyncFnOnce(&Store)) {
    on_database(kind, test, async |database| {
        let store = Store::connect(database.url()).await.expect("connects");
        store.migrate().await.expect("migrates");
        body(&store).await;
        store.close().await;
        database
    });
}

/// The core over a store: for what only its own statements can be raced with. Every one is another
/// node with the same ring.
async fn auth_on(store: &Store, clock: Arc<dyn Clock>) -> Auth {
    static NODES: AtomicU64 = AtomicU64::new(100);
    crate::install_crypto();
    let entropy = Arc::new(SeededEntropy::new(NODES.fetch_add(1, Ordering::Relaxed)));
    let ring = KeyRing::generate(&SeededEntropy::new(7));
    let settings = Settings {
        hash: HashCost {
            memory_kib: 64,
            iterations: 1,
            lanes: 1,
        },
        ..Settings::default()
    };
    let parts = Parts {
        store: store.clone(),
        clock,
        entropy,
        ring,
        settings,
    };
    Auth::open(parts).await.expect("opens")
}

/// Bytes that stand for a digest.
fn digest(of: u8) -> [u8; 32] {
    [of; 32]
}

/// Adds a plain account.
async fn add_user(tx: &mut Tx, id: &str, email: &str) {
    let user = NewUser {
        id,
        email,
        email_verified_at: Some(NOW),
        username: None,
        first_name: None,
        last_name: None,
        password_hash: "$argon2id$old",
        role: "user",
        now: NOW,
    };
    assert!(tx.add_user(&user).await.expect("adds"));
}

/// A session of an account that idles out after 100 seconds and ends after 1000.
fn session_of<'a>(user_id: &'a str, id: &'a str, cookie: Option<&'a [u8]>) -> NewSession<'a> {
    NewSession {
        id,
        user_id,
        cookie_digest: cookie,
        tenant_id: None,
        methods: "pwd email",
        now: NOW,
        idle_seconds: 100,
        expires_at: NOW + 1000,
        address: "192.0.2.1",
        agent: "test",
        remembered: false,
    }
}

/// Runs any statement, as an operator with a console would.
async fn run(tx: &mut Tx, statement: &str) -> Result<u64, sqlx::Error> {
    on!(tx, c => sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))
}

/// Reads one number.
async fn number(store: &Store, query: &str) -> i64 {
    let mut tx = store.read().await.expect("reads");
    on!(tx, c => sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(c).await)
        .expect("a number")
}

/// Every `.rs` file of a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "rs"))
        .collect();
    files.sort();
    files
}

/// The names of the asynchronous methods a source offers to others.
fn methods(source: &str) -> Vec<String> {
    source
        .lines()
        .map(str::trim_start)
        .filter_map(|line| {
            line.strip_prefix("pub(crate) async fn ")
                .or_else(|| line.strip_prefix("pub async fn "))
        })
        .filter_map(|rest| rest.split(['(', '<']).next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_method_of_the_store_is_under_contract() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let contract: String = sources(&crate_folder.join("tests/contract"))
        .iter()
        .map(|file| std::fs::read_to_string(file).expect("readable"))
        .collect();
    let mut offered = Vec::new();
    for file in sources(&crate_folder.join("src/store")) {
        offered.extend(methods(&std::fs::read_to_string(file).expect("readable")));
    }

    assert!(offered.len() > 50, "only {} were found", offered.len());
    let missing: Vec<_> = offered
        .iter()
        .filter(|name| !contract.contains(&format!(".{name}(")))
        .collect();
    assert!(
        missing.is_empty(),
        "never called by a contract: {missing:?}"
    );
}
