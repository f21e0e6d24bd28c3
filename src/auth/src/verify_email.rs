//! Proving an address (D13): the account comes to be here.
//!
//! A link or a code proves the address and nothing else. The password and names of the pending
//! registration belong to whoever registered, which need not be whoever reads the mail: they hold
//! only if the request also carries that registration's own secret. Without it, a link needs a
//! password chosen now; a code, which works in its own flow alone, is not taken at all.
//! Finishing removes every other pending registration of the address.

use wire::{Email, ErrorCode, FieldCode, Password, Proof, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::hash::Overloaded;
use crate::limit::{Attempt, LimitError, Limited};
use crate::policy;
use crate::ring::Purpose;
use crate::secret::{TokenDigest, hmac_sha256};
use crate::sign_in::{Proven, SignIn, Want};
use crate::store::{NewUser, RegistrationRow, Tx};

/// What a one-time token of this flow is good for.
pub(crate) const PURPOSE: &str = "verify_email";
/// Wrong codes a registration may see.
const TRIES: i64 = 5;

/// The request that finishes a registration.
#[derive(Clone, Debug)]
pub struct VerifyEmail {
    /// What proves the address.
    pub proof: Proof,
    /// The flow's secret, if the finisher has it.
    pub flow: Option<Secret>,
    /// Chosen now; used only where the flow's secret is missing.
    pub password: Option<Secret>,
}

/// Why an address was not taken as proven. Nothing is used up by any of these, but a try.
#[derive(Debug, thiserror::Error)]
pub enum VerifyEmailError {
    /// The link was used, has ended or never was.
    #[error("the link is used, has ended or never was")]
    Link,
    /// The code is wrong, has ended, or belongs to another flow.
    #[error("the code is wrong, has ended, or is of another flow")]
    Code,
    /// The flow's secret is missing, so the finisher must choose a password.
    #[error("a password must be chosen")]
    PasswordNeeded,
    /// The password chosen now will not do.
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

impl From<VerifyEmailError> for wire::Error {
    fn from(error: VerifyEmailError) -> Self {
        match error {
            VerifyEmailError::Link => ErrorCode::InvalidOrExpiredLink.into(),
            VerifyEmailError::Code => ErrorCode::InvalidCode.into(),
            VerifyEmailError::PasswordNeeded => Self::field("password", FieldCode::Required),
            VerifyEmailError::Password(code) => Self::field("password", code),
            VerifyEmailError::Limited(limited) => limited.into(),
            VerifyEmailError::Overloaded(_) => ErrorCode::Overloaded.into(),
            VerifyEmailError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for VerifyEmailError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

/// Whose password the account gets.
enum Finisher {
    /// Who registered: the pending password and names hold.
    Registrant,
    /// Somebody who reads the mail: this password, no names.
    Reader { password_hash: String },
}

impl Auth {
    /// Takes an address as proven, makes the account and signs its owner in.
    ///
    /// # Errors
    /// [`VerifyEmailError`].
    pub async fn verify_email(
        &self,
        finish: VerifyEmail,
        want: Want,
        client: &Client,
    ) -> Result<SignIn, VerifyEmailError> {
        match &finish.proof {
            Proof::Token(token) => self.verify_by_link(token, &finish, want, client).await,
            Proof::Code(code) => self.verify_by_code(code, &finish, want, client).await,
        }
    }

    async fn verify_by_link(
        &self,
        token: &Secret,
        finish: &VerifyEmail,
        want: Want,
        client: &Client,
    ) -> Result<SignIn, VerifyEmailError> {
        let now = self.now();
        let digest = TokenDigest::of(token);
        let registration = {
            let mut tx = self.store().read().await?;
            let id = tx
                .one_time_token_by_digest(PURPOSE, digest.as_bytes(), now)
                .await?
                .ok_or(VerifyEmailError::Link)?;
            tx.registration_by_id(&id, now)
                .await?
                .ok_or(VerifyEmailError::Link)?
        };
        let holds_flow = finish
            .flow
            .as_ref()
            .is_some_and(|flow| TokenDigest::of(flow).as_bytes() == registration.flow_digest);
        let finisher = if holds_flow {
            Finisher::Registrant
        } else {
            self.chosen_by_reader(finish.password.as_ref(), &registration, client)
                .await?
        };
        let (mut tx, id) = self
            .begin(&registration, &finisher)
            .await?
            .ok_or(VerifyEmailError::Link)?;
        tx.consume_one_time_token(PURPOSE, digest.as_bytes(), now)
            .await?
            .ok_or(VerifyEmailError::Link)?;
        Ok(self
            .finish(tx, &id, &registration, &finisher, want, client)
            .await?)
    }

    async fn chosen_by_reader(
        &self,
        password: Option<&Secret>,
        registration: &RegistrationRow,
        client: &Client,
    ) -> Result<Finisher, VerifyEmailError> {
        let password = password
            .filter(|password| !password.is_empty())
            .ok_or(VerifyEmailError::PasswordNeeded)?;
        let password = Password::chosen(password.reveal(), self.settings().password)
            .map_err(VerifyEmailError::Password)?;
        // The names of the registration are not the reader's.
        self.judge_password(&password, policy::words_of(&registration.email, []))
            .await?
            .map_err(VerifyEmailError::Password)?;
        let permit = self.hasher().permit(client).await?;
        Ok(Finisher::Reader {
            password_hash: permit.hash(&password, self.entropy()).await?,
        })
    }

    async fn verify_by_code(
        &self,
        code: &Secret,
        finish: &VerifyEmail,
        want: Want,
        client: &Client,
    ) -> Result<SignIn, VerifyEmailError> {
        let now = self.now();
        let flow = finish.flow.as_ref().ok_or(VerifyEmailError::Code)?;
        let registration = self
            .store()
            .read()
            .await?
            .registration_by_flow(TokenDigest::of(flow).as_bytes(), now)
            .await?
            .ok_or(VerifyEmailError::Code)?;
        // First whether this flow may try at all: what is refused anyway must not use up the day's
        // tries of the address.
        if registration.tries >= TRIES {
            return Err(VerifyEmailError::Code);
        }
        let attempt = self.spend_try(&registration, client).await?;
        let digest = self.code_digest(&registration.id, code);
        let finisher = Finisher::Registrant;
        let proven = match self.begin(&registration, &finisher).await? {
            Some((mut tx, id)) => tx
                .consume_code(PURPOSE, &registration.id, &digest, now)
                .await?
                .then_some((tx, id)),
            // Refused like a wrong code, with the same work: a guess must not tell who has an account.
            None => None,
        };
        let Some((mut tx, id)) = proven else {
            let entry = Entry::refused("email.verify", client, "wrong_code");
            self.audit_alone(entry.subject(&registration.id)).await?;
            return Err(VerifyEmailError::Code);
        };
        self.clear_failures(&mut tx, &attempt).await?;
        Ok(self
            .finish(tx, &id, &registration, &finisher, want, client)
            .await?)
    }

    /// Spends a try of the registration and one of the address's day before the code is looked at, and
    /// commits both or none: guesses in parallel are as many tries as guesses. The tries of a
    /// registration are never switched off, unlike other limits.
    async fn spend_try(
        &self,
        registration: &RegistrationRow,
        client: &Client,
    ) -> Result<Attempt, VerifyEmailError> {
        let attempt = self.code_attempt(&registration.email).from(client);
        let mut tx = self.store().write().await?;
        if !tx.consume_registration_try(&registration.id, TRIES).await? {
            return Err(VerifyEmailError::Code);
        }
        self.count_failure_in(&mut tx, &attempt).await?;
        tx.commit().await?;
        Ok(attempt)
    }

    /// The digest of a code: under the ring, and bound to its registration.
    pub(crate) fn code_digest(&self, registration: &str, code: &Secret) -> [u8; 32] {
        hmac_sha256(
            &self.ring().mac_key(Purpose::Code),
            &[
                PURPOSE.as_bytes(),
                registration.as_bytes(),
                code.reveal().as_bytes(),
            ],
        )
    }

    /// Begins to finish: adds the account, on condition that the proof then holds. `None`: the
    /// address has one meanwhile. The account comes first because all who finish an address want
    /// its one row and wait for it with empty hands; each with a secret of its own locked already,
    /// they would wait for each other when the first removes everybody's.
    async fn begin(
        &self,
        registration: &RegistrationRow,
        finisher: &Finisher,
    ) -> Result<Option<(Tx, String)>, Fault> {
        let id = self.draw_id();
        let mut tx = self.store().write().await?;
        let is_added = self
            .add_verified(&mut tx, &id, registration, finisher)
            .await?;
        Ok(is_added.then_some((tx, id)))
    }

    /// Makes the account last, and signs its owner in.
    async fn finish(
        &self,
        mut tx: Tx,
        id: &str,
        registration: &RegistrationRow,
        finisher: &Finisher,
        want: Want,
        client: &Client,
    ) -> Result<SignIn, Fault> {
        let others = tx
            .delete_registrations_by_email(&registration.email)
            .await?
            .saturating_sub(1);
        let detail = serde_json::json!({
            "registration": registration.id,
            "ownPassword": matches!(finisher, Finisher::Registrant),
            "otherRegistrations": others,
        });
        self.audit(
            &mut tx,
            Entry::done("user.registered", client)
                .actor(id)
                .subject(id)
                .detail(detail),
        )
        .await?;
        let started = self
            .start_session(&mut tx, id, Proven::EmailAndPassword, want, client)
            .await?;
        self.finish_sign_in(tx, started, Vec::new(), want).await
    }

    /// Adds the account row. A username that was taken meanwhile is left out: its owner chooses
    /// another later, and the address is proven all the same.
    async fn add_verified(
        &self,
        tx: &mut Tx,
        id: &str,
        registration: &RegistrationRow,
        finisher: &Finisher,
    ) -> Result<bool, Fault> {
        let now = self.now();
        let mut user = NewUser {
            id,
            email: &registration.email,
            email_verified_at: Some(now),
            username: None,
            first_name: None,
            last_name: None,
            password_hash: &registration.password_hash,
            role: &self.settings().default_role,
            now,
        };
        match finisher {
            Finisher::Reader { password_hash } => user.password_hash = password_hash,
            Finisher::Registrant => {
                user.username = registration.username.as_deref();
                user.first_name = registration.first_name.as_deref();
                user.last_name = registration.last_name.as_deref();
            }
        }
        if tx.add_user(&user).await? {
            return Ok(true);
        }
        if tx.user_by_email(&registration.email).await?.is_some() {
            return Ok(false);
        }
        user.username = None;
        tx.add_user(&user).await
    }

    /// The address a flow waits to have proven: for the page that says where the letter went.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pending_address(&self, flow: &Secret) -> Result<Option<Email>, Fault> {
        let mut tx = self.store().read().await?;
        let row = tx
            .registration_by_flow(TokenDigest::of(flow).as_bytes(), self.now())
            .await?;
        row.map(|row| {
            Email::parse(&row.email)
                .map_err(|_| Fault::Inconsistent("registrations.email is no address"))
        })
        .transpose()
    }
}
