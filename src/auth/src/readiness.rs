//! Whether this node may take requests (`/readyz`).

use crate::Auth;
use crate::error::Fault;
use crate::signing_key::KeyUse;

/// How far this node's clock may be off the database's, in seconds (D28).
const CLOCK_SLACK: i64 = 2;

/// Why a node is not ready.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The database does not answer, or is not migrated.
    #[error("database: {0}")]
    Database(#[from] Fault),
    /// There is no key to sign with.
    #[error("there is no signing key")]
    SigningKey,
    /// This node's clock is off: its tokens would be refused, or live too long.
    #[error("this node's clock is {0} s off the database's")]
    Clock(i64),
}

impl Auth {
    /// Asks the database, the schema, the clock and the keys.
    ///
    /// # Errors
    /// The first thing that is missing.
    pub async fn ready(&self) -> Result<(), NotReady> {
        let mut tx = self.store().read().await?;
        tx.change_number().await?;
        // An embedded database shares this machine's clock: there is nothing to compare.
        if !self.store().is_embedded() {
            let off = self.now() - tx.database_clock().await?;
            if off.abs() > CLOCK_SLACK {
                return Err(NotReady::Clock(off));
            }
        }
        let keys = self.keys(KeyUse::Tokens).get();
        keys.map(|_| ()).ok_or(NotReady::SigningKey)
    }
}
