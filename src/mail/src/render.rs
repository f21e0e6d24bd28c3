//! A letter put into words: `templates/<letter>/{subject.txt,body.txt,body.html}`.

use askama::Template;
use auth::{Letter, LetterKind};

use crate::{host, words};

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
struct Frame<'a> {
    host: &'a str,
    when: String,
    device: String,
    address: String,
}

#[derive(Template)]
enum Subject {
    #[template(path = "verify_email/subject.txt")]
    VerifyEmail,
    #[template(path = "already_registered/subject.txt")]
    AlreadyRegistered,
    #[template(path = "reuse_detected/subject.txt")]
    ReuseDetected,
}

#[derive(Template)]
enum Text<'a> {
    #[template(path = "verify_email/body.txt")]
    VerifyEmail {
        letter: &'a Frame<'a>,
        link: &'a str,
        code: &'a str,
    },
    #[template(path = "already_registered/body.txt")]
    AlreadyRegistered {
        letter: &'a Frame<'a>,
        sign_in: &'a str,
    },
    #[template(path = "reuse_detected/body.txt")]
    ReuseDetected {
        letter: &'a Frame<'a>,
        account: &'a str,
    },
}

#[derive(Template)]
enum Html<'a> {
    #[template(path = "verify_email/body.html")]
    VerifyEmail {
        letter: &'a Frame<'a>,
        link: &'a str,
        code: &'a str,
    },
    #[template(path = "already_registered/body.html")]
    AlreadyRegistered {
        letter: &'a Frame<'a>,
        sign_in: &'a str,
    },
    #[template(path = "reuse_detected/body.html")]
    ReuseDetected {
        letter: &'a Frame<'a>,
        account: &'a str,
    },
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
    let frame = &frame;
    match &letter.kind {
        LetterKind::VerifyEmail { link, code } => {
            let (link, code) = (link.reveal(), &words::code(code.reveal()));
            rendered(
                &Subject::VerifyEmail,
                &Text::VerifyEmail {
                    letter: frame,
                    link,
                    code,
                },
                &Html::VerifyEmail {
                    letter: frame,
                    link,
                    code,
                },
            )
        }
        LetterKind::AlreadyRegistered { sign_in } => rendered(
            &Subject::AlreadyRegistered,
            &Text::AlreadyRegistered {
                letter: frame,
                sign_in,
            },
            &Html::AlreadyRegistered {
                letter: frame,
                sign_in,
            },
        ),
        LetterKind::ReuseDetected { account } => rendered(
            &Subject::ReuseDetected,
            &Text::ReuseDetected {
                letter: frame,
                account,
            },
            &Html::ReuseDetected {
                letter: frame,
                account,
            },
        ),
    }
}

fn rendered(
    subject: &Subject,
    text: &Text<'_>,
    html: &Html<'_>,
) -> Result<Rendered, askama::Error> {
    Ok(Rendered {
        subject: subject.render()?.trim().to_owned(),
        text: text.render()?,
        html: html.render()?,
    })
}

/// Shows the subject alone: the bodies hold a code and a link.
impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rendered({})", self.subject)
    }
}
