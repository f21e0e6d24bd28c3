//! API keys. A key that was revoked stays revoked: no statement here clears `revoked_at`.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};
use crate::tenant::TenantScope;

/// A key to be.
pub(crate) struct NewApiKeyRow<'a> {
    pub(crate) id: &'a str,
    pub(crate) user_id: &'a str,
    pub(crate) tenant_id: Option<&'a str>,
    pub(crate) owned_by_tenant: bool,
    pub(crate) name: &'a str,
    pub(crate) digest: &'a [u8],
    pub(crate) prefix: &'a str,
    pub(crate) last4: &'a str,
    pub(crate) permissions: &'a str,
    pub(crate) rate_limit: i64,
    pub(crate) now: Timestamp,
    pub(crate) created_by: &'a str,
    pub(crate) expires_at: Option<Timestamp>,
}

/// One key, as stored.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct ApiKeyRow {
    pub(crate) id: String,
    pub(crate) user_id: Option<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) owned_by_tenant: bool,
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) last4: String,
    pub(crate) permissions: String,
    pub(crate) rate_limit: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) ends_at: Option<Timestamp>,
    pub(crate) rolled_at: Option<Timestamp>,
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) revoked_at: Option<Timestamp>,
    pub(crate) suspended_at: Option<Timestamp>,
}

impl ApiKeyRow {
    /// Whether its time is over.
    pub(crate) fn has_ended(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }
}

/// A key whose end is near.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct EndingApiKeyRow {
    pub(crate) id: String,
    /// For how many seconds it lives in all.
    pub(crate) life: i64,
}

/// The columns of [`ApiKeyRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, user_id, tenant_id, owned_by_tenant, name, prefix, last4, permissions, rate_limit, created_at, expires_at, ends_at, rolled_at, last_used_at, revoked_at, suspended_at from api_keys ",
            $rest
        )
    };
}

