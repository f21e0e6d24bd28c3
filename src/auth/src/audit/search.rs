//! Reading the log: by who, whom, what, how it ended, from where, in which request, when.
//!
//! A page looks at a bounded number of rows of the filter that leads. Where the others fit nearly none
//! of them, the page comes short and says how far back it has looked; its cursor goes on from there.

use std::net::IpAddr;

use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime, Time};
use wire::{
    AuditEvent, AuditFilters, AuditOutcome, Cursor, Email, FieldCode, FieldError, Page, Paging,
};

use super::view::{emails_of, event};
use crate::Auth;
use crate::clock::{Timestamp, rfc3339};
use crate::error::Fault;
use crate::secret::is_id;
use crate::store::{AuditFilter, AuditPlace, AuditRow, Tx};

/// Rows looked at for one page, whatever is asked for.
const LOOKED: i64 = 5_000;
/// How many of them at first: what many rows fit is found among the newest.
const FIRST: i64 = 300;
/// The longest text anything in the log is found by.
const LONGEST: usize = 254;

/// Which rows are asked for. An empty text asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Who acted: an id, or the address of an account.
    pub actor: String,
    /// Whom or what it was done to: an id, or the address of an account.
    pub subject: String,
    /// The act: `user.disabled`, or all of a kind: `user.*`.
    pub action: String,
    /// How it ended.
    pub outcome: Option<AuditOutcome>,
    /// From which address.
    pub address: String,
    /// In which request.
    pub request_id: String,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Not after this moment.
    pub to: Option<Timestamp>,
    /// Which page.
    pub paging: Paging,
}

impl AuditQuery {
    /// Reads filters as they were typed.
    ///
    /// # Errors
    /// `outcome`, `ip`, `from` and `to` are invalid where they are none: everything that is wrong at once.
    pub fn read(filters: &AuditFilters, paging: Paging) -> Result<Self, wire::Error> {
        let mut wrong = Vec::new();
        let mut invalid = |name: &str, is_wrong: bool| {
            if is_wrong {
                wrong.push(FieldError::new(name, FieldCode::Invalid));
            }
        };
        let outcome = AuditOutcome::parse(&filters.outcome);
        invalid("outcome", outcome.is_none() && !filters.outcome.is_empty());
        let is_address = filters.ip.parse::<IpAddr>().is_ok();
        invalid("ip", !is_address && !filters.ip.is_empty());
        let from = moment(&filters.from, Time::MIDNIGHT);
        invalid("from", from.is_none() && !filters.from.is_empty());
        let to = moment(&filters.to, time::macros::time!(23:59:59));
        invalid("to", to.is_none() && !filters.to.is_empty());
        if !wrong.is_empty() {
            return Err(wire::Error::fields(wrong));
        }
        Ok(Self {
            actor: filters.actor.clone(),
            subject: filters.subject.clone(),
            action: filters.action.clone(),
            outcome,
            address: filters.ip.clone(),
            request_id: filters.request_id.clone(),
            from,
            to,
            paging,
        })
    }

    /// Whether it asks for everything.
    pub fn is_everything(&self) -> bool {
        let everything = Self {
            paging: self.paging.clone(),
            ..Self::default()
        };
        *self == everything
    }

    /// Whether anything in the log could fit: no text there is longer, and none holds a NUL.
    fn can_fit(&self) -> bool {
        let texts = [
            &self.actor,
            &self.subject,
            &self.action,
            &self.address,
            &self.request_id,
        ];
        texts
            .iter()
            .all(|text| text.chars().count() <= LONGEST && !text.contains('\0'))
    }
}

/// A page of the log.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// What is on it, newest first.
    pub events: Vec<AuditEvent>,
    /// Where the next one begins; `None`: there is nothing older.
    pub next: Option<Cursor>,
    /// How far back was looked, where it was not to the end and the page is not full.
    pub searched_to: Option<String>,
}

