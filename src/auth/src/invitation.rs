//! Invitations after they were sent: the list, sending again, taking back.

use wire::{Cursor, Invitation, InvitationStatus, Page, Paging};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::{Timestamp, rfc3339};
use crate::error::Fault;
use crate::invite::{InviteError, WAITS};
use crate::limit::Rate;
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{InvitationFilter, InvitationRow, Tx};
use crate::vouch::{Offered, Vouching};

/// What a mailed token of this flow is good for.
pub(crate) const PURPOSE: &str = "invitation";

/// Which invitations are asked for.
#[derive(Clone, Debug, Default)]
pub struct InvitationQuery {
    /// Only those that stand like this.
    pub status: Option<InvitationStatus>,
    /// Only addresses that hold this.
    pub part: String,
    /// Which page of them.
    pub paging: Paging,
}

impl Auth {
    /// A page of invitations, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_invitations(
        &self,
        query: &InvitationQuery,
    ) -> Result<Page<Invitation>, Fault> {
        let part = query.part.trim().to_lowercase();
        let filter = InvitationFilter {
            status: query.status.map_or("", InvitationStatus::as_str),
            part: &part,
            now: self.now(),
        };
        let mut tx = self.store().read().await?;
        let rows = tx.list_invitations(filter, &query.paging).await?;
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

    /// Sends an invitation again, and lets it wait seven days from then. Whoever does vouches for it
    /// from now on, so nobody sends what they could not offer. The older link works until the new
    /// letter has left.
    ///
    /// # Errors
    /// [`InviteError`]; everything is as it was then.
    pub async fn resend_invitation(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<Invitation, InviteError> {
        let row = self.invitation_to_change(id).await?;
        let done = self.resend(session, &row, client).await;
        let refused = |reason| Entry::refused("invitation.resend", client, reason).subject(&row.id);
        self.noting(session, done, refused).await
    }

    /// Sends one again that was found by whoever may see it.
    pub(crate) async fn resend(
        &self,
        session: &Session,
        row: &InvitationRow,
        client: &Client,
    ) -> Result<Invitation, InviteError> {
        let (id, inviter) = (row.id.as_str(), &session.user.id);
        let problem = {
            let mut tx = self.store().read().await?;
            Vouching::default()
                .problem(&mut tx, inviter, row.offered())
                .await?
        };
        if let Some(problem) = problem {
            return Err(problem.into());
        }
        let events = [
            (Rate::Invite, inviter.as_str()),
            (Rate::Letter, row.email.as_str()),
        ];
        self.admit_by(session, client, &events).await?;
        let mut tx = self.store().write().await?;
        if !tx
            .set_invitation_renewed(id, inviter, self.now() + WAITS)
            .await?
        {
            return Err(InviteError::Over);
        }
        self.add_letter(&mut tx, "invitation", id, client).await?;
        let entry = Entry::done("invitation.resent", client).actor(inviter);
        self.audit(&mut tx, entry.subject(id)).await?;
        let invitation = self.invitation_in(&mut tx, id).await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(invitation)
    }

    /// Takes an invitation back: its links work no more. One that was taken back stays so.
    ///
    /// # Errors
    /// [`InviteError::Unknown`], or [`InviteError::Over`] when somebody came already.
    pub async fn revoke_invitation(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<(), InviteError> {
        let row = self.invitation_to_change(id).await?;
        self.revoke(session, &row, client).await
    }

    /// Takes one back that was found by whoever may see it.
    pub(crate) async fn revoke(
        &self,
        session: &Session,
        row: &InvitationRow,
        client: &Client,
    ) -> Result<(), InviteError> {
        let id = row.id.as_str();
        let mut tx = self.store().write().await?;
        // The links first, in the order in which accepting takes them: the two could deadlock.
        tx.delete_one_time_tokens_of(PURPOSE, id).await?;
        if !tx.set_invitation_revoked(id, self.now()).await? {
            let row = tx.invitation_by_id(id).await?.ok_or(InviteError::Unknown)?;
            return match row.accepted_at {
                Some(_) => Err(InviteError::Over),
                None => Ok(()),
            };
        }
        let entry = Entry::done("invitation.revoked", client).actor(&session.user.id);
        self.audit(&mut tx, entry.subject(id)).await?;
        Ok(tx.commit().await?)
    }

    async fn invitation_to_change(&self, id: &str) -> Result<InvitationRow, InviteError> {
        if !is_id(id) {
            return Err(InviteError::Unknown);
        }
        let mut tx = self.store().read().await?;
        tx.invitation_by_id(id).await?.ok_or(InviteError::Unknown)
    }

    /// One invitation, as it stands in a transaction.
    pub(crate) async fn invitation_in(&self, tx: &mut Tx, id: &str) -> Result<Invitation, Fault> {
        let row = tx
            .invitation_by_id(id)
            .await?
            .ok_or(Fault::Inconsistent("an invitation just written is missing"))?;
        self.invitation_view(tx, &mut Vouching::default(), row)
            .await
    }

    pub(crate) async fn invitation_view(
        &self,
        tx: &mut Tx,
        vouching: &mut Vouching,
        row: InvitationRow,
    ) -> Result<Invitation, Fault> {
        let status = row.status(self.now());
        let problem = match status {
            InvitationStatus::Pending => {
                let offered = row.offered();
                vouching.problem(tx, &row.inviter_id, offered).await?
            }
            _ => None,
        };
        let inviter = vouching.inviter(tx, &row.inviter_id).await?;
        Ok(Invitation {
            status,
            problem,
            inviter_email: inviter.map(|inviter| inviter.email),
            id: row.id,
            email: row.email,
            role: row.role,
            first_name: row.first_name,
            last_name: row.last_name,
            tenant_id: row.tenant_id,
            tenant_name: row.tenant_name,
            inviter_id: row.inviter_id,
            created_at: rfc3339(row.created_at),
            expires_at: rfc3339(row.expires_at),
            accepted_at: row.accepted_at.map(rfc3339),
            revoked_at: row.revoked_at.map(rfc3339),
        })
    }
}

impl InvitationRow {
    /// What it offers.
    pub(crate) fn offered(&self) -> Offered<'_> {
        Offered {
            role: &self.role,
            tenant_id: self.tenant_id.as_deref(),
            account_role: self.account_role.as_deref(),
        }
    }

    /// How it stands at a moment.
    pub(crate) fn status(&self, now: Timestamp) -> InvitationStatus {
        match (self.accepted_at, self.revoked_at) {
            (Some(_), _) => InvitationStatus::Accepted,
            (None, Some(_)) => InvitationStatus::Revoked,
            (None, None) if self.expires_at <= now => InvitationStatus::Expired,
            (None, None) => InvitationStatus::Pending,
        }
    }
}
