//! Password hashes other systems made, and how a password is compared with one (C1).
//!
//! An imported account keeps its old hash until its owner signs in once; then the same request
//! replaces it by Argon2id. Until then it rests as it came, except where it holds a secret of the old
//! system or would be too weak to rest: Firebase's signer key is sealed under the key ring, and
//! SHA-256 is wrapped in Argon2id before it is written. What a hash may cost is bounded twice, when it
//! is read from a file and when it is read from the database: no row may make a sign-in take minutes.
//!
//! Passwords are compared in the form they were hashed in: bcrypt looks at 72 bytes, Better Auth
//! normalises to NFKC, all others see NFC.

mod bounds;
mod firebase;
mod read;
mod scheme;

use wire::Secret;

pub use bounds::HashRefused;
pub use firebase::FirebaseProject;

use self::scheme::Scheme;
use super::argon::{Argon, SALT_LEN};
use crate::error::Fault;
use crate::ring::{KeyRing, Purpose};
use crate::secret::{Entropy, sha256};

pub(super) use self::scheme::matches;

/// A password hash another system made: read, within bounds, ready to be kept. Never printed.
#[derive(Clone)]
pub struct ForeignHash(Given);

#[derive(Clone)]
enum Given {
    /// May rest as it is.
    AsIs(Scheme),
    /// Its project's key is to be sealed first.
    Firebase {
        project: FirebaseProject,
        salt: Vec<u8>,
        key: Vec<u8>,
    },
    /// Must not rest at all: to be wrapped in Argon2id first.
    Sha256 { digest: String, salt: Secret },
}

impl ForeignHash {
    /// Reads a hash that says itself what it is: bcrypt; Argon2i, Argon2id, PBKDF2 and scrypt as PHC
    /// strings; PBKDF2, Argon2 and bcrypt as Django writes them; and what another Gatehouse exported.
    ///
    /// # Errors
    /// [`HashRefused`].
    pub fn read(text: &str) -> Result<Self, HashRefused> {
        read::scheme(text).map(|scheme| Self(Given::AsIs(scheme)))
    }

    /// Reads Better Auth's `salt:key`, or whatever its owner replaced it by.
    ///
    /// # Errors
    /// [`HashRefused`].
    pub fn better_auth(text: &str) -> Result<Self, HashRefused> {
        if text.contains('$') {
            return Self::read(text);
        }
        read::better_auth(text).map(|scheme| Self(Given::AsIs(scheme)))
    }

    /// Reads Firebase's salt and hash, both Base64, made with the project's key.
    ///
    /// # Errors
    /// [`HashRefused`].
    pub fn firebase(
        project: &FirebaseProject,
        salt: &str,
        hash: &str,
    ) -> Result<Self, HashRefused> {
        let (salt, key) = (read::base64(salt)?, read::base64(hash)?);
        bounds::salt_and_key(&salt, &key)?;
        Ok(Self(Given::Firebase {
            project: project.clone(),
            salt,
            key,
        }))
    }

    /// Reads the hex of SHA-256 over password and one salt for all, as SonicJS made it. A newer
    /// `pbkdf2:iterations:salt:hash` is read as what it is.
    ///
    /// # Errors
    /// [`HashRefused`].
    pub fn sonicjs(text: &str, salt: &Secret) -> Result<Self, HashRefused> {
        if text.starts_with("pbkdf2:") {
            return read::sonicjs_pbkdf2(text).map(|scheme| Self(Given::AsIs(scheme)));
        }
        if text.contains('$') {
            return Self::read(text);
        }
        let digest = read::hex(text)?;
        if digest.len() != 32 {
            return Err(HashRefused::Unknown);
        }
        Ok(Self(Given::Sha256 {
            digest: to_hex(&digest),
            salt: salt.clone(),
        }))
    }

    /// Whether it costs one Argon2 computation to keep it.
    pub(crate) fn is_to_be_wrapped(&self) -> bool {
        matches!(self.0, Given::Sha256 { .. })
    }

    /// What tells it from another hash. Only ever stored as a MAC: a bare digest of a weak hash would
    /// be as good to a guesser as the hash.
    pub(crate) fn identity(&self) -> Vec<u8> {
        match &self.0 {
            Given::AsIs(scheme) => scheme.to_string().into_bytes(),
            Given::Firebase { salt, key, .. } => [salt.as_slice(), b"$", key].concat(),
            Given::Sha256 { digest, .. } => digest.clone().into_bytes(),
        }
    }

    /// The text that may rest in the database.
    pub(super) fn rest(
        self,
        argon: &Argon,
        ring: &KeyRing,
        entropy: &dyn Entropy,
    ) -> Result<Result<String, HashRefused>, Fault> {
        Ok(Ok(match self.0 {
            Given::AsIs(scheme) => {
                if let Err(refused) = scheme.opens(ring) {
                    return Ok(Err(refused));
                }
                scheme.to_string()
            }
            Given::Firebase { project, salt, key } => {
                Scheme::firebase(&project, salt, key, ring, entropy).to_string()
            }
            Given::Sha256 { digest, salt } => {
                let mut new_salt = [0; SALT_LEN];
                entropy.fill(&mut new_salt);
                let argon = argon.hash(digest.as_bytes(), &new_salt)?;
                let place = scheme::place(&argon);
                let sealed = ring.seal(
                    entropy,
                    Purpose::ImportedHash,
                    &place,
                    salt.reveal().as_bytes(),
                );
                Scheme::Wrapped { argon, sealed }.to_string()
            }
        }))
    }
}

impl std::fmt::Debug for ForeignHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ForeignHash(…)")
    }
}

/// The hex of SHA-256 over a password and a salt behind it.
fn sha256_hex(password: &[u8], salt: &[u8]) -> String {
    to_hex(&sha256(&[password, salt].concat()))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
