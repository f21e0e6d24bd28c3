//! Facts about the database as a whole, leases, and the clock probe.

use crate::clock::Timestamp;
use crate::store::{Connection, Result, Store, Tx};

impl Store {
    /// The id of the ring key this database belongs to. `None`: it is new, and may be given one (D18).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ring_id(&self) -> Result<Option<String>> {
        self.read().await?.meta_by_name("ring_id").await
    }
}

/// A lease that ends this many seconds after the one that is asked for was taken by no node of ours, and
/// keeps nobody.
const FARTHEST_LEASE: i64 = 3_600;

impl Tx {
    pub(crate) async fn meta_by_name(&mut self, name: &str) -> Result<Option<String>> {
        Ok(
            on!(self, c => sqlx::query_scalar("select value from meta where name = $1")
            .bind(name)
            .fetch_optional(c)
            .await)?,
        )
    }

    /// Notes a fact unless it is noted already; what is noted first holds.
    pub(crate) async fn add_meta(&mut self, name: &str, value: &str) -> Result<()> {
        on!(self, c => sqlx::query("insert into meta (name, value) values ($1, $2) on conflict (name) do nothing")
            .bind(name)
            .bind(value)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Notes a fact over what was noted before.
    pub(crate) async fn set_meta(&mut self, name: &str, value: &str) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into meta (name, value) values ($1, $2)
             on conflict (name) do update set value = excluded.value")
            .bind(name)
            .bind(value)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Notes a number, unless a higher one is noted.
    pub(crate) async fn set_meta_at_least(&mut self, name: &str, value: i64) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into meta (name, value) values ($1, $2)
             on conflict (name) do update set value = excluded.value
             where cast(meta.value as bigint) < cast(excluded.value as bigint)")
            .bind(name)
            .bind(value.to_string())
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Takes or renews a lease; `false` while somebody else holds it.
    pub(crate) async fn set_lease(
        &mut self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool> {
        let taken: Option<String> = on!(self, c => sqlx::query_scalar(
            "insert into leases (name, holder, expires_at) values ($1, $2, $4)
             on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
             where leases.holder = excluded.holder or leases.expires_at <= $3 or leases.expires_at > $4 + $5
             returning holder")
            .bind(name)
            .bind(holder)
            .bind(now)
            .bind(until)
            .bind(FARTHEST_LEASE)
            .fetch_optional(c)
            .await)?;
        Ok(taken.is_some())
    }

    /// The database's own clock: for the readiness probe alone (D28).
    pub(crate) async fn database_clock(&mut self) -> Result<Timestamp> {
        // The two have no common word for it.
        Ok(match self.connection() {
            Connection::Sqlite(c) => {
                sqlx::query_scalar("select cast(strftime('%s', 'now') as integer)")
                    .fetch_one(c)
                    .await
            }
            Connection::Postgres(c) => {
                sqlx::query_scalar("select cast(extract(epoch from clock_timestamp()) as bigint)")
                    .fetch_one(c)
                    .await
            }
        }?)
    }
}
