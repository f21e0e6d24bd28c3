//! Choosing another password with a link or a code from a letter.
//!
//! Promises: a claim works once, whatever comes at the same time; it signs nobody in; and whatever the
//! old password had opened is closed afterwards. The letter went to the address, so the address is
//! proven by it. A refused password uses nothing up, and neither does a full hash queue.

use wire::{ErrorCode, FieldCode, Password, Proof, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::hash::{Overloaded, Replacement};
use crate::limit::{LimitError, Limited};
use crate::password::Ending;
use crate::reset_claim::{Claim, PURPOSE};

/// The request that ends a reset.
#[derive(Clone, Debug)]
pub struct ResetPassword {
    /// What proves that the mailbox is its sender's.
    pub proof: Proof,
    /// The flow's secret: a code is nothing without.
    pub flow: Option<Secret>,
    /// The password from now on: long enough.
    pub password: Password,
}

/// Why a password was not reset. Nothing is used up by any of these, but a try.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// The link was used, has ended, was replaced, or its account may not sign in.
    #[error("the link is used, has ended, was replaced or never was")]
    Link,
    /// The code is wrong, has ended, or belongs to another flow.
    #[error("the code is wrong, has ended, or is of another flow")]
    Code,
    /// The password will not do.
    #[error("the password is {0}")]
    Password(FieldCode),
    /// Too many wrong codes.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Too many at once.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<ResetPasswordError> for wire::Error {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::Link => ErrorCode::InvalidOrExpiredLink.into(),
            ResetPasswordError::Code => ErrorCode::InvalidCode.into(),
            ResetPasswordError::Password(code) => Self::field("password", code),
            ResetPasswordError::Limited(limited) => limited.into(),
            ResetPasswordError::Overloaded(_) => ErrorCode::Overloaded.into(),
            ResetPasswordError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for ResetPasswordError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Gives an account the password its owner chose.
    ///
    /// # Errors
    /// [`ResetPasswordError`].
    pub async fn reset_password(
        &self,
        request: ResetPassword,
        client: &Client,
    ) -> Result<(), ResetPasswordError> {
        let claim = self
            .claim(&request.proof, request.flow.as_ref(), client)
            .await?;
        // Here a second factor is asked for, where the account has one: before anything is used up
        // (D27).
        let hash = self.hash_chosen(&claim, &request.password, client).await?;
        self.finish_reset(&claim, &hash, client).await
    }

    async fn hash_chosen(
        &self,
        claim: &Claim,
        password: &Password,
        client: &Client,
    ) -> Result<String, ResetPasswordError> {
        self.judge_for(&claim.user, password)
            .await?
            .map_err(ResetPasswordError::Password)?;
        let permit = self.hasher().permit(client).await?;
        match self.hash_new(&claim.user, None, password, permit).await? {
            Replacement::Fresh(hash) => Ok(hash),
            Replacement::Used | Replacement::WrongClaim => {
                Err(ResetPasswordError::Password(FieldCode::Reused))
            }
        }
    }

    async fn finish_reset(
        &self,
        claim: &Claim,
        hash: &str,
        client: &Client,
    ) -> Result<(), ResetPasswordError> {
        let (user, now) = (&claim.user, self.now());
        let mut tx = self.store().write().await?;
        // All who use one secret wait here for the account's row, with empty hands.
        tx.set_password_changed(&user.id, now).await?;
        // The hash took its time: is this still the account, and its address?
        let still = tx
            .user_by_id(&user.id)
            .await?
            .filter(|still| still.may_sign_in() && still.email == user.email)
            .ok_or_else(|| claim.is_over())?;
        tx.consume_one_time_token(PURPOSE, &claim.digest, now)
            .await?
            .ok_or_else(|| claim.is_over())?;
        self.replace_password(&mut tx, &still, hash).await?;
        tx.set_email_proven(&still.id, now).await?;
        // Who guessed at the old password knows nothing of the new one: its owner gets in at once.
        self.clear_account_from(&mut tx, &still.id, client).await?;
        let ended = self
            .end_everything(&mut tx, &still, Ending::All, "password_reset", client)
            .await?;
        let detail = serde_json::json!({ "sessions": ended });
        let entry = Entry::done("password.reset", client).actor(&still.id);
        self.audit(&mut tx, entry.subject(&still.id).detail(detail))
            .await?;
        self.add_password_letter(&mut tx, &still, client).await?;
        self.publish_account(tx, &still, &ended).await?;
        self.letters().notify_one();
        Ok(())
    }
}
