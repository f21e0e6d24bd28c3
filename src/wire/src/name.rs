//! Names of people and accounts.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::FieldCode;

/// A username: 3 to 32 ASCII letters, digits, `.`, `_` or `-`, the first one a letter or digit
/// (`req 117`). It contains no `@`, so it can never be taken for an address, and no look-alike
/// letters, so it can never be taken for another's. Kept as typed, compared without case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

impl Username {
    /// Reads a username as typed; white space around it is dropped.
    ///
    /// # Errors
    /// `Required`, `TooShort` under 3, `TooLong` over 32 characters, `Invalid` for other characters.
    pub fn parse(typed: &str) -> Result<Self, FieldCode> {
        let name = typed.trim();
        let length = name.chars().count();
        if length == 0 {
            return Err(FieldCode::Required);
        }
        if length < 3 {
            return Err(FieldCode::TooShort);
        }
        if length > 32 {
            return Err(FieldCode::TooLong);
        }
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        let plain = name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if starts_well && plain {
            Ok(Self(name.to_owned()))
        } else {
            Err(FieldCode::Invalid)
        }
    }

    /// As its owner typed it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which it is unique and looked up.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// A first or last name: 1 to 100 characters of any script. Control characters are refused (they
/// forge mail headers and log lines), and so are bidirectional overrides (they forge what is read).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

impl PersonName {
    /// Reads a name as typed: trimmed, NFC.
    ///
    /// # Errors
    /// `Required`, `TooLong` over 100 characters, `Invalid` for control and override characters.
    pub fn parse(typed: &str) -> Result<Self, FieldCode> {
        honest_line(typed).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a tenant: one line under the rule of [`PersonName`], unique without case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantName(String);

impl TenantName {
    /// Reads a name as typed: trimmed, NFC.
    ///
    /// # Errors
    /// `Required`, `TooLong` over 100 characters, `Invalid` for control and override characters.
    pub fn parse(typed: &str) -> Result<Self, FieldCode> {
        honest_line(typed).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which it is unique.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// What an API key is called: one line under the rule of [`PersonName`], but longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyName(String);

impl KeyName {
    /// Reads a name as typed: trimmed, NFC.
    ///
    /// # Errors
    /// `Required`, `TooLong` over 255 characters, `Invalid` for control and override characters.
    pub fn parse(typed: &str) -> Result<Self, FieldCode> {
        line_of(typed, 255).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn honest_line(typed: &str) -> Result<String, FieldCode> {
    line_of(typed, 100)
}

fn line_of(typed: &str, longest: usize) -> Result<String, FieldCode> {
    let name: String = typed.trim().nfc().collect();
    if name.is_empty() {
        return Err(FieldCode::Required);
    }
    if name.chars().count() > longest {
        return Err(FieldCode::TooLong);
    }
    if name.chars().any(deceives) {
        return Err(FieldCode::Invalid);
    }
    Ok(name)
}

/// Characters that change how the text around them is read.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

macro_rules! text_type {
    ($($name:ident),+) => {$(
        impl TryFrom<String> for $name {
            type Error = FieldCode;

            fn try_from(text: String) -> Result<Self, FieldCode> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_type!(Username, PersonName, TenantName, KeyName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_never_an_address_and_never_a_look_alike() {
        for typed in [
            "ada@x",
            "аda",
            "ada lovelace",
            ".ada",
            "ada\n",
            "ada/../x",
            "<ada>",
        ] {
            let read = Username::parse(typed);
            assert!(
                read.is_err() || read.as_ref().map(Username::as_str) == Ok("ada"),
                "{typed:?}"
            );
        }
        assert_eq!(Username::parse("ad"), Err(FieldCode::TooShort));
        assert_eq!(Username::parse(&"a".repeat(33)), Err(FieldCode::TooLong));
    }

    #[test]
    fn two_spellings_of_a_username_share_one_key() {
        let one = Username::parse("Ada.L").expect("valid");
        let other = Username::parse("aDA.l").expect("valid");
        assert_eq!(one.key(), other.key());
        assert_eq!(one.as_str(), "Ada.L");
    }

    #[test]
    fn a_name_may_be_of_any_script_but_forges_nothing() {
        for typed in ["Ada", "Ægir", "李", "Nguyễn Thị", "O'Neill", "👩‍🚀"] {
            assert!(PersonName::parse(typed).is_ok(), "{typed}");
        }
        for typed in [
            "Ada\r\nBcc: eve@example.com",
            "A\0da",
            "\u{202E}adA",
            "A\u{2028}da",
        ] {
            assert_eq!(
                PersonName::parse(typed),
                Err(FieldCode::Invalid),
                "{typed:?}"
            );
        }
        assert_eq!(PersonName::parse(&"x".repeat(101)), Err(FieldCode::TooLong));
    }
}
