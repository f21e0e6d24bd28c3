//! A record in our words, not checked yet.

use auth::{ForeignHash, HashRefused, ImportRow};
use wire::{Email, PersonName, Username};

use super::record::Record;
use super::unread::Unread;

/// Ids of other systems are UUIDs, numbers or short words.
const LONGEST_ID: usize = 255;

/// What a format found in a record.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) external_id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) email_verified: bool,
    pub(super) username: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) role: Option<String>,
    pub(super) created_at: Option<i64>,
    pub(super) disabled: bool,
    pub(super) password: Option<ForeignHash>,
}

impl Draft {
    /// Takes a full name where there are no parts of one, split at the last space (C9).
    pub(super) fn full_name(&mut self, name: Option<String>) {
        if self.first_name.is_some() || self.last_name.is_some() {
            return;
        }
        let Some(name) = name else { return };
        match name.trim().rsplit_once(' ') {
            Some((first, last)) => {
                self.first_name = Some(first.to_owned());
                self.last_name = Some(last.to_owned());
            }
            None => self.first_name = Some(name),
        }
    }

    /// Checks everything by the rules every account is under.
    pub(super) fn check(self) -> Result<ImportRow, Unread> {
        let email = self.email.ok_or(Unread::Missing("email"))?;
        let field = |name| move |code| Unread::Field { name, code };
        let name = |text: Option<String>, called| {
            text.map(|text| PersonName::parse(&text).map_err(field(called)))
                .transpose()
        };
        Ok(ImportRow {
            external_id: self.external_id.map(checked_id).transpose()?,
            email: Email::parse(&email).map_err(field("email"))?,
            email_verified: self.email_verified,
            username: self
                .username
                .map(|text| Username::parse(&text).map_err(field("username")))
                .transpose()?,
            first_name: name(self.first_name, "first_name")?,
            last_name: name(self.last_name, "last_name")?,
            role: self.role.map(checked_role).transpose()?,
            created_at: self.created_at,
            disabled: self.disabled,
            password: self.password,
        })
    }
}

fn checked_id(id: String) -> Result<String, Unread> {
    let is_good = id.len() <= LONGEST_ID && !id.chars().any(char::is_control);
    is_good.then_some(id).ok_or(Unread::Malformed("id"))
}

fn checked_role(role: String) -> Result<String, Unread> {
    let is_good = role.len() <= LONGEST_ID && !role.chars().any(char::is_control);
    is_good.then_some(role).ok_or(Unread::Malformed("role"))
}

/// A hash of a kind nobody here can verify is no reason to leave its owner behind: they come without a
/// password. One that is damaged or too costly is.
pub(super) fn kept(hash: Result<ForeignHash, HashRefused>) -> Result<Option<ForeignHash>, Unread> {
    match hash {
        Ok(hash) => Ok(Some(hash)),
        Err(HashRefused::Unknown) => Ok(None),
        Err(refused) => Err(Unread::Hash(refused)),
    }
}

/// The hash in a field, if it says itself what it is.
pub(super) fn hash_in(record: &Record, name: &'static str) -> Result<Option<ForeignHash>, Unread> {
    match record.text(name)? {
        Some(text) => kept(ForeignHash::read(text.trim())),
        None => Ok(None),
    }
}
