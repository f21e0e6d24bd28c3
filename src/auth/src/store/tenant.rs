//! Tenants and who belongs to them.

use sqlx::FromRow;
use wire::Paging;

use crate::clock::Timestamp;
use crate::store::{Result, Tx, beginning};

/// One tenant, as stored.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct TenantRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
}

/// A membership to be.
pub(crate) struct NewMembership<'a> {
    pub(crate) user_id: &'a str,
    pub(crate) tenant_id: &'a str,
    pub(crate) role: &'a str,
    pub(crate) now: Timestamp,
}

impl Tx {
    /// Adds a tenant; `false` when another has the name.
    pub(crate) async fn add_tenant(&mut self, tenant: &TenantRow, name_key: &str) -> Result<bool> {
        let added: Option<String> = on!(self, c => sqlx::query_scalar(
            "insert into tenants (id, name, name_key, created_at) values ($1, $2, $3, $4)
             on conflict do nothing returning id")
            .bind(&tenant.id)
            .bind(&tenant.name)
            .bind(name_key)
            .bind(tenant.created_at)
            .fetch_optional(c)
            .await)?;
        Ok(added.is_some())
    }

    pub(crate) async fn tenant_by_id(&mut self, id: &str) -> Result<Option<TenantRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, name, created_at from tenants where id = $1")
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// One page, newest first, and a row more when there is another.
    pub(crate) async fn list_tenants(&mut self, paging: &Paging) -> Result<Vec<TenantRow>> {
        let (at, id) = beginning(paging);
        Ok(on!(self, c => sqlx::query_as(
            "select id, name, created_at from tenants
             where (created_at, id) < ($1, $2) order by created_at desc, id desc limit $3")
            .bind(at)
            .bind(id)
            .bind(paging.rows())
            .fetch_all(c)
            .await)?)
    }

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

    /// As what an account belongs to a tenant.
    pub(crate) async fn membership_by_tenant(
        &mut self,
        user_id: &str,
        tenant_id: &str,
    ) -> Result<Option<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select role from memberships where user_id = $1 and tenant_id = $2")
            .bind(user_id)
            .bind(tenant_id)
            .fetch_optional(c)
            .await)?)
    }
}
