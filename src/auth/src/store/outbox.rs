//! Letters that are due.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// A letter to be.
pub(crate) struct NewLetter<'a> {
    pub(crate) id: &'a str,
    pub(crate) letter: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) address: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) now: Timestamp,
}

/// A letter a worker has taken.
#[derive(Clone, FromRow)]
pub(crate) struct DueLetter {
    pub(crate) id: String,
    pub(crate) letter: String,
    pub(crate) subject: String,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) created_at: Timestamp,
    pub(crate) attempts: i64,
}

impl Tx {
    pub(crate) async fn add_letter(&mut self, letter: &NewLetter<'_>) -> Result<()> {
        on!(self, c => sqlx::query(
            "insert into outbox (id, letter, subject, address, agent, created_at, next_attempt_at, attempts, leased_until)
             values ($1, $2, $3, $4, $5, $6, $6, 0, 0)")
            .bind(letter.id)
            .bind(letter.letter)
            .bind(letter.subject)
            .bind(letter.address)
            .bind(letter.agent)
            .bind(letter.now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Takes the letter that is due longest, for `lease` seconds. The conditions stand twice: on
    /// PostgreSQL a second worker that waited for the row must look again.
    pub(crate) async fn consume_due_letter(
        &mut self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<DueLetter>> {
        Ok(on!(self, c => sqlx::query_as(
            "update outbox set leased_until = $2, attempts = attempts + 1
             where id = (select id from outbox
                         where sent_at is null and dead_at is null and next_attempt_at <= $1 and leased_until <= $1
                         order by next_attempt_at, id limit 1)
               and sent_at is null and dead_at is null and leased_until <= $1
             returning id, letter, subject, address, agent, created_at, attempts")
            .bind(now)
            .bind(leased_until)
            .fetch_optional(c)
            .await)?)
    }

    /// Nobody has any letter: all that are due may be taken.
    pub(crate) async fn set_letters_free(&mut self) -> Result<()> {
        on!(self, c => sqlx::query("update outbox set leased_until = 0 where sent_at is null and dead_at is null")
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// It left, or is needed no more.
    pub(crate) async fn set_letter_sent(&mut self, id: &str, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query("update outbox set sent_at = $2, last_error = null where id = $1")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// It did not leave: try again at `next`.
    pub(crate) async fn set_letter_delayed(
        &mut self,
        id: &str,
        next: Timestamp,
        error: &str,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update outbox set next_attempt_at = $2, leased_until = 0, last_error = $3 where id = $1")
            .bind(id)
            .bind(next)
            .bind(error)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// It was given up.
    pub(crate) async fn set_letter_dead(
        &mut self,
        id: &str,
        now: Timestamp,
        error: &str,
    ) -> Result<()> {
        on!(self, c => sqlx::query("update outbox set dead_at = $2, last_error = $3 where id = $1")
            .bind(id)
            .bind(now)
            .bind(error)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn delete_letters_before(&mut self, sent_before: Timestamp) -> Result<u64> {
        Ok(
            on!(self, c => sqlx::query("delete from outbox where sent_at < $1")
            .bind(sent_before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        )
    }
}
