//! Records that do not read.

use auth::HashRefused;
use wire::{FieldCode, PasswordRule};

/// Why a record was not understood. Each is a sentence for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    #[error("the record is longer than 1 MiB")]
    TooLong,
    #[error("a quote is never closed; nothing after it was read")]
    OpenQuote,
    #[error("it has {found} fields, and the header has {wanted}")]
    Fields { found: usize, wanted: usize },
    #[error("it is not UTF-8 text")]
    NotText,
    #[error("it is not a JSON object")]
    NotAnObject,
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("`{0}` does not read")]
    Malformed(&'static str),
    #[error("`{name}`: {}", .code.sentence(.name, PasswordRule::default()))]
    Field { name: &'static str, code: FieldCode },
    #[error(transparent)]
    Hash(HashRefused),
}

impl Unread {
    /// The word for reports.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::OpenQuote => "open_quote",
            Self::Fields { .. } => "fields",
            Self::NotText => "not_text",
            Self::NotAnObject => "not_an_object",
            Self::Missing(_) => "missing",
            Self::Malformed(_) | Self::Field { .. } => "invalid",
            Self::Hash(refused) => refused.code(),
        }
    }
}
