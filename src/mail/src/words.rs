//! Small things put into words.

use std::net::IpAddr;

use auth::Timestamp;
use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

const WHEN: StaticFormatDescription = format_description!(
    "[weekday] [day padding:none] [month repr:long] [year], [hour]:[minute] UTC"
);

/// A moment as people write it: `Thursday 1 January 2026, 14:05 UTC`.
pub(crate) fn when(at: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(WHEN).ok())
        .unwrap_or_else(|| "at a time we did not record".to_owned())
}

/// A device, in words the core chose. Filtered once more here: were it ever to carry what a
/// browser says of itself, a mail program would still find nothing in it to make a link of.
pub(crate) fn device(words: &str) -> String {
    let plain: String = words
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                ' '
            }
        })
        .take(60)
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.is_empty() {
        "an unknown device".to_owned()
    } else {
        plain
    }
}

/// A name that somebody who runs the portal gave to something, on its way to a stranger: letters and
/// digits of any script, and nothing a mail program makes a link of.
pub(crate) fn name(written: &str) -> String {
    let plain: String = written
        .chars()
        .map(|c| match c {
            c if c.is_alphanumeric() => c,
            '-' | '&' | '\'' | '’' | '(' | ')' => c,
            _ => ' ',
        })
        .take(60)
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.is_empty() {
        "an organisation".to_owned()
    } else {
        plain
    }
}

/// An IP address; anything else is not said.
pub(crate) fn address(recorded: &str) -> String {
    recorded.parse::<IpAddr>().map_or_else(
        |_| "an unknown address".to_owned(),
        |address| address.to_string(),
    )
}

/// Six digits in two groups, as people read them out: `123 456`.
pub(crate) fn code(digits: &str) -> String {
    match digits.split_at_checked(3) {
        Some((first, second)) if digits.len() == 6 => format!("{first} {second}"),
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_people_write_it() {
        assert_eq!(when(1_767_276_300), "Thursday 1 January 2026, 14:05 UTC");
        assert_eq!(when(i64::MAX), "at a time we did not record");
    }

    #[test]
    fn a_device_holds_nothing_a_mail_program_makes_a_link_of() {
        assert_eq!(device("Firefox on Linux"), "Firefox on Linux");
        assert_eq!(
            device("see https://evil.example/x\r\nBcc: a"),
            "see https evil example x Bcc a"
        );
        assert_eq!(device("\u{202E}"), "an unknown device");
    }

    #[test]
    fn a_name_keeps_its_script_and_leads_nowhere() {
        assert_eq!(name("Müller & Söhne (Köln)"), "Müller & Söhne (Köln)");
        assert_eq!(
            name("win at https://evil.example/x\r\nBcc: a@b.c <b>"),
            "win at https evil example x Bcc a b c b"
        );
        assert_eq!(name("\u{202E}..."), "an organisation");
        assert_eq!(name(&"x".repeat(500)).len(), 60);
    }

    #[test]
    fn an_address_is_an_address_or_unknown() {
        assert_eq!(address("192.0.2.7"), "192.0.2.7");
        assert_eq!(address("2001:db8::1"), "2001:db8::1");
        assert_eq!(address("evil.example"), "an unknown address");
    }

    #[test]
    fn a_code_is_read_in_two_groups() {
        assert_eq!(code("123456"), "123 456");
        assert_eq!(code("1é3456"), "1é3456");
    }
}
