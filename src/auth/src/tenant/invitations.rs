//! Invitations into a tenant, by those who look after it.
//!
//! What they offer is a membership. An address that has no account yet gets one with it, of the plainest
//! role its inviter holds outside the tenant: nobody is made anything at the portal by a tenant's admin. Whether
//! the inviter may still invite, and to this, is looked at again when it is accepted (`vouch`).

use wire::{Cursor, Email, Invitation, InvitationStatus, Offer, Page};

use super::members::{about_member, may_give_role, role_rights};
use super::{TenantError, TenantScope};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::invitation::InvitationQuery;
use crate::invite::{InviteError, Invited};
use crate::limit::Rate;
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{InvitationFilter, InvitationRow, Tx};
use crate::vouch::Vouching;

/// What a new account becomes, the first that its inviter holds.
const PLAIN: [&str; 2] = ["user", "viewer"];

impl Auth {
    /// A page of the invitations into a tenant, newest first.
    ///
    /// # Errors
    /// [`TenantError::Unknown`], also for whoever does not look after the tenant.
    pub async fn list_tenant_invitations(
        &self,
        by: Option<&Session>,
        tenant: &str,
        query: &InvitationQuery,
    ) -> Result<Page<Invitation>, TenantError> {
        let part = query.part.trim().to_lowercase();
        let filter = InvitationFilter {
            status: query.status.map_or("", InvitationStatus::as_str),
            part: &part,
            now: self.now(),
        };
        let mut tx = self.store().read().await?;
        let scope = self.tenant_scope(&mut tx, by, tenant).await?;
        let rows = tx
            .list_invitations_by_tenant(&scope, filter, &query.paging)
            .await?;
        let page = Page::of(rows, &query.paging, |row| Cursor {
            at: row.created_at,
            id: row.id.clone(),
        });
        let mut vouching = Vouching::default();
        let mut items = Vec::with_capacity(page.items.len());
        for row in page.items {
            items.push(self.invitation_view(&mut tx, &mut vouching, row).await?);
        }
        let next = page.next;
        Ok(Page { items, next })
    }

    /// Every role whoever asks may give to a member of a tenant, by name.
    ///
    /// # Errors
    /// [`TenantError::Unknown`].
    pub async fn member_roles(
        &self,
        by: Option<&Session>,
        tenant: &str,
    ) -> Result<Vec<String>, TenantError> {
        let mut tx = self.store().read().await?;
        let scope = self.tenant_scope(&mut tx, by, tenant).await?;
        let mut roles = Vec::new();
        for role in tx.list_roles().await? {
            let rights = role_rights(&mut tx, &role).await?;
            if rights.is_some_and(|rights| scope.covers(&rights)) {
                roles.push(role);
            }
        }
        Ok(roles)
    }

    /// Invites many addresses into a tenant, to the same role there. Those that cannot be invited keep
    /// nobody else away. At most 300 a day into one tenant.
    ///
    /// # Errors
    /// [`TenantError`] where it would be everybody's; nobody was invited then.
    pub async fn invite_members(
        &self,
        session: &Session,
        tenant: &str,
        emails: &[String],
        offer: &Offer,
        client: &Client,
    ) -> Result<Vec<Invited>, TenantError> {
        let done = self
            .try_invite_members(session, tenant, emails, offer, client)
            .await;
        let refused = |reason| {
            let detail = serde_json::json!({ "tenant": tenant });
            Entry::refused("member.invite", client, reason).detail(detail)
        };
        self.noting(session, done, refused).await
    }

