//! API keys. The portal alone knows them: it exchanges one for a token of 15 minutes, which is judged like any other and kept
//! until it is nearly over. So the portal is asked once in a quarter of an hour and key, and the feed ends a revoked key's token
//! as it ends any.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use http::header::{ACCEPT, HeaderValue};
use http::{Request, StatusCode};
use http_body_util::Empty;
use moka::sync::Cache;
use tokio::sync::watch;

use crate::claims::Claims;
use crate::gatehouse::Judge;
use crate::json;
use crate::rejected::{Reason, Rejected};
use crate::world::Answer;

/// Entries.
const MOST_KEPT: u64 = 10_000;
const MOST_REFUSED: u64 = 10_000;
/// At once, over all keys: made-up keys must not become a flood at the portal.
const MOST_EXCHANGES: usize = 50;
/// Of them beside those, for keys that were good before: a flood of made-up ones must not keep them out.
const KEPT_FREE: usize = 10;
/// Seconds for which a refused key is refused without asking, and before `exp` at which another token is fetched.
const REFUSED_FOR: u64 = 10;
const FETCHED_BEFORE: u64 = 30;
/// Bytes of the largest answer taken.
const LARGEST_ANSWER: usize = 32 * 1024;

/// SHA-256 of the whole key: a part of it, or the key itself, would be a way in or a leak.
type Digest = [u8; 32];
type Verdict = Result<Arc<Claims>, Rejected>;

/// Clone: handles of the same.
#[derive(Clone)]
pub(crate) struct ApiKeys(Arc<Inner>);

struct Inner {
    url: String,
    judge: Arc<Judge>,
    kept: Cache<Digest, Arc<Claims>>,
    /// Until when.
    refused: Cache<Digest, u64>,
    /// Keys that were good once.
    known: Cache<Digest, ()>,
    exchanges: Mutex<HashMap<Digest, watch::Receiver<Option<Verdict>>>>,
}

impl ApiKeys {
    pub(crate) fn new(issuer: &str, judge: Arc<Judge>) -> Self {
        Self(Arc::new(Inner {
            url: format!("{issuer}/api/keys/exchange"),
            judge,
            kept: Cache::new(MOST_KEPT),
            refused: Cache::new(MOST_REFUSED),
            known: Cache::new(MOST_KEPT),
            exchanges: Mutex::default(),
        }))
    }

    pub(crate) async fn verify(&self, key: &str) -> Result<Claims, Rejected> {
        if !is_key(key) {
            return Err(Rejected::BAD_KEY);
        }
        let inner = &self.0;
        let name = digest_of(key);
        if inner
            .refused
            .get(&name)
            .is_some_and(|until| inner.now() < until)
        {
            return Err(Rejected::BAD_KEY);
        }
        inner.judge.ready().await;
        let kept = inner.current(&name);
        if let Some(claims) = kept
            .as_ref()
            .filter(|claims| inner.lives(claims, FETCHED_BEFORE))
        {
            return Ok(claims.as_ref().clone());
        }
        let verdict = self.once(name, key).await;
        // The portal is down, but what it said last still holds for a moment.
        let holds =
            kept.filter(|claims| inner.lives(claims, 0) && inner.judge.recheck(claims).is_ok());
        match (verdict, holds) {
            (Err(rejected), Some(claims)) if rejected.reason == Reason::Unavailable => {
                Ok(claims.as_ref().clone())
            }
            (verdict, _) => verdict.map(|claims| claims.as_ref().clone()),
        }
    }

    /// One exchange a key at a time; whoever comes meanwhile gets the same answer. It runs to its end even if they hang up.
    async fn once(&self, name: Digest, key: &str) -> Verdict {
        let is_known = self.0.known.contains_key(&name);
        let most = MOST_EXCHANGES + if is_known { KEPT_FREE } else { 0 };
        let mut exchange = {
            let mut exchanges = self.0.exchanges();
            match exchanges.get(&name) {
                Some(running) => running.clone(),
                None if exchanges.len() >= most => return Err(Rejected::no_exchange(1)),
                None => {
                    let (sender, receiver) = watch::channel(None);
                    exchanges.insert(name, receiver.clone());
                    let (inner, key) = (Arc::clone(&self.0), key.to_owned());
                    tokio::spawn(async move {
                        let _landed = Landing(&inner, name);
                        let verdict = inner.exchange(name, &key).await;
                        sender.send_replace(Some(verdict));
                    });
                    receiver
                }
            }
        };
        let verdict = exchange.wait_for(Option::is_some).await;
        let verdict = verdict.map_or(None, |verdict| verdict.clone());
        verdict.unwrap_or(Err(Rejected::no_exchange(5)))
    }
}

