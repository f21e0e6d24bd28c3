//! What is shown once: how a form ended, for the page it leads back to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Longest value kept for a field: what is longer was no honest try.
const LONGEST: usize = 254;

/// How a form ended. Codes and what was typed into harmless fields: never a password, and never
/// a sentence, because sentences come from the catalogue.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Flash {
    /// Good news.
    pub notice: Option<Notice>,
    /// What was wrong.
    pub error: Option<wire::Error>,
    /// What was typed, by field.
    pub kept: BTreeMap<String, String>,
    /// The request to look for in the log, when it was our fault.
    pub reference: Option<String>,
}

/// Good news, each with its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The address is proven and the account made.
    AccountCreated,
    /// The first admin is made.
    SetUpDone,
    /// Another letter was asked for.
    LetterSent,
    /// A form was interrupted to confirm who it is: nothing was done yet.
    SendAgain,
    /// Another code to sign in with was asked for.
    CodeSent,
    /// This session has ended.
    SignedOut,
    /// All sessions have ended.
    SignedOutEverywhere,
}

impl Notice {
    /// The sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::AccountCreated => "Your address is confirmed and you are signed in.",
            Self::SetUpDone => "The portal is ready, and you are its first admin.",
            Self::LetterSent => {
                "If that address is waiting to be confirmed, a new letter is on its way."
            }
            Self::SendAgain => {
                "Nothing has been changed yet. Look over what you entered, and send it once more."
            }
            Self::CodeSent => "If that address has an account, a new code is on its way.",
            Self::SignedOut => "You are signed out.",
            Self::SignedOutEverywhere => "You are signed out on every device.",
        }
    }
}

impl Flash {
    /// Good news alone.
    pub fn news(notice: Notice) -> Self {
        Self {
            notice: Some(notice),
            ..Self::default()
        }
    }

    /// What was wrong, and what was typed.
    pub fn refusal(error: wire::Error, typed: &[(&str, &str)]) -> Self {
        let keep = |(field, value): &(&str, &str)| {
            (field.to_string(), value.chars().take(LONGEST).collect())
        };
        Self {
            error: Some(error),
            kept: typed.iter().map(keep).collect(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_value_is_not_carried_around() {
        let flash = Flash::refusal(
            wire::ErrorCode::InvalidRequest.into(),
            &[("email", &"é".repeat(10_000))],
        );

        assert_eq!(flash.kept["email"].chars().count(), LONGEST);
    }
}
