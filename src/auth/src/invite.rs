//! Inviting people: one address or many, each with an outcome of its own.
//!
//! An invitation is no user (D13). It is bound to its address, its role, its tenant and its inviter,
//! who is whoever the credential belongs to. No role above the inviter's own rights is given, and
//! acceptance asks again (`vouch`). An address that has an account can be invited into a tenant only.

use wire::{Email, ErrorCode, FieldCode, Invitation, InvitationProblem, Offer};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{NewInvitationRow, Tx};
use crate::vouch::{Offered, Vouching};

/// How long an invitation waits, in seconds, from its newest letter: 7 days (row 21).
pub(crate) const WAITS: i64 = 7 * 86_400;

/// Why nobody was invited, or an invitation is as it was.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// The address is none.
    #[error("the address is {0}")]
    Address(FieldCode),
    /// There is no such role.
    #[error("there is no such role")]
    NoRole,
    /// There is no such tenant.
    #[error("there is no such tenant")]
    NoTenant,
    /// The inviter may not invite, or not to this role.
    #[error("the inviter lacks the right: {0:?}")]
    NoRight(InvitationProblem),
    /// The address has an account, and nothing to join.
    #[error("the address has an account")]
    HasAccount,
    /// Its account belongs to the tenant already.
    #[error("the account is a member already")]
    IsMember,
    /// The tenant has as many members or waiting invitations as there may be; the field says which.
    #[error("the tenant has as many {0} as there may be")]
    Full(&'static str),
    /// No invitation has this id.
    #[error("there is no such invitation")]
    Unknown,
    /// It was accepted, or taken back.
    #[error("the invitation was accepted or taken back")]
    Over,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<InviteError> for wire::Error {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Address(code) => Self::field("email", code),
            InviteError::NoRole => Self::field("role", FieldCode::Invalid),
            InviteError::NoTenant => Self::field("tenantId", FieldCode::Invalid),
            InviteError::NoRight(_) => ErrorCode::InsufficientPermissions.into(),
            InviteError::HasAccount | InviteError::IsMember => Self::conflict("email"),
            InviteError::Full(what) => Self::conflict(what),
            InviteError::Unknown => ErrorCode::NotFound.into(),
            InviteError::Over => Self::conflict("status"),
            InviteError::Limited(limited) => limited.into(),
            InviteError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for InviteError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl From<InvitationProblem> for InviteError {
    fn from(problem: InvitationProblem) -> Self {
        match problem {
            InvitationProblem::RoleGone => Self::NoRole,
            other => Self::NoRight(other),
        }
    }
}

/// What came of one address among many.
#[derive(Debug)]
pub struct Invited {
    /// As it was read.
    pub email: String,
    /// The invitation, or why there is none.
    pub outcome: Result<Invitation, wire::Error>,
}

impl Auth {
    /// Invites one address.
    ///
    /// # Errors
    /// [`InviteError`]; nobody was invited then.
    pub async fn invite(
        &self,
        session: &Session,
        email: &Email,
        offer: &Offer,
        client: &Client,
    ) -> Result<Invitation, InviteError> {
        let inviter = &session.user.id;
        self.judge_offer(session, offer, client).await?;
        let admitted = self.admit_invitation(inviter, email, offer).await;
        self.noting_limit(session, client, admitted).await?;
        let mut tx = self.store().write().await?;
        self.hold_places(&mut tx, offer, 1).await?;
        let id = self
            .add_invitation(&mut tx, inviter, email, offer, None, client)
            .await?;
        let invitation = self.invitation_in(&mut tx, &id).await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(invitation)
    }

    /// Invites many addresses to the same. Those that cannot be invited keep nobody else away.
    ///
    /// # Errors
    /// [`InviteError`] where it would be everybody's; nobody was invited then.
    pub async fn invite_many(
        &self,
        session: &Session,
        emails: &[String],
        offer: &Offer,
        client: &Client,
    ) -> Result<Vec<Invited>, InviteError> {
        let inviter = &session.user.id;
        self.judge_offer(session, offer, client).await?;
        let mut admitted = Vec::with_capacity(emails.len());
        for text in emails {
            admitted.push(match Email::parse(text) {
                Ok(email) => match self
                    .noting_limit(
                        session,
                        client,
                        self.admit_invitation(inviter, &email, offer).await,
                    )
                    .await
                {
                    Ok(()) => Ok(email),
                    // Below the rules it would be everybody's.
                    Err(InviteError::Fault(fault)) => return Err(fault.into()),
                    Err(refusal) => Err(refusal),
                },
                Err(code) => Err(InviteError::Address(code)),
            });
        }
        let mut tx = self.store().write().await?;
        let many = admitted.iter().filter(|one| one.is_ok()).count();
        self.hold_places(&mut tx, offer, many).await?;
        let mut results = Vec::with_capacity(emails.len());
        for (text, admitted) in emails.iter().zip(admitted) {
            let outcome = match admitted {
                Ok(email) => {
                    let id = self
                        .add_invitation(&mut tx, inviter, &email, offer, None, client)
                        .await?;
                    Ok(self.invitation_in(&mut tx, &id).await?)
                }
                Err(refusal) => Err(refusal.into()),
            };
            let email = text.clone();
            results.push(Invited { email, outcome });
        }
        tx.commit().await?;
        self.letters().notify_one();
        Ok(results)
    }

    /// Every role somebody may invite to, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn roles_to_give(&self, session: &Session) -> Result<Vec<String>, Fault> {
        let mut tx = self.store().read().await?;
        Vouching::default().list(&mut tx, &session.user.id).await
    }

    /// Whether the inviter may offer this, by their rights of this moment.
    async fn judge_offer(
        &self,
        session: &Session,
        offer: &Offer,
        client: &Client,
    ) -> Result<(), InviteError> {
        let judged = self.try_judge_offer(&session.user.id, offer).await;
        let refused = |reason| Entry::refused("invitation.create", client, reason);
        self.noting(session, judged, refused).await
    }

    async fn try_judge_offer(&self, inviter: &str, offer: &Offer) -> Result<(), InviteError> {
        // What is no id is no tenant, and no question for the database.
        if !offer.tenant_id.as_deref().is_none_or(is_id) {
            return Err(InviteError::NoTenant);
        }
        let mut tx = self.store().read().await?;
        let offered = Offered {
            role: &offer.role,
            tenant_id: offer.tenant_id.as_deref(),
            account_role: None,
        };
        let mut vouching = Vouching::default();
        if let Some(problem) = vouching.problem(&mut tx, inviter, offered).await? {
            return Err(problem.into());
        }
        if let Some(tenant) = &offer.tenant_id
            && tx.tenant_by_id(tenant).await?.is_none()
        {
            return Err(InviteError::NoTenant);
        }
        Ok(())
    }

    /// Refuses an address that needs no invitation, then one too many: of the inviter in a day, and
    /// of letters to the address. What is refused uses up nothing of either.
    pub(crate) async fn admit_invitation(
        &self,
        inviter: &str,
        email: &Email,
        offer: &Offer,
    ) -> Result<(), InviteError> {
        let mut tx = self.store().read().await?;
        if let Some(user) = tx.user_by_email(email.as_str()).await? {
            let Some(tenant) = &offer.tenant_id else {
                return Err(InviteError::HasAccount);
            };
            if tx.membership_by_tenant(&user.id, tenant).await?.is_some() {
                return Err(InviteError::IsMember);
            }
        }
        drop(tx);
        let events = [(Rate::Invite, inviter), (Rate::Letter, email.as_str())];
        Ok(self.admit(&events).await?)
    }

    /// Keeps the tenant to join from being deleted or filled meanwhile, before anything else is held, and
    /// refuses where so many more are more than it may have.
    pub(crate) async fn hold_places(
        &self,
        tx: &mut Tx,
        offer: &Offer,
        many: usize,
    ) -> Result<(), InviteError> {
        let Some(tenant) = &offer.tenant_id else {
            return Ok(());
        };
        if !tx.set_tenant_held(tenant).await? {
            return Err(InviteError::NoTenant);
        }
        let more = i64::try_from(many).unwrap_or(i64::MAX);
        let (members, waiting) = tx.count_places(tenant, self.now()).await?;
        let (waiting, caps) = (waiting.saturating_add(more), self.settings().caps);
        if waiting > caps.invitations {
            return Err(InviteError::Full("invitations"));
        }
        match members.saturating_add(waiting) > caps.members {
            true => Err(InviteError::Full("members")),
            false => Ok(()),
        }
    }

    pub(crate) async fn add_invitation(
        &self,
        tx: &mut Tx,
        inviter: &str,
        email: &Email,
        offer: &Offer,
        account_role: Option<&str>,
        client: &Client,
    ) -> Result<String, Fault> {
        let (id, now) = (self.draw_id(), self.now());
        tx.add_invitation(&NewInvitationRow {
            id: &id,
            email: email.as_str(),
            role: &offer.role,
            first_name: offer.first_name.as_ref().map(wire::PersonName::as_str),
            last_name: offer.last_name.as_ref().map(wire::PersonName::as_str),
            tenant_id: offer.tenant_id.as_deref(),
            account_role,
            inviter_id: inviter,
            now,
            expires_at: now + WAITS,
        })
        .await?;
        self.add_letter(tx, "invitation", &id, client).await?;
        let detail = serde_json::json!({
            "role": offer.role,
            "accountRole": account_role,
            "tenant": offer.tenant_id,
        });
        let entry = Entry::done("invitation.created", client).actor(inviter);
        self.audit(tx, entry.subject(&id).detail(detail)).await?;
        Ok(id)
    }
}
