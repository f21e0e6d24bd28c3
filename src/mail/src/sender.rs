//! Who letters are from.

use std::str::FromStr;

use lettre::message::Mailbox as Address;

use crate::SettingsError;

/// The `From` of every letter: an address, with or without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Address);

impl Sender {
    /// Reads `no-reply@example.com` or `Gatehouse <no-reply@example.com>`.
    ///
    /// # Errors
    /// [`SettingsError::Sender`] for everything else, and for control characters anywhere.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(SettingsError::Sender);
        }
        Address::from_str(text)
            .map(Self)
            .map_err(|_| SettingsError::Sender)
    }

    /// For lettre.
    pub(crate) fn address(&self) -> Address {
        self.0.clone()
    }

    /// As a JSON API takes it.
    pub(crate) fn text(&self) -> String {
        self.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_or_without_a_name_is_a_sender() {
        for (text, said) in [
            ("no-reply@example.com", "no-reply@example.com"),
            (
                " Gatehouse <no-reply@example.com> ",
                "Gatehouse <no-reply@example.com>",
            ),
        ] {
            assert_eq!(Sender::parse(text).expect("a sender").text(), said);
        }
    }

    #[test]
    fn a_sender_adds_no_header_and_no_second_address() {
        for text in [
            "",
            "Gatehouse",
            "a@example.com\r\nBcc: eve@example.com",
            "a@example.com, eve@example.com",
            "Gate\u{0}house <a@example.com>",
        ] {
            assert!(Sender::parse(text).is_err(), "{text:?}");
        }
    }
}
