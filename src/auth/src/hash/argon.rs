//! Argon2 itself: parameters of today, memory that is kept, and PHC strings.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::error::Fault;
use crate::settings::HashCost;

/// A salt of 128 random bits (RFC 9106 3.1).
pub(super) const SALT_LEN: usize = 16;

const UNREADABLE: Fault = Fault::Inconsistent("a stored password hash does not read as Argon2");

/// How a password compared with a stored string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    Wrong,
    Right,
    /// Right, but the hash is weaker than today's.
    RightButWeak,
}

/// Computes Argon2, on the calling thread.
pub(super) struct Argon {
    params: Params,
    /// Memory of finished hashes: allocating and zeroing 64 MiB costs up to 40 % of a hash.
    memory: Mutex<Vec<Vec<Block>>>,
    /// Hashes computed so far.
    computed: AtomicU64,
}

impl Argon {
    pub(super) fn new(cost: HashCost) -> Result<Self, Fault> {
        let params = Params::new(
            cost.memory_kib,
            cost.iterations,
            cost.lanes,
            Some(Params::DEFAULT_OUTPUT_LEN),
        )
        .map_err(|_| Fault::Inconsistent("the hash cost is outside Argon2's range"))?;
        Ok(Self {
            params,
            memory: Mutex::default(),
            computed: AtomicU64::new(0),
        })
    }

    /// How many hashes were computed so far.
    pub(super) fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// The PHC string of a secret under today's parameters.
    pub(super) fn hash(&self, secret: &[u8], salt: &[u8]) -> Result<String, Fault> {
        let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
        let (id, version) = (Algorithm::Argon2id, Version::V0x13);
        self.compute(id, version, &self.params, secret, salt, &mut out)?;
        self.phc(salt, &out)
    }

    /// The PHC string of an output.
    pub(super) fn phc(&self, salt: &[u8], out: &[u8]) -> Result<String, Fault> {
        const REFUSED: Fault = Fault::Inconsistent("a PHC string could not be made");
        Ok(PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: (&self.params).try_into().map_err(|_| REFUSED)?,
            salt: Some(Salt::new(salt).map_err(|_| REFUSED)?),
            hash: Some(Output::new(out).map_err(|_| REFUSED)?),
        }
        .to_string())
    }

    /// Memory in KiB, passes and lanes of a whole PHC string of Argon2i or Argon2id.
    pub(super) fn cost_of(text: &str) -> Option<(u32, u32, u32)> {
        let read = PasswordHash::new(text).ok()?;
        let params = Params::try_from(&read).ok()?;
        let id = read.algorithm;
        let is_ours = id == Algorithm::Argon2id.ident() || id == Algorithm::Argon2i.ident();
        (is_ours && read.salt.is_some() && read.hash.is_some()).then(|| {
            let (memory_kib, passes) = (params.m_cost(), params.t_cost());
            (memory_kib, passes, params.p_cost())
        })
    }

    /// Compares a secret with a PHC string of Argon2.
    pub(super) fn compare(&self, secret: &[u8], stored: &str) -> Result<Compared, Fault> {
        let stored = PasswordHash::new(stored).map_err(|_| UNREADABLE)?;
        let params = Params::try_from(&stored).map_err(|_| UNREADABLE)?;
        let algorithm = Algorithm::new(stored.algorithm.as_str()).map_err(|_| UNREADABLE)?;
        let version = match stored.version {
            Some(version) => Version::try_from(version).map_err(|_| UNREADABLE)?,
            None => Version::V0x10,
        };
        let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
            return Err(UNREADABLE);
        };
        let mut out = vec![0; expected.len()];
        self.compute(algorithm, version, &params, secret, salt, &mut out)?;
        // `Output` compares in constant time.
        if Output::new(&out).map_err(|_| UNREADABLE)? != *expected {
            return Ok(Compared::Wrong);
        }
        let is_ours = algorithm == Algorithm::Argon2id && version == Version::V0x13;
        Ok(if is_ours && !is_weaker(&params, &self.params) {
            Compared::Right
        } else {
            Compared::RightButWeak
        })
    }

    fn compute(
        &self,
        algorithm: Algorithm,
        version: Version,
        params: &Params,
        secret: &[u8],
        salt: &[u8],
        out: &mut [u8],
    ) -> Result<(), Fault> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let blocks = params.block_count();
        let mut memory = self.lend_memory();
        if memory.len() < blocks {
            memory.resize(blocks, Block::default());
        }
        let done = Argon2::new(algorithm, version, params.clone())
            .hash_password_into_with_memory(secret, salt, out, &mut memory[..blocks])
            .map_err(|_| Fault::Inconsistent("Argon2 refused its parameters"));
        // What a dearer hash needed once is not kept for ever.
        if memory.len() > self.params.block_count() {
            memory.truncate(self.params.block_count());
            memory.shrink_to_fit();
        }
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
