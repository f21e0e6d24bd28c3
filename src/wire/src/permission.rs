//! Permissions: `resource:action` (C13).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::FieldCode;

/// One right, `resource:action` in lower case. `workflow.read` is read as `workflow:read`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Permission(String);

impl Permission {
    /// Reads a permission.
    ///
    /// # Errors
    /// `Invalid` unless it is two words of `a-z`, `0-9`, `_`, `-`, each of 1 to 64 characters.
    pub fn parse(text: &str) -> Result<Self, FieldCode> {
        let (resource, action) = text.split_once([':', '.']).ok_or(FieldCode::Invalid)?;
        let is_word = |word: &str| {
            (1..=64).contains(&word.len())
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
        };
        if is_word(resource) && is_word(action) {
            Ok(Self(format!("{resource}:{action}")))
        } else {
            Err(FieldCode::Invalid)
        }
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Permission {
    type Error = FieldCode;

    fn try_from(text: String) -> Result<Self, FieldCode> {
        Self::parse(&text)
    }
}

impl From<Permission> for String {
    fn from(permission: Permission) -> Self {
        permission.0
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dotted_alias_is_the_same_right() {
        assert_eq!(
            Permission::parse("content.create"),
            Permission::parse("content:create")
        );
    }

    #[test]
    fn only_two_plain_words_are_a_permission() {
        for text in [
            "",
            "workflow",
            "workflow:",
            ":read",
            "Workflow:read",
            "a:b:c",
            "a b:c",
            "*:*",
        ] {
            assert!(Permission::parse(text).is_err(), "{text:?}");
        }
    }
}
