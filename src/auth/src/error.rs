//! Faults: what goes wrong that no caller caused.

use wire::ErrorCode;

use crate::store::DatabaseError;

/// A failure below the rules. Its text is for the log; the world learns a code.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database did not do what it was asked.
    #[error("database: {0}")]
    Database(#[source] DatabaseError),
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
        matches!(self, Self::Database(error) if error.is_unavailable())
    }
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
