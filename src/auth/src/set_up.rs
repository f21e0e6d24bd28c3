//! The first admin (D12): by a link printed at start, or by the command line. Never by being first
//! to register.

use wire::{ErrorCode, FieldCode, NewAccount, Secret, User};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::hash::Overloaded;
use crate::register::{new_user, own_words};
use crate::rights::{Acting, Rights};
use crate::secret::{TokenDigest, draw_token};
use crate::session::user_view;
use crate::sign_in::{Proven, SignIn, Want};
use crate::store::{NewOneTimeToken, Tx};

const PURPOSE: &str = "set_up";
/// How long a printed link works, in seconds: whoever installs may come back tomorrow.
const LIFE: i64 = 7 * 86_400;
const ADMIN: &str = "admin";

/// Why there is no first admin yet.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The link was used, has ended or never was; or there is an admin already.
    #[error("the set-up link is used, has ended or never was")]
    Link,
    /// The password will not do.
    #[error("the password is {0}")]
    Password(FieldCode),
    /// Another account has the address or the username.
    #[error("the {0} is taken")]
    Taken(&'static str),
    /// Too many at once.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<SetUpError> for wire::Error {
    fn from(error: SetUpError) -> Self {
        match error {
            SetUpError::Link => ErrorCode::InvalidOrExpiredLink.into(),
            SetUpError::Password(code) => Self::field("password", code),
            SetUpError::Taken(field) => Self::conflict(field),
            SetUpError::Overloaded(_) => ErrorCode::Overloaded.into(),
            SetUpError::Fault(fault) => fault.into(),
        }
    }
}

/// Why an admin was not made from the command line.
#[derive(Debug, thiserror::Error)]
pub enum CreateAdminError {
    /// The password will not do.
    #[error("the password is {0}")]
    Password(FieldCode),
    /// Another account has the address or the username.
    #[error("another account has this {0}")]
    Taken(&'static str),
    /// Too many at once.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Auth {
    /// A fresh secret for the printed link, as long as there is no admin. Links printed before stay
    /// good: another node may have printed one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_up_token(&self) -> Result<Option<Secret>, Fault> {
        let now = self.now();
        let mut tx = self.store().write().await?;
        if tx.count_admins("").await?.may_sign_in > 0 {
            return Ok(None);
        }
        let token = draw_token(self.entropy());
        tx.add_one_time_token(&NewOneTimeToken {
            digest: TokenDigest::of(&token).as_bytes(),
            purpose: PURPOSE,
            subject: "",
            code_digest: None,
            code_expires_at: None,
            now,
            expires_at: now + LIFE,
        })
        .await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// Whether a printed link still works. Uses nothing up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_up_is_open(&self, token: &Secret) -> Result<bool, Fault> {
        let mut tx = self.store().read().await?;
        let token = tx
            .one_time_token_by_digest(PURPOSE, TokenDigest::of(token).as_bytes(), self.now())
            .await?;
        Ok(token.is_some() && tx.count_admins("").await?.may_sign_in == 0)
    }

    /// Makes the first admin and signs them in with the session cookie. Their address counts as
    /// proven: whoever reads the portal's own output runs it.
    ///
    /// # Errors
    /// [`SetUpError`]; nothing is used up then.
    pub async fn set_up(
        &self,
        token: &Secret,
        account: NewAccount,
        client: &Client,
    ) -> Result<SignIn, SetUpError> {
        if !self.set_up_is_open(token).await? {
            return Err(SetUpError::Link);
        }
        self.judge_password(&account.password, own_words(&account))
            .await?
            .map_err(SetUpError::Password)?;
        let permit = self.hasher().permit(client).await?;
        let hash = permit.hash(&account.password, self.entropy()).await?;
        let mut tx = self.store().write().await?;
        self.alone_in_set_up(&mut tx).await?;
        let consumed = tx
            .consume_one_time_token(PURPOSE, TokenDigest::of(token).as_bytes(), self.now())
            .await?;
        if consumed.is_none() || tx.count_admins("").await?.may_sign_in > 0 {
            return Err(SetUpError::Link);
        }
        let id = self
            .add_admin(&mut tx, &account, &hash, client)
            .await?
            .map_err(SetUpError::Taken)?;
        tx.delete_one_time_tokens_by_purpose(PURPOSE).await?;
        let started = self
            .start_session(&mut tx, &id, Proven::SetUpLink, Want::Page, client)
            .await?;
        Ok(self
            .finish_sign_in(tx, started, Vec::new(), Want::Page)
            .await?)
    }

    /// Two links opened on two nodes make one admin: the lease's row is locked until the commit.
    async fn alone_in_set_up(&self, tx: &mut Tx) -> Result<(), Fault> {
        let now = self.now();
        tx.set_lease("set_up", self.node(), now, now).await?;
        Ok(())
    }

    /// Makes an admin account: for the operator at the command line.
    ///
    /// # Errors
    /// [`CreateAdminError`].
    pub async fn create_admin(&self, account: NewAccount) -> Result<User, CreateAdminError> {
        let client = Client::operator();
        self.judge_password(&account.password, own_words(&account))
            .await?
            .map_err(CreateAdminError::Password)?;
        let permit = self.hasher().permit(&client).await?;
        let hash = permit.hash(&account.password, self.entropy()).await?;
        let mut tx = self.store().write().await?;
        let id = self
            .add_admin(&mut tx, &account, &hash, &client)
            .await?
            .map_err(CreateAdminError::Taken)?;
        let row = tx
            .user_by_id(&id)
            .await?
            .ok_or(Fault::Inconsistent("an account just added is missing"))?;
        let rights = Rights::in_force(&mut tx, &row, Acting::Alone).await?;
        tx.commit().await?;
        Ok(user_view(&row, None, rights.permissions()))
    }

    /// Adds an admin's row; the inner error names the field somebody else has.
    async fn add_admin(
        &self,
        tx: &mut Tx,
        account: &NewAccount,
        hash: &str,
        client: &Client,
    ) -> Result<Result<String, &'static str>, Fault> {
        let (id, now) = (self.draw_id(), self.now());
        if !tx
            .add_user(&new_user(&id, account, hash, ADMIN, Some(now), now))
            .await?
        {
            let by_email = tx.user_by_email(account.email.as_str()).await?.is_some();
            return Ok(Err(if by_email { "email" } else { "username" }));
        }
        tx.delete_registrations_by_email(account.email.as_str())
            .await?;
        let detail = serde_json::json!({ "role": ADMIN });
        self.audit(
            tx,
            Entry::done("user.created", client)
                .subject(&id)
                .detail(detail),
        )
        .await?;
        Ok(Ok(id))
    }
}
