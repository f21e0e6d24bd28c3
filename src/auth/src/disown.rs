//! "This wasn't me": somebody signed in says of an event of their account that it was not them.
//!
//! Then somebody else was in, and the account is taken back whole (`take_back`): this session ends
//! with the others. A change of address that was made since the event does not stand either, as long
//! as it could be undone: else the letter that leads to a new password would go to the wrong one.

use wire::ErrorCode;

use crate::Auth;
use crate::client::Client;
use crate::error::Fault;
use crate::secret::is_id;
use crate::session::Session;
use crate::take_back::{Reason, TakenBack};
use crate::undo_email_change::UNDO_LIFE;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum DisownError {
    /// No such event, or not of this account.
    #[error("no event of this account")]
    Unknown,
    /// The session ended a moment ago.
    #[error("the session has ended")]
    SignedOut,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<DisownError> for wire::Error {
    fn from(error: DisownError) -> Self {
        match error {
            DisownError::Unknown => ErrorCode::NotFound.into(),
            DisownError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            DisownError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Takes the caller's account back from whoever was behind an event.
    ///
    /// # Errors
    /// [`DisownError`]; nothing has changed then.
    pub async fn disown(
        &self,
        session: &Session,
        event: &str,
        client: &Client,
    ) -> Result<TakenBack, DisownError> {
        if !is_id(event) {
            return Err(DisownError::Unknown);
        }
        loop {
            let mut tx = self.store().write().await?;
            let user = self
                .hold_account(&mut tx, session)
                .await?
                .ok_or(DisownError::SignedOut)?;
            let event = tx
                .audit_by_person(&user.id, event)
                .await?
                .ok_or(DisownError::Unknown)?;
            let since = event.at.max(self.now() - UNDO_LIFE);
            let change = tx.standing_email_change_by_user(&user.id, since).await?;
            let reason = Reason::Disowned(&event, change);
            if let Some(taken_back) = self.take_account_back(tx, &user.id, reason, client).await? {
                return Ok(taken_back);
            }
        }
    }
}
