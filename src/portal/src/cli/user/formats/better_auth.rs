//! Better Auth's `user`, with the `password` of its `account` whose `providerId` is `credential`: as a
//! column of a join, or as the list `accounts` of the user.

use auth::ForeignHash;
use serde_json::Value;

use super::{Draft, Record, Unread};
use crate::cli::user::draft::kept;

pub(super) fn read(record: &Record) -> Result<Draft, Unread> {
    let hash = match record.text("password")? {
        Some(hash) => Some(hash),
        None => record.value("accounts").and_then(of_accounts),
    };
    let password = match hash {
        Some(hash) => kept(ForeignHash::better_auth(hash.trim()))?,
        None => None,
    };
    let verified = match record.text("emailVerified")? {
        Some(_) => record.flag("emailVerified")?,
        None => record.flag("email_verified")?,
    };
    let created_at = match record.moment("createdAt")? {
        Some(at) => Some(at),
        None => record.moment("created_at")?,
    };
    let mut draft = Draft {
        external_id: record.text("id")?,
        email: record.text("email")?,
        email_verified: verified,
        username: record.first(&["displayUsername", "username"])?,
        role: record.text("role")?,
        created_at,
        disabled: record.flag("banned")?,
        password,
        ..Draft::default()
    };
    draft.full_name(record.text("name")?);
    Ok(draft)
}

fn of_accounts(accounts: &Value) -> Option<String> {
    let credential = accounts.as_array()?.iter().find(|account| {
        let provider = account.get("providerId").or(account.get("provider_id"));
        provider.and_then(Value::as_str) == Some("credential")
    });
    credential?["password"].as_str().map(str::to_owned)
}
