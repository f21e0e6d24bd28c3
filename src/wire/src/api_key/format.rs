//! How an API key is written, so that anybody can tell one from a typo without asking the portal:
//!
//! ```text
//! wks_live_ 5f3c…e1 (64 hex digits, 32 random bytes) 1a2b3c4d (8 hex digits, checksum)
//! ```
//!
//! The checksum is the CRC-32 of zip, gzip and PNG (ISO 3309, reflected, polynomial `edb88320`) over
//! all that stands before it, prefix included, as eight lower-case hex digits. It keeps typos and what
//! merely looks like a key away from the database, and lets scanners of sources be sure. It is no
//! secret and proves nothing: anybody can compute it.

use crate::Secret;

/// Random bytes in a key.
const RANDOM: usize = 32;
/// Characters of the checksum.
const CHECKSUM: usize = 8;

/// For what a key was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMode {
    /// A portal that is in earnest.
    Live,
    /// A portal in development mode. Such a key opens nothing anywhere else.
    Test,
}

impl KeyMode {
    /// How its keys begin.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Live => "wks_live_",
            Self::Test => "wks_test_",
        }
    }
}

/// The eight characters a key ends with, of what stands before them.
pub fn api_key_checksum(before: &str) -> String {
    let mut crc = u32::MAX;
    for byte in before.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc = (crc >> 1) ^ (0xEDB8_8320 * carry);
        }
    }
    format!("{:08x}", !crc)
}

/// Writes a key.
pub fn api_key_of(mode: KeyMode, random: &[u8; RANDOM]) -> Secret {
    let mut text = String::with_capacity(mode.prefix().len() + 2 * RANDOM + CHECKSUM);
    text.push_str(mode.prefix());
    for byte in random {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    let checksum = api_key_checksum(&text);
    text.push_str(&checksum);
    Secret::new(text)
}

/// What a text that is written as a key is for; `None` when it is not, to the last character. Says
/// nothing about whether there is such a key.
pub fn api_key_mode(text: &str) -> Option<KeyMode> {
    let mode = [KeyMode::Live, KeyMode::Test]
        .into_iter()
        .find(|mode| text.starts_with(mode.prefix()))?;
    let rest = &text[mode.prefix().len()..];
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if rest.len() != 2 * RANDOM + CHECKSUM || !rest.bytes().all(is_hex) {
        return None;
    }
    let (before, checksum) = text.split_at(text.len() - CHECKSUM);
    (api_key_checksum(before) == checksum).then_some(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_everybody_knows() {
        // The check value of CRC-32/ISO-HDLC, and of nothing.
        assert_eq!(api_key_checksum("123456789"), "cbf43926");
        assert_eq!(api_key_checksum(""), "00000000");
    }

    #[test]
    fn a_key_reads_as_it_was_written() {
        let live = api_key_of(KeyMode::Live, &[0xA5; 32]);
        assert_eq!(
            live.reveal(),
            format!("wks_live_{}{}", "a5".repeat(32), "4a590811").as_str(),
        );
        assert_eq!(api_key_mode(live.reveal()), Some(KeyMode::Live));
        let test = api_key_of(KeyMode::Test, &[0; 32]);
        assert_eq!(api_key_mode(test.reveal()), Some(KeyMode::Test));
        assert_eq!(test.reveal().len(), 81);
    }

    #[test]
    fn one_wrong_character_is_noticed_wherever_it_stands() {
        let key = api_key_of(KeyMode::Live, &[7; 32]).reveal().to_owned();
        for at in 0..key.len() {
            let mut bytes = key.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let altered = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(api_key_mode(&altered), None, "{at}");
        }
    }

    #[test]
    fn what_merely_looks_like_a_key_is_none() {
        let key = api_key_of(KeyMode::Live, &[7; 32]).reveal().to_owned();
        for text in [
            "",
            "wks_live_",
            "wks_",
            &key.to_uppercase(),
            &key.replace("wks_live_", "wks_test_"),
            &key.replace("wks_live_", "WKS_LIVE_"),
            &format!("{key} "),
            &format!(" {key}"),
            &format!("{key}\n"),
            &format!("{key}0"),
            &key[..80],
            &"ü".repeat(41),
            &format!("wks_live_{}", "0".repeat(72)),
            &format!("wks_live_{}", "\u{660}".repeat(36)),
        ] {
            assert_eq!(api_key_mode(text), None, "{text:?}");
        }
    }
}
