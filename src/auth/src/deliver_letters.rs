//! The worker's share of mail: letters that are due become letters that left.
//!
//! A letter is taken under a lease, written (`outbox`), committed, and only then handed to the
//! postman. An attempt has a deadline well below its lease, so no two of them are at the same letter
//! unless the machine itself stood still; and if they are, the later one alone decides what becomes
//! of it. Whether a letter left cannot always be known: the connection may end before the answer.
//! Then it goes out again under the same id, which is its Message-ID, and every secret that was
//! ever made for it works.

use std::time::Duration;

use crate::Auth;
use crate::error::Fault;
use crate::letter::{Letter, PostError, Postman};
use crate::store::{DueLetter, Failed};

/// How long a worker has a letter.
const LEASE: i64 = 60;
/// How long one attempt may take. Below the lease by more than writing and noting take.
const DEADLINE: Duration = Duration::from_secs(40);
/// After this long a letter is given up.
const GIVE_UP: i64 = 86_400;
/// How long to wait between tries to note that a letter left.
const NOTE_AGAIN: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_secs(5),
];

/// What came of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Letters that left.
    pub sent: usize,
    /// Letters that are to be tried again.
    pub delayed: usize,
    /// Letters that were given up.
    pub dead: usize,
}

impl Auth {
    /// Delivers all letters that are due, one after the other; several may do so at once.
    ///
    /// # Errors
    /// When the database does not answer. A postman's failure is noted with the letter instead.
    pub async fn deliver_letters(&self, postman: &dyn Postman) -> Result<Delivered, Fault> {
        let mut delivered = Delivered::default();
        while !postman.is_closed()
            && let Some(due) = self.take_due_letter().await?
        {
            // Whoever waits beside this one may begin with the next.
            self.letters().notify_one();
            self.deliver(&due, postman, &mut delivered).await?;
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
        // Several ask every second, and mostly in vain: without the database's only writer.
        if !self.store().read().await?.has_due_letter(now).await? {
            return Ok(None);
        }
        let mut tx = self.store().write().await?;
        let due = tx.consume_due_letter(now, now + LEASE).await?;
        tx.commit().await?;
        Ok(due)
    }

    async fn deliver(
        &self,
        due: &DueLetter,
        postman: &dyn Postman,
        delivered: &mut Delivered,
    ) -> Result<(), Fault> {
        let letter = match self.write_letter(due).await {
            Ok(Some(letter)) => letter,
            // Needed no more: the registration was finished, or nobody has the address.
            Ok(None) => return self.note_sent(due, None).await,
            // One row that does not read must not keep all other letters from leaving.
            Err(fault @ Fault::Inconsistent(_)) => {
                tracing::error!(letter = %due.id, error = %fault, "a letter cannot be written");
                let hopeless = PostError::Refused("it cannot be written".to_owned());
                return self.note_failed(due, None, &hopeless, delivered).await;
            }
            Err(fault) => return Err(fault),
        };
        let to = letter.to.as_str();
        match post(postman, &letter).await {
            Ok(()) => {
                self.note_sent(due, Some(&letter)).await?;
                delivered.sent += 1;
                Ok(())
            }
            Err(error) => {
                tracing::warn!(letter = %due.id, attempt = due.attempts, error = %error, "a letter did not leave");
                self.note_failed(due, Some(to), &error, delivered).await
            }
        }
    }

    /// Tried more than once: a letter that left and is not noted leaves again.
    async fn note_sent(&self, due: &DueLetter, letter: Option<&Letter>) -> Result<(), Fault> {
        for wait in NOTE_AGAIN {
            match self.set_sent(due, letter).await {
                Ok(()) => return Ok(()),
                Err(fault) => {
                    tracing::warn!(letter = %due.id, error = %fault, "a letter that left is not noted yet");
                }
            }
            tokio::time::sleep(wait).await;
        }
        self.set_sent(due, letter).await
    }

    async fn set_sent(&self, due: &DueLetter, letter: Option<&Letter>) -> Result<(), Fault> {
        let mut tx = self.store().write().await?;
        let recipient = letter.map(|letter| letter.to.as_str());
        tx.set_letter_sent(&due.id, recipient, self.now()).await?;
        if let Some(letter) = letter {
            self.letter_left(&mut tx, due, letter).await?;
        }
        tx.commit().await
    }

    async fn note_failed(
        &self,
        due: &DueLetter,
        recipient: Option<&str>,
        error: &PostError,
        delivered: &mut Delivered,
    ) -> Result<(), Fault> {
        let now = self.now();
        let failed = Failed {
            id: &due.id,
            attempt: due.attempts,
            recipient,
            error: &error.to_string(),
            is_unsure: matches!(error, PostError::Unanswered(_)),
        };
        let is_hopeless =
            matches!(error, PostError::Refused(_)) || now - due.tried_since >= GIVE_UP;
        let mut tx = self.store().write().await?;
        let is_ours = if is_hopeless {
            tx.set_letter_dead(&failed, now).await?
        } else {
            tx.set_letter_delayed(&failed, now + self.backoff(due.attempts))
                .await?
        };
        tx.commit().await?;
        match (is_ours, is_hopeless) {
            (true, true) => delivered.dead += 1,
            (true, false) => delivered.delayed += 1,
            (false, _) => {
                tracing::warn!(letter = %due.id, attempt = due.attempts, "an attempt took longer than its lease");
            }
        }
        Ok(())
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

/// One attempt, with an end whatever the postman does.
async fn post(postman: &dyn Postman, letter: &Letter) -> Result<(), PostError> {
    let posted = tokio::time::timeout(DEADLINE, postman.deliver(letter)).await;
    posted.unwrap_or_else(|_| Err(PostError::Unanswered("no answer in time".to_owned())))
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use wire::Email;

    use super::*;
    use crate::letter::LetterKind;

    struct Gone;

    #[async_trait]
    impl Postman for Gone {
        async fn deliver(&self, _: &Letter) -> Result<(), PostError> {
            std::future::pending().await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_postman_who_never_comes_back_is_waited_for_less_long_than_the_lease() {
        let letter = Letter {
            id: String::new(),
            attempt: 1,
            to: Email::parse("ada@example.com").expect("an address"),
            kind: LetterKind::MailTest,
            at: 0,
            from_address: String::new(),
            from_device: String::new(),
            portal: String::new(),
        };
        let began = tokio::time::Instant::now();

        let posted = post(&Gone, &letter).await;

        assert!(matches!(posted, Err(PostError::Unanswered(_))));
        let took = i64::try_from(began.elapsed().as_secs()).expect("seconds");
        assert!((30..=LEASE - 10).contains(&took), "{took}");
    }
}
