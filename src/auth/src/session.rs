//! Sessions: who a cookie or an access token stands for, right now.
//!
//! A check looks in a bounded cache first, filled from indexed reads. Whoever ends a session drops
//! it there before answering, here at once and on other nodes by a notice of the database; an entry
//! lives two seconds at most in any case, and never past the session's own end. The cache holds no
//! secret: cookies lead to it by their digest.

mod cache;

use std::sync::Arc;

use wire::{Audience, User};

use crate::Auth;
use crate::client::Client;
use crate::clock::{Timestamp, rfc3339};
use crate::decide::Decided;
use crate::error::Fault;
use crate::rights::{Acting, Rights};
use crate::secret::{CookieToken, TokenDigest};
use crate::signing_key;
use crate::store::{Flash, SessionRow, Tx, UserRow};

pub(crate) use cache::SessionCache;

/// How often the last request is written down, in seconds; more often where sessions idle out sooner.
const SEEN_EVERY: i64 = 60;
/// What nodes tell each other when all sessions are not what they were.
pub(crate) const EVERYTHING: &str = "*";

/// The API key an act was done with, as the log names it: no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActingKey {
    /// The key's id.
    pub id: String,
    /// How it begins: `wks_live_` or `wks_test_`.
    pub prefix: String,
    /// How it ends.
    pub last4: String,
}

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
    /// Whether its cookie outlives the browser.
    pub remembered: bool,
    /// The change number its rights were read at (D21).
    pub epoch: i64,
    /// For whom the access token it came by is; `None` for a cookie.
    pub audience: Option<Audience>,
    /// What was read to answer questions about it.
    pub(crate) decided: Decided,
    /// The API key somebody came by: then this is no session, and `id` is the key's.
    pub key: Option<ActingKey>,
    pub(crate) idle_seconds: i64,
    /// The digest of the one cookie that leads here; `None` where tokens do.
    pub(crate) cookie_digest: Option<Vec<u8>>,
    /// Tokens of a lower epoch carry rights that have changed since.
    pub(crate) stale_before: i64,
}

impl Session {
    /// The id of the API key somebody came by, if they did.
    pub fn key_id(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.id.as_str())
    }

    /// Whether it still lives at `now`.
    fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at && now < self.last_seen_at + self.idle_seconds
    }

    fn is_carried_by(&self, cookie: &TokenDigest) -> bool {
        self.cookie_digest.as_deref() == Some(cookie.as_bytes())
    }

    /// For how many seconds from `now` a browser shall keep its cookie; `None`: until it is closed.
    pub fn cookie_seconds(&self, now: Timestamp) -> Option<i64> {
        self.remembered.then_some(self.expires_at - now)
    }

    /// When it ends if it is not used again.
    pub fn idle_ends_at(&self) -> Timestamp {
        (self.last_seen_at + self.idle_seconds).min(self.expires_at)
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
        let began = self.cache().endings();
        let mut tx = self.store().read().await?;
        let Some(session) = self.read_session(&mut tx, id).await? else {
            return Ok(None);
        };
        let session = Arc::new(session);
        self.cache().keep(Arc::clone(&session), began).await;
        // Twice in its idle time at the least: what is in use must not end for want of writing.
        let every = SEEN_EVERY.min(session.idle_seconds / 4);
        if now - session.last_seen_at >= every {
            self.note_seen(id.to_owned(), now, every);
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
        let acting = Acting::of(row.tenant_id.as_deref());
        let permissions = Rights::in_force(tx, &user, acting).await?.permissions();
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
    fn note_seen(&self, id: String, now: Timestamp, every: i64) {
        let auth = self.clone();
        tokio::spawn(async move {
            let noted = async {
                let mut tx = auth.store().write().await?;
                tx.set_session_seen(&id, now, now - every).await?;
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
pub(crate) async fn newest_change(
    tx: &mut Tx,
    user: &UserRow,
    tenant: Option<&str>,
) -> Result<i64, Fault> {
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
        user: user_view(user, row.tenant_id.as_deref(), permissions),
        tenant_id: row.tenant_id,
        auth_time: row.auth_time,
        step_up_at: row.step_up_at,
        methods: row.methods.split(' ').map(str::to_owned).collect(),
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        idle_seconds: row.idle_seconds,
        cookie_digest: row.cookie_digest,
        expires_at: row.expires_at,
        remembered: row.remembered,
        epoch,
        stale_before,
        audience: None,
        decided: Decided::default(),
        key: None,
    }
}

/// An account as it crosses the wire, with its rights in force where it acts.
pub(crate) fn user_view(user: &UserRow, tenant: Option<&str>, permissions: Vec<String>) -> User {
    User {
        id: user.id.clone(),
        user_id: user.id.clone(),
        email: user.email.clone(),
        email_verified: user.email_verified_at.is_some(),
        username: user.username.clone(),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        role: user.role.clone(),
        permissions,
        tenant_id: tenant.map(str::to_owned),
        created_at: rfc3339(user.created_at),
    }
}
