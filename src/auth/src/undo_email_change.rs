//! Taking an account back by a link in a letter to its former address.
//!
//! The link is in two letters: the one that says a change was asked for, and the one that says it was
//! made. Pressing its button brings the address back that the account had when *that* change was asked
//! for, and undoes every later one with it. So of a chain of changes the first undo wins: it kills the
//! later ones' undo links, and none of theirs can kill it. It works without being signed in, and
//! whether or not the account is disabled; opening the link does nothing.

use wire::{Email, ErrorCode, Secret};

use crate::Auth;
use crate::client::Client;
use crate::error::Fault;
use crate::secret::TokenDigest;
use crate::store::EmailChangeRow;
use crate::take_back::{Reason, TakenBack};

/// What a one-time token of this flow is good for.
pub(crate) const PURPOSE: &str = "undo_email";
/// How long an undo link lives from its letter.
pub(crate) const UNDO_LIFE: i64 = 72 * 3600;

/// Why nothing was undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoEmailError {
    /// The link was used, has ended or never was.
    #[error("the link is used, has ended or never was")]
    Link,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<UndoEmailError> for wire::Error {
    fn from(error: UndoEmailError) -> Self {
        match error {
            UndoEmailError::Link => ErrorCode::InvalidOrExpiredLink.into(),
            UndoEmailError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// The address an undo link brings back; `None` when it was used, has ended or never was.
    /// Looking uses nothing up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn undo_link(&self, token: &Secret) -> Result<Option<Email>, Fault> {
        let change = self.change_to_undo(&TokenDigest::of(token)).await?;
        let parse = |change: EmailChangeRow| {
            Email::parse(&change.old_email)
                .map_err(|_| Fault::Inconsistent("email_changes.old_email is no address"))
        };
        change.map(parse).transpose()
    }

    /// Takes the account back: its former address, no sessions, no password but one chosen by a letter
    /// to that address.
    ///
    /// # Errors
    /// [`UndoEmailError`]; nothing has changed then.
    pub async fn undo_email_change(
        &self,
        token: &Secret,
        client: &Client,
    ) -> Result<TakenBack, UndoEmailError> {
        let digest = TokenDigest::of(token);
        loop {
            let change = self.change_to_undo(&digest).await?;
            let change = change.ok_or(UndoEmailError::Link)?;
            let mut tx = self.store().write().await?;
            tx.set_user_held(&change.user_id).await?;
            tx.consume_one_time_token(PURPOSE, digest.as_bytes(), self.now())
                .await?
                .ok_or(UndoEmailError::Link)?;
            let reason = Reason::Undone(&change);
            let taken_back = self
                .take_account_back(tx, &change.user_id, reason, client)
                .await?;
            // `None`: somebody registered the address in this very moment. Then it is theirs.
            if let Some(taken_back) = taken_back {
                return Ok(taken_back);
            }
        }
    }

    async fn change_to_undo(&self, digest: &TokenDigest) -> Result<Option<EmailChangeRow>, Fault> {
        let mut tx = self.store().read().await?;
        let id = tx
            .one_time_token_by_digest(PURPOSE, digest.as_bytes(), self.now())
            .await?;
        let Some(id) = id else { return Ok(None) };
        let change = tx.email_change_by_id(&id).await?;
        Ok(change.filter(|change| change.undone_at.is_none()))
    }
}
