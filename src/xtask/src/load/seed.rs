//! `xtask-load seed <database> <users> <events>`: fills a database that a portal runs on with made-up people, sessions,
//! keys and audit rows, and waits until the portal has given every row its place in the chain.

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth::{Seed, Store};

/// How often is looked whether all is sealed.
const LOOK: Duration = Duration::from_millis(500);
/// So often without a row sealed in between, and nobody seals.
const IDLE: u32 = 60;

#[expect(
    clippy::disallowed_methods,
    reason = "made-up people were here just now, by the machine's clock"
)]
pub(crate) async fn seed(url: &str, users: &str, events: &str) -> Result<(), Box<dyn Error>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let store = Store::connect(url).await?;
    store
        .seed(Seed {
            users: users.parse()?,
            events: events.parse()?,
            now: i64::try_from(now)?,
        })
        .await?;
    let (mut left, mut idle) = (store.unsealed().await?, 0);
    while left > 0 {
        tokio::time::sleep(LOOK).await;
        let now = store.unsealed().await?;
        idle = if now < left { 0 } else { idle + 1 };
        if idle > IDLE {
            return Err(format!("{now} audit rows wait for a portal to seal them").into());
        }
        left = now;
    }
    store.close().await;
    Ok(())
}
