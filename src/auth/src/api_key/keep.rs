//! What this process knows of keys, and for how long it may be believed.
//!
//! A key that was read is believed while nothing was published since the reading began, here or on
//! another node, and for two seconds at most: whoever changes rights, accounts, memberships or keys
//! publishes that, so nobody has to know which keys it touches. No key is kept, only digests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use moka::future::Cache;

use super::quota::Window;
use crate::clock::Timestamp;
use crate::secret::TokenDigest;
use crate::session::Session;

/// How long a cached answer may be believed.
const BELIEVED_FOR: Duration = Duration::from_secs(2);
/// How long it is believed that there is no such key. There never will be: keys are drawn at random.
const UNKNOWN_FOR: Duration = Duration::from_secs(60);
/// Keys kept at once: a few MiB.
const KEPT: u64 = 10_000;

/// A key that opens something, as it was read.
#[derive(Clone, Debug)]
pub(crate) struct LiveKey {
    /// What it stands for: the account behind it, with what the key may do.
    pub(crate) session: Arc<Session>,
    pub(crate) rate_limit: i64,
    pub(super) last_used_at: Option<Timestamp>,
    /// How much had been published when the reading began.
    pub(super) began: u64,
}

/// What this process knows of keys.
pub(crate) struct KeyCache {
    /// Which key a digest belongs to: that never changes.
    pub(super) by_digest: Cache<TokenDigest, String>,
    pub(super) by_id: Cache<String, LiveKey>,
    pub(super) unknown: Cache<TokenDigest, ()>,
    /// How much of this hour is left to this process.
    pub(super) windows: Cache<String, Arc<tokio::sync::Mutex<Window>>>,
    /// When the last use was written down.
    pub(super) noted: Cache<String, Arc<Mutex<Timestamp>>>,
    /// By which key and network a token was taken, and when that was last written down.
    pub(super) exchanged: Cache<(String, String), Timestamp>,
    /// Networks that showed too many made-up keys, and until when they are not asked about.
    pub(super) guessing: Cache<String, Timestamp>,
}

impl KeyCache {
    pub(crate) fn new() -> Self {
        Self {
            by_digest: Cache::new(KEPT),
            by_id: Cache::builder()
                .max_capacity(KEPT)
                .time_to_live(BELIEVED_FOR)
                .build(),
            unknown: Cache::builder()
                .max_capacity(KEPT)
                .time_to_live(UNKNOWN_FOR)
                .build(),
            windows: Cache::new(KEPT),
            noted: Cache::new(KEPT),
            exchanged: Cache::new(KEPT),
            guessing: Cache::new(KEPT),
        }
    }
}
