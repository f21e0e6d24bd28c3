//! What a foreign hash may cost. A hostile file must not turn a sign-in into minutes or gigabytes.

/// Why a hash cannot be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashRefused {
    /// No format we verify: the account can only come without a password.
    #[error("its password hash is of a kind that cannot be verified here")]
    Unknown,
    /// It says what it is, and does not read as that.
    #[error("its password hash is damaged")]
    Damaged,
    /// It would cost too much to verify.
    #[error("its password hash costs too much to verify")]
    TooCostly,
    /// Another installation's key ring sealed a part of it.
    #[error("its password hash was sealed under another key ring")]
    SealedElsewhere,
}

impl HashRefused {
    /// The word for reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "hash_unknown",
            Self::Damaged => "hash_damaged",
            Self::TooCostly => "hash_too_costly",
            Self::SealedElsewhere => "hash_sealed_elsewhere",
        }
    }
}

/// 2^14 rounds take about a second.
const BCRYPT_COST: u32 = 14;
/// Django stands at 1 200 000 of SHA-256; this is about two seconds of SHA-512.
const PBKDF2_ITERATIONS: u32 = 4_000_000;
/// OWASP's recommendation, N=2^17 with r=8, is 128 MiB: the most that is accepted.
const SCRYPT_MEMORY: u64 = 128 << 20;
/// N·r·p: twice the work of that recommendation.
const SCRYPT_WORK: u64 = 1 << 21;
/// Four times our own memory …
const ARGON2_MEMORY_KIB: u32 = 256 << 10;
/// … and memory times passes: five times our own work.
const ARGON2_WORK: u64 = 1 << 20;
const ARGON2_LANES: u32 = 64;

/// Salts are 16 bytes as a rule, keys 32 or 64.
const LONGEST_SALT: usize = 128;
const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;

/// The cost of scrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) log_n: u8,
    pub(super) r: u32,
    pub(super) p: u32,
}

impl Cost {
    pub(super) fn within(log_n: u8, r: u32, p: u32) -> Result<Self, HashRefused> {
        if log_n == 0 || r == 0 || p == 0 {
            return Err(HashRefused::Damaged);
        }
        let n = 1_u64.checked_shl(u32::from(log_n)).unwrap_or(u64::MAX);
        let blocks = n.saturating_mul(u64::from(r));
        let is_within = log_n < 40
            && blocks.saturating_mul(128) <= SCRYPT_MEMORY
            && blocks.saturating_mul(u64::from(p)) <= SCRYPT_WORK;
        is_within
            .then_some(Self { log_n, r, p })
            .ok_or(HashRefused::TooCostly)
    }
}

pub(super) fn bcrypt(cost: u32) -> Result<(), HashRefused> {
    match cost {
        4..=BCRYPT_COST => Ok(()),
        0..4 => Err(HashRefused::Damaged),
        _ => Err(HashRefused::TooCostly),
    }
}

pub(super) fn pbkdf2(iterations: u32) -> Result<(), HashRefused> {
    match iterations {
        0 => Err(HashRefused::Damaged),
        1..=PBKDF2_ITERATIONS => Ok(()),
        _ => Err(HashRefused::TooCostly),
    }
}

pub(super) fn argon2(memory_kib: u32, passes: u32, lanes: u32) -> Result<(), HashRefused> {
    let work = u64::from(memory_kib) * u64::from(passes);
    let is_within = memory_kib <= ARGON2_MEMORY_KIB && work <= ARGON2_WORK && lanes <= ARGON2_LANES;
    is_within.then_some(()).ok_or(HashRefused::TooCostly)
}

pub(super) fn salt_and_key(salt: &[u8], key: &[u8]) -> Result<(), HashRefused> {
    let is_within = (1..=LONGEST_SALT).contains(&salt.len()) && KEY_LENGTHS.contains(&key.len());
    is_within.then_some(()).ok_or(HashRefused::Damaged)
}
