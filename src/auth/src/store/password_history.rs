//! Passwords an account had (req 138).

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

impl Tx {
    /// Keeps a hash that another took the place of.
    pub(crate) async fn add_password_history(
        &mut self,
        id: &str,
        user_id: &str,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into password_history (id, user_id, password_hash, created_at) values ($1, $2, $3, $4)")
            .bind(id)
            .bind(user_id)
            .bind(password_hash)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The newest hashes an account had before its present one.
    pub(crate) async fn list_password_history_by_user(
        &mut self,
        user_id: &str,
        most: i64,
    ) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select password_hash from password_history where user_id = $1
             order by created_at desc, id desc limit $2")
            .bind(user_id)
            .bind(most)
            .fetch_all(c)
            .await)?)
    }

    /// Forgets all but the newest.
    pub(crate) async fn delete_password_history_beyond(
        &mut self,
        user_id: &str,
        kept: i64,
    ) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "delete from password_history
             where user_id = $1 and id not in (
                 select id from password_history where user_id = $1
                 order by created_at desc, id desc limit $2)")
            .bind(user_id)
            .bind(kept)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}
