//! Who belongs to a tenant: the list, one of them, adding an account that exists, removing.

use wire::{Cursor, Email, Member, MemberStatus, OneMember, Page, Paging};

use super::judge_member::{grants_of, version_of};
use super::{TenantError, TenantScope};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::rfc3339;
use crate::error::Fault;
use crate::rights::{Acting, Rights};
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{MemberFilter, MemberRow, NewMembership, Tx, UserRow};

/// Which members are asked for.
#[derive(Clone, Debug, Default)]
pub struct MemberQuery {
    /// Only those whose membership stands like this.
    pub status: Option<MemberStatus>,
    /// Only those whose address, username or name holds this.
    pub part: String,
    /// Which page of them.
    pub paging: Paging,
}

impl Auth {
    /// A page of a tenant's members, the newest first.
    ///
    /// # Errors
    /// [`TenantError::Unknown`], also for whoever does not look after the tenant.
    pub async fn list_members(
        &self,
        by: Option<&Session>,
        tenant: &str,
        query: &MemberQuery,
    ) -> Result<Page<Member>, TenantError> {
        let filter = MemberFilter {
            status: query.status.map_or("", MemberStatus::as_str),
            part: query.part.trim(),
        };
        let mut tx = self.store().read().await?;
        let scope = self.tenant_scope(&mut tx, by, tenant).await?;
        let rows = tx.list_members(&scope, filter, &query.paging).await?;
        let page = Page::of(rows, &query.paging, |row| Cursor {
            at: row.joined_at,
            id: row.user_id.clone(),
        });
        Ok(page.map(Member::from))
    }

    /// One member, and what whoever asks may do about them.
    ///
    /// # Errors
    /// [`TenantError::Unknown`].
    pub async fn member(
        &self,
        by: Option<&Session>,
        tenant: &str,
        user_id: &str,
    ) -> Result<OneMember, TenantError> {
        let mut tx = self.store().read().await?;
        let scope = self.tenant_scope(&mut tx, by, tenant).await?;
        self.one_member(&mut tx, &scope, user_id).await
    }

    /// Makes an account that exists a member, without asking it. Not for those who look after this tenant
    /// alone: they invite, so that nobody learns from them which addresses have accounts.
    ///
    /// # Errors
    /// [`TenantError`]; nothing has changed then.
    pub async fn add_member(
        &self,
        by: Option<&Session>,
        tenant: &str,
        email: &Email,
        role: &str,
        client: &Client,
    ) -> Result<OneMember, TenantError> {
        let done = self.try_add_member(by, tenant, email, role, client).await;
        let refused = |reason| {
            let detail = serde_json::json!({ "tenant": tenant });
            Entry::refused("member.add", client, reason).detail(detail)
        };
        self.noting(by, done, refused).await
    }

    async fn try_add_member(
        &self,
        by: Option<&Session>,
        tenant: &str,
        email: &Email,
        role: &str,
        client: &Client,
    ) -> Result<OneMember, TenantError> {
        let mut tx = self.store().write().await?;
        let scope = self.held_tenant(&mut tx, by, tenant).await?;
        scope.takes_all_tenants()?;
        may_give_role(&mut tx, &scope, role).await?;
        let found = tx.user_by_email(email.as_str()).await?;
        let user = found.filter(UserRow::may_sign_in);
        let user = user.ok_or(TenantError::NoAccount)?;
        let membership = NewMembership {
            user_id: &user.id,
            tenant_id: scope.tenant_id(),
            role,
            now: self.now(),
        };
        if !tx.add_membership(&membership).await? {
            return Err(TenantError::IsMember);
        }
        let (members, waiting) = tx.count_places(scope.tenant_id(), self.now()).await?;
        if members + waiting > self.settings().caps.members {
            return Err(TenantError::Full);
        }
        let detail = serde_json::json!({ "tenant": scope.tenant_id(), "after": { "role": role } });
        let entry = scope.by(Entry::done("member.added", client));
        self.audit(&mut tx, entry.subject(&user.id).detail(detail))
            .await?;
        let member = self.one_member(&mut tx, &scope, &user.id).await?;
        self.publish_account(tx, &user, &[]).await?;
        Ok(member)
    }

    /// Ends a membership: what follows from it is gone at once, and sessions that act in the tenant act
    /// in none. The account stays.
    ///
    /// # Errors
    /// [`TenantError`]; nothing has changed then.
    pub async fn remove_member(
        &self,
        by: Option<&Session>,
        tenant: &str,
        user_id: &str,
        client: &Client,
    ) -> Result<(), TenantError> {
        let done = self.try_remove_member(by, tenant, user_id, client).await;
        let refused = |reason| {
            let entry = Entry::refused("member.remove", client, reason);
            about_member(entry, tenant, user_id)
        };
        self.noting(by, done, refused).await
    }

    async fn try_remove_member(
        &self,
        by: Option<&Session>,
        tenant: &str,
        user_id: &str,
        client: &Client,
    ) -> Result<(), TenantError> {
        let mut tx = self.store().write().await?;
        let (scope, row, user) = self.member_to_change(&mut tx, by, tenant, user_id).await?;
        tx.delete_membership(&user.id, scope.tenant_id()).await?;
        self.put_out(&mut tx, &user, scope.tenant_id()).await?;
        let detail = serde_json::json!({
            "tenant": scope.tenant_id(),
            "before": { "role": row.role },
        });
        let entry = scope.by(Entry::done("member.removed", client));
        self.audit(&mut tx, entry.subject(&user.id).detail(detail))
            .await?;
        Ok(self.publish_account(tx, &user, &[]).await?)
    }

