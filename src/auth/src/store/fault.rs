//! What a database failure means. The driver's own error goes no further than here: above, it is a
//! text for the log, and whether trying again makes sense.

use std::fmt;

use crate::error::Fault;

/// The database did not do what it was asked.
#[derive(Debug)]
pub struct DatabaseError(sqlx::Error);

impl DatabaseError {
    /// Whether the database was not reached at all: worth another try, and said as 503.
    pub(crate) fn is_unavailable(&self) -> bool {
        match &self.0 {
            sqlx::Error::Database(refusal) => {
                refusal.code().is_some_and(|code| is_out_of_service(&code))
            }
            error => matches!(
                error,
                sqlx::Error::Io(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
                    | sqlx::Error::Tls(_)
            ),
        }
    }
}

/// Whether a statement was refused because somebody else has what is unique. On PostgreSQL the
/// transaction can only be dropped then.
pub(super) fn is_unique_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// Whether a statement was refused because something else refers to what should go. On PostgreSQL the
/// transaction can only be dropped then.
pub(super) fn is_foreign_key_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}

/// Whether PostgreSQL says that it, not the statement, is the trouble (SQLSTATE classes): the
/// connection (08), resources (53), shutting down or starting up (57P).
fn is_out_of_service(code: &str) -> bool {
    ["08", "53", "57P"]
        .iter()
        .any(|class| code.len() == 5 && code.starts_with(class))
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for DatabaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(DatabaseError(error))
    }
}

impl From<sqlx::migrate::MigrateError> for Fault {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        sqlx::Error::from(error).into()
    }
}
