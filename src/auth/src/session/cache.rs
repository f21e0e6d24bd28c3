//! What this process knows of sessions, and for how long it may be believed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;
use moka::ops::compute::Op;

use super::Session;
use crate::secret::TokenDigest;

/// How long a cached answer may be believed.
const BELIEVED_FOR: Duration = Duration::from_secs(2);
/// Sessions kept at once: a few MiB.
const KEPT: u64 = 10_000;

/// What this process knows of sessions.
pub(crate) struct SessionCache {
    pub(super) by_id: Cache<String, Arc<Session>>,
    /// Which session a cookie began. Whether it still leads there, the session says: it may have got
    /// another since.
    pub(super) by_cookie: Cache<TokenDigest, String>,
    /// Raised whenever something ended: a read that began before must not be kept.
    ended: AtomicU64,
}

impl SessionCache {
    pub(crate) fn new() -> Self {
        Self {
            by_id: Cache::builder()
                .max_capacity(KEPT)
                .time_to_live(BELIEVED_FOR)
                .build(),
            by_cookie: Cache::new(KEPT),
            ended: AtomicU64::new(0),
        }
    }

    /// How much has ended so far: to be read before a session is, and given to [`Self::keep`].
    pub(super) fn endings(&self) -> u64 {
        self.ended.load(Ordering::SeqCst)
    }

    /// Forgets a session that was ended. Call it after the commit and before the answer.
    pub(crate) async fn drop_session(&self, id: &str) {
        self.ended.fetch_add(1, Ordering::SeqCst);
        // Under the entry's lock, as `keep` is: whoever keeps at this moment does so before.
        let entry = self.by_id.entry_by_ref(id);
        entry.and_compute_with(async |_| Op::Remove).await;
    }

    /// Forgets everything: when notices may have been missed.
    pub(crate) fn drop_all(&self) {
        self.ended.fetch_add(1, Ordering::SeqCst);
        self.by_id.invalidate_all();
    }

    /// Keeps what was read, unless something ended since the reading began: looked at under the
    /// entry's lock, so that nobody sees it for as much as a moment after the ending was answered.
    pub(super) async fn keep(&self, session: Arc<Session>, began: u64) {
        let id = session.id.clone();
        let is_outdated = || self.endings() != began;
        let entry = self.by_id.entry_by_ref(&id);
        entry
            .and_compute_with(async |_| match is_outdated() {
                true => Op::Nop,
                false => Op::Put(session),
            })
            .await;
        // `drop_all` takes no entry's lock.
        if is_outdated() {
            self.by_id.invalidate(&id).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::session_view;
    use crate::store::{SessionRow, UserRow};

    fn session(id: &str) -> Arc<Session> {
        let user = UserRow {
            id: "u1".to_owned(),
            email: "ada@example.com".to_owned(),
            email_verified_at: None,
            username: None,
            first_name: None,
            last_name: None,
            password_hash: None,
            role: "user".to_owned(),
            tenant_id: None,
            created_at: 0,
            disabled_at: None,
            disabled_until: None,
            deletes_at: None,
        };
        let row = SessionRow {
            id: id.to_owned(),
            user_id: "u1".to_owned(),
            cookie_digest: None,
            tenant_id: None,
            methods: "pwd".to_owned(),
            auth_time: 0,
            step_up_at: None,
            created_at: 0,
            last_seen_at: 0,
            idle_seconds: 100,
            expires_at: 100,
            remembered: false,
        };
        Arc::new(session_view(row, &user, Vec::new(), 0, 0))
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_was_read_before_an_ending_is_never_seen_after_it() {
        for round in 0..2000 {
            let cache = Arc::new(SessionCache::new());
            let began = cache.endings();
            let read = session("s1");
            cache.drop_session("s1").await;

            let keeping = tokio::spawn({
                let cache = Arc::clone(&cache);
                async move { cache.keep(read, began).await }
            });
            while !keeping.is_finished() {
                assert!(cache.by_id.get("s1").await.is_none(), "round {round}");
            }
            keeping.await.expect("no panic");
            assert!(cache.by_id.get("s1").await.is_none());
        }
    }

    #[tokio::test]
    async fn what_was_read_while_nothing_ended_is_kept() {
        let cache = SessionCache::new();
        cache.keep(session("s1"), 0).await;
        assert!(cache.by_id.get("s1").await.is_some());
        cache.drop_session("s1").await;
        assert!(cache.by_id.get("s1").await.is_none());
        cache.keep(session("s1"), 1).await;
        cache.drop_all();
        assert!(cache.by_id.get("s1").await.is_none());
    }
}
