//! Random secrets, and what is stored of them.
//!
//! A token leaves the house once, in a letter, a cookie or an answer. What stays is its SHA-256:
//! 256 (for cookies 128) random bits need no salt and no slow hash. A six-digit code has only
//! twenty bits, so its digest is keyed by the ring and useless to whoever holds the database alone.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;
use wire::Secret;

/// Where random bytes come from.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes` with bits nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system, through the crypto library.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the port everyone else goes through"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system provides random bytes");
    }
}

/// The same bytes at every run: for tests.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededEntropy {
    /// A source that repeats itself for the same seed.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            drawn: AtomicU64::new(0),
        }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let drawn = self.drawn.fetch_add(1, Ordering::SeqCst);
            let mut seed = self.seed.to_be_bytes().to_vec();
            seed.extend(drawn.to_be_bytes());
            chunk.copy_from_slice(&sha256(&seed)[..chunk.len()]);
        }
    }
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// HMAC-SHA-256.
pub(crate) fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        // Lengths first: ("ab", "c") and ("a", "bc") must differ.
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// What is stored of a token. Never the same type as the token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest of a token as presented. Any text has one; only issued tokens are found by it.
    pub fn of(token: &Secret) -> Self {
        Self(sha256(token.reveal().as_bytes()))
    }

    /// For the store.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(…)")
    }
}

/// Draws a token of 256 random bits, base64url.
pub(crate) fn draw_token(entropy: &dyn Entropy) -> Secret {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    Secret::new(URL_SAFE_NO_PAD.encode(bytes))
}

/// Draws the 128 random bits of a session cookie.
pub(crate) fn draw_cookie(entropy: &dyn Entropy) -> CookieToken {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    CookieToken(bytes)
}

/// Draws six digits, each of the million codes equally likely.
pub(crate) fn draw_code(entropy: &dyn Entropy) -> Secret {
    // The largest multiple of a million that fits: draws above it are thrown away.
    const FAIR: u32 = u32::MAX - (u32::MAX % 1_000_000);
    loop {
        let mut bytes = [0; 4];
        entropy.fill(&mut bytes);
        let drawn = u32::from_be_bytes(bytes);
        if drawn < FAIR {
            return Secret::new(format!("{:06}", drawn % 1_000_000));
        }
    }
}

/// Draws a UUIDv7: an id, ordered by time. Never a secret (ASVS 11.2.3).
pub fn draw_id(entropy: &dyn Entropy, now_millis: i64) -> String {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(now_millis).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .to_string()
}

/// Whether a text is an id at all; a malformed one is simply not found.
pub fn is_id(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

/// The secret inside a session cookie: 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CookieToken(pub [u8; 16]);

impl CookieToken {
    /// What is stored of it.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(sha256(&self.0))
    }
}

impl fmt::Debug for CookieToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_codes_and_ids_have_their_form() {
        let entropy = SeededEntropy::new(1);
        assert_eq!(draw_token(&entropy).reveal().len(), 43);
        for _ in 0..1000 {
            let code = draw_code(&entropy);
            assert!(code.reveal().len() == 6 && code.reveal().bytes().all(|b| b.is_ascii_digit()));
        }
        let id = draw_id(&entropy, 1_767_225_600_000);
        assert!(is_id(&id));
        assert_eq!(Uuid::parse_str(&id).map(|id| id.get_version_num()), Ok(7));
    }

    #[test]
    fn the_system_never_draws_the_same_token_twice() {
        assert_ne!(draw_token(&SystemEntropy), draw_token(&SystemEntropy));
    }

    #[test]
    fn a_mac_tells_where_one_part_ends() {
        let key = [7; 32];
        assert_ne!(
            hmac_sha256(&key, &[b"ab", b"c"]),
            hmac_sha256(&key, &[b"a", b"bc"])
        );
    }
}
