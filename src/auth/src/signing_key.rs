//! The life of signing keys (D24): *next* is published well before it signs, *current* signs,
//! *previous* stays published until no token it signed can be alive. Exactly one is current and
//! exactly one is next.
//!
//! Keys are made at start and by the worker, under a lease in the database, so that any number of
//! nodes starting at once make one set. Other nodes read the set again every few seconds; a token
//! whose `kid` they do not know makes them look at once.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{DecodingKey, EncodingKey};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::jwt::{self, SigningKey, VerifyingKey};
use crate::ring::Purpose;
use crate::settings::SigningAlgorithm;
use crate::store::SigningKeyRow;

/// How long *next* is published before it may sign: three times what verifiers cache the set for.
pub const PUBLISHED_BEFORE_USE: i64 = 15 * 60;
/// How much longer than its last token a previous key stays published.
const MARGIN: i64 = 60;
/// How long making keys may hold the lease.
const LEASE: i64 = 30;

/// A signing key as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeyView {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// `ES256`, `EdDSA`, `RS256`.
    pub algorithm: String,
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

    pub(crate) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.published.iter().find(|key| key.kid == kid)
    }
}

/// A fresh pair.
pub(crate) struct MadeKey {
    pub(crate) signing: SigningKey,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "read back from the database in the product")
    )]
    pub(crate) verifying: VerifyingKey,
    jwk: Jwk,
    pkcs8: Vec<u8>,
}

impl Auth {
    /// The published keys as a JWKS document (RFC 7517), ready to send.
    pub fn jwks(&self) -> Arc<[u8]> {
        self.keys()
            .get()
            .map_or_else(|| Arc::from(*b"{\"keys\":[]}"), |set| Arc::clone(&set.jwks))
    }

