//! Asking for another address (security.md row 30).
//!
//! Promises: the answer is the same whether or not the new address is known, and so are its cost and
//! its outbox rows. Nothing changes but that a change waits: for its new address to be proven by a
//! signed-in session of the account (`confirm_email_change`). The present address is told at once, with
//! a way to stop it (`undo_email_change`). One change waits at a time: a newer one ends it, and so does
//! a password that is changed or reset.

use wire::{Email, ErrorCode, FieldCode};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};
use crate::session::Session;
use crate::store::{EmailChangeRow, NewEmailChange, Tx, UserRow};

/// How long a change waits for its address to be proven: as long as its link lives.
pub(crate) const PENDING: i64 = 24 * 3600;

/// A change that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingEmail {
    /// The address that is to be proven.
    pub email: Email,
    /// Whether the asking session is the one that may use the letter's code.
    pub takes_code: bool,
}

/// Why no change was taken on.
#[derive(Debug, thiserror::Error)]
pub enum ChangeEmailError {
    /// It is the account's address already.
    #[error("the address is the account's own")]
    OwnAddress,
    /// The session ended a moment ago.
    #[error("the session has ended")]
    SignedOut,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<ChangeEmailError> for wire::Error {
    fn from(error: ChangeEmailError) -> Self {
        match error {
            ChangeEmailError::OwnAddress => Self::field("newEmail", FieldCode::Reused),
            ChangeEmailError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            ChangeEmailError::Limited(limited) => limited.into(),
            ChangeEmailError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for ChangeEmailError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Takes on a change of the caller's address.
    ///
    /// # Errors
    /// [`ChangeEmailError`]; none of its reasons tells whether somebody else has the address.
    pub async fn change_email(
        &self,
        session: &Session,
        new: &Email,
        client: &Client,
    ) -> Result<(), ChangeEmailError> {
        if session.user.email == new.as_str() {
            return Err(ChangeEmailError::OwnAddress);
        }
        self.admit_from(
            client,
            &[
                (Rate::EmailChange, &session.user.id),
                (Rate::Letter, new.as_str()),
            ],
        )
        .await?;
        let now = self.now();
        let mut tx = self.store().write().await?;
        let user = self
            .hold_account(&mut tx, session)
            .await?
            .ok_or(ChangeEmailError::SignedOut)?;
        if user.email == new.as_str() {
            return Err(ChangeEmailError::OwnAddress);
        }
        let replaced = tx.set_email_changes_ended(&user.id, now).await?;
        let id = self.draw_id();
        tx.add_email_change(&NewEmailChange {
            id: &id,
            user_id: &user.id,
            session_id: &session.id,
            old_email: &user.email,
            new_email: new.as_str(),
            now,
            expires_at: now + PENDING,
        })
        .await?;
        self.add_letter(&mut tx, "email_change", &id, client)
            .await?;
        self.add_letter(&mut tx, "email_change_asked", &id, client)
            .await?;
        let detail = serde_json::json!({
            "change": id, "before": user.email, "after": new.as_str(), "replaced": replaced,
        });
        let entry = Entry::done("email_change.requested", client).actor(&user.id);
        self.audit(&mut tx, entry.subject(&user.id).detail(detail))
            .await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(())
    }

    /// Ends the change that waits, if there is one. Its letters to the present address stay good.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cancel_email_change(
        &self,
        session: &Session,
        client: &Client,
    ) -> Result<(), Fault> {
        let user = &session.user.id;
        let mut tx = self.store().write().await?;
        tx.set_user_held(user).await?;
        if tx.set_email_changes_ended(user, self.now()).await? > 0 {
            let entry = Entry::done("email_change.cancelled", client).actor(user);
            self.audit(&mut tx, entry.subject(user)).await?;
        }
        tx.commit().await
    }

    /// The change that waits for its address to be proven.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pending_email(&self, session: &Session) -> Result<Option<PendingEmail>, Fault> {
        let mut tx = self.store().read().await?;
        let change = tx
            .pending_email_change_by_user(&session.user.id, self.now())
            .await?;
        let view = |change: EmailChangeRow| {
            let email = Email::parse(&change.new_email)
                .map_err(|_| Fault::Inconsistent("email_changes.new_email is no address"))?;
            let takes_code = change.session_id == session.id;
            Ok(PendingEmail { email, takes_code })
        };
        change.map(view).transpose()
    }

    /// Takes hold of the account of a session: `None` when one of the two has ended meanwhile. What was
    /// looked at before the transaction may be a moment old, and an undo must not be overtaken.
    pub(crate) async fn hold_account(
        &self,
        tx: &mut Tx,
        session: &Session,
    ) -> Result<Option<UserRow>, Fault> {
        tx.set_user_held(&session.user.id).await?;
        if tx.session_by_id(&session.id, self.now()).await?.is_none() {
            return Ok(None);
        }
        let user = tx.user_by_id(&session.user.id).await?;
        Ok(user.filter(UserRow::may_sign_in))
    }
}
