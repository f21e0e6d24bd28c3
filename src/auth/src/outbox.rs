//! The worker's share of mail: letters that are due become letters that left.
//!
//! A flow notes, in its own transaction, *that* a letter is due. Here it is decided *which* letter
//! that is, its one-time secret is made and stored as a digest, and it is handed to the postman —
//! in that order, so that a secret in a mailbox always works. A worker that dies in between leaves
//! a lease behind; when it ends, the letter is made again under the same id.
//!
//! One file below this one for each family of letters.

mod recover;
mod registration;
mod security;
mod sign_in;

use wire::{Email, Secret};

use crate::Auth;
use crate::error::Fault;
use crate::letter::{Letter, LetterKind, PostError, Postman};
use crate::store::DueLetter;

/// How long a worker may take over one letter.
const LEASE: i64 = 60;
/// After this long a letter is given up.
const GIVE_UP: i64 = 86_400;
/// How long a code works, in seconds.
pub(crate) const CODE_LIFE: i64 = 600;

/// To whom, and what is said; `None`: nothing is to be said any more.
type Written = Option<(Email, LetterKind)>;

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
            "registration" => self.registration_letter(&mut tx, &due.subject).await?,
            "resend_verification" => self.resent_letter(&mut tx, &due.subject).await?,
            "password_reset" => self.reset_letter(&mut tx, &due.subject).await?,
            "password_changed" => self.password_letter(&mut tx, &due.subject).await?,
            "reuse_detected" => self.reuse_letter(&mut tx, &due.subject).await?,
            "sign_in_code" => self.sign_in_code_letter(&mut tx, &due.subject).await?,
            "new_device" => self.new_device_letter(&mut tx, &due.subject).await?,
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

    /// A page of the portal, for a letter: built from the configured public URL, never from a request
    /// (security.md row 27).
    fn page_url(&self, path: &str) -> String {
        format!("{}{path}", self.settings().public_url)
    }

    /// The same with a one-time token.
    fn link(&self, path: &str, token: &Secret) -> Secret {
        Secret::new(format!("{}?token={}", self.page_url(path), token.reveal()))
    }

    async fn note_sent(&self, due: &DueLetter) -> Result<(), Fault> {
        let mut tx = self.store().write().await?;
        tx.set_letter_sent(&due.id, self.now()).await?;
        if due.letter == "password_reset" {
            // Only now: a letter that never arrives must not take an earlier one's link (row 26).
            tx.delete_other_reset_secrets(&due.subject).await?;
        }
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
