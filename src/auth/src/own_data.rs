//! Everything about one person, for that person (req 157, LGPD article 18, GDPR article 20).
//!
//! Promises: complete but for secrets — no hash, digest, seed or key — and nothing about anybody
//! else: of what others did it says that it was done and when, not by whom or from where. Members
//! are named one by one in `wire`, rows column by column in the store. A test walks every table and
//! fails on one that is neither here nor excused.

use std::collections::BTreeMap;

use serde_json::Value;
use wire::{
    AccountExport, ConsentPurpose, ErrorCode, ExportedAccount, ExportedApiKey, ExportedAssignment,
    ExportedConsent, ExportedEmailChange, ExportedEvent, ExportedGrant, ExportedImport,
    ExportedLetter, ExportedMembership, ExportedSession,
};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::rfc3339;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};
use crate::session::Session;
use crate::store::{
    AssignmentRow, AuditRow, ConsentRow, OwnAccountRow, OwnApiKeyRow, OwnEmailChangeRow,
    OwnGrantRow, OwnImportRow, OwnLetterRow, OwnMembershipRow, OwnSessionRow, Tx,
};

/// Events read at once.
const BATCH: i64 = 500;
/// Events handed out at most: some MiB.
const MOST: usize = 20_000;
/// Sorts behind every id.
const LAST: &str = "~";

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum OwnDataError {
    /// The account was deleted a moment ago.
    #[error("the account is gone")]
    Gone,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<OwnDataError> for wire::Error {
    fn from(error: OwnDataError) -> Self {
        match error {
            OwnDataError::Gone => ErrorCode::AuthenticationRequired.into(),
            OwnDataError::Limited(limited) => limited.into(),
            OwnDataError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for OwnDataError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Everything the portal holds about the caller.
    ///
    /// # Errors
    /// [`OwnDataError`].
    pub async fn export_account(
        &self,
        session: &Session,
        client: &Client,
    ) -> Result<AccountExport, OwnDataError> {
        let id = &session.user.id;
        self.admit_from(client, &[(Rate::Export, id)]).await?;
        // Written down first: what is handed out has been said to be.
        let entry = Entry::done("account.exported", client)
            .actor(id)
            .subject(id);
        self.audit_alone(entry).await?;
        let mut tx = self.store().read().await?;
        let user = tx.own_account_by_id(id).await?.ok_or(OwnDataError::Gone)?;
        let letters = tx.list_own_letters(id, &user.email).await?;
        let sessions = tx.list_own_sessions(id).await?;
        let consents = tx.list_consents_by_user(id).await?;
        let imports = tx.list_own_imports(id).await?;
        let api_keys = tx.list_own_api_keys(id).await?;
        let memberships = tx.list_own_memberships(id).await?;
        let grants = tx.list_own_grants(id).await?;
        let assignments = tx.list_own_assignments(id).await?;
        let email_changes = tx.list_own_email_changes(id).await?;
        let (events, events_complete) = events(&mut tx, id).await?;
        Ok(AccountExport {
            exported_at: rfc3339(self.now()),
            account: account(user),
            sessions: sessions.into_iter().map(exported_session).collect(),
            consents: consents.into_iter().filter_map(consent).collect(),
            imports: imports.into_iter().map(import).collect(),
            api_keys: api_keys.into_iter().map(api_key).collect(),
            memberships: memberships.into_iter().map(membership).collect(),
            grants: grants.into_iter().map(grant).collect(),
            assignments: assignments.into_iter().map(assignment).collect(),
            email_changes: email_changes.into_iter().map(email_change).collect(),
            letters: letters.into_iter().map(letter).collect(),
            events,
            events_complete,
        })
    }
}

async fn events(tx: &mut Tx, id: &str) -> Result<(Vec<ExportedEvent>, bool), Fault> {
    let (mut events, mut before) = (Vec::new(), LAST.to_owned());
    loop {
        let rows = tx.list_own_events(id, &before, BATCH).await?;
        let Some(last) = rows.last() else {
            return Ok((events, true));
        };
        before.clone_from(&last.id);
        events.extend(rows.into_iter().map(|row| event(row, id)));
        if events.len() >= MOST {
            return Ok((events, false));
        }
    }
}

/// Of what somebody else did, only that it was done.
fn event(row: AuditRow, id: &str) -> ExportedEvent {
    let by = match row.actor_id.as_deref() {
        Some(actor) if actor == id => "you",
        Some(_) => "somebody else",
        None => "nobody signed in",
    };
    let is_elses = by == "somebody else";
    let is_about_another = row
        .subject_id
        .as_deref()
        .is_some_and(|subject| subject != id);
    let detail = match is_elses || is_about_another {
        true => BTreeMap::new(),
        false => flat(&row.detail),
    };
    let is_from_them = !is_elses && row.action != crate::activity::FOUND;
    ExportedEvent {
        at: rfc3339(row.at),
        action: row.action,
        outcome: row.outcome,
        by: by.to_owned(),
        address: is_from_them.then_some(row.address),
        agent: is_from_them.then_some(row.agent),
        detail,
    }
}

/// The members of a detail, each as text.
fn flat(detail: &str) -> BTreeMap<String, String> {
    let Ok(Value::Object(members)) = serde_json::from_str(detail) else {
        return BTreeMap::new();
    };
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    members
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect()
}

fn account(row: OwnAccountRow) -> ExportedAccount {
    ExportedAccount {
        id: row.id,
        email: row.email,
        email_verified_at: row.email_verified_at.map(rfc3339),
        username: row.username,
        first_name: row.first_name,
        last_name: row.last_name,
        role: row.role,
        tenant_id: row.tenant_id,
        created_at: rfc3339(row.created_at),
        updated_at: rfc3339(row.updated_at),
        password_changed_at: row.password_changed_at.map(rfc3339),
        last_sign_in_at: row.last_login_at.map(rfc3339),
    }
}

fn exported_session(row: OwnSessionRow) -> ExportedSession {
    ExportedSession {
        id: row.id,
        created_at: rfc3339(row.created_at),
        last_seen_at: rfc3339(row.last_seen_at),
        expires_at: rfc3339(row.expires_at),
        ended_at: row.revoked_at.map(rfc3339),
        end_reason: row.revoked_reason,
        address: row.address,
        agent: row.agent,
        methods: row.methods.split(' ').map(str::to_owned).collect(),
    }
}

fn consent(row: ConsentRow) -> Option<ExportedConsent> {
    Some(ExportedConsent {
        purpose: ConsentPurpose::parse(&row.purpose)?,
        version: row.version,
        given_at: rfc3339(row.given_at),
        withdrawn_at: row.withdrawn_at.map(rfc3339),
        address: row.address,
        agent: row.agent,
    })
}

fn letter(row: OwnLetterRow) -> ExportedLetter {
    ExportedLetter {
        letter: row.letter,
        created_at: rfc3339(row.created_at),
        sent_at: row.sent_at.map(rfc3339),
    }
}

fn grant(row: OwnGrantRow) -> ExportedGrant {
    ExportedGrant {
        pattern: row.pattern,
        condition: row.condition,
        tenant_id: row.tenant_id,
        granted_at: rfc3339(row.granted_at),
    }
}

fn assignment(row: AssignmentRow) -> ExportedAssignment {
    ExportedAssignment {
        tenant_id: row.tenant_id,
        resource_type: row.resource_type,
        resource_id: row.resource_id,
        assigned_at: rfc3339(row.assigned_at),
    }
}

fn membership(row: OwnMembershipRow) -> ExportedMembership {
    ExportedMembership {
        tenant_id: row.tenant_id,
        tenant: row.name,
        role: row.role,
        joined_at: rfc3339(row.joined_at),
        suspended_at: row.suspended_at.map(rfc3339),
    }
}

fn email_change(row: OwnEmailChangeRow) -> ExportedEmailChange {
    ExportedEmailChange {
        old_email: row.old_email,
        new_email: row.new_email,
        asked_at: rfc3339(row.created_at),
        completed_at: row.completed_at.map(rfc3339),
        undone_at: row.undone_at.map(rfc3339),
    }
}

fn api_key(row: OwnApiKeyRow) -> ExportedApiKey {
    ExportedApiKey {
        id: row.id,
        name: row.name,
        last4: row.last4,
        permissions: row
            .permissions
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        tenant_id: row.tenant_id,
        created_at: rfc3339(row.created_at),
        ends_at: row.ends_at.map(rfc3339),
        last_used_at: row.last_used_at.map(rfc3339),
        last_used_address: row.last_used_address,
        revoked_at: row.revoked_at.map(rfc3339),
    }
}

fn import(row: OwnImportRow) -> ExportedImport {
    ExportedImport {
        source: row.source,
        external_id: row.external_id,
        imported_at: rfc3339(row.imported_at),
    }
}
