//! The worker's share of mail: letters that are due become letters that left.
//!
//! A flow notes, in its own transaction, *that* a letter is due. Here it is decided *which* letter
//! that is, its one-time secret is made and stored as a digest, and it is handed to the postman —
//! in that order, so that a secret in a mailbox always works. A worker that dies in between leaves
//! a lease behind; when it ends, the letter is made again under the same id.

use wire::{Email, Secret};

use crate::Auth;
use crate::error::Fault;
use crate::letter::{Letter, LetterKind, PostError, Postman};
use crate::register::PENDING;
use crate::secret::{TokenDigest, draw_code, draw_token};
use crate::store::{DueLetter, NewOneTimeToken, RegistrationRow, Tx};
use crate::verify_email::PURPOSE as VERIFY_EMAIL;

/// How long a worker may take over one letter.
const LEASE: i64 = 60;
/// After this long a letter is given up.
const GIVE_UP: i64 = 86_400;
/// How long a code works, in seconds.
const CODE_LIFE: i64 = 600;

impl Auth {
    /// Delivers all letters that are due. Returns how many left.
    ///
    /// # Errors
    /// When the database does not answer. A postman's failure is noted with the letter instead.
    pub async fn deliver_letters(&self, postman: &dyn Postman) -> Result<usize, Fault> {
        let mut delivered = 0;
        while let Some(due) = self.take_due_letter().await? {
            if self.deliver(&due, postman).await? {
                delivered += 1;
            }
        }
        Ok(delivered)
    }

