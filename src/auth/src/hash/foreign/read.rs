//! How other systems write a hash down.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::bounds::{self, Cost, HashRefused};
use super::scheme::{Digest, Scheme};

/// No text that long is a hash.
const LONGEST: usize = 1024;

/// Base64 as anybody writes it: padded or not.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Reads a hash that says itself what it is.
pub(super) fn scheme(text: &str) -> Result<Scheme, HashRefused> {
    use Digest::{Sha1, Sha256, Sha512};
    if text.len() > LONGEST {
        return Err(HashRefused::Damaged);
    }
    let after = |mark: &str| text.strip_prefix(mark);
    if let Some(phc) = after("argon2$") {
        return Scheme::argon2(&format!("${phc}"));
    }
    if text.starts_with("$argon2i$") || text.starts_with("$argon2id$") {
        return Scheme::argon2(text);
    }
    if ["$2a$", "$2b$", "$2y$"]
        .iter()
        .any(|mark| text.starts_with(mark))
    {
        return Scheme::bcrypt(text);
    }
    if let Some(bcrypt) = after("bcrypt$") {
        return Scheme::bcrypt(bcrypt);
    }
    for (mark, digest) in [("sha1", Sha1), ("sha256", Sha256), ("sha512", Sha512)] {
        if let Some(rest) = after(&format!("$pbkdf2-{mark}$")) {
            return phc_pbkdf2(digest, rest);
        }
        if let Some(rest) = after(&format!("pbkdf2_{mark}$")) {
            return django_pbkdf2(digest, rest);
        }
    }
    if let Some(rest) = after("$scrypt$") {
        return phc_scrypt(false, rest);
    }
    if let Some(rest) = after("$scrypt-nfkc$") {
        return phc_scrypt(true, rest);
    }
    if let Some(rest) = after("$firebase-scrypt$") {
        return sealed_firebase(rest);
    }
    match after("$sha256$").and_then(|rest| rest.split_once('$')) {
        Some((sealed, argon)) => Scheme::wrapped(sealed, &format!("${argon}")),
        None => Err(HashRefused::Unknown),
    }
}

/// Reads Base64 of either alphabet, and passlib's, which writes `.` for `+`.
pub(super) fn base64(text: &str) -> Result<Vec<u8>, HashRefused> {
    let standard: String = text
        .chars()
        .map(|c| match c {
            '-' | '.' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    LENIENT.decode(standard).map_err(|_| HashRefused::Damaged)
}

pub(super) fn hex(text: &str) -> Result<Vec<u8>, HashRefused> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(HashRefused::Unknown);
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| HashRefused::Unknown))
        .collect()
}

/// `salt:key` in hex; the salt goes into scrypt as it is written, not as the bytes it stands for.
pub(super) fn better_auth(text: &str) -> Result<Scheme, HashRefused> {
    let (salt, key) = text.split_once(':').ok_or(HashRefused::Unknown)?;
    hex(salt)?;
    let key = hex(key)?;
    if key.len() != 64 {
        return Err(HashRefused::Unknown);
    }
    Scheme::scrypt(
        Cost::within(14, 16, 1)?,
        true,
        salt.as_bytes().to_vec(),
        key,
    )
}

/// `pbkdf2:iterations:salt:hash`, both in hex.
pub(super) fn sonicjs_pbkdf2(text: &str) -> Result<Scheme, HashRefused> {
    let [_, iterations, salt, key] = parts(text, ':')?;
    Scheme::pbkdf2(Digest::Sha256, number(iterations)?, hex(salt)?, hex(key)?)
}

/// `pbkdf2_sha256$iterations$salt$hash`: Django, and Clerk. The salt is text; the hash is Base64, or
/// hex where its length says so.
fn django_pbkdf2(digest: Digest, rest: &str) -> Result<Scheme, HashRefused> {
    let [iterations, salt, key] = parts(rest, '$')?;
    let key = match hex(key) {
        Ok(key) if key.len() == digest.length() => key,
        _ => base64(key)?,
    };
    Scheme::pbkdf2(digest, number(iterations)?, salt.as_bytes().to_vec(), key)
}

/// `i=…[,l=…]$salt$hash` (PHC), or `iterations$salt$hash` (passlib).
fn phc_pbkdf2(digest: Digest, rest: &str) -> Result<Scheme, HashRefused> {
    let [params, salt, key] = parts(rest, '$')?;
    let iterations = match params.split(',').find_map(|one| one.strip_prefix("i=")) {
        Some(iterations) => iterations,
        None => params,
    };
    Scheme::pbkdf2(digest, number(iterations)?, base64(salt)?, base64(key)?)
}

/// `ln=…,r=…,p=…$salt$hash`.
fn phc_scrypt(nfkc: bool, rest: &str) -> Result<Scheme, HashRefused> {
    let [params, salt, key] = parts(rest, '$')?;
    Scheme::scrypt(cost(params)?, nfkc, base64(salt)?, base64(key)?)
}

/// `ln=…,r=…,p=…$sealed$salt$hash`: our own, from another Gatehouse.
fn sealed_firebase(rest: &str) -> Result<Scheme, HashRefused> {
    let [params, sealed, salt, key] = parts(rest, '$')?;
    let (salt, key) = (base64(salt)?, base64(key)?);
    bounds::salt_and_key(&salt, &key)?;
    Ok(Scheme::Firebase {
        cost: cost(params)?,
        sealed: base64(sealed)?,
        salt,
        key,
    })
}

fn cost(params: &str) -> Result<Cost, HashRefused> {
    let named = |name: &str| {
        params
            .split(',')
            .find_map(|one| one.strip_prefix(name)?.strip_prefix('='))
            .ok_or(HashRefused::Damaged)
    };
    let log_n = u8::try_from(number(named("ln")?)?).map_err(|_| HashRefused::TooCostly)?;
    Cost::within(log_n, number(named("r")?)?, number(named("p")?)?)
}

/// A number that does not fit is not damaged, it is too high.
fn number(text: &str) -> Result<u32, HashRefused> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(HashRefused::Damaged);
    }
    text.parse().map_err(|_| HashRefused::TooCostly)
}

fn parts<const N: usize>(text: &str, at: char) -> Result<[&str; N], HashRefused> {
    let parts: Vec<&str> = text.split(at).collect();
    parts.try_into().map_err(|_| HashRefused::Damaged)
}
