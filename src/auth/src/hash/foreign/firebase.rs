//! Firebase's own scrypt: the derived key encrypts the project's signer key, and that is the hash.
//! As in github.com/firebase/scrypt, whose example stands in the tests.

use std::sync::Arc;

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use wire::Secret;
use zeroize::Zeroizing;

use super::bounds::{Cost, HashRefused};
use super::read;
use crate::error::Fault;

/// The password hash parameters of a Firebase project.
#[derive(Clone)]
pub struct FirebaseProject {
    pub(super) cost: Cost,
    pub(super) keys: Arc<FirebaseKeys>,
}

/// What a project's hashes are made with, beside the cost.
pub(super) struct FirebaseKeys {
    pub(super) signer: Zeroizing<Vec<u8>>,
    pub(super) separator: Vec<u8>,
}

impl FirebaseProject {
    /// Reads the parameters as the console shows them: key and separator in Base64.
    ///
    /// # Errors
    /// [`HashRefused`] when they do not read, or cost too much.
    pub fn new(
        signer_key: &Secret,
        salt_separator: &str,
        rounds: u32,
        memory_cost: u8,
    ) -> Result<Self, HashRefused> {
        let signer = Zeroizing::new(read::base64(signer_key.reveal())?);
        let separator = read::base64(salt_separator)?;
        if !(16..=128).contains(&signer.len()) || separator.len() > 32 {
            return Err(HashRefused::Damaged);
        }
        Ok(Self {
            cost: Cost::within(memory_cost, rounds, 1)?,
            keys: Arc::new(FirebaseKeys { signer, separator }),
        })
    }
}

impl std::fmt::Debug for FirebaseProject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FirebaseProject")
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

impl FirebaseKeys {
    /// One text of both, to be sealed.
    pub(super) fn join(&self) -> Zeroizing<Vec<u8>> {
        let length = u8::try_from(self.separator.len()).unwrap_or(u8::MAX);
        Zeroizing::new([&[length], self.separator.as_slice(), &self.signer].concat())
    }

    /// Reads what [`Self::join`] wrote.
    pub(super) fn split(joined: &[u8]) -> Option<Self> {
        let (length, rest) = joined.split_first()?;
        let (separator, signer) = rest.split_at_checked(usize::from(*length))?;
        Some(Self {
            signer: Zeroizing::new(signer.to_vec()),
            separator: separator.to_vec(),
        })
    }

    /// The hash of a password.
    pub(super) fn hash(&self, password: &[u8], salt: &[u8], cost: Cost) -> Result<Vec<u8>, Fault> {
        const REFUSED: Fault = Fault::Inconsistent("a Firebase hash could not be computed");
        let mut key = Zeroizing::new([0; 32]);
        let salt = [salt, &self.separator].concat();
        let params = scrypt::Params::new(cost.log_n, cost.r, cost.p).map_err(|_| REFUSED)?;
        scrypt::scrypt(password, &salt, &params, key.as_mut_slice()).map_err(|_| REFUSED)?;
        let key = UnboundCipherKey::new(&AES_256, key.as_slice()).map_err(|_| REFUSED)?;
        let mut hash = self.signer.to_vec();
        // A counter that begins at zero is their format; each key derives from a salt of its own.
        EncryptingKey::ctr(key)
            .and_then(|key| {
                let zero = EncryptionContext::Iv128(FixedLength::from([0; 16]));
                key.less_safe_encrypt(&mut hash, zero)
            })
            .map_err(|_| REFUSED)?;
        Ok(hash)
    }
}
