//! Passwords: length and normal form. How easily one is guessed is `auth`'s to say (D6).

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroize;

use crate::FieldCode;

/// A password in NFC, otherwise exactly as received: not trimmed, not folded, never truncated
/// (SP 800-63B-4 3.1.1.2). Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// How long a new password must be, in code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordRule {
    /// Shortest accepted: 12, or 15 under the `nist` preset.
    pub shortest: usize,
    /// Longest accepted: 256. Refused beyond, because a silent cut would lie.
    pub longest: usize,
}

impl Default for PasswordRule {
    fn default() -> Self {
        Self {
            shortest: 12,
            longest: 256,
        }
    }
}

impl Password {
    /// A password someone claims is theirs: no rule applies, it either matches or it does not.
    pub fn claimed(typed: &str) -> Self {
        Self(typed.nfc().collect())
    }

    /// A password someone wants from now on.
    ///
    /// # Errors
    /// `Required`, `TooShort`, `TooLong` by [`PasswordRule`]. Any character is welcome.
    pub fn chosen(typed: &str, rule: PasswordRule) -> Result<Self, FieldCode> {
        if typed.is_empty() {
            return Err(FieldCode::Required);
        }
        let password = Self::claimed(typed);
        match password.0.chars().count() {
            length if length < rule.shortest => Err(FieldCode::TooShort),
            length if length > rule.longest => Err(FieldCode::TooLong),
            _ => Ok(password),
        }
    }

    /// The text to hash or to judge.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Drop for Password {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(typed: &str) -> Result<Password, FieldCode> {
        Password::chosen(typed, PasswordRule::default())
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(chosen("ééééééééééé").is_err(), "11 code points, 22 bytes");
        assert!(chosen("éééééééééééé").is_ok());
        assert!(chosen(&"😀".repeat(256)).is_ok());
        assert_eq!(chosen(&"x".repeat(257)), Err(FieldCode::TooLong));
    }

    #[test]
    fn composed_and_decomposed_are_the_same_password() {
        assert_eq!(
            Password::claimed("caf\u{e9}"),
            Password::claimed("cafe\u{301}")
        );
    }

    #[test]
    fn nothing_is_trimmed_or_folded() {
        assert_ne!(Password::claimed(" secret "), Password::claimed("secret"));
        assert_ne!(Password::claimed("Secret"), Password::claimed("secret"));
        assert_ne!(
            Password::claimed("ｓｅｃｒｅｔ"),
            Password::claimed("secret"),
            "NFC, not NFKC"
        );
    }
}
