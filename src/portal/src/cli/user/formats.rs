//! What each system's export looks like. Their columns and members are listed in `docs/import.md`.

mod auth0;
mod better_auth;
mod clerk;
mod firebase;
mod gatehouse;
mod sonicjs;

use auth::{FirebaseProject, ImportRow};
use clap::ValueEnum;
use wire::Secret;

use super::draft::Draft;
use super::record::Record;
use super::unread::Unread;

/// Which system a file comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Gatehouse's own columns: what `user export` writes, and what is easily made of anything else
    Csv,
    /// The CSV of Clerk's dashboard
    Clerk,
    /// Auth0's user export or import file, JSON
    Auth0,
    /// `firebase auth:export`, JSON or CSV
    Firebase,
    /// Better Auth's tables `user` and `account`, joined, JSON or CSV
    BetterAuth,
    /// SonicJS' table `users`, JSON or CSV
    Sonicjs,
}

/// What a format needs beside the file to read its hashes.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) firebase: Option<FirebaseProject>,
    pub(super) sonicjs: Option<Secret>,
    /// Leave every hash out.
    pub(super) without_passwords: bool,
}

impl Format {
    /// The name in the database and in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Clerk => "clerk",
            Self::Auth0 => "auth0",
            Self::Firebase => "firebase",
            Self::BetterAuth => "better-auth",
            Self::Sonicjs => "sonicjs",
        }
    }

    /// The columns of a CSV file without a header.
    pub(super) fn columns(self) -> Option<&'static [&'static str]> {
        (self == Self::Firebase).then_some(firebase::COLUMNS)
    }

    /// The columns a header must have.
    pub(super) fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Clerk => &["id", "primary_email_address"],
            Self::BetterAuth | Self::Sonicjs => &["id", "email"],
            _ => &["email"],
        }
    }

    /// How many rows go into one transaction: few where each costs a hash, so that an interrupted run
    /// has lost little.
    pub(super) fn batch(self) -> usize {
        match self {
            Self::Sonicjs => 32,
            _ => 500,
        }
    }

    /// Reads a record.
    pub(super) fn read(self, record: &Record, keys: &Keys) -> Result<ImportRow, Unread> {
        let draft = match self {
            Self::Csv => gatehouse::read(record),
            Self::Clerk => clerk::read(record),
            Self::Auth0 => auth0::read(record),
            Self::Firebase => firebase::read(record, keys),
            Self::BetterAuth => better_auth::read(record),
            Self::Sonicjs => sonicjs::read(record, keys),
        };
        let mut draft: Draft = draft?;
        if keys.without_passwords {
            draft.password = None;
        }
        draft.check()
    }
}

#[cfg(test)]
mod tests;
