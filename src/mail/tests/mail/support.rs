//! Letters to send, and how a failed delivery is told apart.

use auth::{Letter, LetterKind, PostError};
use mail::Sender;
use wire::{Email, Secret};

/// A letter id; ids are ordered by time, so a higher `number` is a newer letter.
pub(crate) fn id(number: u64) -> String {
    format!("019b76da-a800-7000-8000-{number:012x}")
}

/// The code and the link of [`verify_email`]: what no error text and no log may hold.
pub(crate) const CODE: &str = "123456";
pub(crate) const TOKEN: &str = "Zm9yZ2V0IG1lIG5vdCBmb3JnZXQgbWUgbm90IGZvcmdl";

/// Thursday 1 January 2026, 14:05 UTC.
pub(crate) const AT: i64 = 1_767_276_300;

pub(crate) fn letter(kind: LetterKind) -> Letter {
    Letter {
        id: id(1),
        attempt: 1,
        to: Email::parse("ada@example.com").expect("an address"),
        kind,
        at: AT,
        from_address: "192.0.2.7".to_owned(),
        from_device: "Firefox on Linux".to_owned(),
        portal: "https://id.example.com".to_owned(),
    }
}

pub(crate) fn verify_email() -> Letter {
    letter(LetterKind::VerifyEmail {
        link: Secret::new(format!("https://id.example.com/verify-email?token={TOKEN}")),
        code: Secret::new(CODE),
    })
}

pub(crate) fn sender() -> Sender {
    Sender::parse("Gatehouse <no-reply@id.example.com>").expect("a sender")
}

/// What became of a delivery, in one word and the operator's text.
pub(crate) fn outcome(result: Result<(), PostError>) -> String {
    let said = match result {
        Ok(()) => return "delivered".to_owned(),
        Err(PostError::Later(words)) => format!("later: {words}"),
        Err(PostError::Unanswered(words)) => format!("unanswered: {words}"),
        Err(PostError::Refused(words)) => format!("refused: {words}"),
    };
    for secret in [
        "ada@",
        "example.com",
        CODE,
        "123 456",
        TOKEN,
        "hunter2",
        "re_secret",
    ] {
        assert!(!said.contains(secret), "{said:?} tells {secret:?}");
    }
    said
}
