//! The letters about a change of address.

use auth::LetterKind;
use mail::{Rendered, render};
use wire::Secret;

use crate::support::{CODE, TOKEN, letter};

fn link(page: &str) -> Secret {
    Secret::new(format!("https://id.example.com/{page}?token={TOKEN}"))
}

fn rendered(kind: LetterKind) -> Rendered {
    render(&letter(kind)).expect("renders")
}

fn all() -> [(&'static str, Rendered); 4] {
    [
        (
            "Confirm your new e-mail address",
            rendered(LetterKind::ConfirmNewEmail {
                link: link("change-email"),
                code: Secret::new(CODE),
            }),
        ),
        (
            "This address already has an account",
            rendered(LetterKind::EmailInUse {
                sign_in: "https://id.example.com/login".to_owned(),
            }),
        ),
        (
            "Your e-mail address is about to change",
            rendered(LetterKind::EmailChangeAsked {
                link: link("undo-email"),
            }),
        ),
        (
            "Your e-mail address was changed",
            rendered(LetterKind::EmailChanged {
                link: link("undo-email"),
            }),
        ),
    ]
}

#[test]
fn each_says_when_from_where_and_what_to_do_if_it_was_not_you() {
    for (subject, letter) in all() {
        assert_eq!(letter.subject, subject);
        for part in [&letter.text, &letter.html] {
            for said in [
                subject,
                "When: Thursday 1 January 2026, 14:05 UTC",
                "From: Firefox on Linux, 192.0.2.7",
                "Was this not you?",
            ] {
                assert!(part.contains(said), "{subject}: {said}");
            }
        }
        assert!(
            letter
                .text
                .lines()
                .all(|line| line.len() <= 80 || line.starts_with("https://"))
        );
    }
}

#[test]
fn each_leads_where_its_text_leads() {
    let pages = ["change-email", "login", "undo-email", "undo-email"];
    for ((subject, letter), page) in all().into_iter().zip(pages) {
        let link = format!("https://id.example.com/{page}");
        assert!(letter.text.contains(&link), "{subject}");
        assert!(letter.html.contains(&format!("href=\"{link}")), "{subject}");
    }
}

#[test]
fn the_code_is_in_the_letter_to_the_new_address_alone() {
    for (subject, letter) in all() {
        let is_new = subject == "Confirm your new e-mail address";
        assert_eq!(letter.text.contains("123 456"), is_new, "{subject}");
        assert_eq!(letter.html.contains("123 456"), is_new, "{subject}");
    }
}

#[test]
fn none_loads_anything_or_raises_its_voice() {
    for (subject, letter) in all() {
        for unwanted in ["<img", "<script", "src=", "url(", "@import"] {
            assert!(!letter.html.contains(unwanted), "{unwanted} in {subject}");
        }
        let style = letter.html.find("</style>").expect("has a style");
        assert!(
            !letter.text.contains('!') && !letter.html[style..].contains('!'),
            "{subject}"
        );
    }
}
