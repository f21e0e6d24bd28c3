//! What somebody brings who wants another password: a link, or a code in the flow that asked.
//!
//! Looking uses nothing up. A code is counted before it is looked at, on its flow and on the day of
//! its address, and the count is taken back when it was right: what is refused afterwards, a weak
//! password say, then costs no try.

use wire::{Email, Proof, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::Attempt;
use crate::reset_password::ResetPasswordError;
use crate::ring::Purpose;
use crate::secret::{TokenDigest, draw_token, hmac_sha256};
use crate::store::{NewOneTimeToken, ResetRow, Tx, UserRow};

/// What a one-time token of this flow is good for.
pub(crate) const PURPOSE: &str = "reset_password";
/// Wrong codes a flow may see.
const TRIES: i64 = 5;
/// How long somebody whose code was right may take to choose a password, in seconds.
const CHOOSING: i64 = 600;

/// A claim that holds right now.
pub(crate) struct Claim {
    /// Of the token it rests on.
    pub(crate) digest: Vec<u8>,
    pub(crate) user: UserRow,
    /// By code, which decides how a refusal is said.
    is_code: bool,
}

impl Claim {
    /// It holds no longer.
    pub(crate) fn is_over(&self) -> ResetPasswordError {
        if self.is_code {
            ResetPasswordError::Code
        } else {
            ResetPasswordError::Link
        }
    }
}

impl Auth {
    /// Whose password a link resets; `None` when it was used, has ended, was replaced by a newer one,
    /// or its account may not sign in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reset_link(&self, token: &Secret) -> Result<Option<Email>, Fault> {
        let claim = self.claim_by_link(token).await?;
        claim.map(|claim| stored(&claim.user.email)).transpose()
    }

    /// The address a flow asked a letter for, whoever has it: for the page that waits for the code.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reset_address(&self, flow: &Secret) -> Result<Option<Email>, Fault> {
        let digest = TokenDigest::of(flow);
        let mut tx = self.store().read().await?;
        let row = tx.reset_by_flow(digest.as_bytes(), self.now()).await?;
        row.map(|row| stored(&row.email)).transpose()
    }

    /// Takes a code for what a link is: the bearer of the returned token chooses a password next.
    /// The letter's code and link are used up.
    ///
    /// # Errors
    /// [`ResetPasswordError`].
    pub async fn redeem_reset_code(
        &self,
        code: &Secret,
        flow: Option<&Secret>,
        client: &Client,
    ) -> Result<Secret, ResetPasswordError> {
        let claim = self.claim_by_code(code, flow, client).await?;
        let (token, now) = (draw_token(self.entropy()), self.now());
        let mut tx = self.store().write().await?;
        let reset = tx
            .consume_one_time_token(PURPOSE, &claim.digest, now)
            .await?
            .ok_or(ResetPasswordError::Code)?;
        tx.add_one_time_token(&NewOneTimeToken {
            digest: TokenDigest::of(&token).as_bytes(),
            purpose: PURPOSE,
            subject: &reset,
            code_digest: None,
            code_expires_at: None,
            now,
            expires_at: now + CHOOSING,
        })
        .await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The claim of a proof.
    pub(crate) async fn claim(
        &self,
        proof: &Proof,
        flow: Option<&Secret>,
        client: &Client,
    ) -> Result<Claim, ResetPasswordError> {
        match proof {
            Proof::Token(token) => self
                .claim_by_link(token)
                .await?
                .ok_or(ResetPasswordError::Link),
            Proof::Code(code) => self.claim_by_code(code, flow, client).await,
        }
    }

    async fn claim_by_link(&self, token: &Secret) -> Result<Option<Claim>, Fault> {
        let (digest, now) = (TokenDigest::of(token), self.now());
        let mut tx = self.store().read().await?;
        let Some(id) = tx
            .one_time_token_by_digest(PURPOSE, digest.as_bytes(), now)
            .await?
        else {
            return Ok(None);
        };
        let Some(reset) = tx.reset_by_id(&id, now).await? else {
            return Ok(None);
        };
        let user = claimed_account(&mut tx, &reset).await?;
        Ok(user.map(|user| Claim {
            digest: digest.as_bytes().to_vec(),
            user,
            is_code: false,
        }))
    }

    async fn claim_by_code(
        &self,
        code: &Secret,
        flow: Option<&Secret>,
        client: &Client,
    ) -> Result<Claim, ResetPasswordError> {
        let flow = TokenDigest::of(flow.ok_or(ResetPasswordError::Code)?);
        let reset = self
            .store()
            .read()
            .await?
            .reset_by_flow(flow.as_bytes(), self.now())
            .await?
            .ok_or(ResetPasswordError::Code)?;
        // First whether this flow may try at all: what is refused anyway must not use up the day's
        // tries of the address.
        if reset.tries >= TRIES {
            return Err(ResetPasswordError::Code);
        }
        let attempt = self.code_attempt(&reset.email).from(client);
        self.count_failure(&attempt).await?;
        self.spend_reset_try(&reset.id).await?;
        match self.look_at_code(&reset, code).await? {
            Some(claim) => {
                self.take_back(&reset, &attempt).await?;
                Ok(claim)
            }
            None => {
                let entry = Entry::refused("password.reset", client, "wrong_code");
                self.audit_alone(entry.subject(&reset.id)).await?;
                Err(ResetPasswordError::Code)
            }
        }
    }

    /// Spends a try before the code is looked at, and commits that: guesses in parallel are as many
    /// tries as guesses. Never switched off, unlike other limits.
    async fn spend_reset_try(&self, id: &str) -> Result<(), ResetPasswordError> {
        let mut tx = self.store().write().await?;
        if !tx.consume_reset_try(id, TRIES).await? {
            return Err(ResetPasswordError::Code);
        }
        Ok(tx.commit().await?)
    }

    /// The same work for every code: a guess must not tell whether the address has an account.
    async fn look_at_code(&self, reset: &ResetRow, code: &Secret) -> Result<Option<Claim>, Fault> {
        let code_digest = self.reset_code_digest(&reset.id, code);
        let mut tx = self.store().read().await?;
        let digest = tx
            .one_time_token_by_code(PURPOSE, &reset.id, &code_digest, self.now())
            .await?;
        let user = claimed_account(&mut tx, reset).await?;
        Ok(digest.zip(user).map(|(digest, user)| Claim {
            digest,
            user,
            is_code: true,
        }))
    }

    async fn take_back(&self, reset: &ResetRow, attempt: &Attempt) -> Result<(), Fault> {
        let mut tx = self.store().write().await?;
        self.take_back_failure(&mut tx, attempt).await?;
        tx.set_reset_try_taken_back(&reset.id).await?;
        tx.commit().await
    }

    /// The digest of a code: under the ring, and bound to its flow.
    pub(crate) fn reset_code_digest(&self, reset: &str, code: &Secret) -> [u8; 32] {
        hmac_sha256(
            &self.ring().mac_key(Purpose::Code),
            &[
                PURPOSE.as_bytes(),
                reset.as_bytes(),
                code.reveal().as_bytes(),
            ],
        )
    }
}

/// The account a wish is about: whoever has the address now, and may sign in. An address that has
/// moved to another account since the letter was sent is that one's, and so is its mailbox.
async fn claimed_account(tx: &mut Tx, reset: &ResetRow) -> Result<Option<UserRow>, Fault> {
    let user = tx.user_by_email(&reset.email).await?;
    Ok(user.filter(|user| user.may_sign_in()))
}

fn stored(email: &str) -> Result<Email, Fault> {
    Email::parse(email).map_err(|_| Fault::Inconsistent("a stored address is no address"))
}
