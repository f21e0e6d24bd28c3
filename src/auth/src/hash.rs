//! Password hashing (D11): Argon2id off the async threads, as many at once as there are cores, a
//! bounded queue in front, and an answer of "busy" behind it.
//!
//! The order every flow keeps: limits, then a [`HashPermit`], then the failure counter, then the
//! hash. So a 503 counts nothing, and a counted failure is always followed by its check. Unknown
//! accounts verify a dummy hash of the same cost: who has an account does not show in time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wire::Password;

use crate::client::Client;
use crate::error::Fault;
use crate::secret::Entropy;
use crate::settings::HashCost;

/// How many may wait for a permit. At 150 ms a hash on two cores the last one waits ten seconds.
const QUEUE: usize = 128;
/// What one network may hold of the queue: a flood from one place leaves room for everybody else.
const NETWORK_SHARE: usize = QUEUE / 4;
/// Longest wait: whoever has waited this long has given up.
const PATIENCE: Duration = Duration::from_secs(15);
/// A salt of 128 random bits (RFC 9106 3.1).
const SALT_LEN: usize = 16;

/// Too many sign-ins at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hash queue is full")]
pub struct Overloaded;

/// The pool of hash workers.
pub(crate) struct Hasher(Arc<Shared>);

struct Shared {
    params: Params,
    permits: Arc<Semaphore>,
    /// Whether one network is held to its share; off when limits are.
    fair: bool,
    waiting: Mutex<HashMap<String, usize>>,
    /// Memory of finished hashes: allocating and zeroing 64 MiB costs up to 40 % of a hash.
    memory: Mutex<Vec<Vec<Block>>>,
    /// What an account that cannot sign in is compared with.
    dummy: String,
    /// Hashes computed so far.
    computed: AtomicU64,
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
    pub(crate) fn new(cost: HashCost, fair: bool, entropy: &dyn Entropy) -> Result<Self, Fault> {
        let params = Params::new(
            cost.memory_kib,
            cost.iterations,
            cost.lanes,
            Some(Params::DEFAULT_OUTPUT_LEN),
        )
        .map_err(|_| Fault::Inconsistent("the hash cost is outside Argon2's range"))?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let mut salt = [0; SALT_LEN];
        let mut nobody = [0; 32];
        entropy.fill(&mut salt);
        entropy.fill(&mut nobody);
        let dummy = phc(&params, &salt, &nobody)?;
        Ok(Self(Arc::new(Shared {
            params,
            permits: Arc::new(Semaphore::new(cores)),
            fair,
            waiting: Mutex::default(),
            memory: Mutex::default(),
            dummy,
            computed: AtomicU64::new(0),
        })))
    }

    /// How many hashes were computed so far.
    pub(crate) fn computed(&self) -> u64 {
        self.0.computed.load(Ordering::Relaxed)
    }

    /// How many wait for a permit.
    pub(crate) fn waiting(&self) -> usize {
        let waiting = self.0.waiting.lock();
        waiting
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .sum()
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
        let _place = Place::take(&self.0, client.network())?;
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
        self.compute(move |shared| shared.hash(&password, &salt))
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
                .verify(&password, &shared.dummy.clone(), &salt)
                .map(|_| Verdict::Wrong),
        })
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
    fn hash(&self, password: &Password, salt: &[u8]) -> Result<String, Fault> {
        let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
        self.argon2(&self.params, password, salt, &mut out)?;
        phc(&self.params, salt, &out)
    }

    fn verify(&self, password: &Password, stored: &str, new_salt: &[u8]) -> Result<Verdict, Fault> {
        const UNREADABLE: Fault =
            Fault::Inconsistent("users.password_hash is not an Argon2id PHC string");
        let stored = PasswordHash::new(stored).map_err(|_| UNREADABLE)?;
        let params = Params::try_from(&stored).map_err(|_| UNREADABLE)?;
        let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
            return Err(UNREADABLE);
        };
        if stored.algorithm != Algorithm::Argon2id.ident() {
            return Err(UNREADABLE);
        }
        let mut out = vec![0; expected.len()];
        self.argon2(&params, password, salt, &mut out)?;
        // `Output` compares in constant time.
        if Output::new(&out).map_err(|_| UNREADABLE)? != *expected {
            return Ok(Verdict::Wrong);
        }
        if is_weaker(&params, &self.params) {
            return Ok(Verdict::RightButWeak(self.hash(password, new_salt)?));
        }
        Ok(Verdict::Right)
    }

    fn argon2(
        &self,
        params: &Params,
        password: &Password,
        salt: &[u8],
        out: &mut [u8],
    ) -> Result<(), Fault> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let blocks = params.block_count();
        let mut memory = self.lend_memory();
        if memory.len() < blocks {
            memory.resize(blocks, Block::default());
        }
        let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into_with_memory(
                password.reveal().as_bytes(),
                salt,
                out,
                &mut memory[..blocks],
            )
            .map_err(|_| Fault::Inconsistent("Argon2 refused its parameters"));
        self.memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(memory);
        done
    }

    fn lend_memory(&self) -> Vec<Block> {
        self.memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
            .unwrap_or_default()
    }
}

/// Whether a hash made with `old` should be made again with `new`.
fn is_weaker(old: &Params, new: &Params) -> bool {
    old.m_cost() < new.m_cost() || old.t_cost() < new.t_cost()
}

fn phc(params: &Params, salt: &[u8], out: &[u8]) -> Result<String, Fault> {
    const REFUSED: Fault = Fault::Inconsistent("a PHC string could not be made");
    Ok(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: params.try_into().map_err(|_| REFUSED)?,
        salt: Some(Salt::new(salt).map_err(|_| REFUSED)?),
        hash: Some(Output::new(out).map_err(|_| REFUSED)?),
    }
    .to_string())
}

/// A place in the queue; given up when dropped.
struct Place<'a> {
    shared: &'a Shared,
    network: String,
}

impl<'a> Place<'a> {
    fn take(shared: &'a Shared, network: String) -> Result<Self, Overloaded> {
        let mut waiting = shared
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let share = if shared.fair { NETWORK_SHARE } else { QUEUE };
        let is_full = waiting.values().sum::<usize>() >= QUEUE;
        if is_full || waiting.get(&network).copied().unwrap_or(0) >= share {
            return Err(Overloaded);
        }
        *waiting.entry(network.clone()).or_default() += 1;
        drop(waiting);
        Ok(Self { shared, network })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self
            .shared
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = waiting.get_mut(&self.network) {
            *held -= 1;
            if *held == 0 {
                waiting.remove(&self.network);
            }
        }
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

    fn hasher(cost: HashCost) -> Hasher {
        Hasher::new(cost, true, &SeededEntropy::new(1)).expect("the cost is within range")
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

    #[tokio::test]
    async fn one_network_cannot_fill_the_queue() {
        let hasher = hasher(CHEAP);
        let network = || "192.0.2.1".to_owned();
        let held: Vec<_> = (0..NETWORK_SHARE)
            .map(|_| Place::take(&hasher.0, network()).expect("room"))
            .collect();

        assert!(Place::take(&hasher.0, network()).is_err());
        assert!(Place::take(&hasher.0, "198.51.100.1".to_owned()).is_ok());

        drop(held);
        assert!(Place::take(&hasher.0, network()).is_ok());
        assert!(hasher.0.waiting.lock().expect("no panic").is_empty());
    }
}
