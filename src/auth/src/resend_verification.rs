//! Another letter to an address that is still to be proven.
//!
//! The same for every address, known, pending or unknown: the request only notes the wish. Whether
//! there is anything to send is decided when it is sent (`outbox`).

use wire::Email;

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};

/// Why no further letter was taken on.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// Too often, to this address.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<LimitError> for ResendError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ResendError> for wire::Error {
    fn from(error: ResendError) -> Self {
        match error {
            ResendError::Limited(limited) => limited.into(),
            ResendError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Takes on another letter to a registered address. The same for every address: whether there
    /// is anything to send is decided when it is sent.
    ///
    /// # Errors
    /// [`ResendError`].
    pub async fn resend_verification(
        &self,
        email: Email,
        client: &Client,
    ) -> Result<(), ResendError> {
        self.admit(&[(Rate::Letter, email.as_str())]).await?;
        let mut tx = self.store().write().await?;
        self.add_letter(&mut tx, "resend_verification", email.as_str(), client)
            .await?;
        self.audit(
            &mut tx,
            Entry::done("registration.resend_requested", client),
        )
        .await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(())
    }
}
