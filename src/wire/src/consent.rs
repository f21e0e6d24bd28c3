//! Consents (req 156): what people agree to, in which version, and how that stands.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Every one there is, in the order people read them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// As it crosses the wire and is stored.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// Reads it; `None` for any other text.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
    };
}

words! {
    /// What somebody agrees to.
    ConsentPurpose {
        /// The terms of use.
        Terms = "terms",
        /// That data about them is processed.
        DataProcessing = "data_processing",
        /// That what they write is worked on by a machine that learnt to talk.
        AiInteraction = "ai_interaction",
        /// That data about them is kept.
        DataRetention = "data_retention",
    }
}

words! {
    /// How a consent stands.
    ConsentStatus {
        /// It holds: given, in the current version, not taken back.
        Given = "given",
        /// It was given and taken back.
        Withdrawn = "withdrawn",
        /// It is asked for: required and not given, or given for an older version only.
        Outstanding = "outstanding",
        /// It was never given.
        Never = "never",
    }
}

/// One purpose, and how one person stands to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consent {
    /// What for.
    pub purpose: ConsentPurpose,
    /// The version that was given last; `null` when none was.
    pub version: Option<String>,
    /// The version that is asked for now; `null` where this portal does not ask.
    pub current_version: Option<String>,
    /// Where that version can be read.
    pub url: Option<String>,
    /// Whether there is no using the portal's pages without it.
    pub required: bool,
    /// How it stands.
    pub status: ConsentStatus,
    /// When it was given last, RFC 3339.
    pub given_at: Option<String>,
    /// When that was taken back.
    pub withdrawn_at: Option<String>,
}

impl Consent {
    /// Whether it keeps its owner from going on: required, and not given.
    pub fn is_missing(&self) -> bool {
        self.required && self.status != ConsentStatus::Given
    }
}

/// All purposes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consents {
    /// One for each purpose, always all of them.
    pub consents: Vec<Consent>,
}

/// `PUT /api/account/consents/{purpose}`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GiveConsent {
    /// The version that was read: only the current one is taken.
    pub version: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_are_read_as_they_are_written() {
        for purpose in ConsentPurpose::ALL {
            assert_eq!(ConsentPurpose::parse(purpose.as_str()), Some(*purpose));
            let json = serde_json::to_string(purpose).expect("serialises");
            assert_eq!(json, format!("\"{}\"", purpose.as_str()));
        }
        for text in ["", "Terms", "terms ", "marketing", "terms\0"] {
            assert_eq!(ConsentPurpose::parse(text), None, "{text:?}");
        }
    }
}
