//! Devices an account was seen on.

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

impl Tx {
    /// Notes a sign-in from a device. Returns whether that is news: the account was seen before, and
    /// never here. In one statement, because every sign-in makes it.
    pub(crate) async fn set_device_seen(
        &mut self,
        key: &[u8],
        user_id: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let (count, others): (i64, i64) = on!(self, c => sqlx::query_as(
            "insert into known_devices (key, user_id, others, count, seen_at)
             values ($1, $2, (select count(*) from known_devices where user_id = $2), 1, $3)
             on conflict (key) do update set count = known_devices.count + 1, seen_at = excluded.seen_at
             returning count, others")
            .bind(key)
            .bind(user_id)
            .bind(now)
            .fetch_one(c)
            .await)?;
        Ok(count == 1 && others > 0)
    }

    /// Forgets devices that were not used for long.
    pub(crate) async fn delete_devices_before(&mut self, seen_before: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from known_devices where seen_at < $1")
            .bind(seen_before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
