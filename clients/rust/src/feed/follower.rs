//! Keeps a [`FeedState`] fresh by polling (rules 6 and 7). It lets nobody wait for a portal that is down.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use http::header::{ACCEPT, ETAG, HeaderValue, IF_NONE_MATCH};
use http::{Request, StatusCode};
use http_body_util::Empty;
use tokio::task::AbortHandle;

use super::document::{Document, LONGEST_DOCUMENT, read_compact};
use super::state::{Bearing, FeedState, Judgement, Outcome};
use crate::flight::{Flight, Flying};
use crate::key_set::{Found, KeySet};
use crate::world::{World, since};

/// Seconds before another attempt while nothing is known.
const PAUSE_BETWEEN_FIRSTS: u64 = 1;
/// How long a request waits for news when nobody was asking.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// Seconds a document must still be good for to be asked for by its `ETag` alone: 304 renews nothing.
const STILL_GOOD: u64 = 15;

/// What to follow.
pub(crate) struct Following {
    pub(crate) issuer: String,
    /// Seconds between two polls.
    pub(crate) poll: u64,
    /// Seconds; `None` for ever.
    pub(crate) max_stale: Option<u64>,
}

/// The feed of one portal.
pub(crate) struct Follower {
    following: Following,
    keys: KeySet,
    world: World,
    state: RwLock<FeedState>,
    asking: Mutex<Asking>,
    flight: Flight,
}

#[derive(Default)]
struct Asking {
    asked_at: Option<u64>,
    tag: Option<Tag>,
    failing: bool,
}

/// What a poll for the same address may be answered 304 with.
struct Tag {
    url: String,
    value: HeaderValue,
}

/// Polling that goes on until this is dropped.
pub(crate) struct Polling(AbortHandle);

#[cfg(test)]
impl Polling {
    pub(crate) fn task(&self) -> AbortHandle {
        self.0.clone()
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Follower {
    pub(crate) fn new(following: Following, keys: KeySet, world: World) -> Arc<Self> {
        Arc::new(Self {
            state: RwLock::new(FeedState::new(following.max_stale)),
            following,
            keys,
            world,
            asking: Mutex::default(),
            flight: Flight::default(),
        })
    }

    /// Polls in the background. Needs a tokio runtime.
    pub(crate) fn polling(self: &Arc<Self>) -> Polling {
        let follower = Arc::clone(self);
        // Not quite the same for everybody: a hundred services that start together should not ask together for ever.
        let chance = RandomState::new().build_hasher().finish() % 100;
        let every = Duration::from_millis(self.following.poll * (900 + chance));
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                if let Some(asking) = follower.ask(0) {
                    asking.landed().await;
                }
            }
        });
        Polling(task.abort_handle())
    }

    /// To be awaited before judging: waits for the first document, and for news if nobody has asked for a while, as after a
    /// machine was asleep. While attempts are being made, failing or not, nobody waits.
    pub(crate) async fn ready(self: &Arc<Self>) {
        if self.read(FeedState::seq).is_none() {
            if let Some(asking) = self.ask(PAUSE_BETWEEN_FIRSTS) {
                asking.landed().await;
            }
            return;
        }
        let poll = self.following.poll;
        let silence = since(self.asking().asked_at, self.world.now());
        if silence < poll {
            return;
        }
        let asking = self.ask(poll);
        if let Some(asking) = asking.filter(|_| silence >= 2 * poll) {
            let _late = tokio::time::timeout(LONGEST_WAIT, asking.landed()).await;
        }
    }

    /// Judges a token by what is known now.
    pub(crate) fn judge(&self, bearing: &Bearing) -> Judgement {
        let now = self.world.now();
        self.read(|state| state.judge(bearing, now))
    }

    /// Whether the portal takes tokens signed with this key.
    pub(crate) fn accepts(&self, kid: &str) -> bool {
        self.read(|state| state.accepts(kid))
    }

    fn read<T>(&self, look: impl FnOnce(&FeedState) -> T) -> T {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn asking(&self) -> MutexGuard<'_, Asking> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The poll under way, or another when the last is long enough ago.
    fn ask(self: &Arc<Self>, pause: u64) -> Option<Flying> {
        let starts = || {
            let now = self.world.now();
            let mut asking = self.asking();
            let may = since(asking.asked_at, now) >= pause;
            if may {
                asking.asked_at = Some(now);
            }
            may
        };
        let follower = Arc::clone(self);
        self.flight.board(starts, || async move {
            let outcome = follower.poll().await;
            follower.says(outcome.err());
        })
    }

    async fn poll(&self) -> Result<(), String> {
        let outcome = self.load(self.read(FeedState::seq)).await?;
        if outcome == Outcome::Reload && self.load(None).await? == Outcome::Reload {
            return Err("the whole document is not whole".to_owned());
        }
        Ok(())
    }

    async fn load(&self, since: Option<u64>) -> Result<Outcome, String> {
        let mut url = format!("{}/.well-known/revocations", self.following.issuer);
        if let Some(since) = since {
            url = format!("{url}?since={since}");
        }
        let tag = self.tag_for(&url);
        let mut request = Request::get(&url).header(ACCEPT, "application/jose");
        if let Some(tag) = &tag {
            request = request.header(IF_NONE_MATCH, tag);
        }
        let request = request
            .body(Empty::new())
            .map_err(|_| "the address is none".to_owned())?;
        let answer = self.world.ask(request, LONGEST_DOCUMENT).await?;
        match answer.status {
            StatusCode::NOT_MODIFIED if tag.is_some() => return Ok(Outcome::Taken),
            StatusCode::GONE if since.is_some() => return Ok(Outcome::Reload),
            StatusCode::OK => {}
            status => return Err(format!("status {}", status.as_u16())),
        }
        let text = std::str::from_utf8(&answer.body).unwrap_or_default();
        let outcome = self.take(text.trim()).await?;
        let value = answer.headers.get(ETAG).cloned();
        let value = value.filter(|_| outcome == Outcome::Taken);
        self.asking().tag = value.map(|value| Tag { url, value });
        Ok(outcome)
    }

    fn tag_for(&self, url: &str) -> Option<HeaderValue> {
        let good_for = self
            .read(FeedState::expires_at)
            .saturating_sub(self.world.now());
        let asking = self.asking();
        let tag = asking
            .tag
            .as_ref()
            .filter(|tag| tag.url == url && good_for > STILL_GOOD)?;
        Some(tag.value.clone())
    }

    /// Believes a document, or not (rule 2).
    async fn take(&self, text: &str) -> Result<Outcome, String> {
        let unbelievable = || "not a document to believe".to_owned();
        let compact = read_compact(text).ok_or_else(unbelievable)?;
        let Found::Key(key) = self.keys.find(&compact.kid).await else {
            return Err(unbelievable());
        };
        let now = self.world.now();
        let document = Document::read(&compact, &key, &self.following.issuer, now);
        let document = document.ok_or_else(unbelievable)?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        Ok(state.take(document, now))
    }

    /// Logs the first of many failures, and the end of them.
    fn says(&self, trouble: Option<String>) {
        let mut asking = self.asking();
        let issuer = &self.following.issuer;
        match &trouble {
            Some(why) if !asking.failing => {
                tracing::warn!(%issuer, %why, "cannot follow the revocations");
            }
            None if asking.failing => tracing::info!(%issuer, "following the revocations again"),
            _ => {}
        }
        asking.failing = trouble.is_some();
    }
}
