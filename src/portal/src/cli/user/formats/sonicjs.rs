//! SonicJS' table `users`: SHA-256 over the password and one salt for all, which never rests here.

use auth::ForeignHash;

use super::{Draft, Keys, Record, Unread};
use crate::cli::user::draft::kept;

pub(super) fn read(record: &Record, keys: &Keys) -> Result<Draft, Unread> {
    let hash = record.first(&["password_hash", "passwordHash", "password"])?;
    let password = match (hash, &keys.sonicjs) {
        (Some(hash), Some(salt)) => kept(ForeignHash::sonicjs(hash.trim(), salt))?,
        _ => None,
    };
    let is_active = match record.text("is_active")? {
        Some(_) => record.flag("is_active")?,
        None => true,
    };
    Ok(Draft {
        external_id: record.text("id")?,
        email: record.text("email")?,
        email_verified: record.flag("email_verified")?,
        username: record.text("username")?,
        first_name: record.first(&["first_name", "firstName"])?,
        last_name: record.first(&["last_name", "lastName"])?,
        role: record.text("role")?,
        created_at: record.moment("created_at")?,
        disabled: !is_active,
        password,
    })
}
