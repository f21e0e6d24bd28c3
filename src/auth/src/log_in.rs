//! Signing in with a password.
//!
//! Promises: an unknown address, a wrong password and an account that may not sign in get the same
//! answer after the same work. Order (D11): limits, hash permit, failure counter, hash.

use wire::{Credentials, ErrorCode, Identifier, Password};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::hash::{HashPermit, Overloaded, Verdict};
use crate::limit::{Attempt, LimitError, Limited};
use crate::sign_in::{Proven, SignIn, Want};
use crate::store::UserRow;

/// Why somebody was not signed in. The first five are one answer to the world.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// No such account.
    #[error("unknown account")]
    UnknownAccount,
    /// Not its password.
    #[error("wrong password")]
    WrongPassword,
    /// The account has no password.
    #[error("account without password")]
    NoPassword,
    /// The account may not sign in: an admin disabled it.
    #[error("account disabled")]
    Disabled,
    /// The account may not sign in: its owner closed it, and may still undo that.
    #[error("account closed")]
    Closed,
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

impl LogInError {
    /// The word for log, audit and metrics.
    fn reason(&self) -> &'static str {
        match self {
            Self::UnknownAccount => "unknown_account",
            Self::WrongPassword => "wrong_password",
            Self::NoPassword => "no_password",
            Self::Disabled => "disabled",
            Self::Closed => "closed",
            Self::Limited(_) => "limited",
            Self::Overloaded(_) => "overloaded",
            Self::Fault(_) => "fault",
        }
    }
}

impl From<LogInError> for wire::Error {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::UnknownAccount
            | LogInError::WrongPassword
            | LogInError::NoPassword
            | LogInError::Disabled
            | LogInError::Closed => ErrorCode::InvalidCredentials.into(),
            LogInError::Limited(limited) => limited.into(),
            LogInError::Overloaded(_) => ErrorCode::Overloaded.into(),
            LogInError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for LogInError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

/// What came of comparing a password.
enum Tried {
    SignedIn(Box<SignIn>),
    Wrong,
    /// The hash was another one when it was to be used: the password was changed, or another sign-in of
    /// the same moment made the hash anew. Only comparing again tells which.
    Replaced,
}

impl Auth {
    /// Signs somebody in by address or username, and password.
    ///
    /// # Errors
    /// [`LogInError`].
    pub async fn log_in(
        &self,
        credentials: Credentials,
        want: Want,
        client: &Client,
    ) -> Result<SignIn, LogInError> {
        let mut user = self.user_by_identifier(&credentials.identifier).await?;
        let whom = user
            .as_ref()
            .map_or_else(|| credentials.identifier.key(), |user| user.id.clone());
        let attempt = self
            .password_attempt(&whom, client)
            .at(user.as_ref().map(|user| user.id.as_str()));
        self.refuse_locked(&attempt).await?;
        let permit = self.hasher().permit(client).await?;
        self.count_failure(&attempt).await?;
        let password = &credentials.password;
        let mut tried = self
            .try_password(permit, user.as_ref(), password, &attempt, want, client)
            .await?;
        if matches!(tried, Tried::Replaced) {
            user = self.user_by_identifier(&credentials.identifier).await?;
            let permit = self.hasher().permit(client).await?;
            tried = self
                .try_password(permit, user.as_ref(), password, &attempt, want, client)
                .await?;
        }
        match tried {
            Tried::SignedIn(signed_in) => Ok(*signed_in),
            Tried::Wrong | Tried::Replaced => Err(self.refuse(user.as_ref(), client).await?),
        }
    }

    async fn try_password(
        &self,
        permit: HashPermit,
        user: Option<&UserRow>,
        password: &Password,
        attempt: &Attempt,
        want: Want,
        client: &Client,
    ) -> Result<Tried, LogInError> {
        // A closed account's hash is compared too: who knows it is told how to keep the account, by mail.
        let usable = user.filter(|user| user.disabled_at.is_none());
        let stored = usable.and_then(|user| user.password_hash.clone());
        let verdict = permit
            .verify(password, stored.clone(), self.entropy())
            .await?;
        let rehashed = match &verdict {
            Verdict::Wrong => return Ok(Tried::Wrong),
            Verdict::Right => None,
            Verdict::RightButWeak(again) => Some(again.as_str()),
        };
        match (user, stored) {
            (Some(user), Some(stored)) => {
                self.let_in(user, &stored, rehashed, attempt, want, client)
                    .await
            }
            _ => Ok(Tried::Wrong),
        }
    }

    async fn user_by_identifier(&self, identifier: &Identifier) -> Result<Option<UserRow>, Fault> {
        let mut tx = self.store().read().await?;
        match identifier {
            Identifier::Email(email) => tx.user_by_email(email.as_str()).await,
            Identifier::Username(username) => tx.user_by_username(&username.key()).await,
        }
    }

    async fn let_in(
        &self,
        user: &UserRow,
        verified: &str,
        rehashed: Option<&str>,
        attempt: &Attempt,
        want: Want,
        client: &Client,
    ) -> Result<Tried, LogInError> {
        let mut tx = self.store().write().await?;
        // Locks the account's row: whoever disables it right now is either seen below, or waits and
        // then ends this session too. Without it the session would live on unseen.
        tx.set_last_login(&user.id, self.now()).await?;
        // The hash took its time: is this still the account, and still its password?
        let still = tx.user_by_id(&user.id).await?;
        let Some(still) = still.filter(UserRow::may_sign_in) else {
            drop(tx);
            if user.deletes_at.is_some() && user.disabled_at.is_none() {
                self.remind_of_deletion(user, client).await?;
            }
            return Ok(Tried::Wrong);
        };
        if still.password_hash.as_deref() != Some(verified) {
            return Ok(Tried::Replaced);
        }
        if let Some(rehashed) = rehashed {
            tx.set_rehashed(&user.id, verified, rehashed).await?;
        }
        self.clear_failures(&mut tx, attempt).await?;
        let started = self
            .start_session(&mut tx, &user.id, Proven::Password, want, client)
            .await?;
        let signed_in = self.finish_sign_in(tx, started, Vec::new(), want).await?;
        Ok(Tried::SignedIn(Box::new(signed_in)))
    }

    /// Writes the refusal down. Returns the reason, which only the log learns.
    async fn refuse(&self, user: Option<&UserRow>, client: &Client) -> Result<LogInError, Fault> {
        let reason = match user {
            None => LogInError::UnknownAccount,
            Some(user) if user.disabled_at.is_some() => LogInError::Disabled,
            Some(user) if !user.may_sign_in() => LogInError::Closed,
            Some(user) if user.password_hash.is_none() => LogInError::NoPassword,
            Some(_) => LogInError::WrongPassword,
        };
        let mut entry = Entry::refused("session.start", client, reason.reason());
        if let Some(user) = user {
            entry = entry.subject(&user.id);
        }
        self.audit_alone(entry).await?;
        Ok(reason)
    }
}
