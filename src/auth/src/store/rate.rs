//! Events within a window of time (C21).

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

impl Tx {
    /// Counts one event in the window that began at `window_start`. Returns how many there are now.
    pub(crate) async fn add_rate(
        &mut self,
        bucket: &str,
        key: &[u8],
        window_start: Timestamp,
    ) -> Result<i64> {
        self.add_rates(bucket, key, window_start, 1).await
    }

    /// Counts several events at once. Returns how many there are now, these included.
    pub(crate) async fn add_rates(
        &mut self,
        bucket: &str,
        key: &[u8],
        window_start: Timestamp,
        many: i64,
    ) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "insert into rates (bucket, key, window_start, count) values ($1, $2, $3, $4)
             on conflict (bucket, key) do update set
                 count = case when rates.window_start = excluded.window_start then rates.count + excluded.count
                              else excluded.count end,
                 window_start = excluded.window_start
             returning count")
            .bind(bucket)
            .bind(key)
            .bind(window_start)
            .bind(many)
            .fetch_one(c)
            .await)?)
    }

    pub(crate) async fn delete_rates_before(&mut self, window_start: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from rates where window_start < $1")
            .bind(window_start)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