    /// Takes up what a worker of this machine left when it died: on an embedded database there is
    /// no other who could still be at it. Elsewhere its leases end by themselves. Call it once,
    /// before the first delivery.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn resume_letters(&self) -> Result<(), Fault> {
        if self.store().is_embedded() {
            let mut tx = self.store().write().await?;
            tx.set_letters_free().await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Waits until a flow of this process has noted a letter.
    pub async fn letters_waiting(&self) {
        self.letters().notified().await;
    }

    async fn take_due_letter(&self) -> Result<Option<DueLetter>, Fault> {
        let now = self.now();
        let mut tx = self.store().write().await?;
        let due = tx.consume_due_letter(now, now + LEASE).await?;
        tx.commit().await?;
        Ok(due)
    }

    async fn deliver(&self, due: &DueLetter, postman: &dyn Postman) -> Result<bool, Fault> {
        let letter = match self.write_letter(due).await {
            Ok(Some(letter)) => letter,
            // Needed no more: the registration was finished, or nobody has the address.
            Ok(None) => {
                self.note_sent(due).await?;
                return Ok(false);
            }
            // One row that does not read must not keep all other letters from leaving.
            Err(fault @ Fault::Inconsistent(_)) => {
                tracing::error!(letter = %due.id, error = %fault, "a letter cannot be written");
                let hopeless = PostError::Refused("it cannot be written".to_owned());
                self.note_failed(due, &hopeless).await?;
                return Ok(false);
            }
            Err(fault) => return Err(fault),
        };
        match postman.deliver(&letter).await {
            Ok(()) => {
                self.note_sent(due).await?;
                Ok(true)
            }
            Err(error) => {
                tracing::warn!(letter = %due.id, attempts = due.attempts, error = %error, "a letter did not leave");
                self.note_failed(due, &error).await?;
                Ok(false)
            }
        }
    }

    /// Decides what a due letter says, and makes its secret. `None`: nothing is to be said.
    async fn write_letter(&self, due: &DueLetter) -> Result<Option<Letter>, Fault> {
        let mut tx = self.store().write().await?;
        let written = match due.letter.as_str() {
            "registration" => {
                let registration = tx.registration_by_id(&due.subject, self.now()).await?;
                self.about_registration(&mut tx, registration).await?
            }
            "resend_verification" => {
                let registration = tx.registration_by_email(&due.subject, self.now()).await?;
                self.about_registration(&mut tx, registration).await?
            }
            "reuse_detected" => self.about_reuse(&mut tx, &due.subject).await?,
            _ => return Err(Fault::Inconsistent("outbox.letter is unknown")),
        };
        tx.commit().await?;
        Ok(written.map(|(to, kind)| Letter {
            id: due.id.clone(),
            to,
            kind,
            at: due.created_at,
            from_address: due.address.clone(),
            from_device: device_in_words(&due.agent),
            portal: self.settings().public_url.clone(),
        }))
    }

    /// To an address without account: prove it. To one with: you have an account.
    async fn about_registration(
        &self,
        tx: &mut Tx,
        registration: Option<RegistrationRow>,
    ) -> Result<Option<(Email, LetterKind)>, Fault> {
        let Some(registration) = registration else {
            return Ok(None);
        };
        let to = stored_email(&registration.email)?;
        if tx.user_by_email(to.as_str()).await?.is_some() {
            let sign_in = format!("{}/login", self.settings().public_url);
            return Ok(Some((to, LetterKind::AlreadyRegistered { sign_in })));
        }
        let (token, code) = (draw_token(self.entropy()), draw_code(self.entropy()));
        let now = self.now();
        tx.add_one_time_token(&NewOneTimeToken {
            digest: TokenDigest::of(&token).as_bytes(),
            purpose: VERIFY_EMAIL,
            subject: &registration.id,
            code_digest: Some(&self.code_digest(&registration.id, &code)),
            code_expires_at: Some(now + CODE_LIFE),
            now,
            expires_at: now + PENDING,
        })
        .await?;
        tx.set_registration_expiry(&registration.id, now + PENDING)
            .await?;
        let link = Secret::new(format!(
            "{}/verify-email?token={}",
            self.settings().public_url,
            token.reveal()
        ));
        Ok(Some((to, LetterKind::VerifyEmail { link, code })))
    }

    async fn about_reuse(
        &self,
        tx: &mut Tx,
        user: &str,
    ) -> Result<Option<(Email, LetterKind)>, Fault> {
        let Some(user) = tx.user_by_id(user).await? else {
            return Ok(None);
        };
        let account = format!("{}/account", self.settings().public_url);
        Ok(Some((
            stored_email(&user.email)?,
            LetterKind::ReuseDetected { account },
        )))
    }

    async fn note_sent(&self, due: &DueLetter) -> Result<(), Fault> {
        let mut tx = self.store().write().await?;
        tx.set_letter_sent(&due.id, self.now()).await?;
        tx.commit().await
    }

    async fn note_failed(&self, due: &DueLetter, error: &PostError) -> Result<(), Fault> {
        let now = self.now();
        let is_hopeless = matches!(error, PostError::Refused(_)) || now - due.created_at >= GIVE_UP;
        let mut tx = self.store().write().await?;
        if is_hopeless {
            tx.set_letter_dead(&due.id, now, &error.to_string()).await?;
        } else {
            let next = now + self.backoff(due.attempts);
            tx.set_letter_delayed(&due.id, next, &error.to_string())
                .await?;
        }
        tx.commit().await
    }

    /// 5 s, 10 s, 20 s … half an hour, each up to half as much longer: after an outage not all
    /// letters knock at once.
    fn backoff(&self, attempts: i64) -> i64 {
        let doublings = u32::try_from(attempts.clamp(1, 10) - 1).unwrap_or(0);
        let wait: i64 = (5 << doublings).min(1800);
        let mut byte = [0; 1];
        self.entropy().fill(&mut byte);
        wait + wait * i64::from(byte[0]) / 512
    }
}

fn stored_email(text: &str) -> Result<Email, Fault> {
    Email::parse(text).map_err(|_| Fault::Inconsistent("a stored address is no address"))
}

/// `Firefox on Linux`, or nothing anybody could forge a sentence with.
pub(crate) fn device_in_words(agent: &str) -> String {
    let Some(found) = woothee::parser::Parser::new().parse(agent) else {
        return "an unknown device".to_owned();
    };
    match (found.name, found.os) {
        ("UNKNOWN", "UNKNOWN") => "an unknown device".to_owned(),
        (name, "UNKNOWN") => name.to_owned(),
        (name, os) => format!("{name} on {os}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_said_in_words_and_cannot_speak_for_itself() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(device_in_words(firefox), "Firefox on Linux");
        assert_eq!(
            device_in_words("Your account is locked, call 555"),
            "an unknown device"
        );
        assert_eq!(device_in_words(""), "an unknown device");
    }
}
