//! Faults: what goes wrong that no caller caused.

use wire::ErrorCode;

/// A failure below the rules. Its text is for the log; the world learns a code.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database did not do what it was asked.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A stored value does not read as what it must be.
    #[error("stored value is inconsistent: {0}")]
    Inconsistent(&'static str),
    /// The key ring does not open a stored value.
    #[error("key ring: {0}")]
    Ring(#[from] crate::ring::RingError),
    /// Signing or verifying failed for a reason that is not the token's.
    #[error("token: {0}")]
    Token(#[from] jsonwebtoken::errors::Error),
    /// A blocking task died.
    #[error("a hashing task ended early")]
    Hashing,
}

impl Fault {
    /// Whether the database was not reached at all: worth another try, and said as 503.
    fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(refusal)) => {
                refusal.code().is_some_and(|code| is_out_of_service(&code))
            }
            Self::Database(error) => matches!(
                error,
                sqlx::Error::Io(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
                    | sqlx::Error::Tls(_)
            ),
            _ => false,
        }
    }
}

/// Whether PostgreSQL says that it, not the statement, is the trouble (SQLSTATE classes): the
/// connection (08), resources (53), shutting down or starting up (57P).
fn is_out_of_service(code: &str) -> bool {
    ["08", "53", "57P"]
        .iter()
        .any(|class| code.len() == 5 && code.starts_with(class))
}

impl From<&Fault> for wire::Error {
    fn from(fault: &Fault) -> Self {
        if fault.is_unavailable() {
            ErrorCode::DatabaseUnavailable.into()
        } else {
            ErrorCode::Internal.into()
        }
    }
}

impl From<Fault> for wire::Error {
    fn from(fault: Fault) -> Self {
        Self::from(&fault)
    }
}

impl From<sqlx::migrate::MigrateError> for Fault {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Database(error.into())
    }
}
