//! What one person gets when they ask for everything about them. Read column by column: hashes,
//! digests and sealed values are in none of these structures.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{AuditRow, Result, Tx};

/// The account.
#[derive(FromRow)]
pub(crate) struct OwnAccountRow {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) email_verified_at: Option<Timestamp>,
    pub(crate) username: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) role: String,
    pub(crate) tenant_id: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) password_changed_at: Option<Timestamp>,
    pub(crate) last_login_at: Option<Timestamp>,
}

/// A session, living or not.
#[derive(FromRow)]
pub(crate) struct OwnSessionRow {
    pub(crate) id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
    pub(crate) revoked_reason: Option<String>,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) methods: String,
}

/// A letter, by its name.
#[derive(FromRow)]
pub(crate) struct OwnLetterRow {
    pub(crate) letter: String,
    pub(crate) created_at: Timestamp,
    pub(crate) sent_at: Option<Timestamp>,
}

/// Where an account came from.
#[derive(FromRow)]
pub(crate) struct OwnImportRow {
    pub(crate) source: String,
    pub(crate) external_id: String,
    pub(crate) imported_at: Timestamp,
}

/// An API key that stands on the account.
#[derive(FromRow)]
pub(crate) struct OwnApiKeyRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) last4: String,
    pub(crate) permissions: String,
    pub(crate) tenant_id: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) ends_at: Option<Timestamp>,
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) last_used_address: Option<String>,
    pub(crate) revoked_at: Option<Timestamp>,
}

/// A tenant the account is a member of.
#[derive(FromRow)]
pub(crate) struct OwnMembershipRow {
    pub(crate) tenant_id: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) joined_at: Timestamp,
    pub(crate) suspended_at: Option<Timestamp>,
}

/// A right that was given beside a role.
#[derive(FromRow)]
pub(crate) struct OwnGrantRow {
    pub(crate) pattern: String,
    pub(crate) condition: Option<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) granted_at: Timestamp,
}

/// A change of its address.
#[derive(FromRow)]
pub(crate) struct OwnEmailChangeRow {
    pub(crate) old_email: String,
    pub(crate) new_email: String,
    pub(crate) created_at: Timestamp,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) undone_at: Option<Timestamp>,
}

impl Tx {
    /// The tenants an account is a member of.
    pub(crate) async fn list_own_memberships(
        &mut self,
        user_id: &str,
    ) -> Result<Vec<OwnMembershipRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select m.tenant_id, t.name, m.role, m.joined_at, m.suspended_at
             from memberships m join tenants t on t.id = m.tenant_id
             where m.user_id = $1 order by m.joined_at, m.tenant_id")
            .bind(user_id)
            .fetch_all(c)
            .await)?)
    }

    /// What was given to an account beside its roles, oldest first.
    pub(crate) async fn list_own_grants(&mut self, user_id: &str) -> Result<Vec<OwnGrantRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select pattern, condition, null as tenant_id, granted_at from user_grants where user_id = $1
             union all select pattern, condition, tenant_id, granted_at from membership_grants where user_id = $1
             order by granted_at, pattern")
            .bind(user_id)
            .fetch_all(c)
            .await)?)
    }

    /// The changes of an account's address there is a row of, oldest first.
    pub(crate) async fn list_own_email_changes(
        &mut self,
        user_id: &str,
    ) -> Result<Vec<OwnEmailChangeRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select old_email, new_email, created_at, completed_at, undone_at from email_changes
             where user_id = $1 order by place")
            .bind(user_id)
            .fetch_all(c)
            .await)?)
    }

    /// The systems an account was brought over from.
    pub(crate) async fn list_own_imports(&mut self, user_id: &str) -> Result<Vec<OwnImportRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select source, external_id, imported_at from imported_accounts
             where user_id = $1 order by imported_at, source, external_id")
            .bind(user_id)
            .fetch_all(c)
            .await)?)
    }

    /// The API keys that stand on an account.
    pub(crate) async fn list_own_api_keys(&mut self, user_id: &str) -> Result<Vec<OwnApiKeyRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, name, last4, permissions, tenant_id, created_at, ends_at, last_used_at, last_used_address, revoked_at
             from api_keys where user_id = $1 order by created_at, id")
            .bind(user_id)
            .fetch_all(c)
            .await)?)
    }

    pub(crate) async fn own_account_by_id(&mut self, id: &str) -> Result<Option<OwnAccountRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, email, email_verified_at, username, first_name, last_name, role, tenant_id,
                    created_at, updated_at, password_changed_at, last_login_at
             from users where id = $1")
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// Every session there is a row of, newest first.
    pub(crate) async fn list_own_sessions(&mut self, user_id: &str) -> Result<Vec<OwnSessionRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, created_at, last_seen_at, expires_at, revoked_at, revoked_reason, address, agent, methods
             from sessions where user_id = $1 order by created_at desc, id desc")
            .bind(user_id)
            .fetch_all(c)
            .await)?)
    }

    /// Letters about an account or to an address, newest first.
    pub(crate) async fn list_own_letters(
        &mut self,
        user_id: &str,
        email: &str,
    ) -> Result<Vec<OwnLetterRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select letter, created_at, sent_at from outbox
             where subject = $1 or subject = $2 order by created_at desc, id desc")
            .bind(user_id)
            .bind(email)
            .fetch_all(c)
            .await)?)
    }

    /// What an account did or had done to it, newest first, from before `before` on.
    pub(crate) async fn list_own_events(
        &mut self,
        user_id: &str,
        before: &str,
        limit: i64,
    ) -> Result<Vec<AuditRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail, seq, hash, erased_mac
             from audit_log where (actor_id = $1 or subject_id = $1) and id < $2
             order by id desc limit $3")
            .bind(user_id)
            .bind(before)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }
}
