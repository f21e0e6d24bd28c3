//! Leaving: closing one's account, and changing one's mind.
//!
//! Promises: from the moment it is asked for nothing of the account works — no way in, no session,
//! no token — and for 14 days nothing of it is lost. Its owner gets a letter whose link keeps the
//! account, once; opening it uses nothing up. Signing in does not: a stranger with the password must
//! not learn that the account is leaving, so the answer stays "wrong", and who knew the right
//! password finds another letter in the mailbox. After 14 days `erase` deletes it. The last admin
//! stays.

use wire::{ErrorCode, FieldCode, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};
use crate::secret::TokenDigest;
use crate::session::Session;
use crate::store::{Tx, UserRow};

/// What the mailed token is good for.
pub(crate) const UNDO: &str = "undo_deletion";
/// How long an account is kept closed before it is deleted, in seconds.
pub(crate) const UNDOABLE: i64 = 14 * 86_400;

/// An account that is about to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Its address.
    pub email: String,
    /// When it is deleted.
    pub deletes_at: Timestamp,
}

/// Why an account was not closed.
#[derive(Debug, thiserror::Error)]
pub enum DeleteAccountError {
    /// What was typed is neither its address nor the phrase.
    #[error("the confirmation is {0}")]
    Confirmation(FieldCode),
    /// Nobody could manage the portal any more.
    #[error("this is the last admin")]
    LastAdmin,
    /// It may not sign in any more: closed or disabled a moment ago.
    #[error("the account was closed or disabled meanwhile")]
    Gone,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<DeleteAccountError> for wire::Error {
    fn from(error: DeleteAccountError) -> Self {
        match error {
            DeleteAccountError::Confirmation(code) => Self::field("confirmation", code),
            DeleteAccountError::LastAdmin => Self::conflict("role"),
            DeleteAccountError::Gone => ErrorCode::AuthenticationRequired.into(),
            DeleteAccountError::Limited(limited) => limited.into(),
            DeleteAccountError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for DeleteAccountError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

/// Why an account was not given back.
#[derive(Debug, thiserror::Error)]
pub enum UndoDeletionError {
    /// The link was used, has ended or never was.
    #[error("the link is used, has ended or never was")]
    Link,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<UndoDeletionError> for wire::Error {
    fn from(error: UndoDeletionError) -> Self {
        match error {
            UndoDeletionError::Link => ErrorCode::InvalidOrExpiredLink.into(),
            UndoDeletionError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Closes the caller's account, ends everything it has open, and has it deleted in 14 days.
    ///
    /// # Errors
    /// [`DeleteAccountError`]; nothing has changed then.
    pub async fn delete_account(
        &self,
        session: &Session,
        typed: &wire::DeleteAccount,
        client: &Client,
    ) -> Result<Closing, DeleteAccountError> {
        let (id, email) = (&session.user.id, &session.user.email);
        typed
            .check(email)
            .map_err(DeleteAccountError::Confirmation)?;
        self.admit_from(client, &[(Rate::Leave, id)]).await?;
        let now = self.now();
        let deletes_at = now + UNDOABLE;
        let mut tx = self.store().write().await?;
        // One at a time, as when disabling: two admins who leave at once must not both succeed.
        tx.set_lease("admins", self.node(), now, now).await?;
        if !tx.set_deletion(id, now, deletes_at).await? {
            return Err(DeleteAccountError::Gone);
        }
        if let Err(refusal) = self.refuse_last_admin(&mut tx, id).await {
            drop(tx);
            if matches!(refusal, DeleteAccountError::LastAdmin) {
                let entry = Entry::refused("user.delete", client, "last_admin").actor(id);
                self.audit_refusal(entry.subject(id)).await?;
            }
            return Err(refusal);
        }
        let ended = tx.set_sessions_revoked(id, None, now, "closed").await?;
        self.add_letter(&mut tx, "deletion_scheduled", id, client)
            .await?;
        let detail = serde_json::json!({ "sessions": ended });
        let entry = Entry::done("user.deletion_scheduled", client).actor(id);
        self.audit(&mut tx, entry.subject(id).detail(detail))
            .await?;
        let until = self.tokens_end_by(&mut tx).await?;
        tx.add_revocation("subject", id, now, until).await?;
        self.publish_ended(tx, &ended).await?;
        self.letters().notify_one();
        let email = email.clone();
        Ok(Closing { email, deletes_at })
    }

    async fn refuse_last_admin(&self, tx: &mut Tx, id: &str) -> Result<(), DeleteAccountError> {
        let user = tx.user_by_id(id).await?.ok_or(DeleteAccountError::Gone)?;
        if user.is_proven_admin() && tx.count_admins("").await?.may_act == 0 {
            return Err(DeleteAccountError::LastAdmin);
        }
        Ok(())
    }

    /// Whether the account may leave as things are: for the page, which says why not before anybody
    /// types. What counts is decided when it is done.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_last_admin(&self, session: &Session) -> Result<bool, Fault> {
        if session.user.role != "admin" || !session.user.email_verified {
            return Ok(false);
        }
        let mut tx = self.store().read().await?;
        Ok(tx.count_admins("").await?.may_act <= 1)
    }

    /// The account a link would give back. Uses nothing up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn closing_by_token(&self, token: &Secret) -> Result<Option<Closing>, Fault> {
        let now = self.now();
        let mut tx = self.store().read().await?;
        let digest = TokenDigest::of(token);
        let id = tx
            .one_time_token_by_digest(UNDO, digest.as_bytes(), now)
            .await?;
        let Some(id) = id else { return Ok(None) };
        Ok(tx
            .user_by_id(&id)
            .await?
            .and_then(|user| closing(user, now)))
    }

    /// Gives a closed account back. Nobody is signed in by it, and what ended stays ended.
    ///
    /// # Errors
    /// [`UndoDeletionError::Link`].
    pub async fn undo_deletion(
        &self,
        token: &Secret,
        client: &Client,
    ) -> Result<(), UndoDeletionError> {
        let now = self.now();
        let mut tx = self.store().write().await?;
        let id = tx
            .consume_one_time_token(UNDO, TokenDigest::of(token).as_bytes(), now)
            .await?
            .ok_or(UndoDeletionError::Link)?;
        if !tx.set_deletion_undone(&id, now).await? {
            return Err(UndoDeletionError::Link);
        }
        tx.delete_one_time_tokens_of(UNDO, &id).await?;
        let entry = Entry::done("user.deletion_undone", client).subject(&id);
        self.audit(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Somebody knew the right password of a closed account: its owner, by all signs, who finds the
    /// way back in the mailbox. The answer is the one to a wrong password all the same.
    pub(crate) async fn remind_of_deletion(
        &self,
        user: &UserRow,
        client: &Client,
    ) -> Result<(), Fault> {
        match self
            .admit_from(client, &[(Rate::Letter, &user.email)])
            .await
        {
            Ok(()) => {}
            Err(LimitError::Limited(_)) => return Ok(()),
            Err(LimitError::Fault(fault)) => return Err(fault),
        }
        let mut tx = self.store().write().await?;
        self.add_letter(&mut tx, "deletion_scheduled", &user.id, client)
            .await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(())
    }
}

fn closing(user: UserRow, now: Timestamp) -> Option<Closing> {
    let deletes_at = user.deletes_at.filter(|at| *at > now)?;
    if user.disabled_at.is_some() {
        return None;
    }
    let email = user.email;
    Some(Closing { email, deletes_at })
}
