//! `xtask-load seed <database> <users> <events>`: fills an empty database with made-up people, sessions and audit rows.

use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};

use auth::{Seed, Store};

#[expect(
    clippy::disallowed_methods,
    reason = "made-up people were here just now, by the machine's clock"
)]
pub(crate) async fn seed(url: &str, users: &str, events: &str) -> Result<(), Box<dyn Error>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let store = Store::connect(url).await?;
    store.migrate().await?;
    store
        .seed(Seed {
            users: users.parse()?,
            events: events.parse()?,
            now: i64::try_from(now)?,
        })
        .await?;
    store.close().await;
    Ok(())
}
