//! Keys, as people see them: their own, their tenant's, or everybody's.

use wire::{ApiKey, ApiKeyStatus, Cursor, Page, Paging};

use super::manage::manages;
use super::{ApiKeyError, named};
use crate::Auth;
use crate::clock::rfc3339;
use crate::error::Fault;
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{ApiKeyFilter, ListedApiKeyRow, Tx};

const DAY: i64 = 86_400;
/// A key that ends within this time is about to.
pub(crate) const ENDING: i64 = 7 * DAY;
/// A key that was not used for this time may not be needed any more.
const UNUSED: i64 = 90 * DAY;

/// Which keys are asked for.
#[derive(Clone, Debug, Default)]
pub struct ApiKeyQuery {
    /// Only those that stand like this.
    pub status: Option<ApiKeyStatus>,
    /// Only those that end within seven days.
    pub ending: bool,
    /// Only those that stand on this account.
    pub user_id: Option<String>,
    /// Only those that act in this tenant.
    pub tenant_id: Option<String>,
    /// Only those that were never used.
    pub never_used: bool,
    /// Only those that were not used for 90 days.
    pub unused: bool,
    /// Only those whose name or owner's address holds this, or whose last four characters it is, as
    /// [`wire::searched`] reads it; empty: all.
    pub part: String,
    /// Which page.
    pub paging: Paging,
}

impl Auth {
    /// The caller's own keys, newest first; those that are over for as long as they are kept.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_api_keys(
        &self,
        session: &Session,
        paging: &Paging,
    ) -> Result<Page<ApiKey>, Fault> {
        let filter = ApiKeyFilter {
            user_id: &session.user.id,
            owned_by: "account",
            ..ApiKeyFilter::default()
        };
        let mut tx = self.store().read().await?;
        self.page(&mut tx, &filter, paging).await
    }

    /// One key the caller may look after; `None` when there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn own_api_key(
        &self,
        session: &Session,
        id: &str,
    ) -> Result<Option<ApiKey>, ApiKeyError> {
        let mut tx = self.store().read().await?;
        if !is_id(id) {
            return Ok(None);
        }
        let Some(user) = tx.user_by_id(&session.user.id).await? else {
            return Ok(None);
        };
        let asker = super::manage::Asker {
            user,
            tenant_id: session.tenant_id.clone(),
        };
        match self.own_key(&mut tx, &asker, id).await {
            Ok(_) => self.listed_key(&mut tx, id).await.map(Some),
            Err(ApiKeyError::Unknown | ApiKeyError::Foreign) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The keys of a tenant, newest first; `None` when the caller does not look after them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_tenant_api_keys(
        &self,
        session: &Session,
        tenant: &str,
        paging: &Paging,
    ) -> Result<Option<Page<ApiKey>>, Fault> {
        let mut tx = self.store().read().await?;
        let user = tx.user_by_id(&session.user.id).await?;
        let Some(user) = user.filter(|_| session.key.is_none()) else {
            return Ok(None);
        };
        if !manages(&mut tx, &user, tenant).await? {
            return Ok(None);
        }
        let filter = ApiKeyFilter {
            tenant_id: tenant,
            owned_by: "tenant",
            ..ApiKeyFilter::default()
        };
        self.page(&mut tx, &filter, paging).await.map(Some)
    }

    /// Everybody's keys, newest first. Whoever calls may look after all keys: that is the door's to know.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_all_api_keys(&self, query: &ApiKeyQuery) -> Result<Page<ApiKey>, Fault> {
        let part = query.part.as_str();
        let ids = [&query.user_id, &query.tenant_id];
        let are_ids = ids.into_iter().flatten().all(|id| is_id(id));
        if !are_ids {
            let (items, next) = (Vec::new(), None);
            return Ok(Page { items, next });
        }
        let now = self.now();
        let filter = ApiKeyFilter {
            status: query.status.map_or("", ApiKeyStatus::as_str),
            ends_until: query.ending.then_some(now + ENDING),
            user_id: query.user_id.as_deref().unwrap_or_default(),
            tenant_id: query.tenant_id.as_deref().unwrap_or_default(),
            never_used: query.never_used,
            unused_since: query.unused.then_some(now - UNUSED),
            part,
            ..ApiKeyFilter::default()
        };
        let mut tx = self.store().read().await?;
        self.page(&mut tx, &filter, &query.paging).await
    }

    /// One of everybody's keys; `None` when there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn any_api_key(&self, id: &str) -> Result<Option<ApiKey>, Fault> {
        if !is_id(id) {
            return Ok(None);
        }
        let mut tx = self.store().read().await?;
        match self.listed_key(&mut tx, id).await {
            Ok(key) => Ok(Some(key)),
            Err(ApiKeyError::Fault(fault)) => Err(fault),
            Err(_) => Ok(None),
        }
    }

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &ApiKeyFilter<'_>,
        paging: &Paging,
    ) -> Result<Page<ApiKey>, Fault> {
        let rows = tx.list_api_keys(filter, paging, self.now()).await?;
        let page = Page::of(rows, paging, |row| Cursor {
            at: row.created_at,
            id: row.id.clone(),
        });
        let Page { items, next } = page;
        let items = items.into_iter().map(view);
        let items = items.collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    /// A key by its id, as it stands in this transaction.
    pub(super) async fn listed_key(&self, tx: &mut Tx, id: &str) -> Result<ApiKey, ApiKeyError> {
        let filter = ApiKeyFilter {
            id,
            ..ApiKeyFilter::default()
        };
        let page = self.page(tx, &filter, &Paging::default()).await?;
        page.items.into_iter().next().ok_or(ApiKeyError::Unknown)
    }
}

fn view(row: ListedApiKeyRow) -> Result<ApiKey, Fault> {
    let status = ApiKeyStatus::parse(&row.status)
        .ok_or(Fault::Inconsistent("a key stands as nobody knows"))?;
    Ok(ApiKey {
        status,
        id: row.id,
        name: row.name,
        prefix: row.prefix,
        last4: row.last4,
        permissions: named(&row.permissions).map(str::to_owned).collect(),
        rate_limit: row.rate_limit,
        user_id: row.user_id,
        owner_email: row.owner_email,
        tenant_id: row.tenant_id,
        tenant_name: row.tenant_name,
        owned_by_tenant: row.owned_by_tenant,
        created_at: rfc3339(row.created_at),
        expires_at: row.expires_at.map(rfc3339),
        ends_at: row.ends_at.map(rfc3339),
        rolled_at: row.rolled_at.map(rfc3339),
        successor_id: row.successor_id,
        last_used_at: row.last_used_at.map(rfc3339),
        last_used_ip: row.last_used_address,
        revoked_at: row.revoked_at.map(rfc3339),
        revoked_reason: row.revoked_reason,
        suspended_at: row.suspended_at.map(rfc3339),
    })
}