    /// The published keys, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKeyView>, Fault> {
        let rows = self.store().read().await?.list_signing_keys().await?;
        Ok(rows.iter().map(|row| self.view(row)).collect())
    }

    fn view(&self, row: &SigningKeyRow) -> SigningKeyView {
        let state = match (row.active_at, row.retired_at) {
            (None, _) => "next",
            (Some(_), None) => "current",
            (Some(_), Some(_)) => "previous",
        };
        SigningKeyView {
            kid: row.kid.clone(),
            algorithm: row.algorithm.clone(),
            state,
            created_at: row.created_at,
            active_at: row.active_at,
            leaves_at: row
                .retired_at
                .map(|at| at + self.published_after_retiring()),
        }
    }

    fn published_after_retiring(&self) -> i64 {
        self.settings().access_seconds + jwt::BACKDATED + MARGIN
    }

    /// Lets the next key sign from now on and publishes a new next one. Tokens signed before stay
    /// valid until they end.
    ///
    /// # Errors
    /// [`RotateError::TooSoon`] while verifiers may not know the next key yet.
    pub async fn rotate_signing_keys(
        &self,
        client: &Client,
    ) -> Result<SigningKeyView, RotateError> {
        let now = self.now();
        let rows = self.store().read().await?.list_signing_keys().await?;
        let next = rows
            .iter()
            .find(|row| row.active_at.is_none())
            .ok_or(Fault::Inconsistent("there is no next signing key"))?;
        if !is_known_to_verifiers(next, &rows, now) {
            return Err(RotateError::TooSoon(
                next.created_at + PUBLISHED_BEFORE_USE - now,
            ));
        }
        if !self.promote(&next.kid, client).await? {
            return Err(RotateError::Busy);
        }
        self.read_keys().await?;
        let keys = self.signing_keys().await?;
        keys.into_iter()
            .find(|key| key.state == "current")
            .ok_or(RotateError::Busy)
    }

    /// `next` becomes current and a new next is published; `false` when another node was first.
    async fn promote(&self, next: &str, client: &Client) -> Result<bool, Fault> {
        let made = self.make_row(None).await?;
        let now = self.now();
        let mut tx = self.store().write().await?;
        if !tx
            .set_lease("signing_keys", self.node(), now, now + LEASE)
            .await?
        {
            return Ok(false);
        }
        // Looked at again under the lease: it may have been promoted meanwhile.
        let rows = tx.list_signing_keys().await?;
        if !rows
            .iter()
            .any(|row| row.kid == next && row.active_at.is_none())
        {
            return Ok(false);
        }
        tx.set_other_signing_keys_retired(next, now).await?;
        tx.set_signing_key_active(next, now).await?;
        tx.add_signing_key(&made).await?;
        tx.set_lease("signing_keys", self.node(), now, now).await?;
        let detail = serde_json::json!({ "kid": next, "next": made.kid });
        self.audit(
            &mut tx,
            Entry::done("signing_key.rotated", client).detail(detail),
        )
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Makes the first keys of a new database, and reads the set.
    pub(crate) async fn ensure_keys(&self) -> Result<(), Fault> {
        if self
            .store()
            .read()
            .await?
            .list_signing_keys()
            .await?
            .is_empty()
        {
            let now = self.now();
            let (current, next) = (self.make_row(Some(now)).await?, self.make_row(None).await?);
            let mut tx = self.store().write().await?;
            let is_ours = tx.set_lease("signing_keys", self.node(), now, now).await?;
            if is_ours && tx.list_signing_keys().await?.is_empty() {
                tx.add_signing_key(&current).await?;
                tx.add_signing_key(&next).await?;
                tx.commit().await?;
            }
        }
        self.read_keys().await
    }

    /// The worker's share: rotates on schedule, retires what nobody needs, follows other nodes.
    pub(crate) async fn tend_keys(&self) -> Result<(), Fault> {
        const FOLLOW_EVERY: i64 = 5;
        let now = self.now();
        if self
            .keys()
            .get()
            .is_some_and(|set| now - set.read_at < FOLLOW_EVERY)
        {
            return Ok(());
        }
        let rows = self.store().read().await?.list_signing_keys().await?;
        let is_due = rows
            .iter()
            .filter(|row| row.retired_at.is_none())
            .filter_map(|row| row.active_at)
            .any(|since| now - since >= self.settings().rotate_days * 86_400);
        let next = rows
            .iter()
            .find(|row| row.active_at.is_none() && is_known_to_verifiers(row, &rows, now));
        if let (true, Some(next)) = (is_due, next) {
            self.promote(&next.kid, &Client::operator()).await?;
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
        self.read_keys().await
    }

    /// Reads the published set from the database into this process.
    pub(crate) async fn read_keys(&self) -> Result<(), Fault> {
        let rows = self.store().read().await?.list_signing_keys().await?;
        let current = rows
            .iter()
            .find(|row| row.active_at.is_some() && row.retired_at.is_none())
            .ok_or(Fault::Inconsistent("there is no current signing key"))?;
        let mut published = Vec::with_capacity(rows.len());
        let mut jwks = Vec::with_capacity(rows.len());
        for row in &rows {
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
        self.keys().put(KeySet {
            current: self.open_key(current)?,
            published,
            jwks: document.into(),
            read_at: self.now(),
        });
        Ok(())
    }

    fn open_key(&self, row: &SigningKeyRow) -> Result<SigningKey, Fault> {
        let algorithm = stored_algorithm(row)?;
        let pkcs8 = self
            .ring()
            .open(Purpose::SigningKey, &place(&row.kid), &row.private_sealed)?;
        Ok(SigningKey {
            kid: row.kid.clone(),
            algorithm,
            key: encoding_key(algorithm, &pkcs8)?,
        })
    }

    async fn make_row(&self, active_at: Option<Timestamp>) -> Result<SigningKeyRow, Fault> {
        let algorithm = self.settings().algorithm;
        // An RSA pair takes a second to find: not on an async thread.
        let made = tokio::task::spawn_blocking(move || make_key(algorithm))
            .await
            .map_err(|_| Fault::Hashing)??;
        let kid = made.signing.kid.clone();
        Ok(SigningKeyRow {
            private_sealed: self.ring().seal(
                self.entropy(),
                Purpose::SigningKey,
                &place(&kid),
                &made.pkcs8,
            ),
            public_jwk: serde_json::to_string(&made.jwk)
                .map_err(|_| Fault::Inconsistent("a JWK does not serialise"))?,
            algorithm: algorithm.as_str().to_owned(),
            // The first key signs from the moment it is made: by this it is known as the first.
            created_at: active_at.unwrap_or_else(|| self.now()),
            active_at,
            retired_at: None,
            kid,
        })
    }
}

/// Whether every verifier has had the time to fetch this key. As long as no rotation is on record,
/// *next* is in every set ever published, so nobody can have one without it.
fn is_known_to_verifiers(next: &SigningKeyRow, rows: &[SigningKeyRow], now: Timestamp) -> bool {
    now - next.created_at >= PUBLISHED_BEFORE_USE
        || rows.iter().all(|row| {
            row.retired_at.is_none() && row.active_at.is_none_or(|at| at == row.created_at)
        })
}

fn place(kid: &str) -> String {
    format!("signing_keys.private_sealed/{kid}")
}

fn stored_algorithm(row: &SigningKeyRow) -> Result<SigningAlgorithm, Fault> {
    SigningAlgorithm::parse(&row.algorithm)
        .ok_or(Fault::Inconsistent("signing_keys.algorithm is unknown"))
}

/// Makes a pair. Its randomness is the crypto library's own: a signing key is the one thing a
/// seeded source must never decide.
pub(crate) fn make_key(algorithm: SigningAlgorithm) -> Result<MadeKey, Fault> {
    const FAILED: Fault = Fault::Inconsistent("the crypto library made no key");
    let pkcs8 = match algorithm {
        SigningAlgorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .and_then(|pair| pair.to_pkcs8v1())
            .map_err(|_| FAILED)?
            .as_ref()
            .to_vec(),
        SigningAlgorithm::EdDsa => Ed25519KeyPair::generate()
            .and_then(|pair| pair.to_pkcs8v1())
            .map_err(|_| FAILED)?
            .as_ref()
            .to_vec(),
        SigningAlgorithm::Rs256 => {
            let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048)
                .map_err(|_| FAILED)?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| FAILED)?;
            der.as_ref().to_vec()
        }
    };
    let key = encoding_key(algorithm, &pkcs8)?;
    let mut jwk = Jwk::from_encoding_key(&key, jwt::algorithm(algorithm))?;
    let kid = jwk.thumbprint(ThumbprintHash::SHA256)?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    let verifying = VerifyingKey {
        kid: kid.clone(),
        algorithm,
        key: DecodingKey::from_jwk(&jwk)?,
    };
    Ok(MadeKey {
        signing: SigningKey {
            kid,
            algorithm,
            key,
        },
        verifying,
        jwk,
        pkcs8,
    })
}

fn encoding_key(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Result<EncodingKey, Fault> {
    Ok(match algorithm {
        SigningAlgorithm::Es256 => EncodingKey::from_ec_der(pkcs8),
        SigningAlgorithm::EdDsa => EncodingKey::from_ed_der(pkcs8),
        SigningAlgorithm::Rs256 => EncodingKey::from_rsa_der(pkcs1(pkcs8)?),
    })
}

/// The RSAPrivateKey (RFC 8017 A.1.2) inside PKCS #8, which is what the JWT library wants for RSA:
/// behind 26 bytes of version, algorithm and lengths, the same for every key of 2048 bits.
fn pkcs1(pkcs8: &[u8]) -> Result<&[u8], Fault> {
    match pkcs8.get(26..) {
        Some(inner) if inner.starts_with(&[0x30, 0x82]) => Ok(inner),
        _ => Err(Fault::Inconsistent(
            "a stored RSA key is not PKCS #8 of 2048 bits",
        )),
    }
}