    async fn try_invite_members(
        &self,
        session: &Session,
        tenant: &str,
        emails: &[String],
        offer: &Offer,
        client: &Client,
    ) -> Result<Vec<Invited>, TenantError> {
        let offer = Offer {
            tenant_id: Some(tenant.to_owned()),
            ..offer.clone()
        };
        let mut tx = self.store().read().await?;
        let scope = self.tenant_scope(&mut tx, Some(session), tenant).await?;
        account_role(&mut tx, &scope, &offer.role).await?;
        drop(tx);
        let mut admitted = Vec::with_capacity(emails.len());
        for text in emails {
            admitted.push(self.admit_member(session, text, &offer, client).await?);
        }
        let mut tx = self.store().write().await?;
        let scope = self.held_tenant(&mut tx, Some(session), tenant).await?;
        let account_role = account_role(&mut tx, &scope, &offer.role).await?;
        let many = admitted.iter().filter(|one| one.is_ok()).count();
        self.hold_places(&mut tx, &offer, many).await?;
        let mut results = Vec::with_capacity(emails.len());
        for (text, admitted) in emails.iter().zip(admitted) {
            let outcome = match admitted {
                Ok(email) => {
                    let (inviter, role) = (&session.user.id, Some(account_role));
                    let id = self
                        .add_invitation(&mut tx, inviter, &email, &offer, role, client)
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

    /// Whether one address is invited, and why not.
    async fn admit_member(
        &self,
        session: &Session,
        text: &str,
        offer: &Offer,
        client: &Client,
    ) -> Result<Result<Email, InviteError>, Fault> {
        let email = match Email::parse(text) {
            Ok(email) => email,
            Err(code) => return Ok(Err(InviteError::Address(code))),
        };
        let tenant = offer.tenant_id.as_deref().unwrap_or_default();
        let admitted = async {
            self.admit_invitation(&session.user.id, &email, offer)
                .await?;
            self.admit(&[(Rate::TenantInvite, tenant)]).await?;
            Ok(())
        };
        let admitted = self.noting_limit(session, client, admitted.await).await;
        match admitted {
            Ok(()) => Ok(Ok(email)),
            // Below the rules it would be everybody's.
            Err(InviteError::Fault(fault)) => Err(fault),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Sends an invitation into a tenant again ([`Auth::resend_invitation`]).
    ///
    /// # Errors
    /// [`TenantError`]; everything is as it was then.
    pub async fn resend_tenant_invitation(
        &self,
        session: &Session,
        tenant: &str,
        id: &str,
        client: &Client,
    ) -> Result<Invitation, TenantError> {
        let done = async {
            let row = self.invitation_of(session, tenant, id).await?;
            self.admit_by(session, client, &[(Rate::TenantInvite, tenant)])
                .await?;
            Ok(self.resend(session, &row, client).await?)
        };
        let done = done.await;
        let refused = |reason| {
            let entry = Entry::refused("invitation.resend", client, reason);
            about_member(entry, tenant, id)
        };
        self.noting(session, done, refused).await
    }

    /// Takes an invitation into a tenant back ([`Auth::revoke_invitation`]).
    ///
    /// # Errors
    /// [`TenantError`].
    pub async fn revoke_tenant_invitation(
        &self,
        session: &Session,
        tenant: &str,
        id: &str,
        client: &Client,
    ) -> Result<(), TenantError> {
        let done = async {
            let row = self.invitation_of(session, tenant, id).await?;
            Ok(self.revoke(session, &row, client).await?)
        };
        let done = done.await;
        let refused = |reason| {
            let entry = Entry::refused("invitation.revoke", client, reason);
            about_member(entry, tenant, id)
        };
        self.noting(session, done, refused).await
    }

    async fn invitation_of(
        &self,
        session: &Session,
        tenant: &str,
        id: &str,
    ) -> Result<InvitationRow, TenantError> {
        let mut tx = self.store().read().await?;
        let scope = self.tenant_scope(&mut tx, Some(session), tenant).await?;
        let row = match is_id(id) {
            true => tx.invitation_in_tenant(&scope, id).await?,
            false => None,
        };
        row.ok_or(TenantError::Unknown)
    }
}

/// What a new account becomes that is invited to this role, if whoever acts may give both.
async fn account_role(
    tx: &mut Tx,
    scope: &TenantScope,
    role: &str,
) -> Result<&'static str, TenantError> {
    may_give_role(tx, scope, role).await?;
    for plain in PLAIN {
        let rights = role_rights(tx, plain).await?;
        if rights.is_some_and(|rights| scope.covers_alone(&rights)) {
            return Ok(plain);
        }
    }
    Err(TenantError::Outranked)
}
