//! The revocation feed (D23): what ended or changed, signed, for verifiers that never ask about a
//! token. The specification is `docs/revocation-feed.md`.
//!
//! What is told is read from the database at most once a second, or at once when this process has
//! published something; a request reads nothing. A document that was signed is given to everyone for a
//! few seconds. While the database does not answer there is no document: signing an old one again
//! would claim to know what nobody knows.

mod document;
mod entry;
mod pack;
mod restart;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::{Notify, watch};
use wire::ErrorCode;

use self::document::{LIFE, Payload};
use self::entry::Entry;
use crate::Auth;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::signing_key::{KeySet, KeyUse};
use crate::store::Tx;

pub use self::document::FeedDocument;
pub use self::restart::RestartedFeed;
pub(crate) use self::restart::claim_stream;

/// How long a signed document is given out, in seconds.
const RESIGN_AFTER: i64 = 5;
/// Different starting points kept signed at once. Whoever asks for one more gets the whole document:
/// made-up numbers must not become signatures.
const MOST_SIGNED: usize = 64;

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Nothing was ever given this number: it is of another stream, or made up.
    #[error("the portal has not come to this number yet")]
    Ahead,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<FeedError> for wire::Error {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Ahead => ErrorCode::NotFound.into(),
            FeedError::Fault(fault) => fault.into(),
        }
    }
}

/// What this process knows of the feed.
pub(crate) struct Feed {
    known: RwLock<Option<Known>>,
    reading: tokio::sync::Mutex<()>,
    /// Raised whenever this process published something: what is known may be older.
    published: AtomicU64,
    wake: Notify,
    news: watch::Sender<i64>,
}

/// What the database said, and when that was.
#[derive(Clone)]
struct Known {
    told: Arc<Told>,
    read_at: Timestamp,
    published: u64,
}

/// What there is to tell.
struct Told {
    stream: String,
    seq: i64,
    kids: Vec<String>,
    /// Newest first; 5001 at most.
    entries: Vec<Entry>,
    signed: Mutex<HashMap<i64, FeedDocument>>,
}

impl Feed {
    pub(crate) fn new() -> Self {
        Self {
            known: RwLock::default(),
            reading: tokio::sync::Mutex::default(),
            published: AtomicU64::new(0),
            wake: Notify::new(),
            news: watch::Sender::new(0),
        }
    }

    /// Something changed, here or on another node. Call it after the commit.
    pub(crate) fn changed(&self) {
        self.published.fetch_add(1, Ordering::SeqCst);
        self.wake.notify_one();
    }

    /// How much was published so far, as far as this process has heard: what was read before it grew may
    /// be outdated.
    pub(crate) fn published(&self) -> u64 {
        self.published.load(Ordering::SeqCst)
    }

    fn known(&self) -> Option<Known> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    /// What there is to tell, if nothing can have changed since that anybody here has heard of.
    fn fresh(&self, now: Timestamp) -> Option<Arc<Told>> {
        let published = self.published.load(Ordering::SeqCst);
        let known = self.known()?;
        (known.read_at == now && known.published == published).then_some(known.told)
    }

    fn put(&self, known: Known) {
        let seq = known.told.seq;
        let before = self.known();
        let is_news = before.is_none_or(|before| !Arc::ptr_eq(&before.told, &known.told));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        if is_news {
            self.news.send_replace(seq);
        }
    }
}

impl Auth {
    /// The feed from `since` on, or the whole of it. What came after may begin earlier than asked for.
    ///
    /// # Errors
    /// [`FeedError::Ahead`] when `since` is higher than the newest number.
    pub async fn revocations(&self, since: Option<i64>) -> Result<FeedDocument, FeedError> {
        let told = self.feed_now().await?;
        let since = since.unwrap_or(0);
        if since > told.seq {
            return Err(FeedError::Ahead);
        }
        Ok(self.signed(&told, since.max(0))?)
    }

    /// Tells whenever the feed has something new to say. What is told is the number of the change.
    pub fn follow_revocations(&self) -> watch::Receiver<i64> {
        self.feed().news.subscribe()
    }

    /// The number of the newest change this process knows: for its metrics.
    pub fn revocation_number(&self) -> i64 {
        self.feed().known().map_or(0, |known| known.told.seq)
    }

