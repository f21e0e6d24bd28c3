//! The key ring: keys that live outside the database, so that a copy of the database alone opens
//! nothing (D18, ASVS 13.3.1).
//!
//! The ring is a text of one key a line, newest first: `<id> <base64 of 32 bytes>`. Each purpose
//! has a subkey of its own (HKDF, RFC 5869); sealed bytes are bound to the table, column and row
//! they belong to, so a sealed value moved elsewhere does not open.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroize;

use crate::secret::Entropy;

/// What a subkey is for. One key never serves two purposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Private signing keys at rest.
    SigningKey,
    /// Digests of six-digit codes.
    Code,
    /// Keys of failure counters and rate limits.
    Counter,
    /// MACs of audit checkpoints.
    Audit,
    /// Flash and link cookies of visitors.
    Cookie,
    /// What the hashes of imported accounts need of the old system.
    ImportedHash,
    /// MACs that tell whether a row of an import has changed.
    ImportedRow,
    /// Keys of known devices.
    Device,
    /// Private keys of the revocation feed at rest.
    FeedKey,
}

impl Purpose {
    fn info(self) -> &'static [u8] {
        match self {
            Self::SigningKey => b"gatehouse signing-key v1",
            Self::Code => b"gatehouse code v1",
            Self::Counter => b"gatehouse counter v1",
            Self::Audit => b"gatehouse audit v1",
            Self::Cookie => b"gatehouse cookie v1",
            Self::ImportedHash => b"gatehouse imported-hash v1",
            Self::ImportedRow => b"gatehouse imported-row v1",
            Self::Device => b"gatehouse device v1",
            Self::FeedKey => b"gatehouse feed-key v1",
        }
    }
}

/// All keys this node knows, newest first.
#[derive(Clone)]
pub struct KeyRing(Vec<RingKey>);

#[derive(Clone)]
struct RingKey {
    id: [u8; ID_LEN],
    key: [u8; 32],
}

const ID_LEN: usize = 8;

impl Drop for RingKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// Why a ring or a sealed value could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RingError {
    /// The file is not a key ring.
    #[error("the key ring holds no key, or a line that is not `<id> <base64 of 32 bytes>`")]
    Malformed,
    /// Sealed with a key this node does not have.
    #[error("the key ring lacks the key a stored value was sealed with")]
    MissingKey,
    /// The value was altered, or moved to another row.
    #[error("a sealed value does not open")]
    Broken,
}

impl KeyRing {
    /// A ring of one new key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut id = [0; ID_LEN];
        let mut key = [0; 32];
        entropy.fill(&mut id);
        entropy.fill(&mut key);
        Self(vec![RingKey { id, key }])
    }

    /// Reads the text of a ring file.
    ///
    /// # Errors
    /// [`RingError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, RingError> {
        let lines = text.lines().map(str::trim);
        let keys = lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| RingKey::parse(line).ok_or(RingError::Malformed))
            .collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            Err(RingError::Malformed)
        } else {
            Ok(Self(keys))
        }
    }

    /// The text of a ring file. Write it where only the portal can read it.
    pub fn to_text(&self) -> String {
        let mut text = String::from("# Gatehouse key ring. Back it up apart from the database.\n");
        for key in &self.0 {
            text.push_str(&format!("{} {}\n", key.name(), STANDARD.encode(key.key)));
        }
        text
    }

    /// The id of the newest key: what new values are sealed with.
    pub fn id(&self) -> String {
        self.0.first().map(RingKey::name).unwrap_or_default()
    }

    /// The id of the oldest key: the one digests stay with, and so the one a database is claimed by.
    pub(crate) fn oldest_id(&self) -> String {
        self.0.last().map(RingKey::name).unwrap_or_default()
    }

    /// Whether the ring holds the key of that id.
    pub fn holds(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.name() == id)
    }

    /// The subkey of the *oldest* key for a purpose: digests must stay comparable after the ring
    /// has grown, so they stay with the key they began with.
    pub(crate) fn mac_key(&self, purpose: Purpose) -> [u8; 32] {
        self.0.last().map_or([0; 32], |key| key.subkey(purpose))
    }

    /// Seals `plain` for one place: `place` names table, column and row id, or the cookie.
    pub fn seal(
        &self,
        entropy: &dyn Entropy,
        purpose: Purpose,
        place: &str,
        plain: &[u8],
    ) -> Vec<u8> {
        let key = self.0.first().expect("a ring holds at least one key");
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut sealed = plain.to_vec();
        aead(&key.subkey(purpose))
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut sealed,
            )
            .expect("a value this short can be sealed");
        [key.id.as_slice(), &nonce, &sealed].concat()
    }

    /// Opens what [`Self::seal`] made for the same purpose and place.
    ///
    /// # Errors
    /// [`RingError::MissingKey`], or [`RingError::Broken`] when anything at all was changed.
    pub fn open(&self, purpose: Purpose, place: &str, sealed: &[u8]) -> Result<Vec<u8>, RingError> {
        let (id, rest) = sealed.split_at_checked(ID_LEN).ok_or(RingError::Broken)?;
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(RingError::Broken)?;
        let key = self
            .0
            .iter()
            .find(|key| key.id == id)
            .ok_or(RingError::MissingKey)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| RingError::Broken)?;
        let mut body = body.to_vec();
        let plain = aead(&key.subkey(purpose))
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut body)
            .map_err(|_| RingError::Broken)?;
        Ok(plain.to_vec())
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({} keys, newest {})", self.0.len(), self.id())
    }
}

