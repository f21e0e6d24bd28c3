//! Using a key: what it stands for at this moment, or why it opens nothing.
//!
//! Its form is judged before anything is looked up. A key that nobody issued is looked up once a minute
//! and node, and counted against the network it came from; a key that exists never is: somebody else's
//! typing errors keep nobody out. The world is told one thing of every key that opens nothing, the log
//! which it was.

use std::sync::{Arc, PoisonError};

use wire::{Error, ErrorCode, Secret, api_key_mode};

use super::keep::LiveKey;
use super::{Quota, named};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::decide::Decided;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate, too_often};
use crate::rights::{Acting, Rights};
use crate::secret::TokenDigest;
use crate::session::{ActingKey, Session, newest_change, user_view};
use crate::store::{ApiKeyRow, Tx, UserRow};

/// The role of whoever comes by a key (D21): it holds nothing and is assigned to nobody.
const ROLE: &str = "api";
/// How somebody with a key proved who they are (`amr`); RFC 8176 has no name for it.
const METHOD: &str = "api_key";
/// How often the last use is written down, in seconds.
const NOTED_EVERY: i64 = 60;

/// Why a key opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyRefused {
    /// It is not written as a key is, or its checksum is wrong.
    #[error("the key is not written as a key is")]
    Malformed,
    /// It is a test key at a portal in earnest, or the other way round.
    #[error("the key is for a portal of the other mode (development or not)")]
    OtherMode,
    /// Nobody issued it, or it was removed.
    #[error("there is no such key")]
    Unknown,
    /// Somebody ended it.
    #[error("the key was revoked")]
    Revoked,
    /// Its time is over.
    #[error("the key has expired")]
    Expired,
    /// It waits for its owner to confirm it.
    #[error("the key is suspended until its owner confirms it")]
    Suspended,
    /// Its owner may not sign in, has not proven the address, or is no member of its tenant any more.
    #[error("nobody answers for the key any more")]
    Stopped,
    /// It was used as often as it may be this hour.
    #[error("the key was used as often as it may be this hour")]
    UsedUp(Limited, Quota),
    /// Too many made-up keys came from this network.
    #[error("too many unknown keys from this network")]
    Guessing(Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl ApiKeyRefused {
    /// What is left of the key's hour, where that is why.
    pub fn quota(&self) -> Option<Quota> {
        match self {
            Self::UsedUp(_, quota) => Some(*quota),
            _ => None,
        }
    }
}

impl From<ApiKeyRefused> for Error {
    fn from(error: ApiKeyRefused) -> Self {
        match error {
            ApiKeyRefused::UsedUp(limited, _) | ApiKeyRefused::Guessing(limited) => limited.into(),
            ApiKeyRefused::Fault(fault) => fault.into(),
            _ => ErrorCode::InvalidApiKey.into(),
        }
    }
}

/// A use that was let in.
#[derive(Clone, Debug)]
pub struct ApiKeyUse {
    /// The account behind the key, with what the key may do. It is no session that anybody could end.
    pub session: Arc<Session>,
    /// What is left of the key's hour.
    pub quota: Quota,
}

impl Auth {
    /// What a key stands for. Counts as a use of it.
    ///
    /// # Errors
    /// [`ApiKeyRefused`].
    pub async fn use_api_key(
        &self,
        key: &Secret,
        client: &Client,
    ) -> Result<ApiKeyUse, ApiKeyRefused> {
        match api_key_mode(key.reveal()) {
            None => return Err(ApiKeyRefused::Malformed),
            Some(mode) if mode != self.settings().api_keys.mode => {
                return Err(ApiKeyRefused::OtherMode);
            }
            Some(_) => {}
        }
        let id = self.key_of(TokenDigest::of(key), client).await?;
        let live = match self.live_key(&id).await {
            Ok(live) => live,
            Err(refused) => {
                self.note_refused_key(&id, &refused, client).await;
                return Err(refused);
            }
        };
        let quota = self.count_use(&live, client).await?;
        self.note_key_used(&live, client);
        let session = live.session;
        Ok(ApiKeyUse { session, quota })
    }

    /// Counts a use of the key behind a token that was made from one; `None` for any other credential.
    ///
    /// # Errors
    /// [`ApiKeyRefused::UsedUp`], or when the database does not answer.
    pub async fn count_key_token(
        &self,
        session: &Session,
        client: &Client,
    ) -> Result<Option<Quota>, ApiKeyRefused> {
        let Some(id) = session.key_id() else {
            return Ok(None);
        };
        let live = self.live_key(id).await?;
        self.count_use(&live, client).await.map(Some)
    }

    /// Counts a use. The first one too many of an hour is written down, and no other.
    async fn count_use(&self, live: &LiveKey, client: &Client) -> Result<Quota, ApiKeyRefused> {
        let counted = self
            .count_key_use(&live.session.id, live.rate_limit)
            .await?;
        let spent = match counted {
            Ok(quota) => return Ok(quota),
            Err(spent) => spent,
        };
        if spent.is_first {
            let entry = too_often(&spent.limited, client).by(&live.session);
            self.audit_refusal(entry).await?;
        }
        Err(ApiKeyRefused::UsedUp(spent.limited, spent.quota))
    }

    /// Which key a digest belongs to.
    async fn key_of(&self, digest: TokenDigest, client: &Client) -> Result<String, ApiKeyRefused> {
        let cache = self.key_cache();
        if let Some(id) = cache.by_digest.get(&digest).await {
            return Ok(id);
        }
        if cache.unknown.get(&digest).await.is_some() {
            return Err(ApiKeyRefused::Unknown);
        }
        let mut tx = self.store().read().await?;
        let row = tx.api_key_by_digest(digest.as_bytes()).await?;
        drop(tx);
        let Some(row) = row else {
            self.count_made_up(client).await?;
            cache.unknown.insert(digest, ()).await;
            return Err(ApiKeyRefused::Unknown);
        };
        cache.by_digest.insert(digest, row.id.clone()).await;
        Ok(row.id)
    }

    /// Counts a key that nobody issued; refused once there were too many, without another write.
    async fn count_made_up(&self, client: &Client) -> Result<(), ApiKeyRefused> {
        let (network, now) = (client.network(), self.now());
        let guessing = &self.key_cache().guessing;
        if let Some(until) = guessing.get(&network).await.filter(|until| *until > now) {
            return Err(ApiKeyRefused::Guessing(self.refuse_until(until)));
        }
        match self.admit(&[(Rate::MadeUpKey, &network)]).await {
            Ok(()) => Ok(()),
            Err(LimitError::Limited(limited)) => {
                // Once, too: until then nobody asks again.
                self.note_limited(&limited, client).await?;
                let until = now + i64::from(limited.retry_after);
                guessing.insert(network, until).await;
                Err(ApiKeyRefused::Guessing(limited))
            }
            Err(LimitError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// A key that opens something now, from memory where that can be believed.
    pub(crate) async fn live_key(&self, id: &str) -> Result<LiveKey, ApiKeyRefused> {
        let (now, published) = (self.now(), self.feed().published());
        let cache = self.key_cache();
        if let Some(kept) = cache.by_id.get(id).await
            && kept.began == published
            && now < kept.session.expires_at
        {
            return Ok(kept);
        }
        let mut tx = self.store().read().await?;
        let live = self.read_key(&mut tx, id, published).await?;
        cache.by_id.insert(id.to_owned(), live.clone()).await;
        Ok(live)
    }

    /// Reads a key with the account behind it. The change number first, as with sessions: a token is
    /// never believed to be newer than its rights.
    pub(crate) async fn read_key(
        &self,
        tx: &mut Tx,
        id: &str,
        began: u64,
    ) -> Result<LiveKey, ApiKeyRefused> {
        let (now, epoch) = (self.now(), tx.change_number().await?);
        let row = tx.api_key_by_id(id).await?.ok_or(ApiKeyRefused::Unknown)?;
        if row.revoked_at.is_some() {
            return Err(ApiKeyRefused::Revoked);
        }
        if row.has_ended(now) {
            return Err(ApiKeyRefused::Expired);
        }
        if row.suspended_at.is_some() {
            return Err(ApiKeyRefused::Suspended);
        }
        let user = answering(tx, &row).await?.ok_or(ApiKeyRefused::Stopped)?;
        let permissions = in_force(tx, &row, &user).await?;
        let tenant = row.tenant_id.as_deref();
        let changes = [
            newest_change(tx, &user, tenant).await?,
            tx.newest_revocation_by_subject("key", &row.id).await?,
            tx.newest_revocation_by_subject("role", ROLE).await?,
        ];
        Ok(LiveKey {
            rate_limit: row.rate_limit,
            last_used_at: row.last_used_at,
            began,
            session: Arc::new(Session {
                user: wire::User {
                    role: ROLE.to_owned(),
                    ..user_view(&user, tenant, permissions)
                },
                tenant_id: row.tenant_id,
                auth_time: row.created_at,
                step_up_at: None,
                methods: vec![METHOD.to_owned()],
                created_at: row.created_at,
                last_seen_at: row.last_used_at.unwrap_or(row.created_at),
                expires_at: row.ends_at.unwrap_or(Timestamp::MAX),
                remembered: false,
                epoch,
                audience: None,
                key: Some(ActingKey {
                    id: row.id.clone(),
                    prefix: row.prefix,
                    last4: row.last4,
                }),
                decided: Decided::default(),
                idle_seconds: 0,
                cookie_digest: None,
                stale_before: changes.into_iter().max().unwrap_or(0),
                id: row.id,
            }),
        })
    }

    /// Writes down that somebody holds a key that opens nothing any more: once in a while, however often
    /// they try.
    async fn note_refused_key(&self, id: &str, refused: &ApiKeyRefused, client: &Client) {
        let reason = match refused {
            ApiKeyRefused::Revoked => "revoked",
            ApiKeyRefused::Expired => "expired",
            ApiKeyRefused::Suspended => "suspended",
            ApiKeyRefused::Stopped => "stopped",
            _ => return,
        };
        let noted = async {
            let mut tx = self.store().read().await?;
            let Some(row) = tx.api_key_by_id(id).await? else {
                return Ok(());
            };
            drop(tx);
            let key = ActingKey {
                id: row.id,
                prefix: row.prefix,
                last4: row.last4,
            };
            let mut entry = Entry::refused("api_key.use", client, reason).with_key(&key);
            if let Some(owner) = &row.user_id {
                entry = entry.subject(owner);
            }
            self.audit_refusal(entry).await
        };
        if let Err(fault) = noted.await {
            tracing::error!(error = %fault, "a refused key was not written down");
        }
    }

    /// Writes down that a key was used and from where: beside the request, once a minute at most.
    fn note_key_used(&self, live: &LiveKey, client: &Client) {
        let (id, now) = (live.session.id.clone(), self.now());
        let (auth, address) = (self.clone(), client.address.to_string());
        let known = live.last_used_at.unwrap_or(0);
        if now - known < NOTED_EVERY {
            return;
        }
        tokio::spawn(async move {
            if !auth.is_time_to_note(&id, now).await {
                return;
            }
            let noted = async {
                let mut tx = auth.store().write().await?;
                tx.set_api_key_used(&id, &address, now, now - NOTED_EVERY)
                    .await?;
                tx.commit().await
            };
            if let Err(fault) = noted.await {
                tracing::warn!(error = %fault, "a key's last use was not written down");
            }
        });
    }

    async fn is_time_to_note(&self, id: &str, now: Timestamp) -> bool {
        let noted = self.key_cache().noted.entry_by_ref(id);
        let noted = noted.or_insert_with(async { Arc::default() }).await;
        let noted = Arc::clone(noted.value());
        let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = now - *noted >= NOTED_EVERY;
        if is_due {
            *noted = now;
        }
        is_due
    }
}

/// The account that answers for a key; `None` when none may.
pub(super) async fn answering(tx: &mut Tx, key: &ApiKeyRow) -> Result<Option<UserRow>, Fault> {
    let Some(id) = &key.user_id else {
        return Ok(None);
    };
    let user = tx.user_by_id(id).await?;
    let user = user.filter(|user| user.may_sign_in() && user.email_verified_at.is_some());
    match (&user, &key.tenant_id) {
        (Some(user), Some(tenant)) => {
            let is_member = is_member(tx, &user.id, tenant).await?;
            Ok(is_member.then(|| user.clone()))
        }
        _ => Ok(user),
    }
}

/// Whether an account belongs to a tenant, and is not suspended there.
pub(super) async fn is_member(tx: &mut Tx, user: &str, tenant: &str) -> Result<bool, Fault> {
    let membership = tx.membership_by_tenant(user, tenant).await?;
    Ok(membership.is_some_and(|membership| membership.suspended_at.is_none()))
}

/// What a key may do now: of what it was given, what its owner holds (D22).
async fn in_force(tx: &mut Tx, key: &ApiKeyRow, user: &UserRow) -> Result<Vec<String>, Fault> {
    let acting = Acting::of(key.tenant_id.as_deref());
    let mut held = Rights::in_force(tx, user, acting).await?.permissions();
    held.retain(|permission| named(&key.permissions).any(|name| name == permission));
    Ok(held)
}
