//! What letters say, decided when they are sent (`deliver_letters`).
//!
//! A flow notes, in its own transaction, *that* a letter is due. Here it is decided *which* letter
//! that is, and its one-time secret is made and stored as a digest: committed before the letter is
//! handed over, so that a secret in a mailbox always works. A letter that is tried again is written
//! again, and the secrets of earlier attempts go on working, because one of those may have arrived.
//!
//! One file below this one for each family of letters.

mod email_change;
mod invitation;
mod leaving;
mod recover;
mod registration;
mod security;
mod sign_in;

use wire::{Email, Secret};

use crate::Auth;
use crate::device::device;
use crate::error::Fault;
use crate::letter::{Letter, LetterKind, SecurityChange};
use crate::store::{DueLetter, Tx};

/// How long a code works, in seconds.
pub(crate) const CODE_LIFE: i64 = 600;

/// To whom, and what is said; `None`: nothing is to be said any more.
type Written = Option<(Email, LetterKind)>;

impl Auth {
    /// Decides what a due letter says, and makes its secret. `None`: nothing is to be said.
    pub(crate) async fn write_letter(&self, due: &DueLetter) -> Result<Option<Letter>, Fault> {
        let mut tx = self.store().write().await?;
        let written = match due.letter.as_str() {
            "registration" => self.registration_letter(&mut tx, &due.subject).await?,
            "resend_verification" => self.resent_letter(&mut tx, &due.subject).await?,
            "password_reset" => self.reset_letter(&mut tx, &due.subject).await?,
            "password_changed" => self.password_letter(&mut tx, &due.subject).await?,
            "sign_in_code" => self.sign_in_code_letter(&mut tx, &due.subject).await?,
            "new_device" => self.new_device_letter(&mut tx, &due.subject).await?,
            "email_change" => self.new_email_letter(&mut tx, &due.subject).await?,
            "email_change_asked" => {
                self.email_change_asked_letter(&mut tx, &due.subject)
                    .await?
            }
            "email_changed" => self.email_changed_letter(&mut tx, &due.subject).await?,
            "invitation" => self.invitation_letter(&mut tx, &due.subject).await?,
            "deletion_scheduled" => self.deletion_letter(&mut tx, &due.subject).await?,
            "reuse_detected" => self.reuse_letter(&mut tx, &due.subject).await?,
            "api_key_ending" => self.ending_key_letter(&mut tx, &due.subject).await?,
            "mail_test" => self.test_letter(&mut tx, &due.subject).await?,
            name => match SecurityChange::parse(name) {
                Some(change) => self.change_letter(&mut tx, change, &due.subject).await?,
                None => return Err(Fault::Inconsistent("outbox.letter is unknown")),
            },
        };
        tx.commit().await?;
        Ok(written.map(|(to, kind)| Letter {
            id: due.id.clone(),
            attempt: due.unsure_since,
            to,
            kind,
            at: due.created_at,
            from_address: due.address.clone(),
            from_device: device(&due.agent).words(),
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

    /// What waits for a letter to have left happens with the note that it did; not before, because a
    /// letter that never arrives must not take an earlier one's link (row 26).
    pub(crate) async fn letter_left(
        &self,
        tx: &mut Tx,
        due: &DueLetter,
        letter: &Letter,
    ) -> Result<(), Fault> {
        match due.letter.as_str() {
            "password_reset" => tx.delete_older_reset_secrets(&due.subject).await.map(drop),
            "invitation" => self.end_older_links(tx, &due.subject, letter).await,
            _ => Ok(()),
        }
    }
}

fn stored_email(text: &str) -> Result<Email, Fault> {
    Email::parse(text).map_err(|_| Fault::Inconsistent("a stored address is no address"))
}