/// The rows of a page.
#[derive(Default)]
pub(super) struct Found {
    pub(super) rows: Vec<AuditRow>,
    pub(super) next: Option<Cursor>,
    pub(super) searched_to: Option<Timestamp>,
}

impl Auth {
    /// One page of what somebody did and of what was done to them. Whoever calls may read the log: that is
    /// the door's to know.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_audit_of(
        &self,
        id: &str,
        paging: &Paging,
    ) -> Result<Page<AuditEvent>, Fault> {
        if !is_id(id) {
            let (items, next) = (Vec::new(), None);
            return Ok(Page { items, next });
        }
        let before = paging
            .after
            .as_ref()
            .map_or((i64::MAX, ""), |after| (after.at, &*after.id));
        let mut tx = self.store().read().await?;
        let rows = tx.list_audit_by_person(id, before, paging.rows()).await?;
        let page = Page::of(rows, paging, |row| Cursor {
            at: row.at,
            id: row.id.clone(),
        });
        let emails = emails_of(&mut tx, &page.items).await?;
        Ok(page.map(|row| event(row, &emails)))
    }

    /// One page of the log. Whoever calls may read it: that is the door's to know.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_audit(&self, query: &AuditQuery) -> Result<AuditPage, Fault> {
        let mut tx = self.store().read().await?;
        let found = match filter_of(&mut tx, query).await? {
            Some(filter) => find(&mut tx, &filter, query.to, &query.paging).await?,
            None => Found::default(),
        };
        let emails = emails_of(&mut tx, &found.rows).await?;
        let events = found.rows.into_iter().map(|row| event(row, &emails));
        Ok(AuditPage {
            events: events.collect(),
            next: found.next,
            searched_to: found.searched_to.map(rfc3339),
        })
    }

    /// One row; `None` when there is none of this id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_event(&self, id: &str) -> Result<Option<AuditEvent>, Fault> {
        if !is_id(id) {
            return Ok(None);
        }
        let mut tx = self.store().read().await?;
        let Some(row) = tx.audit_by_id(id).await? else {
            return Ok(None);
        };
        let emails = emails_of(&mut tx, std::slice::from_ref(&row)).await?;
        Ok(Some(event(row, &emails)))
    }
}

/// What the store is asked for; `None` where nothing can fit.
pub(super) async fn filter_of(
    tx: &mut Tx,
    query: &AuditQuery,
) -> Result<Option<AuditFilter>, Fault> {
    if !query.can_fit() {
        return Ok(None);
    }
    let (Some(actor), Some(subject)) = (
        party(tx, query.actor.trim()).await?,
        party(tx, query.subject.trim()).await?,
    ) else {
        return Ok(None);
    };
    let (action, kind) = act(query.action.trim());
    Ok(Some(AuditFilter {
        request: query.request_id.trim().to_owned(),
        subject,
        actor,
        address: address(query.address.trim()),
        action,
        kind,
        outcome: query
            .outcome
            .map_or_else(String::new, |outcome| outcome.to_string()),
        from: query.from.unwrap_or(Timestamp::MIN),
    }))
}

/// An id as it is, an address as the id of its account; `None` for an address nobody has.
async fn party(tx: &mut Tx, text: &str) -> Result<Option<String>, Fault> {
    if !text.contains('@') {
        return Ok(Some(text.to_owned()));
    }
    let Ok(email) = Email::parse(text) else {
        return Ok(None);
    };
    Ok(tx.user_by_email(email.as_str()).await?.map(|user| user.id))
}

/// A whole act, or its first word. An act that is none of ours is found nowhere, and asked for as such.
fn act(text: &str) -> (String, String) {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let word = text.strip_suffix(".*").unwrap_or(text);
    match !word.is_empty() && word.chars().all(is_word) {
        true => (String::new(), word.to_owned()),
        false => (text.to_owned(), String::new()),
    }
}

