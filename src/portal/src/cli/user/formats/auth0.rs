//! Auth0: what its export gives (without hashes, which its support adds), and what its import takes.

use auth::{ForeignHash, HashRefused};
use serde_json::Value;

use super::{Draft, Record, Unread};
use crate::cli::user::draft::{hash_in, kept};

pub(super) fn read(record: &Record) -> Result<Draft, Unread> {
    let password = match record.value("custom_password_hash") {
        Some(custom) if custom.is_object() => kept(hash(custom))?,
        _ => match hash_in(record, "password_hash")? {
            Some(hash) => Some(hash),
            // What support writes into an export.
            None => hash_in(record, "passwordHash")?,
        },
    };
    let mut draft = Draft {
        external_id: record.first(&["user_id", "Id", "id"])?.or(oid(record)),
        email: record.first(&["email", "Email"])?,
        email_verified: record.flag("email_verified")? || record.flag("Email Verified")?,
        username: record.text("username")?,
        first_name: record.first(&["given_name", "Given Name"])?,
        last_name: record.first(&["family_name", "Family Name"])?,
        created_at: record.moment("created_at")?,
        disabled: record.flag("blocked")?,
        password,
        ..Draft::default()
    };
    // Without a name of their own people are called by their address.
    let name = record.first(&["name", "Name"])?;
    draft.full_name(name.filter(|name| !name.contains('@')));
    Ok(draft)
}

/// `{"_id":{"$oid":"…"}}`, as their database prints it.
fn oid(record: &Record) -> Option<String> {
    let id = record.value("_id")?.get("$oid")?;
    id.as_str().map(str::to_owned)
}

/// `custom_password_hash`: bcrypt, Argon2 and PBKDF2 say in their value what they are; the others do not,
/// and their owners come without a password.
fn hash(custom: &Value) -> Result<ForeignHash, HashRefused> {
    let value = custom.pointer("/hash/value").and_then(Value::as_str);
    match (custom["algorithm"].as_str(), value) {
        (Some("bcrypt" | "argon2" | "pbkdf2"), Some(value)) => ForeignHash::read(value.trim()),
        _ => Err(HashRefused::Unknown),
    }
}
