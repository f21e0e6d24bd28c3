//! E-mail addresses and the one rule by which two of them are the same (ASVS 5.0 6.3.8, row 29).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::FieldCode;

/// A canonical e-mail address: the form that is stored, compared, mailed to and shown.
///
/// The domain is lower-cased and IDNA-encoded. Of the local part only ASCII letters are
/// lower-cased: no Unicode folding (`mıke@…` is not `mike@…`), no removal of dots or `+tags`.
/// Making a canonical address canonical again changes nothing.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// RFC 5321 4.5.3.1.3: a path holds 256 octets, two of them angle brackets.
const LONGEST: usize = 254;
/// RFC 5321 4.5.3.1.1.
const LONGEST_LOCAL: usize = 64;
/// RFC 5322 3.2.3 `atext`, apart from letters and digits, and the dot between atoms.
const ATEXT: &str = "!#$%&'*+-/=?^_`{|}~.";

impl Email {
    /// Reads an address as a person typed it; white space around it is dropped.
    ///
    /// # Errors
    /// [`FieldCode::Required`] when nothing was typed, [`FieldCode::TooLong`] past 254 octets,
    /// [`FieldCode::Invalid`] for everything that is not `local@domain`. Quoted local parts,
    /// comments and address literals are refused: nobody signs in with them, attackers do.
    pub fn parse(typed: &str) -> Result<Self, FieldCode> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(FieldCode::Required);
        }
        if typed.len() > LONGEST {
            return Err(FieldCode::TooLong);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(FieldCode::Invalid)?;
        let local = canonical_local(local).ok_or(FieldCode::Invalid)?;
        let domain = canonical_domain(domain).ok_or(FieldCode::Invalid)?;
        let whole = format!("{local}@{domain}");
        // IDNA makes a domain longer: measured again.
        if whole.len() > LONGEST {
            return Err(FieldCode::TooLong);
        }
        Ok(Self(whole))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`: one of the words a password must not be.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

fn canonical_local(local: &str) -> Option<String> {
    let dots_are_between_atoms =
        !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    let plain = local
        .chars()
        .all(|c| c.is_alphanumeric() || ATEXT.contains(c));
    (!local.is_empty() && local.len() <= LONGEST_LOCAL && dots_are_between_atoms && plain)
        .then(|| local.to_ascii_lowercase())
}

fn canonical_domain(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::STD3).ok()?;
    let labels_hold = ascii.split('.').all(|label| {
        (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    });
    // A single label is a typing slip far more often than a host; `localhost` serves development.
    let has_a_home = ascii.contains('.') || ascii == "localhost";
    let is_a_number = ascii
        .split('.')
        .next_back()
        .is_some_and(|top| top.bytes().all(|b| b.is_ascii_digit()));
    (labels_hold && has_a_home && !is_a_number && ascii.len() <= 253).then(|| ascii.into_owned())
}

impl TryFrom<String> for Email {
    type Error = FieldCode;

    fn try_from(text: String) -> Result<Self, FieldCode> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Addresses are personal data: `Debug` ends in logs, so it shows the domain alone.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = self.0.rsplit_once('@').map_or("", |(_, domain)| domain);
        write!(f, "Email(…@{domain})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(typed: &str) -> Result<String, FieldCode> {
        Email::parse(typed).map(String::from)
    }

    #[test]
    fn case_and_space_do_not_make_another_person() {
        assert_eq!(
            canonical("  Ada@Example.COM "),
            Ok("ada@example.com".into())
        );
        assert_eq!(
            canonical("ada@BÜCHER.example"),
            Ok("ada@xn--bcher-kva.example".into())
        );
    }

    #[test]
    fn dots_tags_and_look_alikes_do_make_another_person() {
        assert_ne!(canonical("a.da@example.com"), canonical("ada@example.com"));
        assert_ne!(canonical("ada+x@example.com"), canonical("ada@example.com"));
        assert_ne!(canonical("mıke@example.com"), canonical("mike@example.com"));
        // The Kelvin sign folds to `k` under Unicode lower-casing; here it does not.
        assert_ne!(
            canonical("\u{212A}im@example.com"),
            canonical("kim@example.com")
        );
    }

    #[test]
    fn a_canonical_address_is_its_own_canonical_form() {
        for typed in [
            "Ada@Example.com",
            "ᴮᴵᴳᴮᴵᴿᴰ@example.com",
            "x@ＥＸＡＭＰＬＥ.com",
            "Ä@ß.example",
        ] {
            if let Ok(once) = canonical(typed) {
                assert_eq!(canonical(&once), Ok(once.clone()), "{typed}");
            }
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for typed in [
            "ada",
            "@example.com",
            "ada@",
            "ada@@example.com",
            "a b@example.com",
            "ada@exa mple.com",
            ".ada@example.com",
            "ada.@example.com",
            "a..b@example.com",
            "\"ada\"@example.com",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada@example",
            "ada@-x.com",
            "ada@example..com",
            "ada\r\nBcc: eve@example.com",
            "ada\0@example.com",
            "ad\u{202E}a@example.com",
            "ad\u{200B}a@example.com",
            "😀@example.com",
            "ada@example.com\nX",
            "ada@ex_ample.com",
        ] {
            assert_eq!(canonical(typed), Err(FieldCode::Invalid), "{typed:?}");
        }
    }

    #[test]
    fn an_empty_and_an_endless_address_say_so() {
        assert_eq!(canonical("  "), Err(FieldCode::Required));
        assert_eq!(
            canonical(&format!("ada@{}.com", "x.".repeat(200))),
            Err(FieldCode::TooLong)
        );
    }

    #[test]
    fn debug_shows_no_person() {
        let email = Email::parse("ada@example.com").expect("valid");
        assert_eq!(format!("{email:?}"), "Email(…@example.com)");
    }
}
