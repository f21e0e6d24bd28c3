//! Looking through the audit log. One filter leads: its rows are read along its own index, newest
//! first, and no more of them than the caller allows; the others are judged on what was read. So no
//! combination reads the log whole, however rare what it asks for.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{AuditRow, Connection, Held, Result, Tx};

/// Which rows. An empty text asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuditFilter {
    pub(crate) request: String,
    pub(crate) subject: String,
    pub(crate) actor: String,
    pub(crate) address: String,
    /// The whole action.
    pub(crate) action: String,
    /// Its first word.
    pub(crate) kind: String,
    pub(crate) outcome: String,
    /// Not before this moment.
    pub(crate) from: Timestamp,
}

/// What a page of the log is read along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lead {
    Request,
    Subject,
    Actor,
    Address,
    Action,
    Kind,
    Outcome,
    Time,
}

impl AuditFilter {
    /// The filter that leads: what is rarest first, as logs go.
    pub(crate) fn lead(&self) -> Lead {
        let leads = [
            (&self.request, Lead::Request),
            (&self.subject, Lead::Subject),
            (&self.actor, Lead::Actor),
            (&self.address, Lead::Address),
            (&self.action, Lead::Action),
            (&self.kind, Lead::Kind),
            (&self.outcome, Lead::Outcome),
        ];
        leads
            .into_iter()
            .find(|(text, _)| !text.is_empty())
            .map_or(Lead::Time, |(_, lead)| lead)
    }

    /// What the leading filter asks for.
    fn led_by(&self) -> &str {
        match self.lead() {
            Lead::Request => &self.request,
            Lead::Subject => &self.subject,
            Lead::Actor => &self.actor,
            Lead::Address => &self.address,
            Lead::Action => &self.action,
            Lead::Kind => &self.kind,
            Lead::Outcome => &self.outcome,
            Lead::Time => "",
        }
    }

    /// Whether any filter is judged beside the leading one.
    pub(crate) fn has_more(&self) -> bool {
        let texts = [
            &self.request,
            &self.subject,
            &self.actor,
            &self.address,
            &self.action,
            &self.kind,
            &self.outcome,
        ];
        texts.iter().filter(|text| !text.is_empty()).count() > 1
    }
}

/// A place in the log.
#[derive(Clone, Debug, FromRow, PartialEq, Eq)]
pub(crate) struct AuditPlace {
    pub(crate) at: Timestamp,
    pub(crate) id: String,
}

/// The rows of a leading filter, as many as may be looked at, and of them those that fit.
macro_rules! search {
    ($lead:literal) => {
        concat!(
            "select * from (
                select id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail, seq, hash, erased_mac
                from audit_log where ",
            $lead,
            " and (at, id) < ($2, $3) and at >= $4 order by at desc, id desc limit $5) as looked
             where ($6 = '' or request_id = $6) and ($7 = '' or subject_id = $7) and ($8 = '' or actor_id = $8)
               and ($9 = '' or address = $9) and ($10 = '' or action = $10) and ($11 = '' or action like $11)
               and ($12 = '' or outcome = $12)
             order by at desc, id desc limit $13"
        )
    };
}

/// The place of the last row that may be looked at, if there are that many.
macro_rules! place {
    ($lead:literal) => {
        concat!(
            "select at, id from audit_log where ",
            $lead,
            " and (at, id) < ($2, $3) and at >= $4 order by at desc, id desc limit 1 offset $5"
        )
    };
}

/// Both texts of a lead. The first word of an action is another expression on each database, and each
/// has its index on its own.
macro_rules! texts {
    ($name:ident, $build:ident) => {
        pub(crate) fn $name(lead: Lead, is_sqlite: bool) -> &'static str {
            match (lead, is_sqlite) {
                (Lead::Request, _) => $build!("request_id = $1"),
                (Lead::Subject, _) => $build!("subject_id = $1"),
                (Lead::Actor, _) => $build!("actor_id = $1"),
                (Lead::Address, _) => $build!("address = $1"),
                (Lead::Action, _) => $build!("action = $1"),
                (Lead::Kind, true) => {
                    $build!("substr(action, 1, instr(action || '.', '.') - 1) = $1")
                }
                (Lead::Kind, false) => $build!("split_part(action, '.', 1) = $1"),
                (Lead::Outcome, _) => $build!("outcome = $1"),
                (Lead::Time, _) => $build!("$1 = ''"),
            }
        }
    };
}

texts!(search_text, search);
texts!(place_text, place);

impl Tx {
    fn is_sqlite(&self) -> bool {
        matches!(self.held, Held::SqliteRead(_) | Held::SqliteWrite(_))
    }

    /// Rows that fit, newest first, from before a place; among the first `looked` of the leading filter.
    pub(crate) async fn list_audit(
        &mut self,
        filter: &AuditFilter,
        before: (Timestamp, &str),
        looked: i64,
        limit: i64,
    ) -> Result<Vec<AuditRow>> {
        let text = search_text(filter.lead(), self.is_sqlite());
        let kind = match filter.kind.is_empty() {
            true => String::new(),
            false => format!("{}.%", filter.kind),
        };
        Ok(on!(self, c => sqlx::query_as(text)
            .bind(filter.led_by())
            .bind(before.0)
            .bind(before.1)
            .bind(filter.from)
            .bind(looked)
            .bind(&filter.request)
            .bind(&filter.subject)
            .bind(&filter.actor)
            .bind(&filter.address)
            .bind(&filter.action)
            .bind(&kind)
            .bind(&filter.outcome)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// The place of the `looked`th row of the leading filter from before a place; `None` when there
    /// are fewer.
    pub(crate) async fn audit_place(
        &mut self,
        filter: &AuditFilter,
        before: (Timestamp, &str),
        looked: i64,
    ) -> Result<Option<AuditPlace>> {
        let text = place_text(filter.lead(), self.is_sqlite());
        Ok(on!(self, c => sqlx::query_as(text)
            .bind(filter.led_by())
            .bind(before.0)
            .bind(before.1)
            .bind(filter.from)
            .bind(looked - 1)
            .fetch_optional(c)
            .await)?)
    }

    /// One row.
    pub(crate) async fn audit_by_id(&mut self, id: &str) -> Result<Option<AuditRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail, seq, hash, erased_mac
             from audit_log where id = $1")
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// The addresses of accounts, of those ids that are one: pairs of both. `ids` is a JSON array,
    /// because lists of parameters are not portable; each database takes it apart in its own way.
    pub(crate) async fn list_emails(&mut self, ids: &str) -> Result<Vec<(String, String)>> {
        Ok(match self.connection() {
            Connection::Sqlite(c) => {
                sqlx::query_as(
                    "select id, email from users where id in (select value from json_each($1))",
                )
                .bind(ids)
                .fetch_all(c)
                .await?
            }
            Connection::Postgres(c) => {
                sqlx::query_as(
                    "select id, email from users where id in (select jsonb_array_elements_text($1::jsonb))",
                )
                .bind(ids)
                .fetch_all(c)
                .await?
            }
        })
    }
}
