//! A published key set, kept: fresh for 10 minutes, then loaded again behind the back of whoever asks, so that a slow or
//! stopped portal delays nobody. A `kid` nobody has seen makes us look again, at most every 30 s: anybody can invent a `kid`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::ACCEPT;
use http::{Request, StatusCode};
use http_body_util::Empty;

use crate::flight::{Flight, Flying};
use crate::json;
use crate::public_key::{Algorithm, PublicKey};
use crate::world::{World, since};

/// Seconds.
const FRESH_FOR: u64 = 600;
const PAUSE_BETWEEN_LOOKS: u64 = 30;
const PAUSE_AFTER_FAILURE: u64 = 1;

/// Bytes of the largest set taken, and how many of its keys.
const LARGEST_SET: usize = 64 * 1024;
const MOST_KEYS: usize = 100;

type Keys = HashMap<String, PublicKey>;

/// Clone: handles of the same.
#[derive(Clone)]
pub(crate) struct KeySet(Arc<Inner>);

struct Inner {
    url: String,
    algorithms: Vec<Algorithm>,
    world: World,
    held: Mutex<Held>,
    flight: Flight,
}

#[derive(Default)]
struct Held {
    keys: Option<Arc<Keys>>,
    loaded_at: Option<u64>,
    asked_at: Option<u64>,
    failing: bool,
}

/// What looking for a key comes to.
pub(crate) enum Found {
    Key(PublicKey),
    /// The newest set we may ask for has no such key.
    Unknown,
    /// No set was loaded yet.
    Unavailable,
}

impl KeySet {
    /// Keys for another algorithm than these are not there.
    pub(crate) fn new(url: String, algorithms: &[Algorithm], world: World) -> Self {
        Self(Arc::new(Inner {
            url,
            algorithms: algorithms.to_vec(),
            world,
            held: Mutex::default(),
            flight: Flight::default(),
        }))
    }

    /// The key of that name. Never fails and never waits longer than one answer of the portal.
    pub(crate) async fn find(&self, kid: &str) -> Found {
        self.load().await;
        if let Some(key) = self.known(kid) {
            if self.age() > FRESH_FOR {
                let _behind_our_back = self.look(PAUSE_BETWEEN_LOOKS);
            }
            return Found::Key(key);
        }
        if self.0.held().keys.is_none() {
            return Found::Unavailable;
        }
        if let Some(looking) = self.look(PAUSE_BETWEEN_LOOKS) {
            looking.landed().await;
        }
        self.known(kid).map_or(Found::Unknown, Found::Key)
    }

    /// Loads the set if there is none yet; never fails.
    pub(crate) async fn load(&self) {
        if self.0.held().keys.is_some() {
            return;
        }
        if let Some(looking) = self.look(PAUSE_AFTER_FAILURE) {
            looking.landed().await;
        }
    }

    fn known(&self, kid: &str) -> Option<PublicKey> {
        self.0.held().keys.as_ref()?.get(kid).cloned()
    }

    fn age(&self) -> u64 {
        since(self.0.held().loaded_at, self.0.world.now())
    }

    /// What is under way, or a new attempt when the last is long enough ago.
    fn look(&self, pause: u64) -> Option<Flying> {
        let inner = &self.0;
        let starts = || {
            let now = inner.world.now();
            let mut held = inner.held();
            let may = since(held.asked_at, now) >= pause;
            if may {
                held.asked_at = Some(now);
            }
            may
        };
        inner.flight.board(starts, || Arc::clone(inner).renew())
    }
}

impl Inner {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn renew(self: Arc<Self>) {
        let outcome = self.fetch().await;
        let now = self.world.now();
        let mut held = self.held();
        match outcome {
            Ok(keys) => {
                held.keys = Some(Arc::new(keys));
                held.loaded_at = Some(now);
                held.failing = false;
            }
            Err(why) => {
                if !held.failing {
                    tracing::warn!(url = %self.url, %why, "cannot load a key set");
                }
                held.failing = true;
            }
        }
    }

    async fn fetch(&self) -> Result<Keys, String> {
        let request = Request::get(&self.url)
            .header(ACCEPT, "application/jwk-set+json, application/json")
            .body(Empty::new())
            .map_err(|_| "the address is none".to_owned())?;
        let answer = self.world.ask(request, LARGEST_SET).await?;
        if answer.status != StatusCode::OK {
            return Err(format!("status {}", answer.status.as_u16()));
        }
        let keys = keys_in(&answer.body, &self.algorithms).ok_or("no key set")?;
        // A set none of whose keys we can use is an accident; the keys we have are better than none.
        if keys.is_empty() {
            return Err(format!("no key for {:?} in the set", self.algorithms));
        }
        Ok(keys)
    }
}

/// The keys of a JWK set (RFC 7517, section 5) we can use; a set may hold others.
pub(crate) fn keys_in(body: &[u8], algorithms: &[Algorithm]) -> Option<Keys> {
    let set = json::object_of(body)?;
    let mut keys = Keys::new();
    for jwk in set.get("keys")?.as_array()?.iter().take(MOST_KEYS) {
        let read = jwk
            .as_object()
            .and_then(|jwk| PublicKey::read(jwk, algorithms));
        if let Some((kid, key)) = read {
            keys.entry(kid).or_insert(key);
        }
    }
    Some(keys)
}
