//! What those who look after people do to an account: who may, and the plain acts — end a session, sign
//! out everywhere, unlock, mail a way to a new password. Bigger ones have a file each: `disable`,
//! `delete_user`, `update_user`, `bulk`.
//!
//! Judged inside the transaction of the act, by the rights of that moment: the one who acts is signed
//! in, may manage people, and lacks no right the account has (D25).

use std::sync::Arc;

use wire::{ErrorCode, FieldCode};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::rfc3339;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{Tx, UserRow};
use crate::vouch::Vouching;

/// By whose hand something is done to an account.
#[derive(Clone, Copy, Debug)]
pub enum Hand<'a> {
    /// The operator's, at the machine itself: whoever holds the database may do anything to it.
    Operator,
    /// Of somebody signed in, whose rights are looked at.
    Person(&'a Session),
}

impl<'a> From<&'a Session> for Hand<'a> {
    fn from(session: &'a Session) -> Self {
        Self::Person(session)
    }
}

impl<'a> From<&'a Arc<Session>> for Hand<'a> {
    fn from(session: &'a Arc<Session>) -> Self {
        Self::Person(session)
    }
}

impl<'a> From<Option<&'a Session>> for Hand<'a> {
    fn from(session: Option<&'a Session>) -> Self {
        session.map_or(Self::Operator, Self::Person)
    }
}

impl<'a> Hand<'a> {
    /// Whom the log names.
    pub(crate) fn actor(self) -> Option<&'a str> {
        match self {
            Self::Operator => None,
            Self::Person(session) => Some(&session.user.id),
        }
    }

    pub(crate) fn refuse_oneself(self, user_id: &str) -> Result<(), ManageUserError> {
        match self.actor() {
            Some(own) if own == user_id => Err(ManageUserError::Oneself),
            _ => Ok(()),
        }
    }

    /// The same entry, about an account and by this hand.
    pub(crate) fn on<'c>(self, entry: Entry<'c>, user: &UserRow) -> Entry<'c> {
        let entry = entry.subject(&user.id);
        match self.actor() {
            Some(actor) => entry.actor(actor),
            None => entry,
        }
    }
}

/// Why nothing was done to an account.
#[derive(Debug, thiserror::Error)]
pub enum ManageUserError {
    /// There is no such account, or it has no live session of this id.
    #[error("no such account, or no such session of it")]
    Unknown,
    /// The account has rights that the one who acts lacks (D25), or those just lost theirs.
    #[error("the account has rights that the actor lacks")]
    Outranked,
    /// Nobody disables or deletes their own account here.
    #[error("this is the actor's own account")]
    Oneself,
    /// Nobody could manage the portal any more.
    #[error("this is the last admin")]
    LastAdmin,
    /// What was typed is not the account's address.
    #[error("the confirmation is not the account's address")]
    Confirmation(FieldCode),
    /// Another account has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// The account may not sign in, so no link to a new password would work.
    #[error("the account may not sign in: enable or keep it first")]
    Shut,
    /// It is about to be deleted: kept first, it can be enabled.
    #[error("the account is about to be deleted: keep it first")]
    Leaving,
    /// It is not about to be deleted.
    #[error("the account is not about to be deleted")]
    NotLeaving,
    /// Too many letters to this address.
    #[error(transparent)]
    Limited(#[from] Limited),
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
            ManageUserError::Confirmation(code) => Self::field("confirmation", code),
            ManageUserError::UsernameTaken => Self::conflict("username"),
            ManageUserError::Leaving => Self::conflict("deletesAt"),
            ManageUserError::Shut | ManageUserError::NotLeaving => Self {
                code: ErrorCode::Conflict,
                ..Self::field("status", FieldCode::Mismatch)
            },
            ManageUserError::Limited(limited) => limited.into(),
            ManageUserError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            ManageUserError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for ManageUserError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Ends one live session of somebody.
    ///
    /// # Errors
    /// [`ManageUserError`]; nothing has ended then.
    pub async fn end_session_of<'a>(
        &self,
        hand: impl Into<Hand<'a>>,
        user_id: &str,
        id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let hand = hand.into();
        let done = self.try_end_session_of(hand, user_id, id, client).await;
        let refused = |reason| Entry::refused("session.end", client, reason).subject(user_id);
        self.noting(hand, done, refused).await
    }

    async fn try_end_session_of(
        &self,
        hand: Hand<'_>,
        user_id: &str,
        id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        if !is_id(id) {
            return Err(ManageUserError::Unknown);
        }
        let mut tx = self.store().write().await?;
        let user = self.managed(&mut tx, hand, user_id).await?;
        let (now, reason) = (self.now(), "ended_by_admin");
        if !tx
            .set_session_revoked_by_user(&user.id, id, now, reason)
            .await?
        {
            return Err(ManageUserError::Unknown);
        }
        let detail = serde_json::json!({ "sessions": [id] });
        let entry = hand.on(Entry::done("user.session_ended", client), &user);
        self.audit(&mut tx, entry.detail(detail)).await?;
        Ok(self.publish_ended(tx, &[id.to_owned()]).await?)
    }

