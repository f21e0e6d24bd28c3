//! Sessions: who a cookie or an access token stands for, right now.
//!
//! A check looks in a bounded cache first, filled from indexed reads. Whoever ends a session drops
//! it there before answering, here at once and on other nodes by a notice of the database; an entry
//! lives two seconds at most in any case, and never past the session's own end. The cache holds no
//! secret: cookies lead to it by their digest.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;
use moka::ops::compute::Op;
use wire::{Audience, User};

use crate::Auth;
use crate::client::Client;
use crate::clock::{Timestamp, rfc3339};
use crate::error::Fault;
use crate::secret::{CookieToken, TokenDigest};
use crate::signing_key;
use crate::store::{Flash, SessionRow, Tx, UserRow};

/// How often the last request is written down, in seconds.
const SEEN_EVERY: i64 = 60;
/// How long a cached answer may be believed.
const BELIEVED_FOR: Duration = Duration::from_secs(2);
/// What nodes tell each other when all sessions are not what they were.
pub(crate) const EVERYTHING: &str = "*";
/// Sessions kept at once: a few MiB.
const KEPT: u64 = 10_000;

/// A live session and its account, with every right, in one snapshot.
#[derive(Clone, Debug)]
pub struct Session {
    /// The `sid`.
    pub id: String,
    /// The account.
    pub user: User,
    /// The active tenant.
    pub tenant_id: Option<String>,
    /// When its owner proved who they are.
    pub auth_time: Timestamp,
    /// When they last confirmed it.
    pub step_up_at: Option<Timestamp>,
    /// How (`amr`).
    pub methods: Vec<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// The change number its rights were read at (D21).
    pub epoch: i64,
    /// For whom the access token it came by is; `None` for a cookie.
    pub audience: Option<Audience>,
    pub(crate) idle_seconds: i64,
    /// The digest of the one cookie that leads here; `None` where tokens do.
    pub(crate) cookie_digest: Option<Vec<u8>>,
    /// Tokens of a lower epoch carry rights that have changed since.
    pub(crate) stale_before: i64,
}

impl Session {
    /// Whether it still lives at `now`.
    fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at && now < self.last_seen_at + self.idle_seconds
    }

    fn is_carried_by(&self, cookie: &TokenDigest) -> bool {
        self.cookie_digest.as_deref() == Some(cookie.as_bytes())
    }

    /// When it ends if it is not used again.
    pub fn idle_ends_at(&self) -> Timestamp {
        (self.last_seen_at + self.idle_seconds).min(self.expires_at)
    }
}

/// What this process knows of sessions.
pub(crate) struct SessionCache {
    by_id: Cache<String, Arc<Session>>,
    /// Which session a cookie began. Whether it still leads there, the session says: it may have got
    /// another since.
    by_cookie: Cache<TokenDigest, String>,
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
    async fn keep(&self, session: Arc<Session>, began: u64) {
        let id = session.id.clone();
        let is_outdated = || self.ended.load(Ordering::SeqCst) != began;
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

impl Auth {
    /// The live session of a cookie.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_by_cookie(
        &self,
        cookie: &CookieToken,
        _client: &Client,
    ) -> Result<Option<Arc<Session>>, Fault> {
        let digest = cookie.digest();
        if let Some(id) = self.cache().by_cookie.get(&digest).await {
            let session = self.live_session(&id).await?;
            if session.as_ref().is_none_or(|it| it.is_carried_by(&digest)) {
                return Ok(session);
            }
        }
        let row = self
            .store()
            .read()
            .await?
            .session_by_cookie(digest.as_bytes(), self.now())
            .await?;
        let Some(row) = row else { return Ok(None) };
        self.cache().by_cookie.insert(digest, row.id.clone()).await;
        let session = self.live_session(&row.id).await?;
        if session.as_ref().is_none_or(|it| it.is_carried_by(&digest)) {
            return Ok(session);
        }
        // The session got this cookie on another node a moment ago; what is kept here is older.
        self.cache().drop_session(&row.id).await;
        let session = self.live_session(&row.id).await?;
        Ok(session.filter(|it| it.is_carried_by(&digest)))
    }

    /// The live session of an id; `None` when it has ended, or its account may not sign in.
    pub(crate) async fn live_session(&self, id: &str) -> Result<Option<Arc<Session>>, Fault> {
        let now = self.now();
        if let Some(session) = self.cache().by_id.get(id).await
            && session.is_live(now)
        {
            return Ok(Some(session));
        }
        let began = self.cache().ended.load(Ordering::SeqCst);
        let mut tx = self.store().read().await?;
        let Some(session) = self.read_session(&mut tx, id).await? else {
            return Ok(None);
        };
        let session = Arc::new(session);
        self.cache().keep(Arc::clone(&session), began).await;
        if now - session.last_seen_at >= SEEN_EVERY {
            self.note_seen(id.to_owned(), now);
        }
        Ok(Some(session))
    }

    /// Reads a live session with its account and rights. The change number is read first: rights
    /// read after it can only be newer, so a token is never believed to be newer than its rights.
    pub(crate) async fn read_session(
        &self,
        tx: &mut Tx,
        id: &str,
    ) -> Result<Option<Session>, Fault> {
        let epoch = tx.change_number().await?;
        let Some(row) = tx.session_by_id(id, self.now()).await? else {
            return Ok(None);
        };
        let Some(user) = tx.user_by_id(&row.user_id).await? else {
            return Ok(None);
        };
        if !user.may_sign_in() {
            return Ok(None);
        }
        let permissions = tx.list_permissions_by_role(&user.role).await?;
        let stale_before = newest_change(tx, &user, row.tenant_id.as_deref()).await?;
        Ok(Some(session_view(
            row,
            &user,
            permissions,
            epoch,
            stale_before,
        )))
    }

    /// Writes down that a session was used: beside the request, not in it.
    fn note_seen(&self, id: String, now: Timestamp) {
        let auth = self.clone();
        tokio::spawn(async move {
            let noted = async {
                let mut tx = auth.store().write().await?;
                tx.set_session_seen(&id, now, now - SEEN_EVERY).await?;
                tx.commit().await
            };
            if let Err(fault) = noted.await {
                tracing::warn!(error = %fault, "a session's last use was not written down");
            }
        });
    }

    /// Follows what other nodes end, for as long as the process lives. Returns at once where there
    /// are none. Run it again when it fails; until then cached answers live their two seconds.
    ///
    /// # Errors
    /// When the connection is lost for good.
    pub async fn follow_other_nodes(&self) -> Result<(), Fault> {
        let Some(mut notices) = self.store().listen().await? else {
            return Ok(());
        };
        self.cache().drop_all();
        loop {
            match notices.next().await? {
                Some(told) if told == signing_key::NOTICE => self.read_keys().await?,
                Some(told) if told == EVERYTHING => self.cache().drop_all(),
                Some(id) => self.cache().drop_session(&id).await,
                None => {
                    self.cache().drop_all();
                    self.read_keys().await?;
                }
            }
            self.feed().changed();
        }
    }

    /// The account of a session, as its owner sees it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn me(&self, session: &Session) -> Result<User, Fault> {
        Ok(session.user.clone())
    }

