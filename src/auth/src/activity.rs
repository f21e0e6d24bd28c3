//! What happened to an account, as its owner reads it: the rows of the audit log of which they are
//! actor or subject, in plain sentences.
//!
//! Only their own: another's address and device are not shown even where that other acted on this
//! account, and the detail of a row is shown to nobody here.

use wire::{Cursor, Event, Page, Paging};

use crate::Auth;
use crate::clock::rfc3339;
use crate::device::device;
use crate::error::Fault;
use crate::secret::is_id;
use crate::session::Session;
use crate::store::AuditRow;

mod words;

impl Auth {
    /// One page of what happened to the caller's account.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_events(
        &self,
        session: &Session,
        paging: &Paging,
    ) -> Result<Page<Event>, Fault> {
        let me = &session.user.id;
        let before = paging
            .after
            .as_ref()
            .map_or((i64::MAX, ""), |after| (after.at, &*after.id));
        let mut tx = self.store().read().await?;
        let rows = tx.list_audit_by_person(me, before, paging.rows()).await?;
        let page = Page::of(rows, paging, |row| Cursor {
            at: row.at,
            id: row.id.clone(),
        });
        Ok(page.map(|row| event(&row, me)))
    }

    /// One of them; `None` when there is none of this id, or it is not the caller's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn event(&self, session: &Session, id: &str) -> Result<Option<Event>, Fault> {
        if !is_id(id) {
            return Ok(None);
        }
        let me = &session.user.id;
        let row = self.store().read().await?.audit_by_person(me, id).await?;
        Ok(row.map(|row| event(&row, me)))
    }
}

/// Done by whoever held a key that was not theirs, and never signed in for it.
pub(crate) const FOUND: &str = "api_key.leaked";

fn event(row: &AuditRow, me: &str) -> Event {
    let is_by_other = row.actor_id.as_deref().is_some_and(|actor| actor != me);
    let words = words::of(row, is_by_other);
    // Whoever found a key and said so is nobody its owner is to look for.
    let is_elses = is_by_other || row.action == FOUND;
    Event {
        id: row.id.clone(),
        at: rfc3339(row.at),
        action: row.action.clone(),
        outcome: row.outcome.clone(),
        sentence: words.sentence,
        ip: (!is_elses).then(|| row.address.clone()),
        device: (!is_elses).then(|| device(&row.agent)),
        disownable: words.disownable,
    }
}
