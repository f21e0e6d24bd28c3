//! Accepting an invitation: an account comes to be, or one that exists joins.
//!
//! The link proves the address, and it is all a new account needs besides a password chosen now. An
//! account that exists is joined by its own owner only: signed in as that address, with the factors
//! it has, and no password is ever set on it (security.md 3.2). Everything the invitation is bound to
//! is looked at again here, its inviter's rights of this moment included. Looking uses nothing up.

use serde_json::json;
use wire::{Acceptance, Email, ErrorCode, FieldCode, Password, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::hash::Overloaded;
use crate::invitation::PURPOSE;
use crate::rights::Rights;
use crate::role::ADMIN;
use crate::secret::{CookieToken, TokenDigest};
use crate::session::Session;
use crate::sign_in::{Proven, SignIn, Tokens, Want};
use crate::store::{InvitationRow, NewMembership, NewUser, Tx, UserRow};
use crate::vouch::Vouching;

/// What came of it.
#[derive(Debug)]
pub enum Accepted {
    /// The account is new; its owner is signed in.
    SignedIn(Box<SignIn>),
    /// The account was there, and its session goes on: with an access token if tokens were asked
    /// for, and with the cookie or refresh token it has.
    Joined(Box<SignIn>),
}

/// Why an invitation was not accepted. Nothing is set and nothing used up by any of these.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The link was used, taken back, has ended or never was, or nobody vouches for it any more.
    #[error("the link is used, has ended or never was")]
    Link,
    /// The address has an account, and this is not its session with the link alone.
    #[error("the address has an account")]
    HasAccount,
    /// A password must be chosen.
    #[error("a password must be chosen")]
    PasswordNeeded,
    /// The password will not do.
    #[error("the password is {0}")]
    Password(FieldCode),
    /// Another account has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// Too many at once.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<AcceptError> for wire::Error {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Link => ErrorCode::InvalidOrExpiredLink.into(),
            AcceptError::HasAccount => Self::conflict("email"),
            AcceptError::PasswordNeeded => Self::field("password", FieldCode::Required),
            AcceptError::Password(code) => Self::field("password", code),
            AcceptError::UsernameTaken => Self::conflict("username"),
            AcceptError::Overloaded(_) => ErrorCode::Overloaded.into(),
            AcceptError::Fault(fault) => fault.into(),
        }
    }
}

/// What an invitation's link leads to, for the page it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationLink {
    /// The address that is invited.
    pub email: Email,
    /// Whether it has an account, which then joins.
    pub has_account: bool,
    /// What the person shall be.
    pub role: String,
    /// The tenant to join.
    pub tenant: Option<String>,
    /// The address of whoever invites.
    pub inviter: String,
    /// To be shown filled in.
    pub first_name: Option<String>,
    /// To be shown filled in.
    pub last_name: Option<String>,
}

