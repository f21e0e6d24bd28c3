//! The audit log, as those who read it see it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Device, percent_encoded};

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AuditOutcome {
    /// It was done.
    Success,
    /// It was refused.
    Refused,
}

impl AuditOutcome {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Success, Self::Refused];

    /// As it crosses the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
        }
    }

    /// Reads an outcome; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

impl fmt::Display for AuditOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who acted, or what was acted on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditParty {
    /// Its id, as the log has it.
    pub id: String,
    /// What it is: `user`, `invitation`, `tenant`, `key`, `role`, `signing_key`, `letter` …
    pub kind: String,
    /// The address of an account that is still there; else `null`.
    pub email: Option<String>,
}

/// One row of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEvent {
    /// UUIDv7.
    pub id: String,
    /// Its place in the chain; `null` for a second or so after it happened.
    pub seq: Option<i64>,
    /// When; RFC 3339, UTC.
    pub at: String,
    /// What was done: `session.started`, `user.disabled` …
    pub action: String,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// The same for people.
    pub sentence: String,
    /// Who acted; `null`: nobody signed in, or the portal itself.
    pub actor: Option<AuditParty>,
    /// Whom or what it was done to.
    pub subject: Option<AuditParty>,
    /// From which address; empty where somebody who has left was forgotten.
    pub ip: String,
    /// With what, as far as it tells.
    pub device: Device,
    /// Its `User-Agent`.
    pub agent: String,
    /// The request it belongs to.
    pub request_id: String,
    /// The rest: `reason` of a refusal, `before` and `after` of a change …
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub detail: serde_json::Value,
    /// Whether the portal has forgotten where somebody who left came from.
    pub erased: bool,
    /// The chain's hash at this row, in hex.
    pub hash: Option<String>,
}

/// A page of the audit log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEvents {
    /// Newest first. May be fewer than asked for, or none, though there is a next page.
    pub events: Vec<AuditEvent>,
    /// Leads on; `null` when there is nothing older.
    pub next_cursor: Option<String>,
    /// Set where the search stopped for this time before it found a full page: it has looked back to
    /// this moment, and `nextCursor` goes on from there.
    pub searched_to: Option<String>,
}

/// One row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OneAuditEvent {
    /// The row.
    pub event: AuditEvent,
}

impl OneAuditEvent {
    /// What the act changed: each member's name, as it was and as it is. Empty where it changed nothing,
    /// or was written before rows said so.
    pub fn changes(&self) -> Vec<(String, String, String)> {
        let detail = &self.event.detail;
        let (before, after) = (&detail["before"], &detail["after"]);
        match (before.as_object(), after.as_object()) {
            (Some(was), Some(is)) => {
                let mut names: Vec<_> = was.keys().chain(is.keys()).collect();
                names.sort();
                names.dedup();
                let change =
                    |name: &String| (name.clone(), words(&before[name]), words(&after[name]));
                names.into_iter().map(change).collect()
            }
            _ if before.is_string() && after.is_string() => {
                vec![("value".to_owned(), words(before), words(after))]
            }
            _ => Vec::new(),
        }
    }

    /// The row as JSON that people can read.
    pub fn pretty(&self) -> String {
        serde_json::to_string_pretty(&self.event).unwrap_or_default()
    }
}

/// A value as people read it.
fn words(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(all) if all.is_empty() => "nothing".to_owned(),
        Value::Array(all) => all.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// What of the log is asked for, as it was typed; an empty text asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilters {
    /// Who acted: an id, or an e-mail address.
    pub actor: String,
    /// Whom or what it was done to: an id, or an e-mail address.
    pub subject: String,
    /// The act: `user.disabled`, or all of a kind: `user.*`.
    pub action: String,
    /// `success` or `refused`.
    pub outcome: String,
    /// From which address.
    pub ip: String,
    /// In which request.
    pub request_id: String,
    /// Not before: a date, or a moment in RFC 3339.
    pub from: String,
    /// Not after: a date, which counts whole, or a moment.
    pub to: String,
}