    /// Sessions of an account that act in a tenant act in none, no invitation that waits leads it back, and
    /// nobody answers for the tenant's keys that stood on it.
    pub(super) async fn put_out(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        tenant: &str,
    ) -> Result<(), Fault> {
        tx.delete_acting_by_user(&user.id, tenant).await?;
        tx.set_api_keys_left(&user.id, tenant, self.now()).await?;
        tx.set_invitations_into_tenant_revoked(tenant, &user.email, self.now())
            .await
    }

    /// The member of a held tenant that is to be changed, with their account held as well, if whoever asks
    /// may act on them.
    pub(super) async fn member_to_change(
        &self,
        tx: &mut Tx,
        by: Option<&Session>,
        tenant: &str,
        user_id: &str,
    ) -> Result<(TenantScope, MemberRow, UserRow), TenantError> {
        let scope = self.held_tenant(tx, by, tenant).await?;
        // A sign-in that runs right now is seen by what follows, or waits for us.
        if !is_id(user_id) || !tx.set_user_held(user_id).await? {
            return Err(TenantError::Unknown);
        }
        let (row, user) = within_reach(tx, &scope, user_id).await?;
        Ok((scope, row, user))
    }

    pub(super) async fn one_member(
        &self,
        tx: &mut Tx,
        scope: &TenantScope,
        user_id: &str,
    ) -> Result<OneMember, TenantError> {
        if !is_id(user_id) {
            return Err(TenantError::Unknown);
        }
        let row = tx.member_by_user(scope, user_id).await?;
        let user = tx.user_by_id(user_id).await?;
        let (row, user) = row.zip(user).ok_or(TenantError::Unknown)?;
        let held = Rights::in_force(tx, &user, Acting::In(scope.tenant_id())).await?;
        let grants = tx.list_member_grants(scope, user_id).await?;
        let version = version_of(&row, &grants_of(&grants));
        let (assigned, patterns): (Vec<_>, Vec<_>) = grants
            .into_iter()
            .partition(|grant| grant.condition.is_some());
        let texts = |grants: Vec<crate::store::MemberGrantRow>| {
            grants.into_iter().map(|grant| grant.pattern).collect()
        };
        let is_other = scope.actor() != Some(user_id);
        let manages = row.suspended_at.is_none() && held.hold_as_member(super::ONE_TENANT);
        Ok(OneMember {
            patterns: texts(patterns),
            assigned: texts(assigned),
            permissions: scope.seen(held).permissions(),
            manageable: is_other && scope.reaches(tx, &user).await?,
            last_manager: manages && tx.count_managers(scope, user_id).await? == 0,
            keys: tx
                .count_api_keys_by_member(scope, user_id, self.now())
                .await?,
            version,
            member: row.into(),
        })
    }
}

/// A member, if whoever acts may act on them.
pub(super) async fn within_reach(
    tx: &mut Tx,
    scope: &TenantScope,
    user_id: &str,
) -> Result<(MemberRow, UserRow), TenantError> {
    if !is_id(user_id) {
        return Err(TenantError::Unknown);
    }
    let row = tx.member_by_user(scope, user_id).await?;
    let user = tx.user_by_id(user_id).await?;
    let (row, user) = row.zip(user).ok_or(TenantError::Unknown)?;
    if scope.actor() == Some(user_id) {
        return Err(TenantError::Oneself);
    }
    match scope.reaches(tx, &user).await? {
        true => Ok((row, user)),
        false => Err(TenantError::Outranked),
    }
}

/// An audit row about somebody, or an invitation, in a tenant. Whatever stood in a path where an id belongs is not kept.
pub(super) fn about_member<'a>(entry: Entry<'a>, tenant: &str, user_id: &str) -> Entry<'a> {
    let entry = entry.detail(serde_json::json!({ "tenant": tenant }));
    match is_id(user_id) {
        true => entry.subject(user_id),
        false => entry,
    }
}

/// Refuses a role that is none, and one that gives more than whoever acts holds here.
pub(super) async fn may_give_role(
    tx: &mut Tx,
    scope: &TenantScope,
    role: &str,
) -> Result<(), TenantError> {
    match role_rights(tx, role).await? {
        None => Err(TenantError::NoRole),
        Some(rights) if scope.covers(&rights) => Ok(()),
        Some(_) => Err(TenantError::Outranked),
    }
}

/// What a role gives; `None` when it is none anybody can have.
pub(super) async fn role_rights(tx: &mut Tx, role: &str) -> Result<Option<Rights>, Fault> {
    let is_role =
        role != crate::vouch::RESERVED && tx.list_roles().await?.iter().any(|one| one == role);
    match is_role {
        true => Ok(Some(Rights::of_role(tx, role).await?)),
        false => Ok(None),
    }
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            user_id: row.user_id,
            email: row.email,
            username: row.username,
            first_name: row.first_name,
            last_name: row.last_name,
            role: row.role,
            status: match row.suspended_at {
                None => MemberStatus::Active,
                Some(_) => MemberStatus::Suspended,
            },
            joined_at: rfc3339(row.joined_at),
            suspended_at: row.suspended_at.map(rfc3339),
        }
    }
}