impl Auth {
    /// What a link leads to; `None` when it does not work.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn invitation_link(&self, token: &Secret) -> Result<Option<InvitationLink>, Fault> {
        let mut tx = self.store().read().await?;
        let Some(row) = self.living_invitation(&mut tx, token).await? else {
            return Ok(None);
        };
        let Some(inviter) = tx.user_by_id(&row.inviter_id).await? else {
            return Ok(None);
        };
        let email = Email::parse(&row.email)
            .map_err(|_| Fault::Inconsistent("invitations.email is no address"))?;
        Ok(Some(InvitationLink {
            has_account: tx.user_by_email(&row.email).await?.is_some(),
            email,
            role: row.role,
            tenant: row.tenant_name,
            inviter: inviter.email,
            first_name: row.first_name,
            last_name: row.last_name,
        }))
    }

    /// Accepts an invitation. `session` is whoever asks, if somebody is signed in.
    ///
    /// # Errors
    /// [`AcceptError`].
    pub async fn accept_invitation(
        &self,
        accept: Acceptance,
        session: Option<&Session>,
        want: Want,
        client: &Client,
    ) -> Result<Accepted, AcceptError> {
        let (row, owner) = {
            let mut tx = self.store().read().await?;
            let row = self.living_invitation(&mut tx, &accept.token).await?;
            let row = row.ok_or(AcceptError::Link)?;
            let owner = tx.user_by_email(&row.email).await?;
            (row, owner)
        };
        match (owner, session, &accept.password) {
            (None, _, Some(password)) => {
                let signed_in = self.come(&row, &accept, password, want, client).await?;
                Ok(Accepted::SignedIn(Box::new(signed_in)))
            }
            (None, _, None) => Err(AcceptError::PasswordNeeded),
            (Some(owner), Some(session), None) if session.user.id == owner.id => {
                let joined = self
                    .join(&row, &accept.token, session, want, client)
                    .await?;
                Ok(Accepted::Joined(Box::new(joined)))
            }
            (Some(_), _, _) => Err(AcceptError::HasAccount),
        }
    }

    /// The invitation of a link that works at this moment.
    async fn living_invitation(
        &self,
        tx: &mut Tx,
        token: &Secret,
    ) -> Result<Option<InvitationRow>, Fault> {
        let now = self.now();
        let digest = TokenDigest::of(token);
        let Some(id) = tx
            .one_time_token_by_digest(PURPOSE, digest.as_bytes(), now)
            .await?
        else {
            return Ok(None);
        };
        let row = tx.invitation_by_id(&id).await?;
        let Some(row) = row.filter(|row| row.status(now) == wire::InvitationStatus::Pending) else {
            return Ok(None);
        };
        let problem = Vouching::default()
            .problem(tx, &row.inviter_id, row.offered())
            .await?;
        if let Some(problem) = problem {
            tracing::debug!(invitation = %row.id, ?problem, "nobody vouches for an invitation");
            return Ok(None);
        }
        Ok(Some(row))
    }

    /// Makes the account of an address that has none.
    async fn come(
        &self,
        row: &InvitationRow,
        accept: &Acceptance,
        password: &Password,
        want: Want,
        client: &Client,
    ) -> Result<SignIn, AcceptError> {
        self.judge_password(password, own_words(row, accept))
            .await?
            .map_err(AcceptError::Password)?;
        if let Some(username) = &accept.username {
            let mut tx = self.store().read().await?;
            if tx.user_by_username(&username.key()).await?.is_some() {
                return Err(AcceptError::UsernameTaken);
            }
        }
        let permit = self.hasher().permit(client).await?;
        let hash = permit.hash(password, self.entropy()).await?;
        let id = self.draw_id();
        let mut tx = self.store().write().await?;
        hold_tenant(&mut tx, row).await?;
        // The account first, with empty hands, as all who prove an address do (`verify_email`).
        if !tx
            .add_user(&self.invited_user(&id, row, accept, &hash))
            .await?
        {
            return Err(self.lost_race(&mut tx, row, accept).await?);
        }
        self.use_up(&mut tx, row, &accept.token, &id).await?;
        if let Some(tenant) = &row.tenant_id {
            self.enter(&mut tx, &id, tenant, row).await?;
        }
        let others = tx.delete_registrations_by_email(&row.email).await?;
        let detail = serde_json::json!({
            "invitation": row.id,
            "inviter": row.inviter_id,
            "role": row.role,
            "accountRole": row.account_role,
            "tenant": row.tenant_id,
            "otherRegistrations": others,
        });
        let entry = Entry::done("user.registered", client)
            .actor(&id)
            .subject(&id);
        self.audit(&mut tx, entry.detail(detail)).await?;
        let started = self
            .start_session(&mut tx, &id, Proven::EmailAndPassword, want, client)
            .await?;
        Ok(self.finish_sign_in(tx, started, Vec::new(), want).await?)
    }

    fn invited_user<'a>(
        &self,
        id: &'a str,
        row: &'a InvitationRow,
        accept: &'a Acceptance,
        hash: &'a str,
    ) -> NewUser<'a> {
        let now = self.now();
        let (first, last) = names(row, accept);
        NewUser {
            id,
            email: &row.email,
            email_verified_at: Some(now),
            username: accept.username.as_ref().map(wire::Username::as_str),
            first_name: first,
            last_name: last,
            password_hash: hash,
            role: row.account_role.as_ref().unwrap_or(&row.role),
            now,
        }
    }

    /// Why no account could be added: the same link was quicker elsewhere, the address got its
    /// account by another way, or somebody took the username.
    async fn lost_race(
        &self,
        tx: &mut Tx,
        row: &InvitationRow,
        accept: &Acceptance,
    ) -> Result<AcceptError, Fault> {
        if tx.user_by_email(&row.email).await?.is_none() {
            return Ok(AcceptError::UsernameTaken);
        }
        Ok(match self.living_invitation(tx, &accept.token).await? {
            Some(_) => AcceptError::HasAccount,
            None => AcceptError::Link,
        })
    }

    /// Lets an account that exists join.
    async fn join(
        &self,
        row: &InvitationRow,
        token: &Secret,
        session: &Session,
        want: Want,
        client: &Client,
    ) -> Result<SignIn, AcceptError> {
        let now = self.now();
        let mut tx = self.store().write().await?;
        hold_tenant(&mut tx, row).await?;
        if row.tenant_id.is_none() {
            self.alone_with_admins(&mut tx).await?;
        }
        // What the door was shown may have ended since.
        let owner = match self.read_session(&mut tx, &session.id).await? {
            Some(_) => tx.user_by_id(&session.user.id).await?,
            None => None,
        };
        let owner = owner.ok_or(AcceptError::HasAccount)?;
        self.use_up(&mut tx, row, token, &owner.id).await?;
        match &row.tenant_id {
            Some(tenant) => self.enter(&mut tx, &owner.id, tenant, row).await?,
            None => self.raise(&mut tx, &owner, &row.role, client).await?,
        }
        let sessions = tx
            .set_sessions_tenant(&owner.id, row.tenant_id.as_deref(), now)
            .await?;
        // Other rights, another cookie (row 49).
        let cookie = self.renew_cookie(&mut tx, &session.id).await?;
        let detail = serde_json::json!({
            "inviter": row.inviter_id,
            "role": row.role,
            "tenant": row.tenant_id,
        });
        let entry = Entry::done("invitation.accepted", client).actor(&owner.id);
        self.audit(&mut tx, entry.subject(&row.id).detail(detail))
            .await?;
        let until = self.tokens_end_by(&mut tx).await?;
        tx.add_revocation("subject", &owner.id, now, until).await?;
        self.publish_changes(tx, &sessions).await?;
        Ok(self.go_on(session, cookie, want).await?)
    }

    /// The session as it is after joining, with a token that says so.
    async fn go_on(
        &self,
        session: &Session,
        cookie: Option<CookieToken>,
        want: Want,
    ) -> Result<SignIn, Fault> {
        let session = self
            .live_session(&session.id)
            .await?
            .ok_or(Fault::Inconsistent(
                "a session ended while its owner joined",
            ))?;
        let tokens = match want.audience() {
            None => None,
            Some(audience) => Some(Tokens {
                access: self.sign_access_token(&session, audience)?,
                refresh: None,
            }),
        };
        Ok(SignIn {
            user: session.user.clone(),
            session_id: session.id.clone(),
            cookie_seconds: session.cookie_seconds(self.now()),
            cookie,
            tokens,
        })
    }

    /// Uses the link and the invitation up, if both still wait and somebody still vouches: once,
    /// whoever else tries.
    async fn use_up(
        &self,
        tx: &mut Tx,
        row: &InvitationRow,
        token: &Secret,
        user: &str,
    ) -> Result<(), AcceptError> {
        let (now, digest) = (self.now(), TokenDigest::of(token));
        tx.consume_one_time_token(PURPOSE, digest.as_bytes(), now)
            .await?
            .ok_or(AcceptError::Link)?;
        if !tx.set_invitation_accepted(&row.id, user, now).await? {
            return Err(AcceptError::Link);
        }
        let row = tx
            .invitation_by_id(&row.id)
            .await?
            .ok_or(AcceptError::Link)?;
        match Vouching::default()
            .problem(tx, &row.inviter_id, row.offered())
            .await?
        {
            Some(_) => Err(AcceptError::Link),
            None => Ok(()),
        }
    }

    /// Makes an account a member. It acts in the tenant from now on, unless it acts in another: only
    /// its owner changes that. Who is suspended there is not let in by an invitation of before, and no
    /// other one leads back in after they were removed.
    async fn enter(
        &self,
        tx: &mut Tx,
        user: &str,
        tenant: &str,
        row: &InvitationRow,
    ) -> Result<(), AcceptError> {
        let now = self.now();
        let membership = NewMembership {
            user_id: user,
            tenant_id: tenant,
            role: &row.role,
            now,
        };
        if !tx.add_membership(&membership).await? {
            let there = tx.membership_by_tenant(user, tenant).await?;
            if there.is_some_and(|membership| membership.suspended_at.is_some()) {
                return Err(AcceptError::Link);
            }
        }
        tx.set_invitations_into_tenant_revoked(tenant, &row.email, now)
            .await?;
        tx.set_first_tenant(user, tenant, now).await?;
        Ok(())
    }

    /// An account that came to be by another way while it was invited without a tenant gets the
    /// role that was offered, if that takes nothing from it. An admin stays one: there must be some, and
    /// no other role is more.
    async fn raise(
        &self,
        tx: &mut Tx,
        owner: &UserRow,
        role: &str,
        client: &Client,
    ) -> Result<(), Fault> {
        let held = Rights::of_role(tx, &owner.role).await?;
        let offered = Rights::of_role(tx, role).await?;
        if owner.role == ADMIN || owner.role == role || !held.are_within(&offered) {
            return Ok(());
        }
        if tx
            .set_role(&owner.id, &owner.role, role, self.now())
            .await?
        {
            let entry = Entry::done("user.role_changed", client)
                .actor(&owner.id)
                .subject(&owner.id)
                .change(json!({ "role": owner.role }), json!({ "role": role }));
            self.audit(tx, entry).await?;
        }
        Ok(())
    }
}

