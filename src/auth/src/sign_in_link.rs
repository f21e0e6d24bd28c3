//! What the link of a sign-in letter leads to, for the page it opens. Looking uses nothing up.

use wire::{Email, Secret};

use crate::Auth;
use crate::device::device;
use crate::error::Fault;
use crate::log_in_by_code::PURPOSE;
use crate::request_sign_in_code::flow_email;
use crate::secret::TokenDigest;

/// A link that still works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    /// Whom it signs in.
    pub email: Email,
    /// Whether the asker holds the secret of the flow it belongs to: then the link is enough, else
    /// the letter's code is wanted too.
    pub holds_flow: bool,
    /// By which device it was asked for, in words.
    pub asked_by: String,
    /// And from which address.
    pub asked_from: String,
}

impl Auth {
    /// What a sign-in link leads to; `None` when it was used, has ended or never was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_in_link(
        &self,
        token: &Secret,
        flow: Option<&Secret>,
    ) -> Result<Option<SignInLink>, Fault> {
        let now = self.now();
        let mut tx = self.store().read().await?;
        let digest = TokenDigest::of(token);
        let Some(id) = tx
            .one_time_token_by_digest(PURPOSE, digest.as_bytes(), now)
            .await?
        else {
            return Ok(None);
        };
        let Some(row) = tx.sign_in_flow_by_id(&id, now).await? else {
            return Ok(None);
        };
        Ok(Some(SignInLink {
            email: flow_email(&row)?,
            holds_flow: flow.is_some_and(|flow| row.is_of(flow)),
            asked_by: device(&row.agent).words(),
            asked_from: row.address,
        }))
    }
}
