//! One of every letter, to be looked at: by `gatehouse mail samples`, and by the tests that hold of
//! all of them.

use auth::{Letter, LetterKind, SecurityChange, Timestamp};
use wire::{Email, Secret};

/// A token as they look; nobody issued it.
const TOKEN: &str = "Zm9yZ2V0IG1lIG5vdCBmb3JnZXQgbWUgbm90IGZvcmdl";

/// One of every letter, as the portal at `portal` would send them. `draw_id` names each.
pub fn samples(portal: &str, at: Timestamp, draw_id: impl Fn() -> String) -> Vec<Letter> {
    let page = |path: &str| format!("{portal}{path}");
    let letter = |kind| Letter {
        id: draw_id(),
        attempt: 1,
        to: Email::parse("ada@example.com").expect("an address"),
        kind,
        at,
        from_address: "192.0.2.7".to_owned(),
        from_device: "Firefox on Linux".to_owned(),
        portal: portal.to_owned(),
    };
    kinds(&page, at).into_iter().map(letter).collect()
}

fn kinds(page: &impl Fn(&str) -> String, at: Timestamp) -> Vec<LetterKind> {
    let link = |path: &str| Secret::new(format!("{}?token={TOKEN}", page(path)));
    let code = || Secret::new("123456");
    let changes = SecurityChange::ALL.map(|change| LetterKind::SecurityChange {
        change,
        account: page("/account/security"),
    });
    let mut kinds = vec![
        LetterKind::VerifyEmail {
            link: link("/verify-email"),
            code: code(),
        },
        LetterKind::AlreadyRegistered {
            sign_in: page("/login"),
        },
        LetterKind::ResetPassword {
            link: link("/reset-password"),
            code: Some(code()),
        },
        LetterKind::PasswordChanged {
            reset: page("/forgot-password"),
        },
        LetterKind::SignInCode {
            link: link("/login/code"),
            code: code(),
        },
        LetterKind::NewDevice {
            activity: page("/account/activity"),
            reset: page("/forgot-password"),
        },
        LetterKind::Invitation {
            link: link("/accept-invitation"),
            inviter: Email::parse("root@example.com").expect("an address"),
            tenant: Some("Northern Clinic".to_owned()),
        },
        LetterKind::ConfirmNewEmail {
            link: link("/change-email"),
            code: code(),
        },
        LetterKind::EmailInUse {
            sign_in: page("/login"),
        },
        LetterKind::EmailChangeAsked {
            link: link("/undo-email"),
        },
        LetterKind::EmailChanged {
            link: link("/undo-email"),
        },
        LetterKind::DeletionScheduled {
            link: link("/undo-deletion"),
            deletes_at: at + 14 * 86_400,
        },
        LetterKind::ReuseDetected {
            account: page("/account"),
        },
        LetterKind::ApiKeyEnding {
            name: "Nightly build".to_owned(),
            hint: "wks_live_…3f9a".to_owned(),
            ends_at: at + 7 * 86_400,
            keys: page("/account/keys"),
        },
        LetterKind::MailTest,
    ];
    kinds.extend(changes);
    kinds
}
