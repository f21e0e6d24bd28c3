//! The catalogue of permissions.

use sqlx::FromRow;

use crate::store::{Result, Tx};

/// A permission, as it is listed.
#[derive(Clone, FromRow)]
pub(crate) struct PermissionRow {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) built_in: bool,
    /// How many accounts and members were given it by name.
    pub(crate) grants: i64,
}

/// The columns of [`PermissionRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select p.name, p.description, p.built_in_at is not null as built_in,
                    (select count(*) from user_grants g where g.pattern = p.name)
                  + (select count(*) from membership_grants g where g.pattern = p.name) as grants
             from permissions p ",
            $rest
        )
    };
}

impl Tx {
    /// Every permission, by name.
    pub(crate) async fn list_permissions(&mut self) -> Result<Vec<PermissionRow>> {
        Ok(on!(self, c => sqlx::query_as(select!("order by p.name"))
            .fetch_all(c)
            .await)?)
    }

    pub(crate) async fn permission_by_name(&mut self, name: &str) -> Result<Option<PermissionRow>> {
        Ok(on!(self, c => sqlx::query_as(select!("where p.name = $1"))
            .bind(name)
            .fetch_optional(c)
            .await)?)
    }

    /// Adds a permission; `false` when there is one of this name.
    pub(crate) async fn add_permission(&mut self, name: &str, description: &str) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "insert into permissions (name, description) values ($1, $2) on conflict do nothing")
            .bind(name)
            .bind(description)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Says in other words what a permission lets somebody do; `false` when there is none.
    pub(crate) async fn set_permission_description(
        &mut self,
        name: &str,
        description: &str,
    ) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("update permissions set description = $2 where name = $1")
            .bind(name)
            .bind(description)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    /// How many permissions there are.
    pub(crate) async fn count_permissions(&mut self) -> Result<i64> {
        Ok(
            on!(self, c => sqlx::query_scalar("select count(*) from permissions")
            .fetch_one(c)
            .await)?,
        )
    }

    /// Removes a permission and all that gave it by name, so that another of its name is nobody's;
    /// `false` when the portal itself asks for it.
    pub(crate) async fn delete_permission(&mut self, name: &str) -> Result<bool> {
        let deleted = on!(self, c => sqlx::query(
            "delete from permissions where name = $1 and built_in_at is null")
            .bind(name)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?;
        if deleted {
            self.delete_gifts_of(name).await?;
        }
        Ok(deleted)
    }

    /// Takes a permission by name from everything it was given to, whether or not it is in the catalogue.
    pub(crate) async fn delete_gifts_of(&mut self, name: &str) -> Result<()> {
        for sql in [
            "delete from role_grants where pattern = $1",
            "delete from user_grants where pattern = $1",
            "delete from membership_grants where pattern = $1",
            // Names stand one space apart. A `_` in the pattern finds too many; `replace` does not.
            "update api_keys set permissions = trim(replace(' ' || permissions || ' ', ' ' || $1 || ' ', ' '))
             where ' ' || permissions || ' ' like '% ' || $1 || ' %'",
        ] {
            on!(self, c => sqlx::query(sql).bind(name).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// The roles that give a permission by name.
    pub(crate) async fn list_roles_by_pattern(&mut self, pattern: &str) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select role from role_grants where pattern = $1 order by role")
            .bind(pattern)
            .fetch_all(c)
            .await)?)
    }
}
