//! Tenants: organisations that people of one portal work in, apart from each other (req 107–110).
//!
//! Who holds `system:config` looks after all of them; who holds `tenant:manage` through their membership
//! of one, after the members, invitations and keys of that one (D25). Everything else about a tenant is,
//! to everybody else, not there: the same answer as for one that never was. Each act here is judged in
//! its own transaction, by a [`TenantScope`].

mod act;
mod change_member;
mod delete;
mod invitations;
mod judge_member;
mod members;
mod own;
mod preview_member;
mod scope;

use wire::{Cursor, FieldCode, OneTenant, Page, Paging, Tenant, TenantName};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::rfc3339;
use crate::error::Fault;
use crate::invite::InviteError;
use crate::limit::{LimitError, Limited, Rate};
use crate::session::Session;
use crate::store::{TenantRow, Tx};

pub use members::MemberQuery;
pub(crate) use scope::TenantScope;

/// What looking after every tenant takes.
pub(crate) const ALL_TENANTS: &str = "system:config";
/// What looking after one takes, given by the membership of it.
pub(crate) const ONE_TENANT: &str = "tenant:manage";

/// Why nothing was done in a tenant.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// There is no such tenant, or no such member or invitation of it.
    #[error("there is no such tenant, or nothing like that in it")]
    Unknown,
    /// There is the tenant, and whoever asks does not look after it: told as [`Self::Unknown`] is.
    #[error("the one who asks does not look after this tenant")]
    Foreign,
    /// Another tenant has the name.
    #[error("another tenant has this name")]
    Taken,
    /// The name that was typed to confirm is another one.
    #[error("the name that was typed is not the tenant's")]
    Mismatch,
    /// Looking after this tenant is not enough: it takes `system:config`.
    #[error("this takes the right to look after all tenants")]
    NotForTenantAdmins,
    /// The member has a right the one who acts lacks, or something was to be given that they lack.
    #[error("the one who acts lacks a right the member has, or would be given")]
    Outranked,
    /// Nobody changes their own membership but by leaving.
    #[error("this is the actor's own membership")]
    Oneself,
    /// No account that can sign in has this address.
    #[error("no account has this address")]
    NoAccount,
    /// The account is a member already.
    #[error("the account is a member already")]
    IsMember,
    /// As many members as there may be, with those who are invited.
    #[error("the tenant has as many members as there may be")]
    Full,
    /// There is no such role, or none anybody can have.
    #[error("there is no such role")]
    NoRole,
    /// The membership was changed since it was read.
    #[error("the membership was changed meanwhile")]
    Changed,
    /// No permission a tenant could give has this form; the field it came in.
    #[error("{0} holds what no membership gives")]
    NotGivable(&'static str),
    /// An invitation into the tenant is as it was.
    #[error(transparent)]
    Invitation(#[from] InviteError),
    /// The session that asked has ended.
    #[error("the session has ended")]
    SignedOut,
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<TenantError> for wire::Error {
    fn from(error: TenantError) -> Self {
        use wire::ErrorCode;
        match error {
            TenantError::Unknown | TenantError::Foreign => ErrorCode::NotFound.into(),
            TenantError::Taken => Self::conflict("name"),
            TenantError::Mismatch => Self::field("name", FieldCode::Mismatch),
            TenantError::NotForTenantAdmins | TenantError::Outranked => {
                ErrorCode::InsufficientPermissions.into()
            }
            TenantError::Oneself => Self::conflict("id"),
            TenantError::Changed => Self::conflict("version"),
            TenantError::NoAccount => Self::field("email", FieldCode::Unknown),
            TenantError::IsMember => Self::conflict("email"),
            TenantError::Full => Self::conflict("members"),
            TenantError::NoRole => Self::field("role", FieldCode::Invalid),
            TenantError::NotGivable(field) => Self::field(field, FieldCode::Invalid),
            TenantError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            TenantError::Invitation(error) => error.into(),
            TenantError::Limited(limited) => limited.into(),
            TenantError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for TenantError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Adds a tenant. Nobody belongs to it yet, whoever added it included. `by` is who asks; `None` is
    /// the operator at the machine itself, whom nothing limits.
    ///
    /// # Errors
    /// [`TenantError::Taken`], [`TenantError::Limited`] beyond 100 a day.
    pub async fn add_tenant(
        &self,
        by: Option<&Session>,
        name: &TenantName,
        client: &Client,
    ) -> Result<Tenant, TenantError> {
        let added = self.try_add_tenant(by, name, client).await;
        match by {
            Some(session) => self.noting_limit(session, client, added).await,
            None => added,
        }
    }

    async fn try_add_tenant(
        &self,
        by: Option<&Session>,
        name: &TenantName,
        client: &Client,
    ) -> Result<Tenant, TenantError> {
        let row = TenantRow {
            id: self.draw_id(),
            name: name.as_str().to_owned(),
            created_at: self.now(),
        };
        let mut tx = self.store().write().await?;
        let mut entry = Entry::done("tenant.created", client);
        if let Some(session) = by {
            self.admit_in(&mut tx, &[(Rate::Tenant, &session.user.id)])
                .await?;
            entry = entry.actor(&session.user.id);
        }
        if !tx.add_tenant(&row, &name.key()).await? {
            return Err(TenantError::Taken);
        }
        let detail = serde_json::json!({ "name": row.name });
        self.audit(&mut tx, entry.subject(&row.id).detail(detail))
            .await?;
        tx.commit().await?;
        Ok(row.into())
    }

    /// A page of tenants whose name holds `part`, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_tenants(&self, part: &str, paging: &Paging) -> Result<Page<Tenant>, Fault> {
        let part = part.trim().to_lowercase();
        let mut tx = self.store().read().await?;
        let rows = tx.list_tenants(&part, paging).await?;
        let page = Page::of(rows, paging, |row| Cursor {
            at: row.created_at,
            id: row.id.clone(),
        });
        Ok(page.map(Tenant::from))
    }

    /// One tenant, and how much there is in it.
    ///
    /// # Errors
    /// [`TenantError::Unknown`], also for whoever does not look after it.
    pub async fn tenant(&self, by: Option<&Session>, id: &str) -> Result<OneTenant, TenantError> {
        let mut tx = self.store().read().await?;
        let scope = self.tenant_scope(&mut tx, by, id).await?;
        self.one_tenant(&mut tx, &scope).await
    }

    async fn one_tenant(&self, tx: &mut Tx, scope: &TenantScope) -> Result<OneTenant, TenantError> {
        let now = self.now();
        Ok(OneTenant {
            members: tx.count_members(scope).await?,
            managers: tx.count_managers(scope, "").await?,
            invitations: tx.count_invitations_by_tenant(scope, now).await?,
            sessions: tx.count_sessions_by_tenant(scope, now).await?,
            keys: tx.count_api_keys_in(scope, now).await?,
            tenant: scope.tenant().clone().into(),
            portal_wide: scope.is_portal_wide(),
        })
    }

    /// Gives a tenant another name. One that it has is no change.
    ///
    /// # Errors
    /// [`TenantError`]: not for those who look after this tenant alone.
    pub async fn rename_tenant(
        &self,
        by: Option<&Session>,
        id: &str,
        name: &TenantName,
        client: &Client,
    ) -> Result<OneTenant, TenantError> {
        let done = self.try_rename_tenant(by, id, name, client).await;
        let refused = |reason| Entry::refused("tenant.rename", client, reason).subject(id);
        self.noting(by, done, refused).await
    }

    async fn try_rename_tenant(
        &self,
        by: Option<&Session>,
        id: &str,
        name: &TenantName,
        client: &Client,
    ) -> Result<OneTenant, TenantError> {
        let mut tx = self.store().write().await?;
        let mut scope = self.held_tenant(&mut tx, by, id).await?;
        scope.takes_all_tenants()?;
        let former = scope.tenant().name.clone();
        if former != name.as_str() {
            if !tx
                .set_tenant_name(&scope, name.as_str(), &name.key())
                .await?
            {
                return Err(TenantError::Taken);
            }
            let detail = serde_json::json!({
                "before": { "name": former },
                "after": { "name": name.as_str() },
            });
            let entry = Entry::done("tenant.renamed", client);
            self.audit(&mut tx, scope.on(entry).detail(detail)).await?;
            scope.rename(name);
        }
        let renamed = self.one_tenant(&mut tx, &scope).await?;
        tx.commit().await?;
        Ok(renamed)
    }
}

impl From<TenantRow> for Tenant {
    fn from(row: TenantRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            created_at: rfc3339(row.created_at),
        }
    }
}
