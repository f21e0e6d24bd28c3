//! `firebase auth:export`: JSON, or CSV without a header.

use auth::ForeignHash;

use super::{Draft, Keys, Record, Unread};
use crate::cli::user::draft::kept;

/// The columns we name; those of other providers' profiles are counted alone.
pub(super) const COLUMNS: &[&str] = &[
    "localId",
    "email",
    "emailVerified",
    "passwordHash",
    "salt",
    "displayName",
    "photoUrl",
    "googleId",
    "googleEmail",
    "googleName",
    "googlePhoto",
    "facebookId",
    "facebookEmail",
    "facebookName",
    "facebookPhoto",
    "twitterId",
    "twitterEmail",
    "twitterName",
    "twitterPhoto",
    "githubId",
    "githubEmail",
    "githubName",
    "githubPhoto",
    "createdAt",
    "lastSignedInAt",
    "phoneNumber",
];
/// Behind them in newer exports.
const DISABLED: usize = 26;

pub(super) fn read(record: &Record, keys: &Keys) -> Result<Draft, Unread> {
    let (hash, salt) = (record.text("passwordHash")?, record.text("salt")?);
    let password = match (hash, salt, &keys.firebase) {
        (Some(hash), Some(salt), Some(project)) => {
            kept(ForeignHash::firebase(project, salt.trim(), hash.trim()))?
        }
        _ => None,
    };
    let mut draft = Draft {
        external_id: record.text("localId")?,
        email: record.text("email")?,
        email_verified: record.flag("emailVerified")?,
        created_at: record.moment("createdAt")?,
        disabled: record.flag_at("disabled", DISABLED)?,
        password,
        ..Draft::default()
    };
    draft.full_name(record.text("displayName")?);
    Ok(draft)
}