    /// The worker's share: looks what has changed, here or on other nodes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tend_revocations(&self) -> Result<(), Fault> {
        self.feed_now().await.map(|_| ())
    }

    /// Waits until this process has published something.
    pub async fn revocations_waiting(&self) {
        self.feed().wake.notified().await;
    }

    async fn feed_now(&self) -> Result<Arc<Told>, Fault> {
        let feed = self.feed();
        if let Some(told) = feed.fresh(self.now()) {
            return Ok(told);
        }
        // One reads, the others wait for what it finds.
        let _reading = feed.reading.lock().await;
        if let Some(told) = feed.fresh(self.now()) {
            return Ok(told);
        }
        let published = feed.published.load(Ordering::SeqCst);
        let read_at = self.now();
        let told = self.read_feed().await?;
        feed.put(Known {
            told: Arc::clone(&told),
            read_at,
            published,
        });
        Ok(told)
    }

    /// What there is to tell now: what was told before, as long as nothing has changed.
    async fn read_feed(&self) -> Result<Arc<Told>, Fault> {
        let mut tx = self.store().read().await?;
        let seq = tx.change_number().await?;
        let before = self.feed().known().map(|known| known.told);
        let before = before.filter(|told| told.seq == seq);
        if let Some(before) = before {
            drop(tx);
            let kids = self.token_keys()?.kids();
            if kids == before.kids {
                return Ok(before);
            }
            let (stream, entries) = (before.stream.clone(), before.entries.clone());
            return Ok(told(stream, seq, kids, entries));
        }
        let (stream, entries) = (
            stream(&mut tx).await?,
            entries(&mut tx, seq, self.now()).await?,
        );
        drop(tx);
        // Keys may be what has changed.
        self.read_keys().await?;
        Ok(told(stream, seq, self.token_keys()?.kids(), entries))
    }

    fn token_keys(&self) -> Result<Arc<KeySet>, Fault> {
        let keys = self.keys(KeyUse::Tokens).get();
        keys.ok_or(Fault::Inconsistent("there is no signing key"))
    }

    /// The document from a starting point on, as it was signed a moment ago, or signed now.
    fn signed(&self, told: &Told, since: i64) -> Result<FeedDocument, Fault> {
        let now = self.now();
        let mut signed = told.signed.lock().unwrap_or_else(PoisonError::into_inner);
        signed.retain(|_, document| (0..RESIGN_AFTER).contains(&(now - document.issued_at)));
        // Those who are up to date, which is nearly everybody, always get their short answer.
        let has_room = signed.len() < MOST_SIGNED || signed.contains_key(&since);
        let since = if has_room || since == told.seq {
            since
        } else {
            0
        };
        if let Some(document) = signed.get(&since) {
            return Ok(document.clone());
        }
        let keys = self.keys(KeyUse::Feed).get();
        let keys = keys.ok_or(Fault::Inconsistent("there is no key of the feed"))?;
        let payload = Payload {
            iss: &self.settings().public_url,
            stream: &told.stream,
            since,
            seq: told.seq,
            issued_at: now,
            expires_at: now + LIFE,
            kids: &told.kids,
            entries: pack::pack(&told.entries, since, now),
        };
        let document = document::sign(keys.current(), &payload)?;
        signed.insert(since, document.clone());
        Ok(document)
    }
}

fn told(stream: String, seq: i64, kids: Vec<String>, entries: Vec<Entry>) -> Arc<Told> {
    Arc::new(Told {
        stream,
        seq,
        kids,
        entries,
        signed: Mutex::default(),
    })
}

async fn stream(tx: &mut Tx) -> Result<String, Fault> {
    let stream = tx.meta_by_name(restart::STREAM).await?;
    stream.ok_or(Fault::Inconsistent("the feed has no stream"))
}

/// What is told as of a change number. Read after the number: what came after it is left for later, and
/// everything up to it is there, because numbers are taken and committed one after the other.
async fn entries(tx: &mut Tx, seq: i64, now: Timestamp) -> Result<Vec<Entry>, Fault> {
    let most = i64::try_from(pack::MOST + 1).unwrap_or(i64::MAX);
    let rows = tx.list_revocations(seq, now, most).await?;
    let entries: Vec<Entry> = rows.iter().map(Entry::from).collect();
    let older_until = match pack::boundary(&entries) {
        Some(boundary) => tx.latest_revocation_until_by_number(boundary).await?,
        None => None,
    };
    Ok(pack::condense(entries, older_until.unwrap_or(0)))
}
