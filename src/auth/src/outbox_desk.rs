//! The operator's desk: what became of letters, one more try for those that were given up, and a
//! letter to oneself.
//!
//! An operator sees to whom a letter went and how that ended. What it says is stored nowhere, so
//! nobody can read a code or a link here (D25: managing mail is no way into an account).

use wire::{LetterStatus, OutboxLetter, Page, Paging};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::{Timestamp, rfc3339};
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{OutboxPage, OutboxRow};

/// Why a letter was not made due again.
#[derive(Debug, thiserror::Error)]
pub enum RetryLetterError {
    /// No such letter, or its time here is over.
    #[error("there is no such letter")]
    Unknown,
    /// It waits, is under way or has left.
    #[error("the letter was not given up")]
    NotDead,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<RetryLetterError> for wire::Error {
    fn from(error: RetryLetterError) -> Self {
        match error {
            RetryLetterError::Unknown => wire::ErrorCode::NotFound.into(),
            RetryLetterError::NotDead => Self {
                code: wire::ErrorCode::Conflict,
                ..Self::field("status", wire::FieldCode::Invalid)
            },
            RetryLetterError::Fault(fault) => fault.into(),
        }
    }
}

/// Why no test letter was taken on.
#[derive(Debug, thiserror::Error)]
pub enum TestLetterError {
    /// Too many letters to this address.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<LimitError> for TestLetterError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl From<TestLetterError> for wire::Error {
    fn from(error: TestLetterError) -> Self {
        match error {
            TestLetterError::Limited(limited) => limited.into(),
            TestLetterError::Fault(fault) => fault.into(),
        }
    }
}

/// Letters that have not left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// How many wait or are under way.
    pub due: i64,
    /// How many were given up.
    pub dead: i64,
    /// For how many seconds the oldest has been waiting; 0 when none does.
    pub oldest_due_seconds: i64,
}

impl Auth {
    /// Letters, newest first, all or those of one status.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_letters(
        &self,
        status: Option<LetterStatus>,
        paging: &Paging,
    ) -> Result<Page<OutboxLetter>, Fault> {
        let now = self.now();
        let page = OutboxPage {
            status: status.map_or("", LetterStatus::as_str),
            after: paging.after.as_ref().map_or("", |cursor| &cursor.id),
            limit: paging.rows(),
            now,
        };
        let rows = self.store().read().await?.list_letters(&page).await?;
        let page = Page::of(rows, paging, |row| wire::Cursor {
            at: row.created_at,
            id: row.id.clone(),
        });
        Ok(page.map(|row| view(row, now)))
    }

    /// Makes a letter that was given up due again, for another day of tries.
    ///
    /// # Errors
    /// [`RetryLetterError`].
    pub async fn retry_letter(
        &self,
        id: &str,
        session: &Session,
        client: &Client,
    ) -> Result<(), RetryLetterError> {
        if !is_id(id) {
            return Err(RetryLetterError::Unknown);
        }
        let mut tx = self.store().write().await?;
        let Some(letter) = tx.letter_by_id(id).await? else {
            return Err(RetryLetterError::Unknown);
        };
        if !tx.set_letter_due_again(id, self.now()).await? {
            return Err(RetryLetterError::NotDead);
        }
        let entry = Entry::done("letter.retried", client)
            .actor(&session.user.id)
            .detail(serde_json::json!({ "letter": id, "name": letter.letter }));
        self.audit(&mut tx, entry).await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(())
    }

    /// Takes on a letter to whoever asks for it, that shows whether letters arrive.
    ///
    /// # Errors
    /// [`TestLetterError`].
    pub async fn send_test_letter(
        &self,
        session: &Session,
        client: &Client,
    ) -> Result<(), TestLetterError> {
        let user = &session.user;
        self.admit_from(client, &[(Rate::Letter, &user.email)])
            .await?;
        let mut tx = self.store().write().await?;
        self.add_letter(&mut tx, "mail_test", &user.id, client)
            .await?;
        let entry = Entry::done("letter.test_requested", client).actor(&user.id);
        self.audit(&mut tx, entry).await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(())
    }

    /// How many letters have not left, and since when: for metrics.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_letters(&self) -> Result<OutboxCounts, Fault> {
        let counts = self.store().read().await?.count_letters().await?;
        let age = |since: Timestamp| (self.now() - since).max(0);
        Ok(OutboxCounts {
            due: counts.due,
            dead: counts.dead,
            oldest_due_seconds: counts.oldest_due.map_or(0, age),
        })
    }
}

fn view(row: OutboxRow, now: Timestamp) -> OutboxLetter {
    let status = status(&row, now);
    let is_due = status == LetterStatus::Due;
    OutboxLetter {
        id: row.id,
        letter: row.letter,
        to: row.recipient,
        status,
        created_at: rfc3339(row.created_at),
        next_attempt_at: is_due.then(|| rfc3339(row.next_attempt_at)),
        attempts: row.attempts,
        sent_at: row.sent_at.map(rfc3339),
        dead_at: row.dead_at.map(rfc3339),
        last_error: row.last_error,
    }
}

fn status(row: &OutboxRow, now: Timestamp) -> LetterStatus {
    match (row.sent_at, row.dead_at, &row.recipient) {
        (Some(_), _, Some(_)) => LetterStatus::Sent,
        (Some(_), _, None) => LetterStatus::NotNeeded,
        (None, Some(_), _) => LetterStatus::Dead,
        (None, None, _) if row.leased_until > now => LetterStatus::Sending,
        (None, None, _) => LetterStatus::Due,
    }
}
