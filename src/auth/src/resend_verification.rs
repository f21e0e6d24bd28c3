//! Another letter to an address that is still to be proven.
//!
//! The same for every address, known, pending or unknown: the request only notes the wish. Whether
//! there is anything to send is decided when it is sent (`outbox`).

use wire::{Email, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};
use crate::secret::TokenDigest;

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
    /// With the secret of a registration of that address the letter is of that one, whoever
    /// registered the address since: else its code would belong to a flow the asker does not hold.
    /// Without, it is of the newest.
    ///
    /// # Errors
    /// [`ResendError`].
    pub async fn resend_verification(
        &self,
        email: Email,
        flow: Option<&Secret>,
        client: &Client,
    ) -> Result<(), ResendError> {
        self.admit_from(client, &[(Rate::Letter, email.as_str())])
            .await?;
        let mut tx = self.store().write().await?;
        let own = match flow {
            Some(flow) => {
                let digest = TokenDigest::of(flow);
                tx.registration_by_flow(digest.as_bytes(), self.now())
                    .await?
            }
            None => None,
        };
        let (letter, subject) = match &own {
            Some(own) if own.email == email.as_str() => ("registration", own.id.as_str()),
            _ => ("resend_verification", email.as_str()),
        };
        self.add_letter(&mut tx, letter, subject, client).await?;
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