/// A moment in RFC 3339, or a date in UTC at a time of its day.
fn moment(text: &str, of_day: Time) -> Option<Timestamp> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment.unix_timestamp());
    }
    let date = Date::parse(
        text,
        time::macros::format_description!("[year]-[month]-[day]"),
    )
    .ok()?;
    Some(date.with_time(of_day).assume_utc().unix_timestamp())
}

/// An address as the log writes it.
fn address(text: &str) -> String {
    let address = text.parse::<IpAddr>();
    address.map_or_else(
        |_| text.to_owned(),
        |address| address.to_canonical().to_string(),
    )
}

/// The rows of a page.
pub(super) async fn find(
    tx: &mut Tx,
    filter: &AuditFilter,
    to: Option<Timestamp>,
    paging: &Paging,
) -> Result<Found, Fault> {
    let newest = (to.map_or(i64::MAX, |to| to.saturating_add(1)), "");
    let before = match &paging.after {
        Some(after) => newest.min((after.at, after.id.as_str())),
        None => newest,
    };
    let want = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    let (mut place, mut rows) = ((before.0, before.1.to_owned()), Vec::new());
    let (mut chunk, mut left) = match filter.has_more() {
        true => (FIRST.max(paging.rows()), LOOKED),
        // Whatever is looked at fits.
        false => (paging.rows(), paging.rows()),
    };
    loop {
        let before = (place.0, place.1.as_str());
        let missing = paging.rows() - i64::try_from(rows.len()).unwrap_or(i64::MAX);
        rows.extend(tx.list_audit(filter, before, chunk, missing).await?);
        if rows.len() > want {
            rows.truncate(want);
            let next = rows.last().map(|row| Cursor {
                at: row.at,
                id: row.id.clone(),
            });
            return Ok(Found {
                rows,
                next,
                searched_to: None,
            });
        }
        let Some(AuditPlace { at, id }) = tx.audit_place(filter, before, chunk).await? else {
            return Ok(Found {
                rows,
                next: None,
                searched_to: None,
            });
        };
        left -= chunk;
        if left <= 0 {
            return Ok(Found {
                rows,
                searched_to: Some(at),
                next: Some(Cursor { at, id }),
            });
        }
        chunk = (chunk * 4).min(left);
        place = (at, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_is_asked_for_whole_or_by_its_first_word() {
        let act = |text| {
            let (action, kind) = super::act(text);
            format!("{action}|{kind}")
        };
        assert_eq!(act("user.disabled"), "user.disabled|");
        assert_eq!(act("user.*"), "|user");
        assert_eq!(act("email_change"), "|email_change");
        assert_eq!(act(""), "|");
        for hostile in ["%.*", "user.%", "a b.*", "' or 1=1 --"] {
            assert_eq!(act(hostile), format!("{hostile}|"), "never a pattern");
        }
    }

    #[test]
    fn a_day_is_asked_for_whole() {
        let filters = AuditFilters {
            from: "2026-01-01".to_owned(),
            to: "2026-01-01".to_owned(),
            ..AuditFilters::default()
        };
        let query = AuditQuery::read(&filters, Paging::default()).expect("reads");
        assert_eq!(query.from, Some(1_767_225_600));
        assert_eq!(query.to, Some(1_767_225_600 + 86_399));
        let exact = AuditFilters {
            from: "2026-01-01T01:00:00+01:00".to_owned(),
            ..AuditFilters::default()
        };
        let query = AuditQuery::read(&exact, Paging::default()).expect("reads");
        assert_eq!(query.from, Some(1_767_225_600));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let filters = AuditFilters::read(|_| Some("nonsense".to_owned()));
        let error = AuditQuery::read(&filters, Paging::default()).expect_err("is wrong");
        let fields: Vec<_> = error.fields.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["outcome", "ip", "from", "to"]);
    }

    #[test]
    fn an_address_is_found_however_it_is_spelled() {
        assert_eq!(address("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(address("2001:0DB8::0001"), "2001:db8::1");
        assert_eq!(address("nowhere"), "nowhere");
    }
}
