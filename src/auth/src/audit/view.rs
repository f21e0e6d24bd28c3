//! A row as those who read the log see it.

use serde_json::Value;
use wire::{AuditEvent, AuditOutcome, AuditParty};

use super::chain::hex;
use super::told::{Emails, sentence};
use crate::clock::rfc3339;
use crate::device::device;
use crate::error::Fault;
use crate::store::{AuditRow, Tx};

/// The addresses of everybody who acted, or was acted on, in these rows.
pub(super) async fn emails_of(tx: &mut Tx, rows: &[AuditRow]) -> Result<Emails, Fault> {
    let ids: std::collections::BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| [row.actor_id.as_deref(), row.subject_id.as_deref()])
        .flatten()
        .collect();
    let ids = serde_json::json!(ids).to_string();
    Ok(tx.list_emails(&ids).await?.into_iter().collect())
}

pub(super) fn event(row: AuditRow, emails: &Emails) -> AuditEvent {
    let email = |id: &str| emails.get(id).cloned();
    let actor = row.actor_id.clone().map(|id| AuditParty {
        kind: "user".to_owned(),
        email: email(&id),
        id,
    });
    let subject = row.subject_id.clone().map(|id| {
        let email = email(&id);
        let kind = match email {
            Some(_) => "user",
            None => kind(&row),
        };
        AuditParty {
            kind: kind.to_owned(),
            email,
            id,
        }
    });
    AuditEvent {
        sentence: sentence(&row, emails),
        at: rfc3339(row.at),
        outcome: AuditOutcome::parse(&row.outcome).unwrap_or(AuditOutcome::Refused),
        actor,
        subject,
        device: device(&row.agent),
        detail: detail(&row.detail),
        erased: row.erased_mac.is_some(),
        hash: row.hash.as_deref().map(hex),
        id: row.id,
        seq: row.seq,
        action: row.action,
        ip: row.address,
        agent: row.agent,
        request_id: row.request_id,
    }
}

/// What stands there, even where somebody put something else than JSON into the table.
fn detail(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// What the subject of an act is, where it is no account that is still there.
pub(super) fn kind(row: &AuditRow) -> &'static str {
    match row.action.split('.').next().unwrap_or_default() {
        "registration" => "registration",
        "sign_in_code" => "sign_in",
        "session" if row.action == "session.start" => "sign_in",
        "invitation" => "invitation",
        "tenant" => "tenant",
        "permission" => "permission",
        "role" => "role",
        "key" | "api_key" => "key",
        "signing_key" => "signing_key",
        "letter" => "letter",
        "setting" => "setting",
        _ => "user",
    }
}
