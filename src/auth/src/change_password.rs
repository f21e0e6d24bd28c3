//! Changing the password from inside: whoever is signed in, and knows the present one.
//!
//! The present password is asked for and throttled like a sign-in (security.md row 8): on the same
//! lanes, so that a stolen session is no better place to guess than the sign-in page.

use wire::{ErrorCode, FieldCode, Password};

use crate::Auth;
use crate::Session;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::hash::{Overloaded, Replacement};
use crate::limit::{Attempt, LimitError, Limited};
use crate::password::Ending;
use crate::secret::CookieToken;
use crate::store::UserRow;

/// A change of password.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// The present one, as claimed.
    pub current: Password,
    /// The password from now on: long enough.
    pub new: Password,
    /// Whether the account's other sessions end.
    pub ends_others: bool,
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The session has ended.
    #[error("the session has ended")]
    SignedOut,
    /// The present password is another, or the account has none.
    #[error("the present password is another")]
    WrongPassword,
    /// The new password will not do.
    #[error("the password is {0}")]
    Password(FieldCode),
    /// Too many failures.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Too many at once.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<ChangePasswordError> for wire::Error {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            ChangePasswordError::WrongPassword => {
                Self::field("currentPassword", FieldCode::Invalid)
            }
            ChangePasswordError::Password(code) => Self::field("newPassword", code),
            ChangePasswordError::Limited(limited) => limited.into(),
            ChangePasswordError::Overloaded(_) => ErrorCode::Overloaded.into(),
            ChangePasswordError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for ChangePasswordError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Gives the account of a session another password. The session itself lives on, under a new cookie
    /// where it is carried by one (security.md row 49): `None` where tokens carry it.
    ///
    /// # Errors
    /// [`ChangePasswordError`].
    pub async fn change_password(
        &self,
        session: &Session,
        change: ChangePassword,
        client: &Client,
    ) -> Result<Option<CookieToken>, ChangePasswordError> {
        let user = self
            .store()
            .read()
            .await?
            .user_by_id(&session.user.id)
            .await?
            .ok_or(ChangePasswordError::SignedOut)?;
        self.judge_for(&user, &change.new)
            .await?
            .map_err(ChangePasswordError::Password)?;
        let attempt = self.password_attempt(&user.id, client).at(Some(&user.id));
        self.refuse_locked(&attempt).await?;
        let permit = self.hasher().permit(client).await?;
        self.count_failure(&attempt).await?;
        let replacement = self
            .hash_new(&user, Some(&change.current), &change.new, permit)
            .await?;
        match replacement {
            Replacement::Fresh(hash) => {
                let ending = match change.ends_others {
                    true => Ending::AllBut(&session.id),
                    false => Ending::None,
                };
                self.finish_change(session, &user, &hash, ending, &attempt, client)
                    .await
            }
            Replacement::Used => {
                let mut tx = self.store().write().await?;
                self.take_back_failure(&mut tx, &attempt).await?;
                tx.commit().await?;
                Err(ChangePasswordError::Password(FieldCode::Reused))
            }
            Replacement::WrongClaim => {
                let entry = Entry::refused("password.change", client, "wrong_password");
                self.audit_alone(entry.actor(&user.id).subject(&user.id))
                    .await?;
                Err(ChangePasswordError::WrongPassword)
            }
        }
    }

    async fn finish_change(
        &self,
        session: &Session,
        user: &UserRow,
        hash: &str,
        ending: Ending<'_>,
        attempt: &Attempt,
        client: &Client,
    ) -> Result<Option<CookieToken>, ChangePasswordError> {
        let now = self.now();
        let mut tx = self.store().write().await?;
        tx.set_password_changed(&user.id, now).await?;
        // The hash took its time: is anybody still signed in, and is this still the password that
        // was claimed?
        tx.session_by_id(&session.id, now)
            .await?
            .ok_or(ChangePasswordError::SignedOut)?;
        let still = tx
            .user_by_id(&user.id)
            .await?
            .filter(|still| still.may_sign_in())
            .ok_or(ChangePasswordError::SignedOut)?;
        if still.password_hash != user.password_hash {
            return Err(ChangePasswordError::WrongPassword);
        }
        self.replace_password(&mut tx, &still, hash).await?;
        self.clear_failures(&mut tx, attempt).await?;
        let ended = self
            .end_everything(&mut tx, &still, ending, "password_changed", client)
            .await?;
        let detail = serde_json::json!({ "sessions": ended });
        let entry = Entry::done("password.changed", client).actor(&still.id);
        self.audit(&mut tx, entry.subject(&still.id).detail(detail))
            .await?;
        self.add_password_letter(&mut tx, &still, client).await?;
        let cookie = self.renew_cookie(&mut tx, &session.id).await?;
        self.publish_account(tx, &still, &ended).await?;
        self.letters().notify_one();
        Ok(cookie)
    }
}
