//! Small things put into words.

use std::net::IpAddr;

use auth::{SecurityChange, Timestamp};
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
    name_or(written, "an organisation")
}

/// What somebody calls a key of theirs.
pub(crate) fn key_name(written: &str) -> String {
    name_or(written, "without a name")
}

fn name_or(written: &str, nothing: &str) -> String {
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
        nothing.to_owned()
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

/// A factor or key that was changed: the letter's title, what that means, and what to do about it
/// besides the usual if it was somebody else.
pub(crate) fn change(change: SecurityChange) -> [&'static str; 3] {
    match change {
        SecurityChange::TotpAdded => [
            "An authenticator app was added",
            "From now on, signing in to your account asks for a code of that app.",
            "remove that app",
        ],
        SecurityChange::TotpRemoved => [
            "The authenticator app was removed",
            "Signing in to your account does not ask for a code of that app any more.",
            "set up an app of your own again",
        ],
        SecurityChange::BackupCodesMade => [
            "New backup codes were made",
            "Each of them takes the place of your second factor once. Codes that were made before do not work any more.",
            "make new backup codes",
        ],
        SecurityChange::BackupCodeUsed => [
            "A backup code was used",
            "Somebody, hopefully you, used one of your backup codes in place of your second factor. That code does not work any more.",
            "make new backup codes",
        ],
        SecurityChange::PasskeyAdded => [
            "A passkey was added",
            "It signs in to your account without a password.",
            "remove that passkey",
        ],
        SecurityChange::PasskeyRemoved => [
            "A passkey was removed",
            "It does not sign in to your account any more.",
            "add your passkey again",
        ],
        SecurityChange::ApiKeyCreated => [
            "An API key was created",
            "A program that holds it acts in your name, as far as the key's permissions go.",
            "revoke that key",
        ],
        SecurityChange::ApiKeyRevoked => [
            "An API key was revoked",
            "Programs that hold it have no access any more.",
            "look at the keys that are left",
        ],
        SecurityChange::ApiKeyLeaked => [
            "A leaked API key was revoked",
            "Somebody who had found the key where it does not belong said so, and it was revoked at once. Programs that hold it have no access any more: give them a new one.",
            "look at the keys that are left",
        ],
    }
}

/// Longest line of a letter's text; links and facts stay whole.
const COLUMNS: usize = 72;

/// The plain text of a letter, with its paragraphs filled to 72 columns: a host name may be short or
/// long. A title's rule becomes as long as the title; facts keep a line each, and links stay whole.
pub(crate) fn filled(text: &str) -> String {
    let paragraphs = text.trim_end().split("\n\n").map(paragraph);
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

fn paragraph(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    match lines.as_slice() {
        [title, rule] if !rule.is_empty() && rule.bytes().all(|b| b == b'=') => {
            format!("{title}\n{}", "=".repeat(title.chars().count()))
        }
        ["-- ", signature @ ..] => format!("-- \n{}", fill(&signature.join(" "))),
        lines if lines.iter().any(|line| is_link(line)) => lines.join("\n"),
        lines if lines.iter().all(|line| is_fact(line)) => {
            let facts: Vec<_> = lines.iter().map(|line| fill(line)).collect();
            facts.join("\n")
        }
        lines => fill(&lines.join(" ")),
    }
}

fn is_link(line: &str) -> bool {
    line.starts_with("http://") || line.starts_with("https://")
}

/// `When: …`.
fn is_fact(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(name, _)| {
        name.len() <= 16
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ')
    })
}

fn fill(prose: &str) -> String {
    let mut filled = String::with_capacity(prose.len());
    let mut column = 0;
    for word in prose.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > COLUMNS {
            filled.push('\n');
            column = 0;
        } else if column > 0 {
            filled.push(' ');
            column += 1;
        }
        filled.push_str(word);
        column += width;
    }
    filled
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

    #[test]
    fn prose_is_filled_and_everything_else_stays() {
        let word = "otter ".repeat(20);
        let letter = format!(
            "A title\n===\n\n{word}\n{word}\n\nhttps://id.example.com/{}\n\nWhen: now\nFrom: here\n\n-- \nGatehouse",
            "x".repeat(90)
        );

        let filled = filled(&letter);

        let otters = "otter otter otter otter otter otter otter otter otter otter otter otter";
        assert!(
            filled.starts_with(&format!("A title\n=======\n\n{otters}\n")),
            "{filled}"
        );
        assert!(filled.ends_with("\n\nWhen: now\nFrom: here\n\n-- \nGatehouse"));
        let long = filled.lines().filter(|line| line.len() > COLUMNS);
        assert!(long.clone().all(|line| line.starts_with("https://")));
        assert_eq!(long.count(), 1);
    }
}
