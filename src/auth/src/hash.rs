//! Password hashing (D11): Argon2id off the async threads, as many at once as there are cores, a
//! bounded queue in front, and an answer of "busy" behind it.
//!
//! The order every flow keeps: limits, then a [`HashPermit`], then the failure counter, then the
//! hash. So a 503 counts nothing, and a counted failure is always followed by its check. Unknown
//! accounts verify a dummy hash of the same cost: who has an account does not show in time.

mod argon;
mod foreign;
mod queue;
mod replace;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wire::Password;

use self::argon::{Argon, Compared, SALT_LEN};
use self::queue::Queue;
use crate::client::Client;
use crate::error::Fault;
use crate::ring::KeyRing;
use crate::secret::Entropy;
use crate::settings::HashCost;

pub use foreign::{FirebaseProject, ForeignHash, HashRefused};
pub(crate) use replace::Replacement;

/// Longest wait: whoever has waited this long has given up.
const PATIENCE: Duration = Duration::from_secs(15);

/// Too many sign-ins at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hash queue is full")]
pub struct Overloaded;

/// The pool of hash workers.
pub(crate) struct Hasher(Arc<Shared>);

struct Shared {
    argon: Argon,
    /// Opens what is sealed in the hashes of imported accounts.
    ring: KeyRing,
    permits: Arc<Semaphore>,
    queue: Queue,
    /// What an account that cannot sign in is compared with.
    dummy: String,
}

/// Leave to compute one hash. Dropped: somebody else may.
pub(crate) struct HashPermit {
    shared: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
}

/// How a password compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is not the one.
    Wrong,
    /// It is.
    Right,
    /// It is, and its hash was weaker than today's: store this one instead.
    RightButWeak(String),
}

impl Hasher {
    /// A pool with one permit a core.
    ///
    /// # Errors
    /// When the parameters are none Argon2 accepts.
    pub(crate) fn new(
        cost: HashCost,
        fair: bool,
        ring: KeyRing,
        entropy: &dyn Entropy,
    ) -> Result<Self, Fault> {
        let argon = Argon::new(cost)?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let mut salt = [0; SALT_LEN];
        let mut nobody = [0; 32];
        entropy.fill(&mut salt);
        entropy.fill(&mut nobody);
        let dummy = argon.phc(&salt, &nobody)?;
        Ok(Self(Arc::new(Shared {
            argon,
            ring,
            permits: Arc::new(Semaphore::new(cores)),
            queue: Queue::new(fair),
            dummy,
        })))
    }

    /// Puts the hash of an imported account into the text that may rest; one that is to be wrapped
    /// belongs to [`HashPermit::wrap`].
    pub(crate) fn rest(
        &self,
        hash: ForeignHash,
        entropy: &dyn Entropy,
    ) -> Result<Result<String, HashRefused>, Fault> {
        hash.rest(&self.0.argon, &self.0.ring, entropy)
    }

    /// How many hashes were computed so far.
    pub(crate) fn computed(&self) -> u64 {
        self.0.argon.computed()
    }

    /// How many wait for a permit.
    pub(crate) fn waiting(&self) -> usize {
        self.0.queue.len()
    }

    /// Waits for leave to hash.
    ///
    /// # Errors
    /// [`Overloaded`] when the queue, or this network's share of it, is full.
    pub(crate) async fn permit(&self, client: &Client) -> Result<HashPermit, Overloaded> {
        let permits = &self.0.permits;
        if let Ok(permit) = Arc::clone(permits).try_acquire_owned() {
            return Ok(HashPermit {
                shared: Arc::clone(&self.0),
                _permit: permit,
            });
        }
        let _place = self.0.queue.place(client.network())?;
        match tokio::time::timeout(PATIENCE, Arc::clone(permits).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(HashPermit {
                shared: Arc::clone(&self.0),
                _permit: permit,
            }),
            _ => Err(Overloaded),
        }
    }
}

impl HashPermit {
    /// Hashes a new password.
    pub(crate) async fn hash(
        self,
        password: &Password,
        entropy: &dyn Entropy,
    ) -> Result<String, Fault> {
        let mut salt = [0; SALT_LEN];
        entropy.fill(&mut salt);
        let password = password.clone();
        self.compute(move |shared| shared.argon.hash(password.reveal().as_bytes(), &salt))
            .await
    }

