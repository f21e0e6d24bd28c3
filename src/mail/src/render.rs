//! A letter put into words: `templates/<letter>/{subject.txt,body.txt,body.html}`.

use auth::{Letter, LetterKind};

use crate::{host, letters, words};

/// What a mail program shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The whole letter as plain text.
    pub text: String,
    /// The whole letter as HTML, styles inline.
    pub html: String,
}

/// What every letter says: where from, when, by what device.
pub(crate) struct Frame<'a> {
    pub(crate) host: &'a str,
    pub(crate) when: String,
    pub(crate) device: String,
    pub(crate) address: String,
}

/// Puts a letter into words.
///
/// # Errors
/// None that a test has not shown: the templates are compiled in.
pub fn render(letter: &Letter) -> Result<Rendered, askama::Error> {
    let frame = Frame {
        host: host::of_url(&letter.portal),
        when: words::when(letter.at),
        device: words::device(&letter.from_device),
        address: words::address(&letter.from_address),
    };
    match &letter.kind {
        LetterKind::VerifyEmail { link, code } => {
            letters::verify_email(&frame, link.reveal(), &words::code(code.reveal()))
        }
        LetterKind::AlreadyRegistered { sign_in } => letters::already_registered(&frame, sign_in),
        LetterKind::ResetPassword { link, code } => {
            let code = code.as_ref().map(|code| words::code(code.reveal()));
            letters::reset_password(&frame, link.reveal(), code.as_deref().unwrap_or_default())
        }
        LetterKind::PasswordChanged { reset } => letters::password_changed(&frame, reset),
        LetterKind::Invitation {
            link,
            inviter,
            tenant,
        } => {
            let to = match tenant {
                Some(tenant) => format!("{} at {}", words::name(tenant), frame.host),
                None => frame.host.to_owned(),
            };
            letters::invitation(&frame, link.reveal(), inviter.as_str(), &to)
        }
        LetterKind::ConfirmNewEmail { link, code } => {
            letters::confirm_new_email(&frame, link.reveal(), &words::code(code.reveal()))
        }
        LetterKind::EmailInUse { sign_in } => letters::email_in_use(&frame, sign_in),
        LetterKind::EmailChangeAsked { link } => letters::email_change_asked(&frame, link.reveal()),
        LetterKind::EmailChanged { link } => letters::email_changed(&frame, link.reveal()),
        LetterKind::DeletionScheduled { link, deletes_at } => {
            letters::deletion_scheduled(&frame, link.reveal(), &words::when(*deletes_at))
        }
        LetterKind::SignInCode { link, code } => {
            letters::sign_in_code(&frame, link.reveal(), &words::code(code.reveal()))
        }
        LetterKind::NewDevice { activity, reset } => letters::new_device(&frame, activity, reset),
        LetterKind::ReuseDetected { account } => letters::reuse_detected(&frame, account),
        LetterKind::SecurityChange { change, account } => {
            let [title, what, then] = words::change(*change);
            letters::security_change(&frame, title, what, then, account)
        }
        LetterKind::ApiKeyEnding {
            name,
            hint,
            ends_at,
            keys,
        } => {
            let (name, ends_at) = (words::key_name(name), words::when(*ends_at));
            letters::api_key_ending(&frame, &name, hint, &ends_at, keys)
        }
        LetterKind::MailTest => letters::mail_test(&frame),
    }
}

/// Shows the subject alone: the bodies hold a code and a link.
impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rendered({})", self.subject)
    }
}