/// Keeps the tenant to join from being deleted meanwhile, before anything else is held.
async fn hold_tenant(tx: &mut Tx, row: &InvitationRow) -> Result<(), AcceptError> {
    match &row.tenant_id {
        Some(tenant) if !tx.set_tenant_held(tenant).await? => Err(AcceptError::Link),
        _ => Ok(()),
    }
}

/// The names said now, else those of the invitation.
fn names<'a>(row: &'a InvitationRow, accept: &'a Acceptance) -> (Option<&'a str>, Option<&'a str>) {
    match &accept.names {
        Some((first, last)) => (
            first.as_ref().map(wire::PersonName::as_str),
            last.as_ref().map(wire::PersonName::as_str),
        ),
        None => (row.first_name.as_deref(), row.last_name.as_deref()),
    }
}

/// The words a password of this account must not be (row 6).
fn own_words(row: &InvitationRow, accept: &Acceptance) -> Vec<String> {
    let local = row.email.split('@').next();
    let username = accept.username.as_ref().map(wire::Username::as_str);
    let (first, last) = names(row, accept);
    let words = [
        Some(row.email.as_str()),
        local,
        username,
        first,
        last,
        row.tenant_name.as_deref(),
    ];
    words.into_iter().flatten().map(str::to_owned).collect()
}
