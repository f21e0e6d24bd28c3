//! Ending a key that got out: whoever holds it may, because whoever holds it could use it.
//!
//! The answer is the same whether there was such a key: a list of guesses learns nothing from it. Each
//! network may report so many an hour.

use wire::{Error, FieldCode, Secret, api_key_mode};

use super::revoke::Ender;
use crate::Auth;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};
use crate::secret::TokenDigest;

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReportLeakError {
    /// It is not written as a key is.
    #[error("this is not written as a key is")]
    NoKey,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<ReportLeakError> for Error {
    fn from(error: ReportLeakError) -> Self {
        match error {
            ReportLeakError::NoKey => Self::field("key", FieldCode::Invalid),
            ReportLeakError::Limited(limited) => limited.into(),
            ReportLeakError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for ReportLeakError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Ends a key that somebody found, and tells its owner. No error where there is no such key, or it
    /// was over.
    ///
    /// # Errors
    /// [`ReportLeakError`].
    pub async fn revoke_leaked_key(
        &self,
        key: &Secret,
        client: &Client,
    ) -> Result<(), ReportLeakError> {
        if api_key_mode(key.reveal()).is_none() {
            return Err(ReportLeakError::NoKey);
        }
        self.admit_from(client, &[(Rate::LeakReport, &client.network())])
            .await?;
        let digest = TokenDigest::of(key);
        let mut tx = self.store().write().await?;
        let Some(row) = tx.api_key_by_digest(digest.as_bytes()).await? else {
            return Ok(());
        };
        let ender = Ender {
            actor: None,
            reason: "leaked",
            said: None,
        };
        Ok(self.end_key(tx, &row, &ender, client).await?)
    }
}
