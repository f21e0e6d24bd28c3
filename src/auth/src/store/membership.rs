//! Who belongs to which tenant, and what they were given there. What others see of a tenant is read
//! through a [`TenantScope`] alone: whoever holds one was judged, and it names the one tenant.

use sqlx::FromRow;
use wire::Paging;

use crate::clock::Timestamp;
use crate::store::invitation::containing;
use crate::store::{Result, Tx, beginning};
use crate::tenant::TenantScope;

/// A membership to be.
pub(crate) struct NewMembership<'a> {
    pub(crate) user_id: &'a str,
    pub(crate) tenant_id: &'a str,
    pub(crate) role: &'a str,
    pub(crate) now: Timestamp,
}

/// One membership, as its own account has it.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct MembershipRow {
    pub(crate) tenant_id: String,
    /// The tenant's name.
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) joined_at: Timestamp,
    pub(crate) suspended_at: Option<Timestamp>,
}

/// One member, as the tenant has them.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct MemberRow {
    pub(crate) user_id: String,
    pub(crate) email: String,
    pub(crate) username: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) role: String,
    pub(crate) joined_at: Timestamp,
    pub(crate) suspended_at: Option<Timestamp>,
}

/// Which members.
#[derive(Clone, Copy, Default)]
pub(crate) struct MemberFilter<'a> {
    /// `active`, `suspended`; empty for all.
    pub(crate) status: &'a str,
    /// Part of an address, a username or a name; empty for all.
    pub(crate) part: &'a str,
}

/// Something a member was given beside their role.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub(crate) struct MemberGrantRow {
    pub(crate) pattern: String,
    pub(crate) condition: Option<String>,
}

/// The columns of [`MembershipRow`], once.
macro_rules! own {
    ($rest:literal) => {
        concat!(
            "select m.tenant_id, t.name, m.role, m.joined_at, m.suspended_at
             from memberships m join tenants t on t.id = m.tenant_id ",
            $rest
        )
    };
}

/// The columns of [`MemberRow`], once.
macro_rules! members {
    ($rest:literal) => {
        concat!(
            "select m.user_id, u.email, u.username, u.first_name, u.last_name, m.role, m.joined_at, m.suspended_at
             from memberships m join users u on u.id = m.user_id ",
            $rest
        )
    };
}

impl Tx {
    /// Makes an account a member; `false` when it is one.
    pub(crate) async fn add_membership(&mut self, membership: &NewMembership<'_>) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "insert into memberships (user_id, tenant_id, role, joined_at) values ($1, $2, $3, $4)
             on conflict do nothing")
            .bind(membership.user_id)
            .bind(membership.tenant_id)
            .bind(membership.role)
            .bind(membership.now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// An account's own membership of a tenant, in force or suspended.
    pub(crate) async fn membership_by_tenant(
        &mut self,
        user_id: &str,
        tenant_id: &str,
    ) -> Result<Option<MembershipRow>> {
        Ok(
            on!(self, c => sqlx::query_as(own!("where m.user_id = $1 and m.tenant_id = $2"))
            .bind(user_id)
            .bind(tenant_id)
            .fetch_optional(c)
            .await)?,
        )
    }

    /// An account's own memberships, by the names of the tenants; at most so many.
    pub(crate) async fn list_memberships_by_user(
        &mut self,
        user_id: &str,
        most: i64,
    ) -> Result<Vec<MembershipRow>> {
        Ok(on!(self, c => sqlx::query_as(
            own!("where m.user_id = $1 order by t.name_key, t.id limit $2"))
            .bind(user_id)
            .bind(most)
            .fetch_all(c)
            .await)?)
    }

    /// One page of a tenant's members, the newest first, and a row more when there is another.
    pub(crate) async fn list_members(
        &mut self,
        scope: &TenantScope,
        filter: MemberFilter<'_>,
        paging: &Paging,
    ) -> Result<Vec<MemberRow>> {
        let (at, id) = beginning(paging);
        Ok(on!(self, c => sqlx::query_as(
            members!(r"where m.tenant_id = $1
               and ($2 = '' or $2 = case when m.suspended_at is null then 'active' else 'suspended' end)
               and ($3 = '' or u.email like $3 escape '\' or u.username_key like $3 escape '\'
                    or lower(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, '')) like $3 escape '\'
                    or coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, '') like $4 escape '\')
               and (m.joined_at, m.user_id) < ($5, $6)
             order by m.joined_at desc, m.user_id desc limit $7"))
            .bind(scope.tenant_id())
            .bind(filter.status)
            .bind(containing(&filter.part.to_lowercase()))
            .bind(containing(filter.part))
            .bind(at)
            .bind(id)
            .bind(paging.rows())
            .fetch_all(c)
            .await)?)
    }

    /// One member of a tenant.
    pub(crate) async fn member_by_user(
        &mut self,
        scope: &TenantScope,
        user_id: &str,
    ) -> Result<Option<MemberRow>> {
        Ok(
            on!(self, c => sqlx::query_as(members!("where m.tenant_id = $1 and m.user_id = $2"))
            .bind(scope.tenant_id())
            .bind(user_id)
            .fetch_optional(c)
            .await)?,
        )
    }

    /// What a member was given beside their role, by pattern.
    pub(crate) async fn list_member_grants(
        &mut self,
        scope: &TenantScope,
        user_id: &str,
    ) -> Result<Vec<MemberGrantRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select pattern, condition from membership_grants
             where tenant_id = $1 and user_id = $2 order by pattern")
            .bind(scope.tenant_id())
            .bind(user_id)
            .fetch_all(c)
            .await)?)
    }

