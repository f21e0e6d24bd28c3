//! The life of signing keys (D24): *next* is published well before it signs, *current* signs,
//! *previous* stays published until no token it signed can be alive. Exactly one is current and
//! exactly one is next.
//!
//! Keys are made at start and by the worker, under a lease in the database, so that any number of
//! nodes starting at once make one set. Other nodes read the set again every few seconds; a token
//! whose `kid` they do not know makes them look at once.
//!
//! There are two such sets: keys that sign tokens, and keys that sign the revocation feed (D23). They
//! are published apart and never stand in for each other.

mod make;
mod revoke;

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::Jwk;
use wire::ErrorCode;

use self::make::stored_algorithm;
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::jwt::{self, SigningKey, VerifyingKey};
use crate::session::Session;
use crate::store::{SigningKeyRow, Tx};

#[cfg(test)]
pub(crate) use self::make::make_key;
pub use self::revoke::{RevokeKeyError, RevokedKey};

/// How long *next* is published before it may sign: three times what verifiers cache the set for.
pub const PUBLISHED_BEFORE_USE: i64 = 15 * 60;
/// How much longer than its last token a previous key stays published.
const MARGIN: i64 = 60;
/// How long making the first keys takes at most.
const MADE_WITHIN: i64 = 60;
/// Who changes keys holds it until the commit.
const LEASE_NAME: &str = "signing_keys";
/// What nodes tell each other when keys have changed.
pub(crate) const NOTICE: &str = "signing_keys";

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyUse {
    /// Access tokens.
    Tokens,
    /// The revocation feed.
    Feed,
}

impl KeyUse {
    pub(crate) const ALL: [Self; 2] = [Self::Tokens, Self::Feed];

    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Tokens => "token",
            Self::Feed => "feed",
        }
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        let found = Self::ALL.into_iter().find(|it| it.as_str() == text);
        found.ok_or(Fault::Inconsistent("signing_keys.purpose is unknown"))
    }
}

/// A signing key as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeyView {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// `ES256`, `EdDSA`, `RS256`.
    pub algorithm: String,
    /// `token` or `feed`: what it signs.
    pub purpose: &'static str,
    /// `next`, `current` or `previous`.
    pub state: &'static str,
    /// When it was made and published.
    pub created_at: Timestamp,
    /// When it began to sign.
    pub active_at: Option<Timestamp>,
    /// When it leaves the published set.
    pub leaves_at: Option<Timestamp>,
}

/// Why keys were not rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The next key is not published long enough: verifiers may not have it yet.
    #[error("the next key was published less than 15 minutes ago; try again in {0} s")]
    TooSoon(i64),
    /// Another node is at it.
    #[error("another node is changing the keys right now")]
    Busy,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<RotateError> for wire::Error {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::TooSoon(_) => Self::conflict("next"),
            RotateError::Busy => ErrorCode::Overloaded.into(),
            RotateError::Fault(fault) => fault.into(),
        }
    }
}

/// The set this process signs and verifies with.
pub(crate) struct KeySet {
    current: SigningKey,
    published: Vec<VerifyingKey>,
    jwks: Arc<[u8]>,
    pub(crate) read_at: Timestamp,
}

/// Holds the set; replaced as a whole.
#[derive(Default)]
pub(crate) struct Keys(RwLock<Option<Arc<KeySet>>>);

impl Keys {
    pub(crate) fn get(&self) -> Option<Arc<KeySet>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn put(&self, set: KeySet) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(set));
    }
}

impl KeySet {
    pub(crate) fn current(&self) -> &SigningKey {
        &self.current
    }

    /// The names of all keys whose products are taken.
    pub(crate) fn kids(&self) -> Vec<String> {
        self.published.iter().map(|key| key.kid.clone()).collect()
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.published.iter().find(|key| key.kid == kid)
    }
}

impl Auth {
    /// The keys tokens are verified with as a JWKS document (RFC 7517), ready to send.
    pub fn jwks(&self) -> Arc<[u8]> {
        self.published(KeyUse::Tokens)
    }

    /// The keys the revocation feed is verified with, likewise.
    pub fn feed_jwks(&self) -> Arc<[u8]> {
        self.published(KeyUse::Feed)
    }

    fn published(&self, of: KeyUse) -> Arc<[u8]> {
        let keys = self.keys(of).get();
        keys.map_or_else(|| Arc::from(*b"{\"keys\":[]}"), |set| Arc::clone(&set.jwks))
    }

