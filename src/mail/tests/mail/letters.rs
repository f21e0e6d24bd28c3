//! How letters read.

use auth::{Letter, LetterKind};
use mail::render;
use wire::Secret;

use crate::support::{TOKEN, letter, verify_email};

fn already_registered() -> Letter {
    letter(LetterKind::AlreadyRegistered {
        sign_in: "https://id.example.com/login".to_owned(),
    })
}

fn reuse_detected() -> Letter {
    letter(LetterKind::ReuseDetected {
        account: "https://id.example.com/account".to_owned(),
    })
}

fn deletion_scheduled() -> Letter {
    letter(LetterKind::DeletionScheduled {
        link: Secret::new(format!(
            "https://id.example.com/undo-deletion?token={TOKEN}"
        )),
        deletes_at: 1_767_276_300 + 14 * 86_400,
    })
}

#[test]
fn the_letter_to_who_leaves_says_until_when_and_how_to_stay() {
    let letter = render(&deletion_scheduled()).expect("renders");

    assert_eq!(letter.subject, "Your account will be deleted");
    let link = format!("https://id.example.com/undo-deletion?token={TOKEN}");
    for said in [
        "Thursday 15 January 2026, 14:05 UTC",
        "When: Thursday 1 January 2026, 14:05 UTC",
        "From: Firefox on Linux, 192.0.2.7",
        "Was this not you?",
        link.as_str(),
    ] {
        assert!(letter.text.contains(said), "{said}");
        assert!(letter.html.contains(said), "{said}");
    }
}

#[test]
fn the_letter_that_proves_an_address_is_complete_as_text() {
    let letter = render(&verify_email()).expect("renders");

    assert_eq!(letter.subject, "Confirm your e-mail address");
    assert_eq!(
        letter.text,
        "Confirm your e-mail address
===========================

Somebody, we hope you, asked for an account at id.example.com with this
address.

Your code: 123 456

Enter it on the page that is waiting for it. The code works for 10 minutes, in
the browser that asked for it.

Or open this link and confirm there. It works once, in any browser, for
24 hours:

https://id.example.com/verify-email?token=Zm9yZ2V0IG1lIG5vdCBmb3JnZXQgbWUgbm90IGZvcmdl

When: Thursday 1 January 2026, 14:05 UTC
From: Firefox on Linux, 192.0.2.7

Was this not you? Then do nothing: without the code or the link no account is
made. Please pass neither of them on. Nobody from id.example.com will ask
you for them.

--\u{20}
Gatehouse sent this letter for id.example.com. Replies are not read."
    );
}

#[test]
fn the_letter_to_somebody_who_has_an_account_says_so_and_no_more() {
    let letter = render(&already_registered()).expect("renders");

    assert_eq!(letter.subject, "You already have an account");
    assert_eq!(
        letter.text,
        "You already have an account
===========================

Somebody, we hope you, asked for an account at id.example.com with this
address. There is one already, so we changed nothing.

Sign in here:

https://id.example.com/login

When: Thursday 1 January 2026, 14:05 UTC
From: Firefox on Linux, 192.0.2.7

Was this not you? Then do nothing: your account and your password are as they
were, and whoever asked was not told that you have an account.

--\u{20}
Gatehouse sent this letter for id.example.com. Replies are not read."
    );
}

#[test]
fn the_letter_after_a_replay_says_what_happened_and_what_to_do() {
    let letter = render(&reuse_detected()).expect("renders");

    assert_eq!(letter.subject, "We ended one of your sessions");
    assert_eq!(
        letter.text,
        "We ended one of your sessions
=============================

An app that is signed in to your account at id.example.com stays signed in
with a key that is replaced at every use. A key that had been replaced already
came back. That happens when an app restores old data, and also when somebody
has copied the key. To be on the safe side, we ended that session.

When: Thursday 1 January 2026, 14:05 UTC
From: Firefox on Linux, 192.0.2.7

What to do: sign in again where you were signed out. If you do not know the
device above, look at your sessions, end those that are not yours, and choose
a new password:

https://id.example.com/account

--\u{20}
Gatehouse sent this letter for id.example.com. Replies are not read."
    );
}

#[test]
fn the_html_says_what_the_text_says() {
    let letter = render(&verify_email()).expect("renders");

    for said in [
        "<html lang=\"en\">",
        "<meta name=\"color-scheme\" content=\"light dark\">",
        "@media (prefers-color-scheme: dark)",
        "<title>Confirm your e-mail address</title>",
        ">123 456</p>",
        "works for 10 minutes, in the browser that asked for it",
        "works once, in any browser, for 24 hours",
        "When: Thursday 1 January 2026, 14:05 UTC",
        "From: Firefox on Linux, 192.0.2.7",
        "Was this not you?",
    ] {
        assert!(letter.html.contains(said), "{said}");
    }
    let link = format!("href=\"https://id.example.com/verify-email?token={TOKEN}\"");
    assert!(letter.html.contains(&link));
}

#[test]
fn no_letter_loads_anything_or_raises_its_voice() {
    for letter in [
        verify_email(),
        already_registered(),
        reuse_detected(),
        deletion_scheduled(),
    ] {
        let letter = render(&letter).expect("renders");
        for unwanted in [
            "<img",
            "<script",
            "<table",
            "src=",
            "url(",
            "@import",
            "http-equiv",
        ] {
            assert!(
                !letter.html.contains(unwanted),
                "{unwanted} in {}",
                letter.subject
            );
        }
        let style = letter.html.find("</style>").expect("has a style");
        let words = [letter.subject.as_str(), &letter.text, &letter.html[style..]];
        assert!(
            words.iter().all(|words| !words.contains('!')),
            "{}",
            letter.subject
        );
    }
}

#[test]
fn the_requester_puts_no_word_into_a_letter() {
    let hostile = Letter {
        from_address: "<b>192.0.2.7</b>".to_owned(),
        from_device: "<a href=\"https://evil.example\">Win a prize</a>\r\nBcc: eve@evil.example"
            .to_owned(),
        portal: "https://evil.example\r\nBcc: eve@evil.example".to_owned(),
        ..already_registered()
    };

    let letter = render(&hostile).expect("renders");

    for part in [&letter.subject, &letter.text, &letter.html] {
        assert!(
            !part.contains("evil.example") && !part.contains("<b>"),
            "{part}"
        );
    }
    assert!(letter.text.contains("an unknown address"));
}

#[test]
fn a_link_cannot_leave_its_attribute() {
    let hostile = letter(LetterKind::AlreadyRegistered {
        sign_in: "https://id.example.com/\"><script>alert(1)</script>".to_owned(),
    });

    let letter = render(&hostile).expect("renders");

    assert!(!letter.html.contains("<script"), "{}", letter.html);
}