    /// Gives a member something beside their role, or lets what they have hold under this condition.
    pub(crate) async fn add_member_grant(
        &mut self,
        scope: &TenantScope,
        user_id: &str,
        grant: &MemberGrantRow,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into membership_grants (user_id, tenant_id, pattern, condition, granted_at, granted_by)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (user_id, tenant_id, pattern) do update set
                 condition = excluded.condition, granted_at = excluded.granted_at, granted_by = excluded.granted_by")
            .bind(user_id)
            .bind(scope.tenant_id())
            .bind(&grant.pattern)
            .bind(&grant.condition)
            .bind(now)
            .bind(scope.actor())
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Takes it back.
    pub(crate) async fn delete_member_grant(
        &mut self,
        scope: &TenantScope,
        user_id: &str,
        pattern: &str,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "delete from membership_grants where user_id = $1 and tenant_id = $2 and pattern = $3")
            .bind(user_id)
            .bind(scope.tenant_id())
            .bind(pattern)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Gives a member another role.
    pub(crate) async fn set_member_role(
        &mut self,
        scope: &TenantScope,
        user_id: &str,
        role: &str,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update memberships set role = $3 where user_id = $1 and tenant_id = $2")
            .bind(user_id)
            .bind(scope.tenant_id())
            .bind(role)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Suspends a membership, or resumes it with `None`.
    pub(crate) async fn set_member_suspended(
        &mut self,
        scope: &TenantScope,
        user_id: &str,
        at: Option<Timestamp>,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update memberships set suspended_at = $3 where user_id = $1 and tenant_id = $2")
            .bind(user_id)
            .bind(scope.tenant_id())
            .bind(at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Ends a membership and what was given with it; `false` when there is none.
    pub(crate) async fn delete_membership(
        &mut self,
        user_id: &str,
        tenant_id: &str,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "delete from memberships where user_id = $1 and tenant_id = $2")
            .bind(user_id)
            .bind(tenant_id)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// How many members a tenant has, suspended ones included.
    pub(crate) async fn count_members(&mut self, scope: &TenantScope) -> Result<i64> {
        Ok(
            on!(self, c => sqlx::query_scalar("select count(*) from memberships where tenant_id = $1")
            .bind(scope.tenant_id())
            .fetch_one(c)
            .await)?,
        )
    }

    /// How many members a tenant has, suspended ones included, and how many invitations into it wait: for
    /// whoever is about to add one, by the tenant's own door or another.
    pub(crate) async fn count_places(
        &mut self,
        tenant_id: &str,
        now: Timestamp,
    ) -> Result<(i64, i64)> {
        Ok(on!(self, c => sqlx::query_as(
            "select (select count(*) from memberships where tenant_id = $1),
                    (select count(*) from invitations
                     where tenant_id = $1 and accepted_at is null and revoked_at is null and expires_at > $2)")
            .bind(tenant_id)
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// How many members but `but` look after a tenant: were given `tenant:manage` there without
    /// condition, by role or by grant, and are neither suspended nor unable to sign in.
    pub(crate) async fn count_managers(&mut self, scope: &TenantScope, but: &str) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from memberships m join users u on u.id = m.user_id
             where m.tenant_id = $1 and m.user_id <> $2 and m.suspended_at is null
               and u.disabled_at is null and u.deletes_at is null and u.email_verified_at is not null
               and (exists (select 1 from role_grants r where r.role = m.role and r.condition is null
                        and r.pattern in ('tenant:manage', 'tenant:*', '*:*'))
                    or exists (select 1 from membership_grants g
                        where g.user_id = m.user_id and g.tenant_id = m.tenant_id and g.condition is null
                          and g.pattern in ('tenant:manage', 'tenant:*', '*:*')))")
            .bind(scope.tenant_id())
            .bind(but)
            .fetch_one(c)
            .await)?)
    }
}
