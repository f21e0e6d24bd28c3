//! The forms a foreign hash rests in, and how a password is compared with each.

use std::fmt;
use std::num::NonZeroU32;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::pbkdf2;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use unicode_normalization::UnicodeNormalization;
use wire::Password;
use zeroize::Zeroizing;

use super::bounds::{self, Cost, HashRefused};
use super::firebase::{FirebaseKeys, FirebaseProject};
use super::{read, sha256_hex};
use crate::error::Fault;
use crate::hash::argon::{Argon, Compared};
use crate::ring::{KeyRing, Purpose};
use crate::secret::Entropy;

/// A hash, as it rests in `users.password_hash`. [`fmt::Display`] is that text.
#[derive(Clone)]
pub(super) enum Scheme {
    /// A PHC string of Argon2i or Argon2id.
    Argon2(String),
    /// `$2a$`, `$2b$` or `$2y$`.
    Bcrypt(String),
    Pbkdf2 {
        digest: Digest,
        iterations: NonZeroU32,
        salt: Vec<u8>,
        key: Vec<u8>,
    },
    Scrypt {
        cost: Cost,
        /// Whether the password was normalised to NFKC.
        nfkc: bool,
        salt: Vec<u8>,
        key: Vec<u8>,
    },
    Firebase {
        cost: Cost,
        /// The project's keys, under the key ring.
        sealed: Vec<u8>,
        salt: Vec<u8>,
        key: Vec<u8>,
    },
    /// Argon2id over the hex of a SHA-256.
    Wrapped {
        argon: String,
        /// The salt that was one for all, under the key ring.
        sealed: Vec<u8>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

impl Digest {
    pub(super) fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn algorithm(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }
}

impl Scheme {
    pub(super) fn argon2(text: &str) -> Result<Self, HashRefused> {
        let (memory_kib, passes, lanes) = Argon::cost_of(text).ok_or(HashRefused::Damaged)?;
        bounds::argon2(memory_kib, passes, lanes)?;
        Ok(Self::Argon2(text.to_owned()))
    }

    pub(super) fn bcrypt(text: &str) -> Result<Self, HashRefused> {
        let parts: bcrypt::HashParts = text.parse().map_err(|_| HashRefused::Damaged)?;
        bounds::bcrypt(parts.get_cost())?;
        Ok(Self::Bcrypt(text.to_owned()))
    }

    pub(super) fn pbkdf2(
        digest: Digest,
        iterations: u32,
        salt: Vec<u8>,
        key: Vec<u8>,
    ) -> Result<Self, HashRefused> {
        bounds::pbkdf2(iterations)?;
        bounds::salt_and_key(&salt, &key)?;
        Ok(Self::Pbkdf2 {
            digest,
            iterations: NonZeroU32::new(iterations).ok_or(HashRefused::Damaged)?,
            salt,
            key,
        })
    }

    pub(super) fn scrypt(
        cost: Cost,
        nfkc: bool,
        salt: Vec<u8>,
        key: Vec<u8>,
    ) -> Result<Self, HashRefused> {
        bounds::salt_and_key(&salt, &key)?;
        Ok(Self::Scrypt {
            cost,
            nfkc,
            salt,
            key,
        })
    }

    pub(super) fn wrapped(sealed: &str, argon: &str) -> Result<Self, HashRefused> {
        Self::argon2(argon)?;
        Ok(Self::Wrapped {
            argon: argon.to_owned(),
            sealed: read::base64(sealed)?,
        })
    }

    /// Seals the project's keys to this one hash.
    pub(super) fn firebase(
        project: &FirebaseProject,
        salt: Vec<u8>,
        key: Vec<u8>,
        ring: &KeyRing,
        entropy: &dyn Entropy,
    ) -> Self {
        let place = place(&STANDARD_NO_PAD.encode(&key));
        let joined = project.keys.join();
        Self::Firebase {
            cost: project.cost,
            sealed: ring.seal(entropy, Purpose::ImportedHash, &place, &joined),
            salt,
            key,
        }
    }

    /// Whether this ring opens what is sealed in it.
    pub(super) fn opens(&self, ring: &KeyRing) -> Result<(), HashRefused> {
        self.secret(ring)
            .map(drop)
            .map_err(|_| HashRefused::SealedElsewhere)
    }

    /// What was sealed in it; nothing where nothing was.
    fn secret(&self, ring: &KeyRing) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let (place, sealed) = match self {
            Self::Firebase { sealed, key, .. } => (place(&STANDARD_NO_PAD.encode(key)), sealed),
            Self::Wrapped { argon, sealed } => (place(argon), sealed),
            _ => return Ok(Zeroizing::default()),
        };
        Ok(Zeroizing::new(ring.open(
            Purpose::ImportedHash,
            &place,
            sealed,
        )?))
    }

    fn is_of(&self, password: &Password, argon: &Argon, ring: &KeyRing) -> Result<bool, Fault> {
        const UNREADABLE: Fault = Fault::Inconsistent("users.password_hash does not compute");
        let typed = password.reveal().as_bytes();
        let equal = |one: &[u8], other: &[u8]| verify_slices_are_equal(one, other).is_ok();
        Ok(match self {
            Self::Argon2(phc) => argon.compare(typed, phc)? != Compared::Wrong,
            // Longer passwords are cut at 72 bytes, as the systems that made the hash do.
            Self::Bcrypt(text) => bcrypt::verify(typed, text).map_err(|_| UNREADABLE)?,
            Self::Pbkdf2 {
                digest,
                iterations,
                salt,
                key,
            } => pbkdf2::verify(digest.algorithm(), *iterations, salt, typed, key).is_ok(),
            Self::Scrypt {
                cost,
                nfkc,
                salt,
                key,
            } => {
                let text = Zeroizing::new(if *nfkc {
                    password.reveal().nfkc().collect()
                } else {
                    password.reveal().to_owned()
                });
                let params = scrypt::Params::new(cost.log_n, cost.r, cost.p);
                let mut out = Zeroizing::new(vec![0; key.len()]);
                params
                    .ok()
                    .and_then(|params| {
                        scrypt::scrypt(text.as_bytes(), salt, &params, &mut out).ok()
                    })
                    .ok_or(UNREADABLE)?;
                equal(&out, key)
            }
            Self::Firebase {
                cost, salt, key, ..
            } => {
                let keys = FirebaseKeys::split(&self.secret(ring)?).ok_or(UNREADABLE)?;
                equal(&keys.hash(typed, salt, *cost)?, key)
            }
            Self::Wrapped { argon: phc, .. } => {
                let digest = Zeroizing::new(sha256_hex(typed, &self.secret(ring)?));
                argon.compare(digest.as_bytes(), phc)? != Compared::Wrong
            }
        })
    }
}

/// Compares a password with a stored text that is not our own Argon2id.
pub(in crate::hash) fn matches(
    stored: &str,
    password: &Password,
    argon: &Argon,
    ring: &KeyRing,
) -> Result<bool, Fault> {
    let scheme = read::scheme(stored)
        .map_err(|_| Fault::Inconsistent("users.password_hash is of no kind we know"))?;
    scheme.is_of(password, argon, ring)
}

/// Sealed to the hash it belongs to, not to the row: an export may move both to another row.
pub(super) fn place(hash: &str) -> String {
    format!("users.password_hash/{hash}")
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
        match self {
            Self::Argon2(phc) => f.write_str(phc),
            Self::Bcrypt(bcrypt) => f.write_str(bcrypt),
            Self::Pbkdf2 {
                digest,
                iterations,
                salt,
                key,
            } => {
                let (name, salt, key) = (digest.name(), text(salt), text(key));
                write!(f, "$pbkdf2-{name}$i={iterations}${salt}${key}")
            }
            Self::Scrypt {
                cost: Cost { log_n, r, p },
                nfkc,
                salt,
                key,
            } => {
                let name = if *nfkc { "scrypt-nfkc" } else { "scrypt" };
                let (salt, key) = (text(salt), text(key));
                write!(f, "${name}$ln={log_n},r={r},p={p}${salt}${key}")
            }
            Self::Firebase {
                cost: Cost { log_n, r, p },
                sealed,
                salt,
                key,
            } => {
                let (sealed, salt, key) = (text(sealed), text(salt), text(key));
                write!(
                    f,
                    "$firebase-scrypt$ln={log_n},r={r},p={p}${sealed}${salt}${key}"
                )
            }
            Self::Wrapped { argon, sealed } => write!(f, "$sha256${}{argon}", text(sealed)),
        }
    }
}
