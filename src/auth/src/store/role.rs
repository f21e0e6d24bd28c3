//! Roles. What they give is in `grant`.

use crate::store::{Result, Tx};

impl Tx {
    /// Every role's name, sorted.
    pub(crate) async fn list_roles(&mut self) -> Result<Vec<String>> {
        Ok(
            on!(self, c => sqlx::query_scalar("select name from roles order by name")
            .fetch_all(c)
            .await)?,
        )
    }

    /// How many accounts that may sign in have a role.
    pub(crate) async fn count_users_by_role(&mut self, role: &str) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select count(*) from users where role = $1 and disabled_at is null and deletes_at is null")
            .bind(role)
            .fetch_one(c)
            .await)?)
    }
}