/// Takes an exchange off the list, however it ends.
struct Landing<'a>(&'a Inner, Digest);

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.0.exchanges().remove(&self.1);
    }
}

impl Inner {
    fn now(&self) -> u64 {
        self.judge.world.now()
    }

    fn exchanges(&self) -> MutexGuard<'_, HashMap<Digest, watch::Receiver<Option<Verdict>>>> {
        self.exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The token kept for a key, unless something has ended it.
    fn current(&self, name: &Digest) -> Option<Arc<Claims>> {
        let claims = self.kept.get(name)?;
        match self.judge.recheck(&claims) {
            Ok(()) if self.lives(&claims, 0) => Some(claims),
            // Nobody knows; it is kept for the moment when somebody does.
            Err(rejected) if rejected.reason == Reason::Unavailable => None,
            _ => {
                self.kept.invalidate(name);
                None
            }
        }
    }

    fn lives(&self, claims: &Claims, seconds: u64) -> bool {
        claims.expires_at > self.now() + seconds
    }

    async fn exchange(&self, name: Digest, key: &str) -> Verdict {
        let answer = self.ask(key).await.map_err(|why| {
            tracing::warn!(%why, "cannot exchange an API key");
            Rejected::no_exchange(5)
        })?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                self.known.invalidate(&name);
                self.refused.insert(name, self.now() + REFUSED_FOR);
                return Err(Rejected::BAD_KEY);
            }
            _ => return Err(Rejected::no_exchange(retry_after(&answer))),
        }
        let body = json::object_of(&answer.body).unwrap_or_default();
        let token = json::text(body.get("accessToken")).unwrap_or_default();
        match self.judge.verify(token).await {
            Ok(claims) if claims.key_id.is_some() => {
                let role = "api".to_owned();
                let claims = Arc::new(Claims { role, ..claims });
                self.kept.insert(name, Arc::clone(&claims));
                self.known.insert(name, ());
                Ok(claims)
            }
            Err(rejected) if matches!(rejected.reason, Reason::Revoked | Reason::Stale) => {
                Err(rejected)
            }
            // A token that is not good, or not one of a key: our portal is not what we think it is.
            _ => Err(Rejected::no_exchange(5)),
        }
    }

    async fn ask(&self, key: &str) -> Result<Answer, String> {
        let mut key = HeaderValue::try_from(key).map_err(|_| "the key is no header")?;
        key.set_sensitive(true);
        let request: Request<Empty<Bytes>> = Request::post(&self.url)
            .header(ACCEPT, "application/json")
            .header("X-API-Key", key)
            .body(Empty::new())
            .map_err(|_| "the address is none")?;
        self.judge.world.ask(request, LARGEST_ANSWER).await
    }
}

/// Whether a text is written as a key is: prefix, 64 hex digits, and the CRC-32 of both as eight. What is not never costs the
/// portal an exchange. Says nothing about whether there is such a key.
fn is_key(key: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let rest = ["wks_live_", "wks_test_"]
        .iter()
        .find_map(|prefix| key.strip_prefix(prefix));
    let is_shaped = rest.is_some_and(|rest| rest.len() == 72 && rest.bytes().all(is_hex));
    is_shaped && {
        let (before, checksum) = key.split_at(key.len() - 8);
        format!("{:08x}", crc32(before)) == checksum
    }
}

/// The CRC-32 of zip and PNG.
fn crc32(text: &str) -> u32 {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 * (crc & 1));
        }
    }
    !crc
}

fn digest_of(key: &str) -> Digest {
    let mut name = Digest::default();
    name.copy_from_slice(digest(&SHA256, key.as_bytes()).as_ref());
    name
}

/// What a busy portal asks for, within reason.
fn retry_after(answer: &Answer) -> u64 {
    let header = answer.headers.get(http::header::RETRY_AFTER);
    let seconds = header.and_then(|value| value.to_str().ok()?.parse().ok());
    seconds
        .filter(|seconds| (1..=3600).contains(seconds))
        .unwrap_or(5)
}
