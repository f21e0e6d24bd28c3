//! Letters as the operator sees them.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// A letter in the list. What it says is nowhere stored.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct OutboxRow {
    pub(crate) id: String,
    pub(crate) letter: String,
    pub(crate) recipient: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) next_attempt_at: Timestamp,
    pub(crate) leased_until: Timestamp,
    pub(crate) attempts: i64,
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) dead_at: Option<Timestamp>,
    pub(crate) last_error: Option<String>,
}

/// Which letters, and where in the list.
pub(crate) struct OutboxPage<'a> {
    /// One of the statuses, or empty for all.
    pub(crate) status: &'a str,
    /// The last id of the page before, or empty for the first page.
    pub(crate) after: &'a str,
    pub(crate) limit: i64,
    pub(crate) now: Timestamp,
}

/// Letters that have not left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub(crate) struct OutboxCounts {
    pub(crate) due: i64,
    pub(crate) dead: i64,
    pub(crate) oldest_due: Option<Timestamp>,
}

impl Tx {
    /// Newest first. Ids are UUIDv7: their order is that of time, so the id is the whole key.
    pub(crate) async fn list_letters(&mut self, page: &OutboxPage<'_>) -> Result<Vec<OutboxRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, letter, recipient, created_at, next_attempt_at, leased_until, attempts, sent_at, dead_at, last_error
             from outbox
             where ($2 = '' or id < $2)
               and ($1 = ''
                 or ($1 = 'due' and sent_at is null and dead_at is null and leased_until <= $3)
                 or ($1 = 'sending' and sent_at is null and dead_at is null and leased_until > $3)
                 or ($1 = 'sent' and sent_at is not null and recipient is not null)
                 or ($1 = 'not_needed' and sent_at is not null and recipient is null)
                 or ($1 = 'dead' and dead_at is not null))
             order by id desc limit $4")
            .bind(page.status)
            .bind(page.after)
            .bind(page.now)
            .bind(page.limit)
            .fetch_all(c)
            .await)?)
    }

    /// One letter.
    pub(crate) async fn letter_by_id(&mut self, id: &str) -> Result<Option<OutboxRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, letter, recipient, created_at, next_attempt_at, leased_until, attempts, sent_at, dead_at, last_error
             from outbox where id = $1")
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// A letter that was given up is due again, for another day. `false` when it was not given up.
    pub(crate) async fn set_letter_due_again(&mut self, id: &str, now: Timestamp) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update outbox set dead_at = null, next_attempt_at = $2, retried_at = $2, leased_until = 0
             where id = $1 and dead_at is not null")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0))?)
    }

    /// How many wait, since when, and how many were given up.
    pub(crate) async fn count_letters(&mut self) -> Result<OutboxCounts> {
        Ok(on!(self, c => sqlx::query_as(
            "select count(case when dead_at is null then 1 end) as due,
                    count(dead_at) as dead,
                    min(case when dead_at is null then created_at end) as oldest_due
             from outbox where sent_at is null")
            .fetch_one(c)
            .await)?)
    }
}