impl Tx {
    pub(crate) async fn add_api_key(&mut self, key: &NewApiKeyRow<'_>) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into api_keys (id, user_id, tenant_id, owned_by_tenant, name, digest, prefix, last4, permissions,
                                   rate_limit, created_at, created_by, expires_at, ends_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)")
            .bind(key.id)
            .bind(key.user_id)
            .bind(key.tenant_id)
            .bind(key.owned_by_tenant)
            .bind(key.name)
            .bind(key.digest)
            .bind(key.prefix)
            .bind(key.last4)
            .bind(key.permissions)
            .bind(key.rate_limit)
            .bind(key.now)
            .bind(key.created_by)
            .bind(key.expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The key of a digest, whatever became of it.
    pub(crate) async fn api_key_by_digest(&mut self, digest: &[u8]) -> Result<Option<ApiKeyRow>> {
        Ok(on!(self, c => sqlx::query_as(select!("where digest = $1"))
            .bind(digest)
            .fetch_optional(c)
            .await)?)
    }

    /// The key of an id, whatever became of it.
    pub(crate) async fn api_key_by_id(&mut self, id: &str) -> Result<Option<ApiKeyRow>> {
        Ok(on!(self, c => sqlx::query_as(select!("where id = $1"))
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// How many keys of its own an account has that are not over.
    pub(crate) async fn count_api_keys_by_user(
        &mut self,
        user_id: &str,
        now: Timestamp,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from api_keys
             where user_id = $1 and not owned_by_tenant and revoked_at is null and (ends_at is null or ends_at > $2)")
            .bind(user_id)
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// How many keys a tenant has that are not over.
    pub(crate) async fn count_api_keys_by_tenant(
        &mut self,
        tenant_id: &str,
        now: Timestamp,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from api_keys
             where tenant_id = $1 and owned_by_tenant and revoked_at is null and (ends_at is null or ends_at > $2)")
            .bind(tenant_id)
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// How many keys act in a tenant and are not over: its own, and its members'.
    pub(crate) async fn count_api_keys_in(
        &mut self,
        scope: &TenantScope,
        now: Timestamp,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from api_keys
             where tenant_id = $1 and revoked_at is null and (ends_at is null or ends_at > $2)")
            .bind(scope.tenant_id())
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// How many of them stand on one member.
    pub(crate) async fn count_api_keys_by_member(
        &mut self,
        scope: &TenantScope,
        user_id: &str,
        now: Timestamp,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from api_keys
             where tenant_id = $1 and user_id = $2 and revoked_at is null and (ends_at is null or ends_at > $3)")
            .bind(scope.tenant_id())
            .bind(user_id)
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// How many keys stand on an account and are not over: its own, and its tenants' that it answers for.
    pub(crate) async fn count_api_keys_on(&mut self, user_id: &str, now: Timestamp) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from api_keys
             where user_id = $1 and revoked_at is null and (ends_at is null or ends_at > $2)")
            .bind(user_id)
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// How many keys end within (`now`, `until`]; reads the index of ends.
    pub(crate) async fn count_ending_api_keys(
        &mut self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from api_keys where ends_at > $1 and ends_at <= $2 and revoked_at is null")
            .bind(now)
            .bind(until)
            .fetch_one(c)
            .await)?)
    }

    /// How many keys that are not over stand on a role: of those who have it, wherever they act, and of
    /// members who have it where the key acts.
    pub(crate) async fn count_api_keys_by_role(
        &mut self,
        role: &str,
        now: Timestamp,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from api_keys k
             where k.revoked_at is null and (k.ends_at is null or k.ends_at > $2)
               and (exists (select 1 from users u where u.id = k.user_id and u.role = $1)
                    or exists (select 1 from memberships m
                               where m.user_id = k.user_id and m.tenant_id = k.tenant_id and m.role = $1))")
            .bind(role)
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// Keeps everybody else from changing a key until the transaction ends; `false` when there is none.
    /// After the account of whoever acts, never before.
    pub(crate) async fn set_api_key_held(&mut self, id: &str) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("update api_keys set created_at = created_at where id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    /// An account belongs to a tenant no more: nobody answers for the tenant's keys that stood on it, and
    /// its own that act there wait for it. Neither revives if it ever comes back.
    pub(crate) async fn set_api_keys_left(
        &mut self,
        user_id: &str,
        tenant_id: &str,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update api_keys set user_id = null where user_id = $1 and tenant_id = $2 and owned_by_tenant")
            .bind(user_id)
            .bind(tenant_id)
            .execute(c)
            .await
            .map(|_| ()))?;
        on!(self, c => sqlx::query(
            "update api_keys set suspended_at = $3
             where user_id = $1 and tenant_id = $2 and suspended_at is null and revoked_at is null")
            .bind(user_id)
            .bind(tenant_id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Changes what its owner may change of a key that is not over; `false` when it is.
    pub(crate) async fn set_api_key(
        &mut self,
        id: &str,
        name: &str,
        permissions: &str,
        rate_limit: i64,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update api_keys set name = $2, permissions = $3, rate_limit = $4 where id = $1 and revoked_at is null")
            .bind(id)
            .bind(name)
            .bind(permissions)
            .bind(rate_limit)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Ends a key; `false` when it was over.
    pub(crate) async fn set_api_key_revoked(
        &mut self,
        id: &str,
        now: Timestamp,
        reason: &str,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update api_keys set revoked_at = $2, revoked_reason = $3
             where id = $1 and revoked_at is null and (ends_at is null or ends_at > $2)")
            .bind(id)
            .bind(now)
            .bind(reason)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Notes that another key took the place of this one, which ends at `ends_at` or before; `false`
    /// when it was over or rolled already.
    pub(crate) async fn set_api_key_rolled(
        &mut self,
        id: &str,
        successor: &str,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update api_keys set rolled_at = $3, successor_id = $2,
                 ends_at = case when ends_at is null or ends_at > $4 then $4 else ends_at end
             where id = $1 and rolled_at is null and revoked_at is null and (ends_at is null or ends_at > $3)")
            .bind(id)
            .bind(successor)
            .bind(now)
            .bind(ends_at)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Ends a key that was rolled without an overlap, at the moment it was.
    pub(crate) async fn set_api_key_revoked_as_rolled(
        &mut self,
        id: &str,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update api_keys set revoked_at = $2, revoked_reason = 'rolled' where id = $1 and revoked_at is null")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Has every key that stands on an account wait for its owner. Returns those that did not.
    pub(crate) async fn set_api_keys_suspended(
        &mut self,
        user_id: &str,
        now: Timestamp,
    ) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "update api_keys set suspended_at = $2
             where user_id = $1 and suspended_at is null and revoked_at is null and (ends_at is null or ends_at > $2)
             returning id")
            .bind(user_id)
            .bind(now)
            .fetch_all(c)
            .await)?)
    }

    /// Ends the waiting of one key; `false` when it did not wait.
    pub(crate) async fn set_api_key_confirmed(&mut self, id: &str) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update api_keys set suspended_at = null where id = $1 and suspended_at is not null and revoked_at is null")
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Another member answers for a tenant's key from now on, with these permissions at most.
    pub(crate) async fn set_api_key_member(
        &mut self,
        id: &str,
        user_id: &str,
        permissions: &str,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update api_keys set user_id = $2, permissions = $3, suspended_at = null
             where id = $1 and owned_by_tenant and revoked_at is null")
            .bind(id)
            .bind(user_id)
            .bind(permissions)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Notes a use, unless one was noted after `unless_after`.
    pub(crate) async fn set_api_key_used(
        &mut self,
        id: &str,
        address: &str,
        now: Timestamp,
        unless_after: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update api_keys set last_used_at = $3, last_used_address = $2
             where id = $1 and (last_used_at is null or last_used_at <= $4)")
            .bind(id)
            .bind(address)
            .bind(now)
            .bind(unless_after)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Keys that end within (`now`, `until`] and whose owners were not told so many days before.
    pub(crate) async fn list_ending_api_keys(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        days: i64,
        limit: i64,
    ) -> Result<Vec<EndingApiKeyRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, ends_at - created_at as life from api_keys
             where ends_at > $1 and ends_at <= $2 and revoked_at is null and rolled_at is null
               and user_id is not null and (reminded_days is null or reminded_days > $3)
             order by ends_at, id limit $4")
            .bind(now)
            .bind(until)
            .bind(days)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// Notes a reminder; `false` when one so near the end, or nearer, was noted before.
    pub(crate) async fn set_api_key_reminded(&mut self, id: &str, days: i64) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update api_keys set reminded_days = $2
             where id = $1 and revoked_at is null and (reminded_days is null or reminded_days > $2)")
            .bind(id)
            .bind(days)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Removes the keys that are an account's own. Its tenants' stay, with nobody to answer for them
    /// once the account is gone.
    /// They forget who made them and from where they were used.
    pub(crate) async fn delete_api_keys_by_user(&mut self, user_id: &str) -> Result<u64> {
        on!(self, c => sqlx::query(
            "update api_keys set created_by = '', last_used_address = null
             where owned_by_tenant and (created_by = $1 or user_id = $1)")
            .bind(user_id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(
            on!(self, c => sqlx::query("delete from api_keys where user_id = $1 and not owned_by_tenant")
            .bind(user_id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }

    /// Removes keys that were over before `before`.
    pub(crate) async fn delete_api_keys_before(&mut self, before: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from api_keys where ends_at <= $1 or revoked_at <= $1")
            .bind(before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
