//! SMTP, encrypted and with the server's certificate checked (RFC 8314).

use std::time::{Duration, UNIX_EPOCH};

use auth::{Letter, PostError};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Message, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, Error as SmtpError};
use lettre::{Address, AsyncTransport, Tokio1Executor};
use wire::Secret;

use crate::render::Rendered;
use crate::{Sender, SettingsError, host, post};

/// How to reach the mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Its host name; its certificate must carry it.
    pub host: String,
    /// Its port: 587 or 465, as a rule.
    pub port: u16,
    /// How the connection is protected; [`Security::for_server`] knows what is usual.
    pub security: Security,
    /// Who we say we are, where the server asks.
    pub login: Option<SmtpLogin>,
    /// Who letters are from.
    pub from: Sender,
    /// How long one delivery may take.
    pub timeout: Duration,
}

/// A name and a password for the mail server.
#[derive(Clone, Debug)]
pub struct SmtpLogin {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// How a connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// Plain first, then TLS; a server that does not offer it gets nothing.
    StartTls,
    /// None at all: for a server on this machine.
    Plain,
}

impl Security {
    /// What a host and port are usually spoken to with: TLS on 465, nothing on a loopback host
    /// that is not on 587, STARTTLS everywhere else.
    pub fn for_server(host: &str, port: u16) -> Self {
        match port {
            465 => Self::Tls,
            587 => Self::StartTls,
            _ if host::is_loopback(host) => Self::Plain,
            _ => Self::StartTls,
        }
    }
}

/// The transport.
pub(crate) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Sender,
    timeout: Duration,
    /// `mail.example.com:587`.
    name: String,
}

impl Smtp {
    pub(crate) fn new(settings: SmtpSettings) -> Result<Self, SettingsError> {
        if settings.security == Security::Plain && !host::is_loopback(&settings.host) {
            return Err(SettingsError::PlainSmtp);
        }
        let tls = tls(&settings)?;
        let name = format!("{}:{}", settings.host, settings.port);
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(settings.timeout));
        if let Some(login) = settings.login {
            let password = login.password.reveal().to_owned();
            builder = builder.credentials(Credentials::new(login.user, password));
        }
        Ok(Self {
            transport: builder.build(),
            from: settings.from,
            timeout: settings.timeout,
            name,
        })
    }

    pub(crate) async fn try_out(&self, letter: &Letter, words: Rendered) -> Result<String, String> {
        let name = &self.name;
        let message = message(&self.from, letter, words).map_err(|error| error.to_string())?;
        match tokio::time::timeout(self.timeout, self.transport.send(message)).await {
            Ok(Ok(answer)) => {
                let said = answer.message().collect::<Vec<_>>().join(" ");
                Ok(format!("{name} took the letter: {} {said}", answer.code()))
            }
            Ok(Err(error)) if error.status().is_some() => {
                Err(format!("{name} refused the letter: {error}"))
            }
            Ok(Err(error)) => Err(format!("{name} was not spoken to: {error}")),
            Err(_) => {
                let seconds = self.timeout.as_secs();
                Err(format!("{name} did not answer within {seconds} s."))
            }
        }
    }

    pub(crate) async fn deliver(&self, letter: &Letter, words: Rendered) -> Result<(), PostError> {
        let message = message(&self.from, letter, words)?;
        post::within(self.timeout, async {
            let sent = self.transport.send(message).await;
            sent.map(drop)
                .map_err(|error| said(&error, letter.to.as_str().is_ascii()))
        })
        .await
    }
}

fn tls(settings: &SmtpSettings) -> Result<Tls, SettingsError> {
    let parameters =
        || TlsParameters::new_rustls(settings.host.clone()).map_err(|_| SettingsError::SmtpHost);
    Ok(match settings.security {
        Security::Tls => Tls::Wrapper(parameters()?),
        Security::StartTls => Tls::Required(parameters()?),
        Security::Plain => Tls::None,
    })
}

/// The message as it goes over the wire. Its id, its date and its words are the letter's, so a
/// second attempt sends the same message again.
fn message(from: &Sender, letter: &Letter, words: Rendered) -> Result<Message, PostError> {
    let to: Address =
        letter.to.as_str().parse().map_err(|_| {
            PostError::Refused("the address is not one a mail server takes".to_owned())
        })?;
    let at = UNIX_EPOCH + Duration::from_secs(u64::try_from(letter.at).unwrap_or_default());
    Message::builder()
        .from(from.address())
        .to(to.into())
        .date(at)
        .message_id(Some(format!(
            "<{}@{}>",
            letter.id,
            host::of_url(&letter.portal)
        )))
        .subject(words.subject)
        // RFC 3834: out-of-office programs leave such a letter unanswered.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .multipart(MultiPart::alternative_plain_html(words.text, words.html))
        .map_err(|error| PostError::Refused(format!("the letter is no message: {error}")))
}

/// What a failure means. The server's own words stay out: they tend to repeat the address.
fn said(error: &SmtpError, plain_address: bool) -> PostError {
    let Some(code) = error.status() else {
        // Without SMTPUTF8 (RFC 6531) the server cannot take such an address, today or tomorrow.
        if error.is_client() && !plain_address {
            return PostError::Refused("the server takes ASCII addresses only".to_owned());
        }
        let words = if error.is_response() {
            "an answer that is not SMTP".to_owned()
        } else {
            error.to_string()
        };
        return PostError::Later(words);
    };
    let words = format!("the mail server said {code}");
    // RFC 4954 6: these are about our login, which the operator can mend while the letter waits.
    let is_login = matches!(u16::from(code), 530 | 534 | 535 | 538);
    if error.is_permanent() && !is_login {
        PostError::Refused(words)
    } else {
        PostError::Later(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_leaves_the_machine_encrypted() {
        assert_eq!(Security::for_server("smtp.example.com", 465), Security::Tls);
        assert_eq!(
            Security::for_server("smtp.example.com", 587),
            Security::StartTls
        );
        assert_eq!(
            Security::for_server("smtp.example.com", 25),
            Security::StartTls
        );
        assert_eq!(Security::for_server("localhost", 587), Security::StartTls);
        assert_eq!(Security::for_server("localhost", 1025), Security::Plain);
    }
}