    /// Compares a password with a stored hash, or with the dummy when there is none.
    pub(crate) async fn verify(
        self,
        password: &Password,
        stored: Option<String>,
        entropy: &dyn Entropy,
    ) -> Result<Verdict, Fault> {
        let mut salt = [0; SALT_LEN];
        entropy.fill(&mut salt);
        let password = password.clone();
        self.compute(move |shared| match stored {
            Some(stored) => shared.verify(&password, &stored, &salt),
            None => shared
                .verify(&password, &shared.dummy, &salt)
                .map(|_| Verdict::Wrong),
        })
        .await
    }

    /// Wraps the hash of an imported account in one of today's.
    pub(crate) async fn wrap(
        self,
        hash: ForeignHash,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Result<String, HashRefused>, Fault> {
        self.compute(move |shared| hash.rest(&shared.argon, &shared.ring, entropy.as_ref()))
            .await
    }

    async fn compute<T: Send + 'static>(
        self,
        work: impl FnOnce(&Shared) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        // The permit moves along: it is given back when the hash is done, even if nobody waits for
        // it any more. A closed connection must not open the door to one more hash.
        tokio::task::spawn_blocking(move || work(&self.shared))
            .await
            .map_err(|_| Fault::Hashing)?
    }
}

impl Shared {
    fn verify(&self, password: &Password, stored: &str, new_salt: &[u8]) -> Result<Verdict, Fault> {
        let secret = password.reveal().as_bytes();
        if !stored.starts_with("$argon2id$") {
            let is_right = foreign::matches(stored, password, &self.argon, &self.ring)?;
            // One of today's hashes either way: a wrong password costs what the right one does, and
            // never less than an address nobody has.
            let again = self.argon.hash(secret, new_salt)?;
            return Ok(if is_right {
                Verdict::RightButWeak(again)
            } else {
                Verdict::Wrong
            });
        }
        Ok(match self.argon.compare(secret, stored)? {
            Compared::Wrong => Verdict::Wrong,
            Compared::Right => Verdict::Right,
            Compared::RightButWeak => Verdict::RightButWeak(self.argon.hash(secret, new_salt)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SeededEntropy;

    const CHEAP: HashCost = HashCost {
        memory_kib: 64,
        iterations: 1,
        lanes: 1,
    };
    const DEARER: HashCost = HashCost {
        memory_kib: 128,
        iterations: 1,
        lanes: 1,
    };

    fn ring() -> KeyRing {
        KeyRing::generate(&SeededEntropy::new(9))
    }

    fn hasher(cost: HashCost) -> Hasher {
        Hasher::new(cost, true, ring(), &SeededEntropy::new(1)).expect("the cost is within range")
    }

    async fn hash(hasher: &Hasher, password: &str) -> String {
        let permit = hasher.permit(&Client::operator()).await.expect("a permit");
        permit
            .hash(&Password::claimed(password), &SeededEntropy::new(2))
            .await
            .expect("hashes")
    }

    async fn verify(hasher: &Hasher, password: &str, stored: Option<&str>) -> Verdict {
        let permit = hasher.permit(&Client::operator()).await.expect("a permit");
        permit
            .verify(
                &Password::claimed(password),
                stored.map(str::to_owned),
                &SeededEntropy::new(3),
            )
            .await
            .expect("verifies")
    }

    #[tokio::test]
    async fn the_right_password_is_right_and_every_other_is_wrong() {
        let hasher = hasher(CHEAP);
        let stored = hash(&hasher, "correct horse").await;

        assert!(
            stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"),
            "{stored}"
        );
        assert_eq!(
            verify(&hasher, "correct horse", Some(&stored)).await,
            Verdict::Right
        );
        assert_eq!(
            verify(&hasher, "Correct horse", Some(&stored)).await,
            Verdict::Wrong
        );
        assert_eq!(verify(&hasher, "", Some(&stored)).await, Verdict::Wrong);
        assert_eq!(verify(&hasher, "correct horse", None).await, Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_hash_of_yesterday_is_made_again_and_one_of_tomorrow_is_kept() {
        let stored = hash(&hasher(CHEAP), "correct horse").await;
        let Verdict::RightButWeak(again) =
            verify(&hasher(DEARER), "correct horse", Some(&stored)).await
        else {
            panic!("the hash is weaker than today's");
        };
        assert!(again.contains("m=128"));
        assert_eq!(
            verify(&hasher(CHEAP), "correct horse", Some(&again)).await,
            Verdict::Right
        );
    }

    #[tokio::test]
    async fn reused_memory_changes_no_hash() {
        let hasher = hasher(DEARER);
        let first = hash(&hasher, "correct horse").await;
        hash(&hasher, "something else").await;
        assert_eq!(
            hash(&hasher, "correct horse").await,
            first,
            "same salt, same password"
        );
    }
}
