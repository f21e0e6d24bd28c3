//! Letters about passwords.

use auth::LetterKind;
use mail::{Rendered, render};
use wire::Secret;

use crate::support::{CODE, TOKEN, letter};

fn reset_password(code: Option<&str>) -> Rendered {
    let link = format!("https://id.example.com/reset-password?token={TOKEN}");
    let letter = letter(LetterKind::ResetPassword {
        link: Secret::new(link),
        code: code.map(Secret::new),
    });
    render(&letter).expect("renders")
}

#[test]
fn the_letter_with_a_code_says_what_each_is_for() {
    let letter = reset_password(Some(CODE));

    assert_eq!(letter.subject, "Choose a new password");
    assert_eq!(
        letter.text,
        "Choose a new password
=====================

Somebody, hopefully you, asked for a new password for your account at
id.example.com.

Your code: 123 456

Enter it on the page that is waiting for it. The code works for 10
minutes, in the browser that asked for it.

Or open this link and choose a password there. It works once, in any
browser, for one hour:

https://id.example.com/reset-password?token=Zm9yZ2V0IG1lIG5vdCBmb3JnZXQgbWUgbm90IGZvcmdl

If you asked more than once, only the newest letter works.

When: Thursday 1 January 2026, 14:05 UTC
From: Firefox on Linux, 192.0.2.7

Was this not you? Then do nothing: without the code or the link your
password stays as it is. Please pass neither of them on. Nobody from
id.example.com will ask you for them.

--\u{20}
Gatehouse sent this letter for id.example.com. Replies are not read."
    );
    assert!(letter.html.contains(">123 456</p>"));
}

#[test]
fn a_letter_nobody_waits_for_has_a_link_alone() {
    let letter = reset_password(None);

    assert!(!letter.text.contains("Your code") && !letter.html.contains("class=\"code\""));
    for body in [&letter.text, &letter.html] {
        assert!(body.contains(&format!("/reset-password?token={TOKEN}")));
        assert!(body.contains("only the newest letter works"));
    }
}

#[test]
fn the_letter_about_a_new_password_says_how_to_take_the_account_back() {
    let letter = letter(LetterKind::PasswordChanged {
        reset: "https://id.example.com/forgot-password".to_owned(),
    });
    let letter = render(&letter).expect("renders");

    assert_eq!(letter.subject, "You have a new password");
    for body in [&letter.text, &letter.html] {
        assert!(body.contains("Was this not you?"));
        assert!(body.contains("https://id.example.com/forgot-password"));
        assert!(body.contains("Thursday 1 January 2026, 14:05 UTC") && body.contains("192.0.2.7"));
        assert!(
            !body.contains("token="),
            "anybody may have opened this mailbox"
        );
    }
}