impl RingKey {
    fn parse(line: &str) -> Option<Self> {
        let (id, key) = line.split_once(char::is_whitespace)?;
        Some(Self {
            id: URL_SAFE_NO_PAD.decode(id).ok()?.try_into().ok()?,
            key: STANDARD.decode(key.trim()).ok()?.try_into().ok()?,
        })
    }

    fn name(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.id)
    }

    fn subkey(&self, purpose: Purpose) -> [u8; 32] {
        derive(&self.key, purpose.info())
    }
}

/// HKDF-SHA-256 to 32 bytes, with an empty salt: the input is already uniformly random.
pub(crate) fn derive(secret: &[u8], info: &[u8]) -> [u8; 32] {
    struct Bytes32;
    impl hkdf::KeyType for Bytes32 {
        fn len(&self) -> usize {
            32
        }
    }
    let mut out = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
        .extract(secret)
        .expand(&[info], Bytes32)
        .and_then(|okm| okm.fill(&mut out))
        .expect("32 bytes are within HKDF's reach");
    out
}

/// AES-256-GCM under `key`.
pub(crate) fn aead(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("the key has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SeededEntropy;

    #[test]
    fn a_ring_survives_being_written_and_read() {
        let entropy = SeededEntropy::new(1);
        let ring = KeyRing::generate(&entropy);
        let sealed = ring.seal(&entropy, Purpose::Cookie, "here", b"plain");

        let again = KeyRing::parse(&ring.to_text()).expect("reads its own text");

        assert_eq!(
            again.open(Purpose::Cookie, "here", &sealed).as_deref(),
            Ok(b"plain".as_slice())
        );
        assert!(again.holds(&ring.id()));
    }

    #[test]
    fn a_sealed_value_opens_only_where_it_belongs() {
        let entropy = SeededEntropy::new(2);
        let ring = KeyRing::generate(&entropy);
        let sealed = ring.seal(
            &entropy,
            Purpose::SigningKey,
            "signing_keys.private/1",
            b"plain",
        );

        assert!(
            ring.open(Purpose::SigningKey, "signing_keys.private/2", &sealed)
                .is_err()
        );
        assert!(
            ring.open(Purpose::Cookie, "signing_keys.private/1", &sealed)
                .is_err()
        );
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(
                ring.open(Purpose::SigningKey, "signing_keys.private/1", &altered)
                    .is_err()
            );
        }
        for length in 0..sealed.len() {
            assert!(
                ring.open(
                    Purpose::SigningKey,
                    "signing_keys.private/1",
                    &sealed[..length]
                )
                .is_err()
            );
        }
    }

    #[test]
    fn a_new_key_in_front_still_opens_what_the_old_one_sealed() {
        let entropy = SeededEntropy::new(3);
        let old = KeyRing::generate(&entropy);
        let sealed = old.seal(&entropy, Purpose::Cookie, "here", b"plain");
        let grown = KeyRing::parse(&(KeyRing::generate(&entropy).to_text() + &old.to_text()))
            .expect("two keys");

        assert!(grown.open(Purpose::Cookie, "here", &sealed).is_ok());
        assert_eq!(grown.mac_key(Purpose::Code), old.mac_key(Purpose::Code));
        assert_eq!(
            KeyRing::generate(&entropy).open(Purpose::Cookie, "here", &sealed),
            Err(RingError::MissingKey)
        );
    }

    #[test]
    fn a_ring_that_is_none_is_refused_and_none_is_printed() {
        for text in ["", "# nothing", "abc", "abc def", "AAAAAAAAAAA AAAA"] {
            assert!(KeyRing::parse(text).is_err(), "{text:?}");
        }
        let ring = KeyRing::generate(&SeededEntropy::new(4));
        assert!(!format!("{ring:?}").contains(&STANDARD.encode(ring.0[0].key)));
    }
}
