//! Invitations. One that was accepted or taken back stays so: no statement here clears either.

use sqlx::FromRow;
use wire::Paging;

use crate::clock::Timestamp;
use crate::store::{Result, Tx, beginning};
use crate::tenant::TenantScope;

/// One invitation, as stored, and the name of its tenant.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct InvitationRow {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) role: String,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) tenant_name: Option<String>,
    /// What a new account shall be, where `role` is of the membership alone.
    pub(crate) account_role: Option<String>,
    pub(crate) inviter_id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) accepted_at: Option<Timestamp>,
    pub(crate) revoked_at: Option<Timestamp>,
}

/// An invitation to be.
pub(crate) struct NewInvitationRow<'a> {
    pub(crate) id: &'a str,
    pub(crate) email: &'a str,
    pub(crate) role: &'a str,
    pub(crate) first_name: Option<&'a str>,
    pub(crate) last_name: Option<&'a str>,
    pub(crate) tenant_id: Option<&'a str>,
    pub(crate) account_role: Option<&'a str>,
    pub(crate) inviter_id: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Which of them a list shows.
#[derive(Clone, Copy, Default)]
pub(crate) struct InvitationFilter<'a> {
    /// `pending`, `accepted`, `revoked`, `expired`; empty for all.
    pub(crate) status: &'a str,
    /// What the address holds; empty for anything.
    pub(crate) part: &'a str,
    pub(crate) now: Timestamp,
}

/// The columns of [`InvitationRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select i.id, i.email, i.role, i.first_name, i.last_name, i.tenant_id, t.name as tenant_name, i.account_role, i.inviter_id, i.created_at, i.expires_at, i.accepted_at, i.revoked_at
             from invitations i left join tenants t on t.id = i.tenant_id ",
            $rest
        )
    };
}

impl Tx {
    pub(crate) async fn add_invitation(&mut self, row: &NewInvitationRow<'_>) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into invitations (id, email, role, first_name, last_name, tenant_id, inviter_id, created_at, expires_at, account_role)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
            .bind(row.id)
            .bind(row.email)
            .bind(row.role)
            .bind(row.first_name)
            .bind(row.last_name)
            .bind(row.tenant_id)
            .bind(row.inviter_id)
            .bind(row.now)
            .bind(row.expires_at)
            .bind(row.account_role)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn invitation_by_id(&mut self, id: &str) -> Result<Option<InvitationRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where i.id = $1"))
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// One into this tenant.
    pub(crate) async fn invitation_in_tenant(
        &mut self,
        scope: &TenantScope,
        id: &str,
    ) -> Result<Option<InvitationRow>> {
        Ok(
            on!(self, c => sqlx::query_as(select!("where i.tenant_id = $1 and i.id = $2"))
            .bind(scope.tenant_id())
            .bind(id)
            .fetch_optional(c)
            .await)?,
        )
    }

    /// The same page of those into one tenant.
    pub(crate) async fn list_invitations_by_tenant(
        &mut self,
        scope: &TenantScope,
        filter: InvitationFilter<'_>,
        paging: &Paging,
    ) -> Result<Vec<InvitationRow>> {
        let (at, id) = beginning(paging);
        Ok(on!(self, c => sqlx::query_as(
            select!(r"where i.tenant_id = $7
               and ($1 = '' or $1 = case
                        when i.accepted_at is not null then 'accepted'
                        when i.revoked_at is not null then 'revoked'
                        when i.expires_at <= $3 then 'expired'
                        else 'pending' end)
               and ($2 = '' or i.email like $2 escape '\')
               and (i.created_at, i.id) < ($4, $5)
             order by i.created_at desc, i.id desc limit $6"))
            .bind(filter.status)
            .bind(containing(filter.part))
            .bind(filter.now)
            .bind(at)
            .bind(id)
            .bind(paging.rows())
            .bind(scope.tenant_id())
            .fetch_all(c)
            .await)?)
    }

    /// One page, newest first, and a row more when there is another.
    pub(crate) async fn list_invitations(
        &mut self,
        filter: InvitationFilter<'_>,
        paging: &Paging,
    ) -> Result<Vec<InvitationRow>> {
        let (at, id) = beginning(paging);
        Ok(on!(self, c => sqlx::query_as(
            select!(r"where ($1 = '' or $1 = case
                        when i.accepted_at is not null then 'accepted'
                        when i.revoked_at is not null then 'revoked'
                        when i.expires_at <= $3 then 'expired'
                        else 'pending' end)
               and ($2 = '' or i.email like $2 escape '\')
               and (i.created_at, i.id) < ($4, $5)
             order by i.created_at desc, i.id desc limit $6"))
            .bind(filter.status)
            .bind(containing(filter.part))
            .bind(filter.now)
            .bind(at)
            .bind(id)
            .bind(paging.rows())
            .fetch_all(c)
            .await)?)
    }

    /// Accepts one that still waits; `false` when it was accepted, taken back or has ended.
    pub(crate) async fn set_invitation_accepted(
        &mut self,
        id: &str,
        user_id: &str,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update invitations set accepted_at = $3, accepted_by = $2
             where id = $1 and accepted_at is null and revoked_at is null and expires_at > $3")
            .bind(id)
            .bind(user_id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Takes one back; `false` when it was accepted, or taken back before.
    pub(crate) async fn set_invitation_revoked(
        &mut self,
        id: &str,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update invitations set revoked_at = $2
             where id = $1 and accepted_at is null and revoked_at is null")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Takes back all that wait of an address into a tenant, with their links. The tenant is to be held.
    pub(crate) async fn set_invitations_into_tenant_revoked(
        &mut self,
        tenant_id: &str,
        email: &str,
        now: Timestamp,
    ) -> Result<()> {
        // The links first, in the order in which accepting takes them.
        on!(self, c => sqlx::query(
            "delete from one_time_tokens where purpose = 'invitation' and subject in (
                 select id from invitations
                 where tenant_id = $1 and email = $2 and accepted_at is null and revoked_at is null)")
            .bind(tenant_id)
            .bind(email)
            .execute(c)
            .await
            .map(|_| ()))?;
        on!(self, c => sqlx::query(
            "update invitations set revoked_at = $3
             where tenant_id = $1 and email = $2 and accepted_at is null and revoked_at is null")
            .bind(tenant_id)
            .bind(email)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Lets one wait longer, and names who vouches for it now; `false` when it was accepted or
    /// taken back.
    pub(crate) async fn set_invitation_renewed(
        &mut self,
        id: &str,
        inviter_id: &str,
        expires_at: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update invitations set inviter_id = $2, expires_at = $3
             where id = $1 and accepted_at is null and revoked_at is null")
            .bind(id)
            .bind(inviter_id)
            .bind(expires_at)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Removes those that were accepted, taken back or had ended before `before`.
    pub(crate) async fn delete_invitations_before(&mut self, before: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "delete from invitations where accepted_at <= $1 or revoked_at <= $1 or expires_at <= $1")
            .bind(before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}

/// The pattern of a text anywhere; its own wildcards stand for themselves.
pub(super) fn containing(part: &str) -> String {
    if part.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
