//! What was given to whom: by roles, by grants, by memberships.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// One thing somebody was given.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct GivenRow {
    pub(crate) pattern: String,
    pub(crate) condition: Option<String>,
    /// The role it follows from; `None` for a grant.
    pub(crate) role: Option<String>,
    /// Where it holds; `None` everywhere.
    pub(crate) tenant_id: Option<String>,
    /// Since when the membership it follows from is suspended.
    pub(crate) suspended_at: Option<Timestamp>,
}

/// A right to be given to somebody beside their role.
pub(crate) struct NewGrant<'a> {
    pub(crate) pattern: &'a str,
    /// `assigned`, or none.
    pub(crate) condition: Option<&'a str>,
    pub(crate) now: Timestamp,
    /// The account that gives it; `None`: the operator.
    pub(crate) by: Option<&'a str>,
}

/// Role and grants of an account, once.
macro_rules! select {
    ($memberships:literal) => {
        concat!(
            "select pattern, condition, role, null as tenant_id, cast(null as bigint) as suspended_at
                from role_grants where role = $2
             union all select pattern, condition, null, null, null from user_grants where user_id = $1
             union all select g.pattern, g.condition, g.role, m.tenant_id, m.suspended_at
                from memberships m join role_grants g on g.role = m.role where m.user_id = $1 ",
            $memberships,
            " union all select g.pattern, g.condition, null, m.tenant_id, m.suspended_at
                from memberships m join membership_grants g on g.user_id = m.user_id and g.tenant_id = m.tenant_id
                where m.user_id = $1 ",
            $memberships
        )
    };
}

impl Tx {
    /// What an account was given, and what its membership of this tenant gives beside it; an empty
    /// `tenant` is none.
    pub(crate) async fn list_given(
        &mut self,
        user_id: &str,
        role: &str,
        tenant: &str,
    ) -> Result<Vec<GivenRow>> {
        Ok(
            on!(self, c => sqlx::query_as(select!("and m.tenant_id = $3"))
            .bind(user_id)
            .bind(role)
            .bind(tenant)
            .fetch_all(c)
            .await)?,
        )
    }

    /// The same with all memberships at once.
    pub(crate) async fn list_given_anywhere(
        &mut self,
        user_id: &str,
        role: &str,
    ) -> Result<Vec<GivenRow>> {
        Ok(on!(self, c => sqlx::query_as(select!(""))
            .bind(user_id)
            .bind(role)
            .fetch_all(c)
            .await)?)
    }

    /// What a role gives.
    pub(crate) async fn list_given_by_role(&mut self, role: &str) -> Result<Vec<GivenRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select pattern, condition, role, null as tenant_id, cast(null as bigint) as suspended_at
             from role_grants where role = $1")
            .bind(role)
            .fetch_all(c)
            .await)?)
    }

    /// Each thing that anybody is given who has a role, as account or as member: with it, with their other
    /// roles, or beside them. Once each, however many have it, and not told of whom.
    pub(crate) async fn list_given_to_holders(&mut self, role: &str) -> Result<Vec<GivenRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "with holders (id) as (
                 select id from users where role = $1 union select user_id from memberships where role = $1)
             select pattern, condition, null as role, null as tenant_id, cast(null as bigint) as suspended_at from (
                 select pattern, condition from role_grants where role in (
                     select u.role from users u join holders h on h.id = u.id
                     union select m.role from memberships m join holders h on h.id = m.user_id)
                 union select g.pattern, g.condition from user_grants g join holders h on h.id = g.user_id
                 union select g.pattern, g.condition from membership_grants g join holders h on h.id = g.user_id
             ) as given order by pattern, condition")
            .bind(role)
            .fetch_all(c)
            .await)?)
    }

    /// Every permission there is, by name.
    pub(crate) async fn list_permission_names(&mut self) -> Result<Vec<String>> {
        Ok(
            on!(self, c => sqlx::query_scalar("select name from permissions order by name")
            .fetch_all(c)
            .await)?,
        )
    }

    /// Gives a role something, with or without a condition, whatever it gave of it before.
    pub(crate) async fn set_role_grant(
        &mut self,
        role: &str,
        pattern: &str,
        condition: Option<&str>,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into role_grants (role, pattern, condition) values ($1, $2, $3)
             on conflict (role, pattern) do update set condition = excluded.condition")
            .bind(role)
            .bind(pattern)
            .bind(condition)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Takes something from a role.
    pub(crate) async fn delete_role_grant(&mut self, role: &str, pattern: &str) -> Result<()> {
        on!(self, c => sqlx::query("delete from role_grants where role = $1 and pattern = $2")
            .bind(role)
            .bind(pattern)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// What an account was given beside its role, wherever it acts.
    pub(crate) async fn list_user_grants(&mut self, user_id: &str) -> Result<Vec<GivenRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select pattern, condition, null as role, null as tenant_id, cast(null as bigint) as suspended_at
             from user_grants where user_id = $1 order by pattern")
            .bind(user_id)
            .fetch_all(c)
            .await)?)
    }

    /// Gives an account something beside its role, whatever it was given of it before.
    pub(crate) async fn set_user_grant(
        &mut self,
        user_id: &str,
        grant: &NewGrant<'_>,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into user_grants (user_id, pattern, condition, granted_at, granted_by)
             values ($1, $2, $3, $4, $5)
             on conflict (user_id, pattern) do update set condition = excluded.condition,
                granted_at = excluded.granted_at, granted_by = excluded.granted_by")
            .bind(user_id)
            .bind(grant.pattern)
            .bind(grant.condition)
            .bind(grant.now)
            .bind(grant.by)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Takes it back.
    pub(crate) async fn delete_user_grant(&mut self, user_id: &str, pattern: &str) -> Result<()> {
        on!(self, c => sqlx::query("delete from user_grants where user_id = $1 and pattern = $2")
            .bind(user_id)
            .bind(pattern)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