    /// Ends every session of somebody: returns how many. They may sign in again.
    ///
    /// # Errors
    /// [`ManageUserError`]; nothing has ended then.
    pub async fn sign_out_user<'a>(
        &self,
        hand: impl Into<Hand<'a>>,
        user_id: &str,
        client: &Client,
    ) -> Result<usize, ManageUserError> {
        let hand = hand.into();
        let done = self.try_sign_out_user(hand, user_id, client).await;
        let refused = |reason| Entry::refused("user.sign_out", client, reason).subject(user_id);
        self.noting(hand, done, refused).await
    }

    async fn try_sign_out_user(
        &self,
        hand: Hand<'_>,
        user_id: &str,
        client: &Client,
    ) -> Result<usize, ManageUserError> {
        let mut tx = self.store().write().await?;
        let user = self.managed(&mut tx, hand, user_id).await?;
        let ended = tx
            .set_sessions_revoked(&user.id, None, self.now(), "ended_by_admin")
            .await?;
        let detail = serde_json::json!({ "sessions": ended });
        let entry = hand.on(Entry::done("user.signed_out", client), &user);
        self.audit(&mut tx, entry.detail(detail)).await?;
        self.publish_ended(tx, &ended).await?;
        Ok(ended.len())
    }

    /// Lets the owner of an account try again at once, from everywhere: forgets what was counted of wrong
    /// passwords and codes. Unlocking what is not locked is no error.
    ///
    /// # Errors
    /// [`ManageUserError`]; nothing has changed then.
    pub async fn unlock_user<'a>(
        &self,
        hand: impl Into<Hand<'a>>,
        user_id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let hand = hand.into();
        let done = self.try_unlock_user(hand, user_id, client).await;
        let refused = |reason| Entry::refused("user.unlock", client, reason).subject(user_id);
        self.noting(hand, done, refused).await
    }

    async fn try_unlock_user(
        &self,
        hand: Hand<'_>,
        user_id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let mut tx = self.store().write().await?;
        let user = self.managed(&mut tx, hand, user_id).await?;
        let locked = tx.managed_user_by_id(user_id).await?;
        let locked = locked.and_then(|row| row.locked_until);
        tx.delete_failures_of_account(user_id).await?;
        self.clear_account(&mut tx, user_id).await?;
        self.clear_codes(&mut tx, &user.email).await?;
        let until = locked.filter(|until| *until > self.now()).map(rfc3339);
        let entry = hand.on(Entry::done("user.unlocked", client), &user).change(
            serde_json::json!({ "lockedUntil": until }),
            serde_json::json!({ "lockedUntil": null }),
        );
        self.audit(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Mails somebody a way to a new password. It shows nobody but them anything (ASVS 6.4.6); until they
    /// use it, the old password works. The letter does not tell where it was asked for.
    ///
    /// # Errors
    /// [`ManageUserError::Shut`] where no link would work, `Limited` after three letters in a quarter of
    /// an hour unless the operator asks, and as for every act.
    pub async fn mail_reset_to_user<'a>(
        &self,
        hand: impl Into<Hand<'a>>,
        user_id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let hand = hand.into();
        let done = self.try_mail_reset_to_user(hand, user_id, client).await;
        let done = match hand {
            Hand::Person(session) => self.noting_limit(session, client, done).await,
            Hand::Operator => done,
        };
        let refused = |reason| Entry::refused("password.mail", client, reason).subject(user_id);
        self.noting(hand, done, refused).await
    }

    async fn try_mail_reset_to_user(
        &self,
        hand: Hand<'_>,
        user_id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let mut tx = self.store().write().await?;
        let user = self.managed(&mut tx, hand, user_id).await?;
        if !user.may_sign_in() {
            return Err(ManageUserError::Shut);
        }
        // Whoever holds the machine is here to help, and could write letters without the portal.
        if matches!(hand, Hand::Person(_)) {
            self.admit_in(&mut tx, &[(Rate::Letter, &user.email)])
                .await?;
        }
        let nowhere = Client {
            request_id: client.request_id.clone(),
            ..Client::operator()
        };
        self.begin_reset(&mut tx, &user.email, None, &nowhere)
            .await?;
        let entry = hand.on(Entry::done("password.reset_mailed", client), &user);
        self.audit(&mut tx, entry).await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(())
    }

    /// The account, held until the transaction ends, if whoever acts may act on it.
    pub(crate) async fn managed(
        &self,
        tx: &mut Tx,
        hand: Hand<'_>,
        user_id: &str,
    ) -> Result<UserRow, ManageUserError> {
        // First, with empty hands: a sign-in that runs right now is seen, or waits for us.
        if !is_id(user_id) || !tx.set_user_held(user_id).await? {
            return Err(ManageUserError::Unknown);
        }
        if let Hand::Person(session) = hand
            && tx.session_by_id(&session.id, self.now()).await?.is_none()
        {
            return Err(ManageUserError::SignedOut);
        }
        let user = tx.user_by_id(user_id).await?;
        let user = user.ok_or(ManageUserError::Unknown)?;
        let may_act = match hand {
            Hand::Operator => true,
            Hand::Person(session) => {
                Vouching::default()
                    .may_act_on(tx, &session.user.id, &user)
                    .await?
            }
        };
        match may_act {
            true => Ok(user),
            false => Err(ManageUserError::Outranked),
        }
    }
}
