//! How letters leave, and whom to write to.

use std::time::Duration;

use mail::{RESEND_API, ResendSettings, Security, Sender, SmtpLogin, SmtpSettings};
use wire::Secret;

use super::Checking;
use super::address::is_loopback;
use crate::config::Mail;
use crate::config::schema::Hidden;

/// How long one delivery may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Who letters are from where nobody reads them but the developer.
const DEVELOPER: &str = "Gatehouse <gatehouse@localhost>";

impl Checking<'_> {
    pub(super) fn mail(&mut self) -> Mail {
        let mail = &self.written.mail;
        let implied = match (&mail.smtp.host, &mail.resend.api_key) {
            (Some(_), None) => Some("smtp"),
            (None, Some(_)) => Some("resend"),
            _ => None,
        };
        let default = self.development.then_some("mailbox");
        match mail.transport.as_deref().or(implied).or(default) {
            Some("mailbox") => Mail::Mailbox,
            Some("smtp") => self.smtp(),
            Some("resend") => self.resend(),
            Some(_) => {
                self.say("mail.transport must be smtp, resend, or mailbox for development.");
                Mail::None
            }
            None => {
                self.insist(false, "Set mail.transport to smtp or resend: without letters nobody can prove an address.");
                Mail::None
            }
        }
    }

    pub(super) fn deliveries(&mut self) -> usize {
        let usual = auth::Settings::default().deliveries;
        let wanted = self.written.mail.deliveries.unwrap_or(usual);
        if !(1..=64).contains(&wanted) {
            self.say("mail.deliveries must be 1 to 64.");
        }
        wanted
    }

    fn smtp(&mut self) -> Mail {
        let smtp = &self.written.mail.smtp;
        let host = smtp.host.clone().unwrap_or_default();
        let port = smtp.port.unwrap_or(587);
        let security = match smtp.security.as_deref() {
            None => Security::for_server(&host, port),
            Some("tls") => Security::Tls,
            Some("starttls") => Security::StartTls,
            Some("plain") => Security::Plain,
            Some(_) => {
                self.say("mail.smtp.security must be tls, starttls or plain.");
                Security::StartTls
            }
        };
        self.require(
            !host.is_empty(),
            "mail.transport is smtp, so set mail.smtp.host.",
        );
        self.require(
            security != Security::Plain || is_loopback(&host),
            "mail.smtp.security is plain, which only a relay on this machine may have.",
        );
        self.require(
            smtp.user.is_some() == smtp.pass.is_some(),
            "mail.smtp.user and mail.smtp.pass belong together: set both or neither.",
        );
        self.not_an_example("mail.smtp.pass", smtp.pass.as_ref().map(|pass| &pass.0));
        let login = smtp
            .user
            .clone()
            .zip(smtp.pass.clone().map(|Hidden(pass)| pass))
            .map(|(user, password)| SmtpLogin { user, password });
        match self.from() {
            Some(from) => Mail::Smtp(SmtpSettings {
                host,
                port,
                security,
                login,
                from,
                timeout: PATIENCE,
            }),
            None => Mail::None,
        }
    }

    fn resend(&mut self) -> Mail {
        let resend = &self.written.mail.resend;
        self.require(
            resend.api_key.is_some(),
            "mail.transport is resend, so set mail.resend.api_key.",
        );
        let api_key = resend.api_key.clone().map(|Hidden(key)| key);
        self.not_an_example("mail.resend.api_key", api_key.as_ref());
        let base_url = resend.url.clone().unwrap_or_else(|| RESEND_API.to_owned());
        match (self.from(), api_key) {
            (Some(from), Some(api_key)) => Mail::Resend(ResendSettings {
                api_key,
                from,
                base_url,
                timeout: PATIENCE,
            }),
            _ => Mail::None,
        }
    }

    fn from(&mut self) -> Option<Sender> {
        let written = self.written.mail.from.as_deref();
        self.insist(
            written.is_some(),
            "Set mail.from, the sender of every letter, like Gatehouse <login@example.com>.",
        );
        let from = Sender::parse(written.unwrap_or(DEVELOPER)).ok();
        if from.is_none() {
            self.say("mail.from must be an address, like Gatehouse <login@example.com>.");
        }
        from
    }

    /// Needed for any letter to leave, in development mode too; commands send none.
    fn require(&mut self, holds: bool, sentence: &str) {
        if self.serving && !holds {
            self.say(sentence);
        }
    }

    /// security.md row 111: values out of other people's documentation are no secrets.
    fn not_an_example(&mut self, key: &str, secret: Option<&Secret>) {
        let examples = [
            "changeme",
            "change-me",
            "change_me",
            "secret",
            "password",
            "example",
            "your-",
            "your_",
            "xxxx",
            "re_123",
            "re_xxx",
        ];
        let is_example = secret.is_some_and(|secret| {
            let lower = secret.reveal().to_ascii_lowercase();
            examples.iter().any(|example| lower.starts_with(example))
        });
        self.insist(
            !is_example,
            format!("{key} holds an example value; set the real one."),
        );
    }

    pub(super) fn security_contact(&mut self, public_url: &str) -> String {
        match (
            self.written.security.contact.as_deref(),
            self.written.mail.from.as_deref(),
        ) {
            (Some(contact), _) => {
                if !["mailto:", "https://", "tel:"]
                    .iter()
                    .any(|scheme| contact.starts_with(scheme))
                {
                    self.say("security.contact must begin with mailto:, https:// or tel:.");
                }
                contact.to_owned()
            }
            (None, Some(from)) => format!("mailto:{}", address_of(from)),
            (None, None) => public_url.to_owned(),
        }
    }
}

/// `Gatehouse <login@example.com>` is sent from `login@example.com`.
fn address_of(from: &str) -> &str {
    match from.rsplit_once('<') {
        Some((_, address)) => address.trim_end().trim_end_matches('>'),
        None => from.trim(),
    }
}
