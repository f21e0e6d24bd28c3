//! Letters as the operator sees them: whom to, when, how it went; never what they say.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How far a letter has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LetterStatus {
    /// It waits for its first or its next attempt.
    Due,
    /// A worker has it.
    Sending,
    /// The mail server took it.
    Sent,
    /// There was nothing to send: nobody has the address, or it was settled meanwhile.
    NotNeeded,
    /// It was given up.
    Dead,
}

impl LetterStatus {
    /// All of them, in the order in which a letter goes through them.
    pub const ALL: [Self; 5] = [
        Self::Due,
        Self::Sending,
        Self::Sent,
        Self::NotNeeded,
        Self::Dead,
    ];

    /// As it crosses the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::NotNeeded => "not_needed",
            Self::Dead => "dead",
        }
    }

    /// Reads a status; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl fmt::Display for LetterStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A letter in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutboxLetter {
    /// Its id, and the left side of its Message-ID.
    pub id: String,
    /// Which letter: `registration`, `password_reset`, `mail_test` …
    pub letter: String,
    /// To whom it was addressed when it was last tried; `null` before the first attempt, and where
    /// nothing was to be sent.
    pub to: Option<String>,
    /// How far it has come.
    pub status: LetterStatus,
    /// When the act happened that caused it: RFC 3339, UTC.
    pub created_at: String,
    /// When it is tried next; `null` unless it is due.
    pub next_attempt_at: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it left.
    pub sent_at: Option<String>,
    /// When it was given up.
    pub dead_at: Option<String>,
    /// Why the last attempt failed: no address, no secret, nothing the mail server wrote.
    pub last_error: Option<String>,
}

/// A page of the outbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outbox {
    /// Newest first.
    pub letters: Vec<OutboxLetter>,
    /// Leads to the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_as_it_is_written() {
        for status in LetterStatus::ALL {
            assert_eq!(LetterStatus::parse(status.as_str()), Some(status));
            let json = serde_json::to_value(status).expect("serialises");
            assert_eq!(json, status.as_str());
        }
        assert_eq!(LetterStatus::parse("Due"), None);
    }
}
