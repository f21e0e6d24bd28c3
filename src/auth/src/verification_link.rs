//! What a mailed verification link leads to, for the page it opens. Looking uses nothing up.

use wire::{Email, Secret};

use crate::Auth;
use crate::error::Fault;
use crate::secret::TokenDigest;
use crate::verify_email::PURPOSE;

/// A link that still works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationLink {
    /// The address it proves.
    pub email: Email,
    /// Whether the asker holds the secret of the registration the link belongs to: then the
    /// password given there holds, else the finisher chooses one (D13).
    pub holds_flow: bool,
}

impl Auth {
    /// What a verification link leads to; `None` when it was used, has ended or never was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verification_link(
        &self,
        token: &Secret,
        flow: Option<&Secret>,
    ) -> Result<Option<VerificationLink>, Fault> {
        let now = self.now();
        let mut tx = self.store().read().await?;
        let digest = TokenDigest::of(token);
        let Some(id) = tx
            .one_time_token_by_digest(PURPOSE, digest.as_bytes(), now)
            .await?
        else {
            return Ok(None);
        };
        let Some(row) = tx.registration_by_id(&id, now).await? else {
            return Ok(None);
        };
        let email = Email::parse(&row.email)
            .map_err(|_| Fault::Inconsistent("registrations.email is no address"))?;
        let holds_flow =
            flow.is_some_and(|flow| TokenDigest::of(flow).as_bytes() == row.flow_digest);
        Ok(Some(VerificationLink { email, holds_flow }))
    }
}
