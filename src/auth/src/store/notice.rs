//! Notices between nodes: what ended here must be forgotten there (`LISTEN`/`NOTIFY`).

use sqlx::postgres::PgListener;

use crate::store::{Connection, Pool, Result, Store, Tx};

const CHANNEL: &str = "gatehouse_ended";

/// Hears what other nodes ended.
pub(crate) struct Notices(PgListener);

impl Store {
    /// Starts to listen; `None` where there are no other nodes.
    pub(crate) async fn listen(&self) -> Result<Option<Notices>> {
        let Pool::Postgres(pool) = &self.pool else {
            return Ok(None);
        };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Some(Notices(listener)))
    }
}

impl Notices {
    /// The next session that ended. `None`: the connection was lost and made again; notices may
    /// have been missed.
    pub(crate) async fn next(&mut self) -> Result<Option<String>> {
        Ok(self
            .0
            .try_recv()
            .await?
            .map(|notice| notice.payload().to_owned()))
    }
}

impl Tx {
    /// Tells the other nodes, when this commits. SQLite has none.
    pub(crate) async fn notify(&mut self, session: &str) -> Result<()> {
        if let Connection::Postgres(c) = self.connection() {
            sqlx::query("select pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(session)
                .execute(c)
                .await?;
        }
        Ok(())
    }
}
