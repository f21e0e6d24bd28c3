//! Letters that are due. What an operator sees of them is in `outbox_view`.
//!
//! An attempt is named by its number. A worker whose lease ended while it was at it may no longer
//! say that the letter is to wait or to be given up: its successor decides that. That it *left* any
//! attempt may say, because it is a fact that no later attempt can undo.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Connection, Result, Tx};

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
#[derive(Clone, Debug, FromRow)]
pub(crate) struct DueLetter {
    pub(crate) id: String,
    pub(crate) letter: String,
    pub(crate) subject: String,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) created_at: Timestamp,
    /// The number of this attempt.
    pub(crate) attempts: i64,
    /// The attempt under whose name it goes out: this one, unless an earlier one may have left.
    pub(crate) unsure_since: i64,
    /// Since when it is tried: the act, or an admin who asked again.
    pub(crate) tried_since: Timestamp,
}

/// How an attempt ended without the letter having left for certain.
pub(crate) struct Failed<'a> {
    pub(crate) id: &'a str,
    pub(crate) attempt: i64,
    pub(crate) recipient: Option<&'a str>,
    pub(crate) error: &'a str,
    /// Whether it may have left all the same.
    pub(crate) is_unsure: bool,
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

    /// Whether a worker would find anything: asked before a transaction is opened to take it.
    pub(crate) async fn has_due_letter(&mut self, now: Timestamp) -> Result<bool> {
        let one: Option<i64> = on!(self, c => sqlx::query_scalar(
            "select next_attempt_at from outbox
             where sent_at is null and dead_at is null and next_attempt_at <= $1 and leased_until <= $1 limit 1")
            .bind(now)
            .fetch_optional(c)
            .await)?;
        Ok(one.is_some())
    }

    /// Takes the letter that is due longest, until `leased_until`.
    ///
    /// Two literals: on PostgreSQL workers meet at the same row. A row that another has locked is
    /// passed over there; the loser of the race would otherwise wait for it, find it taken, and
    /// think that nothing is due. SQLite has one writer, and no such words.
    pub(crate) async fn consume_due_letter(
        &mut self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<DueLetter>> {
        Ok(match self.connection() {
            Connection::Sqlite(c) => {
                sqlx::query_as(
                    "update outbox set leased_until = $2, attempts = attempts + 1,
                         unsure_since = case when unsure_since = 0 then attempts + 1 else unsure_since end
                     where id = (select id from outbox
                                 where sent_at is null and dead_at is null and next_attempt_at <= $1 and leased_until <= $1
                                 order by next_attempt_at, id limit 1)
                     returning id, letter, subject, address, agent, created_at, attempts, unsure_since,
                               coalesce(retried_at, created_at) as tried_since",
                )
                .bind(now)
                .bind(leased_until)
                .fetch_optional(c)
                .await
            }
            Connection::Postgres(c) => {
                sqlx::query_as(
                    "update outbox set leased_until = $2, attempts = attempts + 1,
                         unsure_since = case when unsure_since = 0 then attempts + 1 else unsure_since end
                     where id = (select id from outbox
                                 where sent_at is null and dead_at is null and next_attempt_at <= $1 and leased_until <= $1
                                 order by next_attempt_at, id limit 1 for update skip locked)
                     returning id, letter, subject, address, agent, created_at, attempts, unsure_since,
                               coalesce(retried_at, created_at) as tried_since",
                )
                .bind(now)
                .bind(leased_until)
                .fetch_optional(c)
                .await
            }
        }?)
    }

    /// Nobody has any letter: all that are due may be taken.
    pub(crate) async fn set_letters_free(&mut self) -> Result<()> {
        on!(self, c => sqlx::query("update outbox set leased_until = 0 where sent_at is null and dead_at is null")
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// It left, or, without a recipient, is needed no more. Any attempt may say so, once.
    pub(crate) async fn set_letter_sent(
        &mut self,
        id: &str,
        recipient: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update outbox set sent_at = $2, recipient = $3, dead_at = null, last_error = null, unsure_since = 0
             where id = $1 and sent_at is null")
            .bind(id)
            .bind(now)
            .bind(recipient)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// It did not leave: try again at `next`. `false` when it is another attempt's by now.
    pub(crate) async fn set_letter_delayed(
        &mut self,
        failed: &Failed<'_>,
        next: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update outbox set next_attempt_at = $3, leased_until = 0, recipient = $4, last_error = $5,
                 unsure_since = case when $6 then unsure_since else 0 end
             where id = $1 and attempts = $2 and sent_at is null and dead_at is null")
            .bind(failed.id)
            .bind(failed.attempt)
            .bind(next)
            .bind(failed.recipient)
            .bind(failed.error)
            .bind(failed.is_unsure)
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0))?)
    }

    /// It was given up. `false` when it is another attempt's by now.
    pub(crate) async fn set_letter_dead(
        &mut self,
        failed: &Failed<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update outbox set dead_at = $3, leased_until = 0, recipient = $4, last_error = $5,
                 unsure_since = case when $6 then unsure_since else 0 end
             where id = $1 and attempts = $2 and sent_at is null and dead_at is null")
            .bind(failed.id)
            .bind(failed.attempt)
            .bind(now)
            .bind(failed.recipient)
            .bind(failed.error)
            .bind(failed.is_unsure)
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0))?)
    }

    /// Letters that left before one moment, and letters given up before another.
    pub(crate) async fn delete_letters_before(
        &mut self,
        sent_before: Timestamp,
        dead_before: Timestamp,
    ) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "delete from outbox where sent_at < $1 or (sent_at is null and dead_at < $2)")
            .bind(sent_before)
            .bind(dead_before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}
