//! What those who look after people do to an account: end a session, sign out everywhere, disable,
//! enable.
//!
//! Judged inside the transaction of the act, by the rights of that moment: the one who acts is signed
//! in, may manage people, and lacks no right the account has (D25).

use wire::ErrorCode;

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::disable::{DisableError, Order};
use crate::error::Fault;
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{Tx, UserRow};
use crate::vouch::Vouching;

/// Why nothing was done to an account.
#[derive(Debug, thiserror::Error)]
pub enum ManageUserError {
    /// There is no such account, or it has no live session of this id.
    #[error("no such account, or no such session of it")]
    Unknown,
    /// The account has rights that the one who acts lacks (D25), or those just lost theirs.
    #[error("the account has rights that the actor lacks")]
    Outranked,
    /// Nobody disables their own account.
    #[error("this is the actor's own account")]
    Oneself,
    /// Nobody could manage the portal any more.
    #[error("this is the last admin")]
    LastAdmin,
    /// The session that asked has ended.
    #[error("the session has ended")]
    SignedOut,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<ManageUserError> for wire::Error {
    fn from(error: ManageUserError) -> Self {
        match error {
            ManageUserError::Unknown => ErrorCode::NotFound.into(),
            ManageUserError::Outranked => ErrorCode::InsufficientPermissions.into(),
            ManageUserError::Oneself => Self::conflict("id"),
            ManageUserError::LastAdmin => Self::conflict("role"),
            ManageUserError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            ManageUserError::Fault(fault) => fault.into(),
        }
    }
}

impl From<DisableError> for ManageUserError {
    fn from(error: DisableError) -> Self {
        match error {
            DisableError::Unknown => Self::Unknown,
            DisableError::LastAdmin => Self::LastAdmin,
            DisableError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Auth {
    /// Ends one live session of somebody.
    ///
    /// # Errors
    /// [`ManageUserError`]; nothing has ended then.
    pub async fn end_session_of(
        &self,
        session: &Session,
        user_id: &str,
        id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        if !is_id(id) {
            return Err(ManageUserError::Unknown);
        }
        let mut tx = self.store().write().await?;
        let user = self.managed(&mut tx, session, user_id).await?;
        let (now, reason) = (self.now(), "ended_by_admin");
        if !tx
            .set_session_revoked_by_user(&user.id, id, now, reason)
            .await?
        {
            return Err(ManageUserError::Unknown);
        }
        let detail = serde_json::json!({ "sessions": [id] });
        let entry = Entry::done("user.session_ended", client).actor(&session.user.id);
        self.audit(&mut tx, entry.subject(&user.id).detail(detail))
            .await?;
        Ok(self.publish_ended(tx, &[id.to_owned()]).await?)
    }

    /// Ends every session of somebody: returns how many. They may sign in again.
    ///
    /// # Errors
    /// [`ManageUserError`]; nothing has ended then.
    pub async fn sign_out_user(
        &self,
        session: &Session,
        user_id: &str,
        client: &Client,
    ) -> Result<usize, ManageUserError> {
        let mut tx = self.store().write().await?;
        let user = self.managed(&mut tx, session, user_id).await?;
        let ended = tx
            .set_sessions_revoked(&user.id, None, self.now(), "ended_by_admin")
            .await?;
        let detail = serde_json::json!({ "sessions": ended });
        let entry = Entry::done("user.signed_out", client).actor(&session.user.id);
        self.audit(&mut tx, entry.subject(&user.id).detail(detail))
            .await?;
        self.publish_ended(tx, &ended).await?;
        Ok(ended.len())
    }

    /// Takes somebody's right to sign in, and ends all they have open. `reason` is for whoever looks
    /// at the account next. Disabling twice is no error, and keeps the first reason.
    ///
    /// # Errors
    /// [`ManageUserError`]; nothing has changed then.
    pub async fn disable_user(
        &self,
        session: &Session,
        user_id: &str,
        reason: Option<&str>,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        if session.user.id == user_id {
            return Err(ManageUserError::Oneself);
        }
        let mut tx = self.store().write().await?;
        self.alone_with_admins(&mut tx).await?;
        let user = self.managed(&mut tx, session, user_id).await?;
        if user.disabled_at.is_some() {
            return Ok(());
        }
        let order = Order {
            actor: Some(&session.user.id),
            reason,
        };
        Ok(self.disable_in(tx, &user, order, client).await?)
    }

    /// Gives it back. What ended stays ended. Enabling twice is no error.
    ///
    /// # Errors
    /// [`ManageUserError`]; nothing has changed then.
    pub async fn enable_user(
        &self,
        session: &Session,
        user_id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let mut tx = self.store().write().await?;
        let user = self.managed(&mut tx, session, user_id).await?;
        if user.disabled_at.is_none() {
            return Ok(());
        }
        let order = Order {
            actor: Some(&session.user.id),
            reason: None,
        };
        Ok(self.enable_in(tx, &user, order, client).await?)
    }

    /// The account, held until the transaction ends, if the caller may act on it.
    async fn managed(
        &self,
        tx: &mut Tx,
        session: &Session,
        user_id: &str,
    ) -> Result<UserRow, ManageUserError> {
        // First, with empty hands: a sign-in that runs right now is seen, or waits for us.
        if !is_id(user_id) || !tx.set_user_held(user_id).await? {
            return Err(ManageUserError::Unknown);
        }
        if tx.session_by_id(&session.id, self.now()).await?.is_none() {
            return Err(ManageUserError::SignedOut);
        }
        let user = tx.user_by_id(user_id).await?;
        let user = user.ok_or(ManageUserError::Unknown)?;
        let may_act = Vouching::default()
            .may_act_on(tx, &session.user.id, &user)
            .await?;
        match may_act {
            true => Ok(user),
            false => Err(ManageUserError::Outranked),
        }
    }
}