    /// The published keys that sign tokens, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKeyView>, Fault> {
        self.list_keys(KeyUse::Tokens).await
    }

    /// The published keys that sign the revocation feed, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn feed_keys(&self) -> Result<Vec<SigningKeyView>, Fault> {
        self.list_keys(KeyUse::Feed).await
    }

    async fn list_keys(&self, of: KeyUse) -> Result<Vec<SigningKeyView>, Fault> {
        let mut tx = self.store().read().await?;
        let rows = tx.list_signing_keys(of.as_str()).await?;
        Ok(rows.iter().map(|row| self.view(of, row)).collect())
    }

    fn view(&self, of: KeyUse, row: &SigningKeyRow) -> SigningKeyView {
        let state = match (row.active_at, row.retired_at) {
            (None, _) => "next",
            (Some(_), None) => "current",
            (Some(_), Some(_)) => "previous",
        };
        SigningKeyView {
            kid: row.kid.clone(),
            algorithm: row.algorithm.clone(),
            purpose: of.as_str(),
            state,
            created_at: row.created_at,
            active_at: row.active_at,
            leaves_at: row
                .retired_at
                .map(|at| at + self.published_after_retiring()),
        }
    }

    fn published_after_retiring(&self) -> i64 {
        self.longest_access_seconds() + jwt::BACKDATED + MARGIN
    }

    /// Lets the next key sign tokens from now on and publishes a new next one. Tokens signed before
    /// stay valid until they end. `actor` is who asked; nobody where an operator did.
    ///
    /// # Errors
    /// [`RotateError::TooSoon`] while verifiers may not know the next key yet.
    pub async fn rotate_signing_keys(
        &self,
        actor: Option<&Session>,
        client: &Client,
    ) -> Result<SigningKeyView, RotateError> {
        let now = self.now();
        let mut tx = self.store().read().await?;
        let rows = tx.list_signing_keys(KeyUse::Tokens.as_str()).await?;
        drop(tx);
        let next = rows
            .iter()
            .find(|row| row.active_at.is_none())
            .ok_or(Fault::Inconsistent("there is no next signing key"))?;
        let possible_at = known_to_verifiers_at(next, &rows);
        if now < possible_at {
            return Err(RotateError::TooSoon(possible_at - now));
        }
        if !self
            .promote(KeyUse::Tokens, &next.kid, actor, client)
            .await?
        {
            return Err(RotateError::Busy);
        }
        let keys = self.signing_keys().await?;
        keys.into_iter()
            .find(|key| key.state == "current")
            .ok_or(RotateError::Busy)
    }

    /// The next key, and from when on [`Auth::rotate_signing_keys`] lets it sign.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rotation_possible_at(&self) -> Result<(SigningKeyView, Timestamp), Fault> {
        let of = KeyUse::Tokens;
        let mut tx = self.store().read().await?;
        let rows = tx.list_signing_keys(of.as_str()).await?;
        let next = rows.iter().find(|row| row.active_at.is_none());
        let next = next.ok_or(Fault::Inconsistent("there is no next signing key"))?;
        Ok((self.view(of, next), known_to_verifiers_at(next, &rows)))
    }

    /// `next` becomes current and a new next is published; `false` when another node was first.
    async fn promote(
        &self,
        of: KeyUse,
        next: &str,
        actor: Option<&Session>,
        client: &Client,
    ) -> Result<bool, Fault> {
        let made = self.make_row(of, None).await?;
        let now = self.now();
        let mut tx = self.store().write().await?;
        if !tx.set_lease(LEASE_NAME, self.node(), now, now).await? {
            return Ok(false);
        }
        // Looked at again under the lease: it may have been promoted meanwhile.
        let rows = tx.list_signing_keys(of.as_str()).await?;
        if !rows
            .iter()
            .any(|row| row.kid == next && row.active_at.is_none())
        {
            return Ok(false);
        }
        put_in_charge(&mut tx, of, next, &made, now).await?;
        let detail = serde_json::json!({ "kid": next, "next": made.kid, "purpose": of.as_str() });
        let mut entry = Entry::done("signing_key.rotated", client).detail(detail);
        if let Some(actor) = actor {
            entry = entry.actor(&actor.user.id);
        }
        self.audit(&mut tx, entry).await?;
        self.publish_keys(tx).await?;
        Ok(true)
    }

    /// Tells every node that keys are not what they were, commits, and reads them here: nobody is
    /// answered before.
    async fn publish_keys(&self, mut tx: Tx) -> Result<(), Fault> {
        // What the feed says has changed: a document that does not know it yet has a lower number.
        tx.add_change().await?;
        tx.notify(NOTICE).await?;
        tx.commit().await?;
        self.feed().changed();
        self.read_keys().await
    }

    /// Makes the first keys of a new database, and reads the sets.
    pub(crate) async fn ensure_keys(&self) -> Result<(), Fault> {
        for of in KeyUse::ALL {
            self.ensure_keys_of(of).await?;
        }
        self.read_keys().await
    }

    async fn ensure_keys_of(&self, of: KeyUse) -> Result<(), Fault> {
        let mut tx = self.store().read().await?;
        let is_missing = tx.list_signing_keys(of.as_str()).await?.is_empty();
        drop(tx);
        if !is_missing {
            return Ok(());
        }
        let now = self.now();
        let current = self.make_row(of, Some(now)).await?;
        let next = self.make_row(of, None).await?;
        let mut tx = self.store().write().await?;
        let is_ours = tx.set_lease(LEASE_NAME, self.node(), now, now).await?;
        if is_ours && tx.list_signing_keys(of.as_str()).await?.is_empty() {
            tx.add_signing_key(&current).await?;
            tx.add_signing_key(&next).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The worker's share: rotates on schedule, retires what nobody needs, follows other nodes.
    pub(crate) async fn tend_keys(&self) -> Result<(), Fault> {
        const FOLLOW_EVERY: i64 = 5;
        let now = self.now();
        let is_fresh = |of| {
            let set = self.keys(of).get();
            set.is_some_and(|set| now - set.read_at < FOLLOW_EVERY)
        };
        if KeyUse::ALL.into_iter().all(is_fresh) {
            return Ok(());
        }
        for of in KeyUse::ALL {
            self.tend_keys_of(of).await?;
        }
        self.read_keys().await
    }

    async fn tend_keys_of(&self, of: KeyUse) -> Result<(), Fault> {
        let now = self.now();
        let mut tx = self.store().read().await?;
        let rows = tx.list_signing_keys(of.as_str()).await?;
        drop(tx);
        let is_due = rows
            .iter()
            .filter(|row| row.retired_at.is_none())
            .filter_map(|row| row.active_at)
            .any(|since| now - since >= self.settings().rotate_days * 86_400);
        let next = rows
            .iter()
            .find(|row| row.active_at.is_none() && known_to_verifiers_at(row, &rows) <= now);
        if let (true, Some(next)) = (is_due, next) {
            self.promote(of, &next.kid, None, &Client::operator())
                .await?;
        }
        let retired_before = now - self.published_after_retiring();
        if rows
            .iter()
            .any(|row| row.retired_at.is_some_and(|at| at <= retired_before))
        {
            let mut tx = self.store().write().await?;
            tx.set_signing_keys_removed(retired_before, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Reads both published sets from the database into this process.
    pub(crate) async fn read_keys(&self) -> Result<(), Fault> {
        // One at a time: a set that was read earlier must not come to lie over a later one, or a key that
        // was just revoked would be back for a while.
        let _reading = self.0.reading_keys.lock().await;
        for of in KeyUse::ALL {
            let mut tx = self.store().read().await?;
            let rows = tx.list_signing_keys(of.as_str()).await?;
            drop(tx);
            self.keys(of).put(self.key_set(of, &rows)?);
        }
        Ok(())
    }

    fn key_set(&self, of: KeyUse, rows: &[SigningKeyRow]) -> Result<KeySet, Fault> {
        let current = rows
            .iter()
            .find(|row| row.active_at.is_some() && row.retired_at.is_none())
            .ok_or(Fault::Inconsistent("there is no current signing key"))?;
        let mut published = Vec::with_capacity(rows.len());
        let mut jwks = Vec::with_capacity(rows.len());
        for row in rows {
            let jwk: Jwk = serde_json::from_str(&row.public_jwk)
                .map_err(|_| Fault::Inconsistent("signing_keys.public_jwk is not a JWK"))?;
            published.push(VerifyingKey {
                kid: row.kid.clone(),
                algorithm: stored_algorithm(row)?,
                key: DecodingKey::from_jwk(&jwk)?,
            });
            jwks.push(jwk);
        }
        let document = serde_json::to_vec(&serde_json::json!({ "keys": jwks }))
            .map_err(|_| Fault::Inconsistent("the JWKS does not serialise"))?;
        Ok(KeySet {
            current: self.open_key(of, current)?,
            published,
            jwks: document.into(),
            read_at: self.now(),
        })
    }
}

/// `next` signs from now on, whatever signed before does not, and `made` is the next one.
async fn put_in_charge(
    tx: &mut Tx,
    of: KeyUse,
    next: &str,
    made: &SigningKeyRow,
    now: Timestamp,
) -> Result<(), Fault> {
    tx.set_other_signing_keys_retired(of.as_str(), next, now)
        .await?;
    tx.set_signing_key_active(next, now).await?;
    tx.add_signing_key(made).await
}

/// From when on every verifier has had the time to fetch this key. As long as no rotation is on record,
/// the *next* that was made with the first key is in every set ever published, so nobody can have
/// one without it.
fn known_to_verifiers_at(next: &SigningKeyRow, rows: &[SigningKeyRow]) -> Timestamp {
    let is_in_every_set = rows.iter().all(|row| {
        row.retired_at.is_none()
            && row.active_at.is_none_or(|at| at == row.created_at)
            && next.created_at - row.created_at <= MADE_WITHIN
    });
    let wait = if is_in_every_set {
        0
    } else {
        PUBLISHED_BEFORE_USE
    };
    next.created_at + wait
}
