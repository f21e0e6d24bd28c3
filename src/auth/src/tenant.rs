//! Tenants: organisations that people of one portal work in, apart from each other.

use wire::{Cursor, Page, Paging, Tenant, TenantName};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::rfc3339;
use crate::error::Fault;
use crate::session::Session;
use crate::store::TenantRow;

/// Why a tenant was not added.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// Another one has the name.
    #[error("another tenant has this name")]
    Taken,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<TenantError> for wire::Error {
    fn from(error: TenantError) -> Self {
        match error {
            TenantError::Taken => Self::conflict("name"),
            TenantError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Adds a tenant. Nobody belongs to it yet, whoever added it included.
    ///
    /// # Errors
    /// [`TenantError`].
    pub async fn add_tenant(
        &self,
        session: &Session,
        name: &TenantName,
        client: &Client,
    ) -> Result<Tenant, TenantError> {
        let row = TenantRow {
            id: self.draw_id(),
            name: name.as_str().to_owned(),
            created_at: self.now(),
        };
        let mut tx = self.store().write().await?;
        if !tx.add_tenant(&row, &name.key()).await? {
            return Err(TenantError::Taken);
        }
        let entry = Entry::done("tenant.created", client).actor(&session.user.id);
        let detail = serde_json::json!({ "name": row.name });
        self.audit(&mut tx, entry.subject(&row.id).detail(detail))
            .await?;
        tx.commit().await?;
        Ok(row.into())
    }

    /// A page of tenants, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_tenants(&self, paging: &Paging) -> Result<Page<Tenant>, Fault> {
        let rows = self.store().read().await?.list_tenants(paging).await?;
        let page = Page::of(rows, paging, |row| Cursor {
            at: row.created_at,
            id: row.id.clone(),
        });
        Ok(page.map(Tenant::from))
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
