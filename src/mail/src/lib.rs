//! Letters: how they read, and the ways they travel.
//!
//! A [`Mailer`] is the postman of the portal. It puts a letter of the core into words (subject,
//! plain text, HTML) and gives it to one of three transports: SMTP, the Resend API, or the
//! development mailbox, a folder of files. It keeps no queue: the core's outbox calls again
//! when a transport says [`PostError::Later`], with the same id, and every transport carries
//! that id along so that a letter sent twice is recognised as one.
//!
//! Nothing in a letter comes from whoever caused it (D13), and no error text names an address,
//! a code or a link: those texts end in the operator's log.

mod host;
mod letters;
mod mailbox;
mod post;
mod render;
mod resend;
mod samples;
mod sender;
mod smtp;
mod words;

use std::fmt;

use async_trait::async_trait;
use auth::{Letter, PostError, Postman};

pub use mailbox::{Kept, Mailbox, MailboxError};
pub use render::{Rendered, render};
pub use resend::{RESEND_API, ResendSettings};
pub use samples::samples;
pub use sender::Sender;
pub use smtp::{Security, SmtpLogin, SmtpSettings};

/// Takes letters away, by the way the operator chose.
pub struct Mailer(Transport);

enum Transport {
    Smtp(Box<smtp::Smtp>),
    Resend(Box<resend::Resend>),
    Mailbox(Mailbox),
}

/// Settings a mailer cannot be made from. Each is one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The sender is no address.
    #[error(
        "the sender must be an address, or a name and an address: Gatehouse <no-reply@example.com>"
    )]
    Sender,
    /// No encryption to another machine.
    #[error("mail to another machine must be encrypted: plain SMTP is for a loopback host")]
    PlainSmtp,
    /// The host is no host name.
    #[error("the SMTP host is not a host name")]
    SmtpHost,
    /// The base URL is not one to post a key to.
    #[error("the base URL of the mail API must be https, or http on a loopback host")]
    ApiUrl,
    /// The key cannot be a header.
    #[error("the key of the mail API is empty or has characters no key has")]
    ApiKey,
}

impl Mailer {
    /// Sends by SMTP. Connects when the first letter leaves, not before.
    ///
    /// # Errors
    /// [`SettingsError`] for plain SMTP to another machine and for a host that is none.
    pub fn smtp(settings: SmtpSettings) -> Result<Self, SettingsError> {
        smtp::Smtp::new(settings).map(|smtp| Self(Transport::Smtp(Box::new(smtp))))
    }

    /// Sends through the Resend API.
    ///
    /// # Errors
    /// [`SettingsError`] for a base URL that is not https (or loopback) and for an unusable key.
    pub fn resend(settings: ResendSettings) -> Result<Self, SettingsError> {
        resend::Resend::new(settings).map(|resend| Self(Transport::Resend(Box::new(resend))))
    }

    /// Sends a letter at once, for an operator at a terminal: one sentence with what the server
    /// answered, in its own words. Only here are those shown: they tend to repeat the address.
    ///
    /// # Errors
    /// The same, when the letter did not leave.
    pub async fn try_out(&self, letter: &Letter) -> Result<String, String> {
        let rendered = render(letter).map_err(|error| post::unreadable(error).to_string())?;
        match &self.0 {
            Transport::Smtp(smtp) => smtp.try_out(letter, rendered).await,
            Transport::Resend(resend) => match resend.deliver(letter, rendered).await {
                Ok(()) => Ok("The mail API took the letter.".to_owned()),
                Err(error) => Err(format!("The letter did not leave: {error}.")),
            },
            Transport::Mailbox(mailbox) => match mailbox.deliver(letter, rendered).await {
                Ok(()) => Ok("The letter lies in the development mailbox.".to_owned()),
                Err(error) => Err(format!("The letter did not leave: {error}.")),
            },
        }
    }

    /// Keeps letters in a folder, for development.
    pub fn mailbox(mailbox: Mailbox) -> Self {
        Self(Transport::Mailbox(mailbox))
    }
}

#[async_trait]
impl Postman for Mailer {
    async fn deliver(&self, letter: &Letter) -> Result<(), PostError> {
        // The id becomes a header, a key and a file name: nothing else may.
        if !auth::is_id(&letter.id) {
            return Err(PostError::Refused("the letter has no usable id".to_owned()));
        }
        let rendered = render(letter).map_err(post::unreadable)?;
        match &self.0 {
            Transport::Smtp(smtp) => smtp.deliver(letter, rendered).await,
            Transport::Resend(resend) => resend.deliver(letter, rendered).await,
            Transport::Mailbox(mailbox) => mailbox.deliver(letter, rendered).await,
        }
    }
}

/// Names the transport alone: settings hold passwords and keys.
impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Transport::Smtp(_) => "Mailer(smtp)",
            Transport::Resend(_) => "Mailer(resend)",
            Transport::Mailbox(_) => "Mailer(mailbox)",
        })
    }
}
