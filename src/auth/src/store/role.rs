//! Roles, and who has them. What they give is in `grant`.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::fault::is_foreign_key_violation;
use crate::store::{Result, Tx};

/// A role, as it is listed.
#[derive(Clone, FromRow)]
pub(crate) struct RoleRow {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) built_in: bool,
    pub(crate) users: i64,
    pub(crate) members: i64,
}

/// Somebody who has a role: everywhere, or in one tenant.
#[derive(Clone, FromRow)]
pub(crate) struct HolderRow {
    pub(crate) user_id: String,
    pub(crate) tenant_id: Option<String>,
    /// The tenant's name.
    pub(crate) tenant: Option<String>,
}

/// The columns of [`RoleRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select r.name, r.description, r.built_in_at is not null as built_in,
                    (select count(*) from users u where u.role = r.name) as users,
                    (select count(*) from memberships m where m.role = r.name) as members
             from roles r ",
            $rest
        )
    };
}

impl Tx {
    /// Every role's name, sorted.
    pub(crate) async fn list_roles(&mut self) -> Result<Vec<String>> {
        Ok(
            on!(self, c => sqlx::query_scalar("select name from roles order by name")
            .fetch_all(c)
            .await)?,
        )
    }

    /// Every role, by name.
    pub(crate) async fn list_role_rows(&mut self) -> Result<Vec<RoleRow>> {
        Ok(on!(self, c => sqlx::query_as(select!("order by r.name"))
            .fetch_all(c)
            .await)?)
    }

    pub(crate) async fn role_by_name(&mut self, name: &str) -> Result<Option<RoleRow>> {
        Ok(on!(self, c => sqlx::query_as(select!("where r.name = $1"))
            .bind(name)
            .fetch_optional(c)
            .await)?)
    }

    /// Adds a role that gives nothing yet; `false` when there is one of this name.
    pub(crate) async fn add_role(&mut self, name: &str, description: &str) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "insert into roles (name, description) values ($1, $2) on conflict do nothing")
            .bind(name)
            .bind(description)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// How many roles there are.
    pub(crate) async fn count_roles(&mut self) -> Result<i64> {
        Ok(
            on!(self, c => sqlx::query_scalar("select count(*) from roles")
            .fetch_one(c)
            .await)?,
        )
    }

    pub(crate) async fn set_role_description(
        &mut self,
        name: &str,
        description: &str,
    ) -> Result<()> {
        on!(self, c => sqlx::query("update roles set description = $2 where name = $1")
            .bind(name)
            .bind(description)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Deletes a role nobody has, with what it gave; `false` when it came with the portal, or somebody
    /// got it a moment ago: on PostgreSQL the transaction can only be dropped then.
    pub(crate) async fn delete_role(&mut self, name: &str) -> Result<bool> {
        let deleted = on!(self, c => sqlx::query(
            "delete from roles where name = $1 and built_in_at is null")
            .bind(name)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1));
        match deleted {
            Err(error) if is_foreign_key_violation(&error) => Ok(false),
            other => Ok(other?),
        }
    }

    /// Takes back the invitations that wait for an answer and offer a role. Returns how many.
    pub(crate) async fn set_invitations_revoked_by_role(
        &mut self,
        role: &str,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "update invitations set revoked_at = $2
             where (role = $1 or account_role = $1)
               and accepted_at is null and revoked_at is null and expires_at > $2")
            .bind(role)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// Some of those who have a role: accounts first, then members, each sorted by id.
    pub(crate) async fn list_holders_by_role(
        &mut self,
        role: &str,
        limit: i64,
    ) -> Result<Vec<HolderRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id as user_id, null as tenant_id, null as tenant, 0 as place from users where role = $1
             union all
             select m.user_id, m.tenant_id, t.name, 1 from memberships m join tenants t on t.id = m.tenant_id
                where m.role = $1
             order by 4, 1, 2 limit $2")
            .bind(role)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// The tenants some members of which have a role.
    pub(crate) async fn list_tenant_ids_by_role(
        &mut self,
        role: &str,
        limit: i64,
    ) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select distinct tenant_id from memberships where role = $1 order by tenant_id limit $2")
            .bind(role)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// The live sessions of those who have a role, wherever they have it.
    pub(crate) async fn count_sessions_by_role(
        &mut self,
        role: &str,
        now: Timestamp,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from sessions s
             where s.revoked_at is null and s.expires_at > $2 and s.last_seen_at + s.idle_seconds > $2
               and (exists (select 1 from users u where u.id = s.user_id and u.role = $1)
                 or exists (select 1 from memberships m
                    where m.user_id = s.user_id and m.tenant_id = s.tenant_id and m.role = $1))")
            .bind(role)
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// The invitations that wait for an answer and offer a role.
    pub(crate) async fn count_open_invitations_by_role(
        &mut self,
        role: &str,
        now: Timestamp,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from invitations
             where (role = $1 or account_role = $1) and accepted_at is null and revoked_at is null and expires_at > $2")
            .bind(role)
            .bind(now)
            .fetch_one(c)
            .await)?)
    }

    /// Gives everybody who has a role another one. Returns the accounts it concerns, members among
    /// them.
    pub(crate) async fn set_holders_role(
        &mut self,
        role: &str,
        other: &str,
        now: Timestamp,
    ) -> Result<Vec<String>> {
        let mut moved: Vec<String> = on!(self, c => sqlx::query_scalar(
            "update users set role = $2, updated_at = $3 where role = $1 returning id")
            .bind(role)
            .bind(other)
            .bind(now)
            .fetch_all(c)
            .await)?;
        let members: Vec<String> = on!(self, c => sqlx::query_scalar(
            "update memberships set role = $2 where role = $1 returning user_id")
            .bind(role)
            .bind(other)
            .fetch_all(c)
            .await)?;
        moved.extend(members);
        moved.sort();
        moved.dedup();
        Ok(moved)
    }
}
