//! Tenants. Who belongs to them is in `membership`.

use sqlx::FromRow;
use wire::Paging;

use crate::clock::Timestamp;
use crate::store::fault::is_unique_violation;
use crate::store::invitation::containing;
use crate::store::{Result, Tx, beginning};
use crate::tenant::TenantScope;

/// One tenant, as stored.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct TenantRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
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

    /// Takes hold of a tenant's row until the transaction ends; `false` when there is none. Whoever
    /// changes who belongs to a tenant does this first, with empty hands.
    pub(crate) async fn set_tenant_held(&mut self, id: &str) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("update tenants set created_at = created_at where id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    /// One page, newest first, and a row more when there is another; `part` is of the name.
    pub(crate) async fn list_tenants(
        &mut self,
        part: &str,
        paging: &Paging,
    ) -> Result<Vec<TenantRow>> {
        let (at, id) = beginning(paging);
        Ok(on!(self, c => sqlx::query_as(
            r"select id, name, created_at from tenants
             where ($1 = '' or name_key like $1 escape '\') and (created_at, id) < ($2, $3)
             order by created_at desc, id desc limit $4")
            .bind(containing(part))
            .bind(at)
            .bind(id)
            .bind(paging.rows())
            .fetch_all(c)
            .await)?)
    }

    /// Gives a tenant another name; `false` when another has it, and then there is nothing more to be
    /// done in this transaction.
    pub(crate) async fn set_tenant_name(
        &mut self,
        scope: &TenantScope,
        name: &str,
        name_key: &str,
    ) -> Result<bool> {
        let written = on!(self, c => sqlx::query(
            "update tenants set name = $2, name_key = $3 where id = $1")
            .bind(scope.tenant_id())
            .bind(name)
            .bind(name_key)
            .execute(c)
            .await
            .map(|_| true));
        match written {
            Err(error) if is_unique_violation(&error) => Ok(false),
            written => Ok(written?),
        }
    }

    /// How many live sessions act in a tenant.
    pub(crate) async fn count_sessions_by_tenant(
        &mut self,
        scope: &TenantScope,
        now: Timestamp,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from memberships m join sessions s on s.user_id = m.user_id
             where m.tenant_id = $1 and s.tenant_id = $1 and m.suspended_at is null and s.revoked_at is null
               and s.expires_at > $2 and s.last_seen_at + s.idle_seconds > $2")
            .bind(scope.tenant_id())
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// How many live sessions of a member act in a tenant.
    pub(crate) async fn count_sessions_by_member(
        &mut self,
        scope: &TenantScope,
        user_id: &str,
        now: Timestamp,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from memberships m join sessions s on s.user_id = m.user_id
             where m.tenant_id = $1 and s.tenant_id = $1 and m.user_id = $3 and m.suspended_at is null
               and s.revoked_at is null and s.expires_at > $2 and s.last_seen_at + s.idle_seconds > $2")
            .bind(scope.tenant_id())
            .bind(now)
            .bind(user_id)
            .fetch_one(c)
            .await)?)
    }

    /// How many invitations into a tenant wait.
    pub(crate) async fn count_invitations_by_tenant(
        &mut self,
        scope: &TenantScope,
        now: Timestamp,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from invitations
             where tenant_id = $1 and accepted_at is null and revoked_at is null and expires_at > $2")
            .bind(scope.tenant_id())
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// Takes everybody out of a tenant, and deletes it with its invitations and memberships. Sessions and
    /// accounts stay, and act in no tenant.
    pub(crate) async fn delete_tenant(&mut self, scope: &TenantScope) -> Result<()> {
        for sql in [
            "delete from one_time_tokens where purpose = 'invitation'
               and subject in (select id from invitations where tenant_id = $1)",
            "delete from invitations where tenant_id = $1",
            // Accounts before sessions: a sign-in holds the account while it adds a session.
            "update users set tenant_id = null
             where tenant_id = $1 and id in (select user_id from memberships where tenant_id = $1)",
            "update sessions set tenant_id = null
             where tenant_id = $1 and user_id in (select user_id from memberships where tenant_id = $1)",
            "delete from memberships where tenant_id = $1",
            "delete from tenants where id = $1",
        ] {
            on!(self, c => sqlx::query(sql).bind(scope.tenant_id()).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }
}
