//! How letters read.

use auth::{Letter, LetterKind, SecurityChange};
use mail::{Rendered, render, samples};
use wire::Secret;

use crate::support::{AT, TOKEN, id, letter, verify_email};

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

Somebody, hopefully you, asked for an account at id.example.com with
this address.

Your code: 123 456

Enter it on the page that is waiting for it. The code works for 10
minutes, in the browser that asked for it.

Or open this link and confirm there. It works once, in any browser, for
24 hours:

https://id.example.com/verify-email?token=Zm9yZ2V0IG1lIG5vdCBmb3JnZXQgbWUgbm90IGZvcmdl

When: Thursday 1 January 2026, 14:05 UTC
From: Firefox on Linux, 192.0.2.7

Was this not you? Then do nothing: without the code or the link no
account is made. Please pass neither of them on. Nobody from
id.example.com will ask you for them.

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

Somebody, hopefully you, asked for an account at id.example.com with
this address. There is one already, so we changed nothing.

Sign in here:

https://id.example.com/login

When: Thursday 1 January 2026, 14:05 UTC
From: Firefox on Linux, 192.0.2.7

Was this not you? Then do nothing: your account and your password are as
they were, and whoever asked was not told that you have an account.

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

An app that is signed in to your account at id.example.com stays signed
in with a key that is replaced at every use. A key that had been
replaced already came back. That happens when an app restores old data,
and also when somebody has copied the key. To be on the safe side, we
ended that session.

When: Thursday 1 January 2026, 14:05 UTC
From: Firefox on Linux, 192.0.2.7

What to do: sign in again where you were signed out. If you do not know
the device above, look at your sessions, end those that are not yours,
and choose a new password:

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

/// One of every letter there is.
fn every_letter() -> Vec<Rendered> {
    let all = samples("https://id.example.com", AT, || id(1));
    all.iter()
        .map(|letter| render(letter).expect("renders"))
        .collect()
}

#[test]
fn there_is_a_sample_of_every_letter() {
    let templates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let letters = every_letter();
    for entry in std::fs::read_dir(templates).expect("is there") {
        let folder = entry.expect("readable").path();
        let Ok(subject) = std::fs::read_to_string(folder.join("subject.txt")) else {
            continue;
        };
        // A subject may hold the host or a title; what stands before that is its own.
        let own = subject.split("{{").next().unwrap_or_default().trim();
        let shown = |letter: &Rendered| letter.subject.starts_with(own);
        assert!(letters.iter().any(shown), "{}", folder.display());
    }
    for change in SecurityChange::ALL {
        let kind = LetterKind::SecurityChange {
            change,
            account: String::new(),
        };
        let subject = render(&letter(kind)).expect("renders").subject;
        assert!(
            letters.iter().any(|letter| letter.subject == subject),
            "{subject}"
        );
    }
}

#[test]
fn every_letter_says_when_from_where_and_what_to_do_if_it_was_not_you() {
    for Rendered {
        subject,
        text,
        html,
    } in every_letter()
    {
        // A stranger learns who invites, not where they sit.
        let from = if subject == "You are invited" {
            "From: root@example.com"
        } else {
            "From: Firefox on Linux, 192.0.2.7"
        };
        for said in [
            "When: Thursday 1 January 2026, 14:05 UTC",
            from,
            "Gatehouse sent this letter for id.example.com. Replies are not read.",
        ] {
            assert!(text.contains(said), "{subject}: {said}");
            assert!(html.contains(said), "{subject}: {said}");
        }
        let advice = [
            "not you",
            "What to do",
            "Do you not know who this is",
            "You know nothing of this key?",
        ];
        for part in [&text, &html] {
            assert!(advice.iter().any(|words| part.contains(words)), "{subject}");
        }
        assert!(
            !subject.is_empty() && subject.chars().count() <= 60,
            "{subject}"
        );
        assert!(!subject.contains(['\r', '\n', '{']), "{subject}");
    }
}

#[test]
fn every_text_is_readable_at_72_columns_and_ends_with_its_signature() {
    for Rendered { subject, text, .. } in every_letter() {
        for line in text.lines() {
            let is_link = line.starts_with("https://");
            assert!(is_link || line.chars().count() <= 72, "{subject}: {line}");
            assert!(
                line == "-- " || line.trim_end() == line,
                "{subject}: {line:?}"
            );
        }
        assert!(
            !text.contains("\n\n\n") && !text.contains("{{"),
            "{subject}"
        );
        assert!(
            text.starts_with(&format!("{subject}\n=")),
            "{subject} is the title"
        );
        assert!(text.contains("\n\n-- \nGatehouse"), "{subject}");
    }
}

