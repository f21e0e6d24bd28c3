//! Registering (D13): somebody wants an account for an address that may not be theirs.
//!
//! Promises: the answer, its cost and its side effects are the same whether or not the address is
//! known. What is made is a pending row of its own, never an account; the password chosen now is
//! used only by whoever finishes with this flow's secret. The letter is the worker's business, and
//! only then is it decided which letter it is.

use wire::{ErrorCode, FieldCode, NewAccount, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::hash::Overloaded;
use crate::limit::{LimitError, Limited, Rate};
use crate::policy;
use crate::secret::{TokenDigest, draw_token};
use crate::settings::Verification;
use crate::sign_in::{Proven, SignIn, Want};
use crate::store::{NewLetter, NewUser, RegistrationRow, Tx};

/// How long a registration waits for its address to be proven: as long as its link lives.
pub(crate) const PENDING: i64 = 24 * 3600;

/// What came of a registration.
#[derive(Debug)]
pub enum Registered {
    /// A letter is on its way, or would be if the address had no account.
    Pending {
        /// The flow's secret.
        flow: Secret,
    },
    /// Proving is switched off: the account exists and its owner is signed in.
    SignedIn(Box<SignIn>),
}

/// Why a registration was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The password is easily guessed.
    #[error("the password is {0}")]
    Password(FieldCode),
    /// Another account has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// The address has an account. Said only where proving is switched off.
    #[error("the address is taken")]
    EmailTaken,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Too many at once.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<RegisterError> for wire::Error {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Password(code) => Self::field("password", code),
            RegisterError::UsernameTaken => Self::conflict("username"),
            RegisterError::EmailTaken => Self::conflict("email"),
            RegisterError::Limited(limited) => limited.into(),
            RegisterError::Overloaded(_) => ErrorCode::Overloaded.into(),
            RegisterError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for RegisterError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Takes a registration.
    ///
    /// # Errors
    /// [`RegisterError`]; none of its reasons tells whether the address is known, unless proving
    /// addresses is switched off.
    pub async fn register(
        &self,
        account: NewAccount,
        want: Want,
        client: &Client,
    ) -> Result<Registered, RegisterError> {
        self.judge_password(&account.password, own_words(&account))
            .await?
            .map_err(RegisterError::Password)?;
        if let Some(username) = &account.username
            && self
                .store()
                .read()
                .await?
                .user_by_username(&username.key())
                .await?
                .is_some()
        {
            return Err(RegisterError::UsernameTaken);
        }
        self.admit_from(
            client,
            &[
                (Rate::Register, &client.network()),
                (Rate::Letter, account.email.as_str()),
            ],
        )
        .await?;
        let permit = self.hasher().permit(client).await?;
        let password_hash = permit.hash(&account.password, self.entropy()).await?;
        match self.settings().verification {
            Verification::Required => self.add_pending(&account, password_hash, client).await,
            Verification::Off => {
                self.add_unproven(&account, &password_hash, want, client)
                    .await
            }
        }
    }

    async fn add_pending(
        &self,
        account: &NewAccount,
        password_hash: String,
        client: &Client,
    ) -> Result<Registered, RegisterError> {
        let now = self.now();
        let flow = draw_token(self.entropy());
        let row = RegistrationRow {
            id: self.draw_id(),
            email: account.email.as_str().to_owned(),
            flow_digest: TokenDigest::of(&flow).as_bytes().to_vec(),
            password_hash,
            username: account
                .username
                .as_ref()
                .map(|name| name.as_str().to_owned()),
            first_name: account
                .first_name
                .as_ref()
                .map(|name| name.as_str().to_owned()),
            last_name: account
                .last_name
                .as_ref()
                .map(|name| name.as_str().to_owned()),
            address: client.address.to_string(),
            agent: client.agent.clone(),
            tries: 0,
            created_at: now,
            expires_at: now + PENDING,
        };
        let mut tx = self.store().write().await?;
        tx.add_registration(&row).await?;
        self.add_letter(&mut tx, "registration", &row.id, client)
            .await?;
        self.audit(
            &mut tx,
            Entry::done("registration.requested", client).subject(&row.id),
        )
        .await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(Registered::Pending { flow })
    }

    async fn add_unproven(
        &self,
        account: &NewAccount,
        hash: &str,
        want: Want,
        client: &Client,
    ) -> Result<Registered, RegisterError> {
        let mut tx = self.store().write().await?;
        let id = self.draw_id();
        let user = new_user(
            &id,
            account,
            hash,
            &self.settings().default_role,
            None,
            self.now(),
        );
        if !tx.add_user(&user).await? {
            let is_known = tx.user_by_email(account.email.as_str()).await?.is_some();
            return Err(if is_known {
                RegisterError::EmailTaken
            } else {
                RegisterError::UsernameTaken
            });
        }
        self.audit(
            &mut tx,
            Entry::done("user.registered", client)
                .actor(&id)
                .subject(&id),
        )
        .await?;
        let started = self
            .start_session(&mut tx, &id, Proven::Password, want, client)
            .await?;
        let signed_in = self.finish_sign_in(tx, started, Vec::new(), want).await?;
        Ok(Registered::SignedIn(Box::new(signed_in)))
    }

    /// Notes that a letter is due, in the transaction of the act that causes it.
    pub(crate) async fn add_letter(
        &self,
        tx: &mut Tx,
        letter: &str,
        subject: &str,
        client: &Client,
    ) -> Result<(), Fault> {
        tx.add_letter(&NewLetter {
            id: &self.draw_id(),
            letter,
            subject,
            address: &client.address.to_string(),
            agent: &client.agent,
            now: self.now(),
        })
        .await
    }
}

/// The words a password of this account must not be made of.
pub(crate) fn own_words(account: &NewAccount) -> Vec<String> {
    let names = [
        account.username.as_ref().map(wire::Username::as_str),
        account.first_name.as_ref().map(wire::PersonName::as_str),
        account.last_name.as_ref().map(wire::PersonName::as_str),
    ];
    policy::words_of(account.email.as_str(), names)
}

/// An account row of these fields.
pub(crate) fn new_user<'a>(
    id: &'a str,
    account: &'a NewAccount,
    password_hash: &'a str,
    role: &'a str,
    email_verified_at: Option<i64>,
    now: i64,
) -> NewUser<'a> {
    NewUser {
        id,
        email: account.email.as_str(),
        email_verified_at,
        username: account.username.as_ref().map(wire::Username::as_str),
        first_name: account.first_name.as_ref().map(wire::PersonName::as_str),
        last_name: account.last_name.as_ref().map(wire::PersonName::as_str),
        password_hash,
        role,
        now,
    }
}
