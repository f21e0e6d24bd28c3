//! One row of the audit log to be: who did what to whom, how it ended, and what it changed.

use serde_json::{Map, Value};

use crate::client::Client;
use crate::session::{ActingKey, Session};

/// One row to be.
pub(crate) struct Entry<'a> {
    pub(super) action: &'static str,
    pub(super) outcome: &'static str,
    pub(super) client: &'a Client,
    pub(super) actor: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) detail: Map<String, Value>,
}

impl<'a> Entry<'a> {
    /// Something was done.
    pub(crate) fn done(action: &'static str, client: &'a Client) -> Self {
        Self {
            action,
            outcome: "success",
            client,
            actor: None,
            subject: None,
            detail: Map::new(),
        }
    }

    /// Something was refused; `reason` is one of our own words, never text of the caller.
    pub(crate) fn refused(action: &'static str, client: &'a Client, reason: &'static str) -> Self {
        Self {
            outcome: "refused",
            ..Self::done(action, client)
        }
        .detail(serde_json::json!({ "reason": reason }))
    }

    pub(crate) fn actor(mut self, id: &str) -> Self {
        self.actor = Some(id.to_owned());
        self
    }

    /// Somebody who is known acted, and by which API key, if they came by one.
    pub(crate) fn by(self, session: &Session) -> Self {
        let entry = self.actor(&session.user.id);
        match &session.key {
            Some(key) => entry.with_key(key),
            None => entry,
        }
    }

    /// The API key it was done with: what tells one from another in a list, and nothing of the secret.
    pub(crate) fn with_key(self, key: &ActingKey) -> Self {
        let ActingKey { id, prefix, last4 } = key;
        self.detail(serde_json::json!({ "apiKey": { "id": id, "prefix": prefix, "last4": last4 } }))
    }

    /// Who acted, if anybody is known.
    pub(super) fn acted_by(&self) -> Option<&str> {
        self.actor.as_deref()
    }

    /// The key they acted by.
    pub(super) fn key(&self) -> Option<&Value> {
        self.detail.get("apiKey")
    }

    pub(crate) fn subject(mut self, id: &str) -> Self {
        self.subject = Some(id.to_owned());
        self
    }

    /// Adds what else is to be known: a JSON object, whose members join those that are there.
    pub(crate) fn detail(mut self, detail: Value) -> Self {
        if let Value::Object(members) = detail {
            self.detail.extend(members);
        }
        self
    }

    /// What an admin's act changed: two JSON objects of the same members, as they were and as they are.
    /// Only what differs is kept, as `before` and `after`; a member one of them lacks counts as `null`.
    /// No secret and no digest of one, as everywhere in the log.
    pub(crate) fn change(self, before: Value, after: Value) -> Self {
        let (before, after) = difference(before, after);
        self.detail(serde_json::json!({ "before": before, "after": after }))
    }
}

fn difference(before: Value, after: Value) -> (Map<String, Value>, Map<String, Value>) {
    let object = |value| match value {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let (mut before, mut after) = (object(before), object(after));
    complete(&mut before, &after);
    complete(&mut after, &before);
    let same: Vec<String> = before
        .iter()
        .filter(|(name, was)| after.get(*name) == Some(*was))
        .map(|(name, _)| name.clone())
        .collect();
    for name in same {
        before.remove(&name);
        after.remove(&name);
    }
    (before, after)
}

/// What `other` alone has was, or is, nothing here.
fn complete(members: &mut Map<String, Value>, other: &Map<String, Value>) {
    for name in other.keys() {
        members.entry(name).or_insert(Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_keeps_what_differs_and_nothing_else() {
        let client = Client::operator();
        let entry = Entry::done("user.role_changed", &client)
            .detail(json!({ "reason": "asked" }))
            .change(
                json!({ "role": "user", "name": "Ada", "grants": ["a"], "gone": 1 }),
                json!({ "role": "admin", "name": "Ada", "grants": ["a", "b"], "new": true }),
            );

        assert_eq!(
            Value::Object(entry.detail),
            json!({
                "reason": "asked",
                "before": { "role": "user", "grants": ["a"], "gone": 1, "new": null },
                "after": { "role": "admin", "grants": ["a", "b"], "gone": null, "new": true },
            })
        );
    }

    #[test]
    fn a_refusal_says_why_and_keeps_it_beside_other_detail() {
        let client = Client::operator();
        let entry = Entry::refused("user.deleted", &client, "last_admin").detail(json!({ "a": 1 }));
        assert_eq!(
            (entry.outcome, Value::Object(entry.detail)),
            ("refused", json!({ "reason": "last_admin", "a": 1 }))
        );
    }
}
