//! API keys (req 78–83, D22): what programs show instead of somebody who signs in.
//!
//! A key is shown once, when it is made; what stays is its SHA-256. It is never worth more than the one
//! who answers for it: what it may do is what they may do at that moment, in its tenant, of what it was
//! given by name. It reaches what a program needs and no more (D20); an account is nothing it reaches.
//!
//! One act a file: `create`, `check` (each use), `quota` (how often), `exchange`, `change`, `roll`, `revoke`,
//! `leak`, `remind`, `list`; who may look after which is `manage`'s to say, what is believed for a moment `keep`'s.

mod change;
mod check;
mod create;
mod exchange;
mod keep;
mod leak;
mod list;
mod manage;
mod quota;
mod remind;
mod revoke;
mod roll;

use serde_json::json;
use wire::{Error, ErrorCode, FieldCode};

use crate::audit::Entry;
use crate::error::Fault;
use crate::limit::{LimitError, Limited};

pub use self::check::{ApiKeyRefused, ApiKeyUse};
pub(crate) use self::keep::KeyCache;
pub use self::leak::ReportLeakError;
pub use self::list::ApiKeyQuery;
pub(crate) use self::list::ENDING;
pub use self::manage::KeyRights;
pub use self::quota::Quota;

/// Why nothing was done with a key.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// There is none of this id that the caller may look after.
    #[error("no such key of the caller")]
    Unknown,
    /// There is one that somebody else looks after: told as [`Self::Unknown`] is.
    #[error("the key is not the caller's")]
    Foreign,
    /// The session that asked has ended.
    #[error("the session has ended")]
    SignedOut,
    /// The address of the account is not proven.
    #[error("the address is not proven")]
    Unproven,
    /// No permission has this name.
    #[error("a permission does not exist")]
    NoPermission,
    /// A permission that the caller does not hold.
    #[error("a permission is not the caller's to give")]
    NotHeld,
    /// As many keys as there may be.
    #[error("there are as many keys as there may be")]
    TooMany,
    /// It is over, or another has taken its place already.
    #[error("the key is over")]
    Over,
    /// Somebody answers for it who is there.
    #[error("a member answers for the key")]
    Answered,
    /// Its owner has rights that the caller lacks (D25).
    #[error("the owner has rights that the actor lacks")]
    Outranked,
    /// What is others' is ended by somebody who has just proven who they are.
    #[error("nobody has just proven who they are")]
    NotRecent,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<ApiKeyError> for Error {
    fn from(error: ApiKeyError) -> Self {
        match error {
            ApiKeyError::Unknown | ApiKeyError::Foreign => ErrorCode::NotFound.into(),
            ApiKeyError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            ApiKeyError::Unproven => ErrorCode::EmailNotVerified.into(),
            ApiKeyError::NoPermission => Self::field("permissions", FieldCode::Invalid),
            ApiKeyError::NotHeld | ApiKeyError::Outranked => {
                ErrorCode::InsufficientPermissions.into()
            }
            ApiKeyError::NotRecent => ErrorCode::StepUpRequired.into(),
            ApiKeyError::TooMany => Self::conflict("keys"),
            ApiKeyError::Over | ApiKeyError::Answered => Self::conflict("status"),
            ApiKeyError::Limited(limited) => limited.into(),
            ApiKeyError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for ApiKeyError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

/// An entry of an act that was refused on a key of this id.
fn about<'a>(entry: Entry<'a>, id: &str) -> Entry<'a> {
    entry.detail(json!({ "key": id }))
}

/// Names of permissions, as they are stored.
fn named(permissions: &str) -> impl Iterator<Item = &str> {
    permissions.split(' ').filter(|name| !name.is_empty())
}
