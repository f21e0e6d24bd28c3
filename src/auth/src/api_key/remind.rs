//! Telling owners that a key is about to end: seven days before, and one day before, once each.
//!
//! A key that lives a week or less is told of on its last day alone; one that was rolled has a successor,
//! and is not told of at all.

use crate::Auth;
use crate::client::Client;
use crate::error::Fault;

const DAY: i64 = 86_400;
/// Days before the end, the nearest first: whoever was not told in time is told once.
const BEFORE: [i64; 2] = [1, 7];
/// Keys in one round; the next comes in a minute.
const BATCH: i64 = 100;

impl Auth {
    /// Has letters written about keys that are about to end.
    pub(crate) async fn remind_of_keys(&self) -> Result<(), Fault> {
        let now = self.now();
        for days in BEFORE {
            let mut tx = self.store().read().await?;
            let until = now + days * DAY;
            let due = tx.list_ending_api_keys(now, until, days, BATCH).await?;
            drop(tx);
            if due.is_empty() {
                continue;
            }
            let mut tx = self.store().write().await?;
            for key in due {
                // Another node may have been first.
                if tx.set_api_key_reminded(&key.id, days).await? && key.life > days * DAY {
                    let client = Client::operator();
                    self.add_letter(&mut tx, "api_key_ending", &key.id, &client)
                        .await?;
                }
            }
            tx.commit().await?;
            self.letters().notify_one();
        }
        Ok(())
    }
}