#[test]
fn every_link_leads_to_the_portal_and_can_be_read_and_copied() {
    for Rendered {
        subject,
        text,
        html,
    } in every_letter()
    {
        let hrefs = html.split("href=\"").skip(1);
        for href in hrefs.map(|rest| rest.split('"').next().unwrap_or_default()) {
            assert!(
                href.starts_with("https://id.example.com/"),
                "{subject}: {href}"
            );
            let readable = format!(">{href}</a>");
            assert!(html.contains(&readable), "{subject}: {href} as text");
            assert!(
                text.lines().any(|line| line == href),
                "{subject}: {href} in the text"
            );
        }
        for line in text.lines().filter(|line| line.contains("://")) {
            assert!(
                line.starts_with("https://id.example.com/"),
                "{subject}: {line}"
            );
        }
    }
}

#[test]
fn every_letter_is_readable_in_the_dark_and_says_what_it_is_at_a_glance() {
    for Rendered { subject, html, .. } in every_letter() {
        for said in [
            "<html lang=\"en\">",
            "<meta name=\"color-scheme\" content=\"light dark\">",
            "@media (prefers-color-scheme: dark)",
        ] {
            assert!(html.contains(said), "{subject}: {said}");
        }
        assert!(
            html.contains(&format!("<title>{subject}</title>")),
            "{subject}"
        );
        assert_eq!(html.matches("<h1").count(), 1, "{subject}");
        // Whatever has a colour of its own has a class by which the dark changes it.
        for tag in html
            .split('<')
            .filter(|tag| tag.contains("color:#") || tag.contains("background:#"))
        {
            let has_class = tag.contains("class=\"");
            assert!(has_class || tag.starts_with("style"), "{subject}: <{tag}");
        }
    }
}

#[test]
fn no_letter_loads_anything_or_raises_its_voice() {
    for Rendered {
        subject,
        text,
        html,
    } in every_letter()
    {
        for unwanted in [
            "<img",
            "<script",
            "<table",
            "src=",
            "url(",
            "@import",
            "http-equiv",
            "http://",
        ] {
            assert!(!html.contains(unwanted), "{unwanted} in {subject}");
        }
        let style = html.find("</style>").expect("has a style");
        let words = [subject.as_str(), &text, &html[style..]];
        assert!(
            words
                .iter()
                .all(|words| !words.contains("! ") && !words.contains("!\n")),
            "{subject}"
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
    assert!(
        letter
            .text
            .replace('\n', " ")
            .contains("an unknown address")
    );
}

#[test]
fn a_link_cannot_leave_its_attribute() {
    let hostile = letter(LetterKind::AlreadyRegistered {
        sign_in: "https://id.example.com/\"><script>alert(1)</script>".to_owned(),
    });

    let letter = render(&hostile).expect("renders");

    assert!(!letter.html.contains("<script"), "{}", letter.html);
}

fn invitation(tenant: Option<&str>) -> Letter {
    letter(LetterKind::Invitation {
        link: wire::Secret::new(format!(
            "https://id.example.com/accept-invitation?token={TOKEN}"
        )),
        inviter: wire::Email::parse("root@example.com").expect("an address"),
        tenant: tenant.map(str::to_owned),
    })
}

#[test]
fn an_invitation_says_who_invites_and_to_what() {
    let letter = render(&invitation(Some("Müller & Söhne"))).expect("renders");

    assert_eq!(letter.subject, "You are invited");
    assert_eq!(
        letter.text,
        "You are invited
===============

root@example.com invites you to Müller & Söhne at id.example.com.

Open this link and decide there. It works once, for 7 days, and opening
it changes nothing:

https://id.example.com/accept-invitation?token=Zm9yZ2V0IG1lIG5vdCBmb3JnZXQgbWUgbm90IGZvcmdl

When: Thursday 1 January 2026, 14:05 UTC
From: root@example.com

Do you not know who this is? Then do nothing: without the link no
account is made, and you hear no more of it unless you are invited
again. Please do not pass the link on.

--\u{20}
Gatehouse sent this letter for id.example.com. Replies are not read."
    );
    // Where the inviter sits is theirs; a stranger learns their address alone.
    assert!(!letter.html.contains("192.0.2.7") && !letter.text.contains("192.0.2.7"));
    let alone = render(&invitation(None)).expect("renders");
    assert!(
        alone
            .text
            .contains("root@example.com invites you to id.example.com.")
    );
}

#[test]
fn a_tenants_name_forges_nothing_in_an_invitation() {
    let hostile = "Win!\r\nBcc: eve@example.com\r\n\r\n<img src=x> https://evil.example/{{7*7}}";
    let letter = render(&invitation(Some(hostile))).expect("renders");
    assert_eq!(letter.subject, "You are invited");
    for text in [&letter.text, &letter.html] {
        assert!(!text.contains("<img") && !text.contains("eve@example.com"));
        assert!(!text.contains("evil.example") && !text.contains("\nBcc"));
    }
}