impl AuditFilters {
    /// The names filters have in a query, in the order they are read.
    pub const NAMES: [&str; 8] = [
        "actor",
        "subject",
        "action",
        "outcome",
        "ip",
        "requestId",
        "from",
        "to",
    ];

    /// Reads every filter by its name. Space around a text is not part of it.
    pub fn read(mut of: impl FnMut(&'static str) -> Option<String>) -> Self {
        let mut filters = Self::default();
        for name in Self::NAMES {
            let text = of(name).unwrap_or_default();
            text.trim().clone_into(filters.slot(name));
        }
        filters
    }

    fn slot(&mut self, name: &str) -> &mut String {
        match name {
            "actor" => &mut self.actor,
            "subject" => &mut self.subject,
            "action" => &mut self.action,
            "outcome" => &mut self.outcome,
            "ip" => &mut self.ip,
            "requestId" => &mut self.request_id,
            "from" => &mut self.from,
            _ => &mut self.to,
        }
    }

    /// The filters that ask for something, by name.
    pub fn set(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("actor", &self.actor),
            ("subject", &self.subject),
            ("action", &self.action),
            ("outcome", &self.outcome),
            ("ip", &self.ip),
            ("requestId", &self.request_id),
            ("from", &self.from),
            ("to", &self.to),
        ];
        all.into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name, text.as_str()))
            .collect()
    }

    /// The same without one of them.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut rest = self.clone();
        rest.slot(name).clear();
        rest
    }

    /// The same, each text no longer than anything in the log is found by.
    #[must_use]
    pub fn clipped(&self) -> Self {
        Self::read(|name| {
            let set = self.set();
            let (_, text) = set.iter().find(|(known, _)| *known == name)?;
            Some(text.chars().take(254).collect())
        })
    }

    /// As a query, encoded; empty where nothing is asked for.
    pub fn query(&self) -> String {
        let pairs = self.set().into_iter();
        let pairs: Vec<_> = pairs
            .map(|(name, text)| format!("{name}={}", percent_encoded(text)))
            .collect();
        pairs.join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_member_by_member() {
        let changes = |detail: serde_json::Value| {
            let event = AuditEvent {
                id: String::new(),
                seq: None,
                at: String::new(),
                action: String::new(),
                outcome: AuditOutcome::Success,
                sentence: String::new(),
                actor: None,
                subject: None,
                ip: String::new(),
                device: Device {
                    browser: None,
                    os: None,
                    kind: String::new(),
                },
                agent: String::new(),
                request_id: String::new(),
                detail,
                erased: false,
                hash: None,
            };
            OneAuditEvent { event }.changes()
        };
        let told = |name: &str, before: &str, after: &str| {
            (name.to_owned(), before.to_owned(), after.to_owned())
        };
        assert_eq!(
            changes(serde_json::json!({
                "before": { "role": "user", "grants": [], "on": false },
                "after": { "role": "admin", "grants": ["a:b", "c:d"], "on": true },
            })),
            [
                told("grants", "nothing", "a:b, c:d"),
                told("on", "no", "yes"),
                told("role", "user", "admin"),
            ]
        );
        assert_eq!(
            changes(serde_json::json!({ "before": "a@b.c", "after": "d@e.f" })),
            [told("value", "a@b.c", "d@e.f")]
        );
        assert!(changes(serde_json::json!({ "reason": "left" })).is_empty());
        assert!(changes(serde_json::Value::Null).is_empty());
    }

    #[test]
    fn filters_read_as_they_were_written() {
        let filters = AuditFilters::read(|name| Some(format!(" {name} & more ")));
        assert_eq!(filters.set().len(), AuditFilters::NAMES.len());
        for (name, text) in filters.set() {
            assert_eq!(text, format!("{name} & more"));
            assert_eq!(filters.without(name).set().len(), 7);
        }
        let actor = filters.set()[0];
        let only = AuditFilters {
            actor: actor.1.to_owned(),
            ..AuditFilters::default()
        };
        assert_eq!(only.query(), "actor=actor%20%26%20more");
        assert_eq!(AuditFilters::default().query(), "");
    }
}
