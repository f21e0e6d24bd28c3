//! The CSV of Clerk's dashboard. Several addresses share a field, separated by `|` or a comma; the
//! primary one counts as proven if it stands among the verified ones.

use auth::{FirebaseProject, ForeignHash, HashRefused};
use wire::Secret;

use super::{Draft, Record, Unread};
use crate::cli::user::draft::kept;

pub(super) fn read(record: &Record) -> Result<Draft, Unread> {
    let email = record.text("primary_email_address")?;
    let verified = record.text("verified_email_addresses")?.unwrap_or_default();
    let is_primary = |address: &str| {
        let primary = email.as_deref().unwrap_or_default().trim();
        !primary.is_empty() && address.trim().eq_ignore_ascii_case(primary)
    };
    let password = match record.text("password_digest")? {
        Some(digest) => {
            let hasher = record.text("password_hasher")?.unwrap_or_default();
            kept(hash(digest.trim(), hasher.trim()))?
        }
        None => None,
    };
    Ok(Draft {
        external_id: record.text("id")?,
        email_verified: verified.split(['|', ',', ';']).any(is_primary),
        username: record.text("username")?,
        first_name: record.text("first_name")?,
        last_name: record.text("last_name")?,
        created_at: record.moment("created_at")?,
        disabled: record.flag("banned")?,
        password,
        email,
        ..Draft::default()
    })
}

fn hash(digest: &str, hasher: &str) -> Result<ForeignHash, HashRefused> {
    if hasher != "scrypt_firebase" {
        return ForeignHash::read(digest);
    }
    // hash, salt, signer key, salt separator, rounds, memory cost
    let parts: Vec<&str> = digest.split('$').collect();
    let [hash, salt, key, separator, rounds, memory] = parts[..] else {
        return Err(HashRefused::Damaged);
    };
    let number = |text: &str| text.parse().map_err(|_| HashRefused::Damaged);
    let memory = memory.parse().map_err(|_| HashRefused::Damaged)?;
    let project = FirebaseProject::new(&Secret::new(key), separator, number(rounds)?, memory)?;
    ForeignHash::firebase(&project, salt, hash)
}
