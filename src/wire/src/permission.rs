//! Permissions: `resource:action` (C13), and patterns that permit several.

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

    /// What it is done to: the word before the colon.
    pub fn resource(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    /// What is done: the word after it.
    pub fn action(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }
}

fn is_word(word: &str) -> bool {
    (1..=64).contains(&word.len())
        && word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

/// What a role or a person is given: one permission, all of a resource (`workflow:*`), or all there is
/// (`*:*`). A wildcard permits what will be added later, too; that is why it is another thing than the
/// list of what there is today.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(String);

impl Pattern {
    /// Reads a pattern; `workflow.read` and `workflow.*` are read with a colon.
    ///
    /// # Errors
    /// `Invalid` unless it is a [`Permission`], a word and `*`, or `*:*`.
    pub fn parse(text: &str) -> Result<Self, FieldCode> {
        match text.split_once([':', '.']) {
            Some(("*", "*")) => Ok(Self("*:*".to_owned())),
            Some((resource, "*")) if is_word(resource) => Ok(Self(format!("{resource}:*"))),
            _ => Permission::parse(text).map(Self::from),
        }
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it permits more than it names.
    pub fn is_wildcard(&self) -> bool {
        self.0.ends_with(":*")
    }

    /// Whether whoever holds this holds all that `other` permits, today and whatever is added.
    pub fn covers(&self, other: &Self) -> bool {
        let (resource, action) = self.0.split_once(':').unwrap_or_default();
        let (other_resource, other_action) = other.0.split_once(':').unwrap_or_default();
        (resource == "*" || resource == other_resource) && (action == "*" || action == other_action)
    }

    /// Whether it permits this.
    pub fn permits(&self, permission: &Permission) -> bool {
        self.covers(&Self::from(permission.clone()))
    }
}

impl From<Permission> for Pattern {
    fn from(permission: Permission) -> Self {
        Self(permission.0)
    }
}

impl TryFrom<String> for Pattern {
    type Error = FieldCode;

    fn try_from(text: String) -> Result<Self, FieldCode> {
        Self::parse(&text)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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

    #[test]
    fn a_pattern_is_a_permission_all_of_a_resource_or_all_there_is() {
        let canonical = |text: &str| Pattern::parse(text).map(String::from);
        assert_eq!(canonical("content.read").as_deref(), Ok("content:read"));
        assert_eq!(canonical("content.*").as_deref(), Ok("content:*"));
        assert_eq!(canonical("*:*").as_deref(), Ok("*:*"));
        for text in [
            "*",
            "*:read",
            "content:re*",
            "content:**",
            "con*:*",
            ":*",
            "a:b:*",
            "",
        ] {
            assert!(Pattern::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_list_of_all_there_is_does_not_cover_the_wildcard() {
        let pattern = |text: &str| Pattern::parse(text).expect("a pattern");
        let (all, content, read) = (
            pattern("*:*"),
            pattern("content:*"),
            pattern("content:read"),
        );
        assert!(all.covers(&content) && content.covers(&read) && all.covers(&read));
        assert!(!read.covers(&content) && !content.covers(&all));
        assert!(!content.covers(&pattern("contents:read")));
        assert!(content.permits(&Permission::parse("content:read").expect("one")));
    }
}
