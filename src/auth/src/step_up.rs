//! Stepping up (D26): whoever is signed in confirms once more that it is them, before something
//! that is not easily taken back.
//!
//! The moment lives in the session's row, so it is the same for every tab and every node. The
//! password is slowed down by the same counters as at sign-in; a right one takes back its own count
//! and clears nothing else (D10). A session carried by a cookie goes on under a new one, and the old
//! one is dead (security.md row 49).

use wire::{ErrorCode, Password, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::hash::{Overloaded, Verdict};
use crate::limit::{Attempt, LimitError, Limited};
use crate::secret::{CookieToken, draw_cookie};
use crate::session::Session;
use crate::store::{Tx, UserRow};

/// How long a factor counts as just proven, in seconds.
const RECENT: i64 = 600;

/// A confirmed session.
#[derive(Clone, Copy, Debug)]
pub struct SteppedUp {
    /// Until when it counts.
    pub valid_until: Timestamp,
    /// What the session is carried by from now on; `None` where it is carried by tokens.
    pub cookie: Option<CookieToken>,
}

/// Why it was not taken as confirmed. The first two are one answer to the world.
#[derive(Debug, thiserror::Error)]
pub enum StepUpError {
    /// Not the account's password.
    #[error("wrong password")]
    WrongPassword,
    /// The account has no password: signing in once more confirms it instead.
    #[error("account without password")]
    NoPassword,
    /// The session ended meanwhile.
    #[error("the session has ended")]
    Ended,
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

impl From<StepUpError> for wire::Error {
    fn from(error: StepUpError) -> Self {
        match error {
            StepUpError::WrongPassword | StepUpError::NoPassword => {
                ErrorCode::InvalidCredentials.into()
            }
            StepUpError::Ended => ErrorCode::AuthenticationRequired.into(),
            StepUpError::Limited(limited) => limited.into(),
            StepUpError::Overloaded(_) => ErrorCode::Overloaded.into(),
            StepUpError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for StepUpError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Whether the owner of a session proved a factor in the last ten minutes: by signing in, or by
    /// stepping up.
    pub fn is_recent(&self, session: &Session) -> bool {
        // Whoever comes by a key proves no factor, however new the key is.
        session.key.is_none()
            && self.now() - session.step_up_at.unwrap_or(session.auth_time) <= RECENT
    }

    /// Whether a session's owner can step up with a password; who cannot signs in once more instead.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_password(&self, session: &Session) -> Result<bool, Fault> {
        let mut tx = self.store().read().await?;
        let user = tx.user_by_id(&session.user.id).await?;
        Ok(user.is_some_and(|user| user.password_hash.is_some()))
    }

    /// Confirms a session by its owner's password.
    ///
    /// # Errors
    /// [`StepUpError`]; the session stays what it was.
    pub async fn step_up(
        &self,
        session: &Session,
        password: &Secret,
        client: &Client,
    ) -> Result<SteppedUp, StepUpError> {
        let attempt = self
            .password_attempt(&session.user.id, client)
            .at(Some(&session.user.id));
        self.refuse_locked(&attempt).await?;
        let user = self
            .store()
            .read()
            .await?
            .user_by_id(&session.user.id)
            .await?
            .ok_or(StepUpError::Ended)?;
        let permit = self.hasher().permit(client).await?;
        self.count_failure(&attempt).await?;
        let password = Password::claimed(password.reveal());
        let verdict = permit
            .verify(&password, user.password_hash.clone(), self.entropy())
            .await?;
        if verdict == Verdict::Wrong {
            return Err(self.refuse_step_up(session, &user, client).await?);
        }
        self.note_step_up(session, &user, &attempt, client).await
    }

    async fn note_step_up(
        &self,
        session: &Session,
        verified: &UserRow,
        attempt: &Attempt,
        client: &Client,
    ) -> Result<SteppedUp, StepUpError> {
        let now = self.now();
        let mut tx = self.store().write().await?;
        // The account first, as a sign-in takes it: two that wait for each other would both fail.
        tx.set_user_held(&verified.id).await?;
        // The hash took its time: is the session alive, and that still the password?
        let still = tx.user_by_id(&verified.id).await?;
        let is_same = still.is_some_and(|still| {
            still.may_sign_in() && still.password_hash == verified.password_hash
        });
        if !is_same || !tx.set_session_stepped_up(&session.id, now).await? {
            return Err(StepUpError::Ended);
        }
        if !session.methods.iter().any(|method| method == "pwd") {
            let methods = format!("{} pwd", session.methods.join(" "));
            tx.set_session_methods(&session.id, &methods).await?;
        }
        let cookie = self.renew_cookie(&mut tx, &session.id).await?;
        self.take_back_failure(&mut tx, attempt).await?;
        let entry = Entry::done("session.stepped_up", client)
            .actor(&verified.id)
            .subject(&verified.id)
            .detail(serde_json::json!({ "session": session.id }));
        self.audit(&mut tx, entry).await?;
        self.publish_changes(tx, std::slice::from_ref(&session.id))
            .await?;
        Ok(SteppedUp {
            valid_until: now + RECENT,
            cookie,
        })
    }

    /// Gives a session another cookie, where it is carried by one. Hand it out after the commit, and
    /// commit by [`Self::publish_changes`], so that the old one is dead on every node.
    pub(crate) async fn renew_cookie(
        &self,
        tx: &mut Tx,
        session: &str,
    ) -> Result<Option<CookieToken>, Fault> {
        let cookie = draw_cookie(self.entropy());
        let is_renewed = tx
            .set_session_cookie(session, cookie.digest().as_bytes())
            .await?;
        Ok(is_renewed.then_some(cookie))
    }

    async fn refuse_step_up(
        &self,
        session: &Session,
        user: &UserRow,
        client: &Client,
    ) -> Result<StepUpError, Fault> {
        let (reason, error) = match user.password_hash {
            Some(_) => ("wrong_password", StepUpError::WrongPassword),
            None => ("no_password", StepUpError::NoPassword),
        };
        let entry = Entry::refused("session.step_up", client, reason)
            .actor(&user.id)
            .subject(&session.user.id);
        self.audit_alone(entry).await?;
        Ok(error)
    }
}
