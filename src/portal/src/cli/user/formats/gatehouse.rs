//! Our own columns, in any order: `email`, and any of `id` (or `external_id`), `email_verified`,
//! `username`, `first_name`, `last_name`, `role`, `created_at`, `disabled`, `password_hash`.

use super::{Draft, Record, Unread};
use crate::cli::user::draft::hash_in;

pub(super) fn read(record: &Record) -> Result<Draft, Unread> {
    Ok(Draft {
        external_id: record.first(&["external_id", "id"])?,
        email: record.text("email")?,
        email_verified: record.flag("email_verified")?,
        username: record.text("username")?,
        first_name: record.text("first_name")?,
        last_name: record.text("last_name")?,
        role: record.text("role")?,
        created_at: record.moment("created_at")?,
        disabled: record.flag("disabled")?,
        password: hash_in(record, "password_hash")?,
    })
}
