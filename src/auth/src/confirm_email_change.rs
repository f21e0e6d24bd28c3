//! Proving the new address, by link or by code: from then on it is the account's.
//!
//! The proof is two things: the letter to the new address, and a living session of the account. A code
//! works in the session that asked alone; a link works in any session of the account, so that whoever
//! opens it elsewhere signs in first, and a letter that was sent to somebody by mistake is worth
//! nothing. All other sessions end, tokens carry the new address at once, and the former address gets
//! an undo. Whether somebody else has the address is said only to who has proven that it is theirs.

use wire::{Email, ErrorCode, Proof, Secret, User};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::{Attempt, LimitError, Limited};
use crate::password::Ending;
use crate::rights::{Acting, Rights};
use crate::ring::Purpose;
use crate::secret::{TokenDigest, hmac_sha256};
use crate::session::{Session, user_view};
use crate::store::{EmailChangeRow, Tx, UserRow};

/// What a one-time token of this flow is good for.
pub(crate) const PURPOSE: &str = "change_email";
/// Wrong codes a change may see.
const TRIES: i64 = 5;

/// Why the address stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmEmailError {
    /// The link was used, has ended, never was, or is another account's.
    #[error("the link is used, has ended, never was, or is another account's")]
    Link,
    /// The code is wrong, has ended, or belongs to another session.
    #[error("the code is wrong, has ended, or is of another session")]
    Code,
    /// Somebody else has the address by now. Told to its owner alone.
    #[error("the address is taken by now")]
    Taken,
    /// The session ended a moment ago.
    #[error("the session has ended")]
    SignedOut,
    /// Too many wrong codes.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<ConfirmEmailError> for wire::Error {
    fn from(error: ConfirmEmailError) -> Self {
        match error {
            ConfirmEmailError::Link => ErrorCode::InvalidOrExpiredLink.into(),
            ConfirmEmailError::Code => ErrorCode::InvalidCode.into(),
            ConfirmEmailError::Taken => Self::conflict("newEmail"),
            ConfirmEmailError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            ConfirmEmailError::Limited(limited) => limited.into(),
            ConfirmEmailError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for ConfirmEmailError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

/// What a link that still works leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailChangeLink {
    /// The address it proves.
    pub email: Email,
    /// Whether the asker is signed in to the account it belongs to.
    pub is_own: bool,
}

/// A proof as the store looks for it.
enum Claim {
    Link(TokenDigest),
    Code([u8; 32], Attempt),
}

impl Claim {
    fn refusal(&self) -> ConfirmEmailError {
        match self {
            Self::Link(_) => ConfirmEmailError::Link,
            Self::Code(..) => ConfirmEmailError::Code,
        }
    }
}

impl Auth {
    /// What a link to a new address leads to; `None` when it was used, has ended or never was.
    /// Looking uses nothing up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn email_change_link(
        &self,
        token: &Secret,
        session: Option<&Session>,
    ) -> Result<Option<EmailChangeLink>, Fault> {
        let change = self.change_of_link(&TokenDigest::of(token)).await?;
        let view = |change: EmailChangeRow| {
            let email = Email::parse(&change.new_email)
                .map_err(|_| Fault::Inconsistent("email_changes.new_email is no address"))?;
            let is_own = session.is_some_and(|session| session.user.id == change.user_id);
            Ok(EmailChangeLink { email, is_own })
        };
        change.map(view).transpose()
    }

    /// Makes the proven address the account's.
    ///
    /// # Errors
    /// [`ConfirmEmailError`]; nothing is used up then, but a try.
    pub async fn confirm_email_change(
        &self,
        session: &Session,
        proof: &Proof,
        client: &Client,
    ) -> Result<User, ConfirmEmailError> {
        let (change, claim) = match proof {
            Proof::Token(token) => self.email_claim_by_link(session, token).await?,
            Proof::Code(code) => self.email_claim_by_code(session, code).await?,
        };
        self.complete_email_change(session, &change, &claim, client)
            .await
    }

    async fn email_claim_by_link(
        &self,
        session: &Session,
        token: &Secret,
    ) -> Result<(EmailChangeRow, Claim), ConfirmEmailError> {
        let digest = TokenDigest::of(token);
        let change = self.change_of_link(&digest).await?;
        let change = change
            .filter(|change| change.user_id == session.user.id)
            .ok_or(ConfirmEmailError::Link)?;
        Ok((change, Claim::Link(digest)))
    }

    async fn change_of_link(&self, digest: &TokenDigest) -> Result<Option<EmailChangeRow>, Fault> {
        let now = self.now();
        let mut tx = self.store().read().await?;
        let id = tx
            .one_time_token_by_digest(PURPOSE, digest.as_bytes(), now)
            .await?;
        let Some(id) = id else { return Ok(None) };
        let change = tx.email_change_by_id(&id).await?;
        Ok(change.filter(|change| change.is_pending(now)))
    }

    async fn email_claim_by_code(
        &self,
        session: &Session,
        code: &Secret,
    ) -> Result<(EmailChangeRow, Claim), ConfirmEmailError> {
        let change = self
            .store()
            .read()
            .await?
            .pending_email_change_by_user(&session.user.id, self.now())
            .await?;
        // First whether this session may try at all: what is refused anyway uses up nobody's tries.
        let change = change
            .filter(|change| change.session_id == session.id && change.tries < TRIES)
            .ok_or(ConfirmEmailError::Code)?;
        let attempt = self.code_attempt(&change.new_email);
        self.count_failure(&attempt).await?;
        let mut tx = self.store().write().await?;
        if !tx.consume_email_change_try(&change.id, TRIES).await? {
            return Err(ConfirmEmailError::Code);
        }
        tx.commit().await?;
        let digest = self.change_code_digest(&change.id, code);
        Ok((change, Claim::Code(digest, attempt)))
    }

    /// The digest of a code: under the ring, and bound to its change.
    pub(crate) fn change_code_digest(&self, change: &str, code: &Secret) -> [u8; 32] {
        hmac_sha256(
            &self.ring().mac_key(Purpose::Code),
            &[
                PURPOSE.as_bytes(),
                change.as_bytes(),
                code.reveal().as_bytes(),
            ],
        )
    }

    async fn complete_email_change(
        &self,
        session: &Session,
        change: &EmailChangeRow,
        claim: &Claim,
        client: &Client,
    ) -> Result<User, ConfirmEmailError> {
        let now = self.now();
        let mut tx = self.store().write().await?;
        let user = self
            .hold_account(&mut tx, session)
            .await?
            .ok_or(ConfirmEmailError::SignedOut)?;
        let is_proven = user.email == change.old_email
            && self.consume_email_claim(&mut tx, change, claim).await?
            && tx.consume_email_change(&change.id, now).await?;
        if !is_proven {
            drop(tx);
            return Err(self.refuse_email_claim(&user.id, claim, client).await?);
        }
        // Only now: a guess must not tell who has an account.
        if !tx.set_user_email(&user.id, &change.new_email, now).await? {
            return Err(ConfirmEmailError::Taken);
        }
        if let Claim::Code(_, attempt) = claim {
            self.clear_failures(&mut tx, attempt).await?;
        }
        tx.delete_registrations_by_email(&change.new_email).await?;
        self.note_email_changed(tx, session, &user, change, client)
            .await?;
        Ok(self.owner_of(session).await?)
    }

    async fn consume_email_claim(
        &self,
        tx: &mut Tx,
        change: &EmailChangeRow,
        claim: &Claim,
    ) -> Result<bool, Fault> {
        let now = self.now();
        match claim {
            Claim::Link(digest) => {
                let subject = tx
                    .consume_one_time_token(PURPOSE, digest.as_bytes(), now)
                    .await?;
                Ok(subject.is_some_and(|subject| subject == change.id))
            }
            Claim::Code(digest, _) => tx.consume_code(PURPOSE, &change.id, digest, now).await,
        }
    }

    async fn refuse_email_claim(
        &self,
        user: &str,
        claim: &Claim,
        client: &Client,
    ) -> Result<ConfirmEmailError, Fault> {
        if let Claim::Code(..) = claim {
            let entry = Entry::refused("email_change.confirm", client, "wrong_code").actor(user);
            self.audit_alone(entry.subject(user)).await?;
        }
        Ok(claim.refusal())
    }

    /// Ends the other sessions, tells the former address, and makes older tokens stale.
    async fn note_email_changed(
        &self,
        mut tx: Tx,
        session: &Session,
        user: &UserRow,
        change: &EmailChangeRow,
        client: &Client,
    ) -> Result<(), Fault> {
        let ended = self
            .end_everything(
                &mut tx,
                user,
                Ending::AllBut(&session.id),
                "email_changed",
                client,
            )
            .await?;
        self.add_letter(&mut tx, "email_changed", &change.id, client)
            .await?;
        let detail = serde_json::json!({
            "change": change.id, "before": change.old_email, "after": change.new_email, "sessions": ended,
        });
        let entry = Entry::done("email_change.confirmed", client).actor(&user.id);
        self.audit(&mut tx, entry.subject(&user.id).detail(detail))
            .await?;
        tx.notify(&session.id).await?;
        self.publish_account(tx, user, &ended).await?;
        self.cache().drop_session(&session.id).await;
        self.letters().notify_one();
        Ok(())
    }

    /// The account of a session, read anew.
    pub(crate) async fn owner_of(&self, session: &Session) -> Result<User, Fault> {
        let mut tx = self.store().read().await?;
        let user = tx
            .user_by_id(&session.user.id)
            .await?
            .ok_or(Fault::Inconsistent("a session of no account"))?;
        let acting = Acting::of(session.tenant_id.as_deref());
        let permissions = Rights::in_force(&mut tx, &user, acting)
            .await?
            .permissions();
        Ok(user_view(&user, session.tenant_id.as_deref(), permissions))
    }
}
