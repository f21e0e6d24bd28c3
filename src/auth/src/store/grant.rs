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

    /// Every permission there is, by name.
    pub(crate) async fn list_permission_names(&mut self) -> Result<Vec<String>> {
        Ok(
            on!(self, c => sqlx::query_scalar("select name from permissions order by name")
            .fetch_all(c)
            .await)?,
        )
    }
}