    /// The flash of a cookie's live session (D2).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn flash(&self, cookie: &CookieToken) -> Result<Option<Flash>, Fault> {
        self.store()
            .read()
            .await?
            .flash_by_cookie(cookie.digest().as_bytes(), self.now())
            .await
    }

    /// Writes the flash of a live session, if nobody wrote it since `version` was read. Cannot
    /// bring back a session that has ended; `false` then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_flash(
        &self,
        cookie: &CookieToken,
        version: i64,
        text: &str,
    ) -> Result<bool, Fault> {
        let mut tx = self.store().write().await?;
        let written = tx
            .set_flash(cookie.digest().as_bytes(), version, text, self.now())
            .await?;
        tx.commit().await?;
        Ok(written)
    }
}

/// The newest change that makes older tokens of this account, acting in this tenant, stale.
async fn newest_change(tx: &mut Tx, user: &UserRow, tenant: Option<&str>) -> Result<i64, Fault> {
    let mut newest = 0;
    for (kind, subject) in [
        ("subject", user.id.as_str()),
        ("role", user.role.as_str()),
        ("tenant", tenant.unwrap_or_default()),
        ("all", ""),
    ] {
        newest = newest.max(tx.newest_revocation_by_subject(kind, subject).await?);
    }
    Ok(newest)
}

fn session_view(
    row: SessionRow,
    user: &UserRow,
    permissions: Vec<String>,
    epoch: i64,
    stale_before: i64,
) -> Session {
    Session {
        id: row.id,
        user: user_view(user, permissions),
        tenant_id: row.tenant_id,
        auth_time: row.auth_time,
        step_up_at: row.step_up_at,
        methods: row.methods.split(' ').map(str::to_owned).collect(),
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        idle_seconds: row.idle_seconds,
        cookie_digest: row.cookie_digest,
        expires_at: row.expires_at,
        epoch,
        stale_before,
        audience: None,
    }
}

/// An account as it crosses the wire. An unproven address gives no rights (hazard 5).
pub(crate) fn user_view(user: &UserRow, permissions: Vec<String>) -> User {
    let is_proven = user.email_verified_at.is_some();
    User {
        id: user.id.clone(),
        user_id: user.id.clone(),
        email: user.email.clone(),
        email_verified: is_proven,
        username: user.username.clone(),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        role: user.role.clone(),
        permissions: if is_proven { permissions } else { Vec::new() },
        tenant_id: user.tenant_id.clone(),
        created_at: rfc3339(user.created_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        };
        Arc::new(session_view(row, &user, Vec::new(), 0, 0))
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_was_read_before_an_ending_is_never_seen_after_it() {
        for round in 0..2000 {
            let cache = Arc::new(SessionCache::new());
            let began = cache.ended.load(Ordering::SeqCst);
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
