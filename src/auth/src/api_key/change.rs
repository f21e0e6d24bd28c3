//! Changing a key: its name, what it may do, how often; saying that a suspended one is one's own; and
//! answering for a tenant's key whose member has gone.

use serde_json::json;
use wire::{ApiKey, ApiKeyChange, Permission};

use super::check::answering;
use super::manage::{Asker, all_held, can_answer, held_of};
use super::{ApiKeyError, about, named};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::rights::{Acting, Rights};
use crate::session::Session;
use crate::store::{ApiKeyRow, Tx};

impl Auth {
    /// Changes a key. It gets no permission it lacks unless the caller holds it; one it has it may keep.
    /// Tokens made from it end when its permissions change.
    ///
    /// # Errors
    /// [`ApiKeyError`]; nothing has changed then.
    pub async fn update_api_key(
        &self,
        session: &Session,
        id: &str,
        change: &ApiKeyChange,
        client: &Client,
    ) -> Result<ApiKey, ApiKeyError> {
        let done = self.try_update_api_key(session, id, change, client).await;
        let refused = |reason| about(Entry::refused("api_key.change", client, reason), id);
        self.noting(session, done, refused).await
    }

    async fn try_update_api_key(
        &self,
        session: &Session,
        id: &str,
        change: &ApiKeyChange,
        client: &Client,
    ) -> Result<ApiKey, ApiKeyError> {
        let mut tx = self.store().write().await?;
        let asker = self.asker(&mut tx, session).await?;
        let key = self.own_key(&mut tx, &asker, id).await?;
        self.refuse_over(&key)?;
        let permissions = match &change.permissions {
            Some(wanted) => given(&mut tx, &asker, &key, wanted).await?,
            None => key.permissions.clone(),
        };
        let name = change
            .name
            .as_ref()
            .map_or(&*key.name, |name| name.as_str());
        let rate_limit = change.rate_limit.unwrap_or(key.rate_limit);
        let facts = |name: &str, permissions: &str, rate_limit: i64| {
            let permissions: Vec<_> = named(permissions).collect();
            json!({ "name": name, "permissions": permissions, "rateLimit": rate_limit })
        };
        let before = facts(&key.name, &key.permissions, key.rate_limit);
        let after = facts(name, &permissions, rate_limit);
        if before == after {
            return self.listed_key(&mut tx, id).await;
        }
        if !tx.set_api_key(id, name, &permissions, rate_limit).await? {
            return Err(ApiKeyError::Over);
        }
        let detail = json!({ "key": id, "last4": key.last4, "before": before, "after": after });
        let entry = Entry::done("api_key.changed", client).actor(&asker.user.id);
        self.audit(&mut tx, entry.subject(owner(&key, &asker)).detail(detail))
            .await?;
        let changed = self.listed_key(&mut tx, id).await?;
        match permissions == key.permissions {
            true => self.publish_changes(tx, &[id.to_owned()]).await?,
            false => self.publish_api_keys(tx, &[id.to_owned()]).await?,
        }
        Ok(changed)
    }

    /// Says that a suspended key is the caller's own, and opens it again. Of a tenant's key only the
    /// member who answers for it says so; another takes it over.
    ///
    /// # Errors
    /// [`ApiKeyError`]; it stays suspended then.
    pub async fn confirm_api_key(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<ApiKey, ApiKeyError> {
        let done = self.try_confirm_api_key(session, id, client).await;
        let refused = |reason| about(Entry::refused("api_key.confirm", client, reason), id);
        self.noting(session, done, refused).await
    }

    async fn try_confirm_api_key(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<ApiKey, ApiKeyError> {
        let mut tx = self.store().write().await?;
        let asker = self.asker(&mut tx, session).await?;
        let key = self.own_key(&mut tx, &asker, id).await?;
        if key.user_id.as_deref() != Some(&asker.user.id) {
            return Err(ApiKeyError::Foreign);
        }
        self.refuse_over(&key)?;
        if tx.set_api_key_confirmed(id).await? {
            let detail = json!({ "key": id, "name": key.name, "last4": key.last4 });
            let entry = Entry::done("api_key.confirmed", client).actor(&asker.user.id);
            self.audit(&mut tx, entry.subject(&asker.user.id).detail(detail))
                .await?;
        }
        let confirmed = self.listed_key(&mut tx, id).await?;
        self.publish_changes(tx, &[id.to_owned()]).await?;
        Ok(confirmed)
    }

    /// Makes the caller, an admin of its tenant, answer for a tenant's key. It keeps of its permissions
    /// those the caller holds there.
    ///
    /// # Errors
    /// [`ApiKeyError`]; nothing has changed then.
    pub async fn take_over_api_key(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<ApiKey, ApiKeyError> {
        let done = self.try_take_over_api_key(session, id, client).await;
        let refused = |reason| about(Entry::refused("api_key.take_over", client, reason), id);
        self.noting(session, done, refused).await
    }

    async fn try_take_over_api_key(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<ApiKey, ApiKeyError> {
        let mut tx = self.store().write().await?;
        let asker = self.asker(&mut tx, session).await?;
        let key = self.own_key(&mut tx, &asker, id).await?;
        self.refuse_over(&key)?;
        let Some(tenant) = key.tenant_id.as_deref().filter(|_| key.owned_by_tenant) else {
            return Err(ApiKeyError::Unknown);
        };
        // Whoever answers for it keeps it: it is not to be taken from somebody who is there.
        if answering(&mut tx, &key).await?.is_some() {
            return Err(ApiKeyError::Answered);
        }
        can_answer(&mut tx, &asker.user, tenant).await?;
        let acting = Acting::of(key.tenant_id.as_deref());
        let rights = Rights::in_force(&mut tx, &asker.user, acting).await?;
        let kept = held_of(&key, &rights);
        if !tx
            .set_api_key_member(id, &asker.user.id, &kept.join(" "))
            .await?
        {
            return Err(ApiKeyError::Over);
        }
        let had: Vec<_> = named(&key.permissions).collect();
        let detail = json!({
            "key": id, "name": key.name, "last4": key.last4, "tenantId": key.tenant_id,
            "before": { "userId": key.user_id, "permissions": had },
            "after": { "userId": asker.user.id, "permissions": kept },
        });
        let entry = Entry::done("api_key.taken_over", client).actor(&asker.user.id);
        self.audit(&mut tx, entry.subject(&asker.user.id).detail(detail))
            .await?;
        let taken = self.listed_key(&mut tx, id).await?;
        self.publish_api_keys(tx, &[id.to_owned()]).await?;
        Ok(taken)
    }

    pub(super) fn refuse_over(&self, key: &ApiKeyRow) -> Result<(), ApiKeyError> {
        match key.revoked_at.is_some() || key.has_ended(self.now()) {
            true => Err(ApiKeyError::Over),
            false => Ok(()),
        }
    }
}

/// Whom an act on a key is about.
pub(super) fn owner<'a>(key: &'a ApiKeyRow, asker: &'a Asker) -> &'a str {
    key.user_id.as_deref().unwrap_or(&asker.user.id)
}

/// The permissions somebody gives a key, as they are stored.
async fn given(
    tx: &mut Tx,
    asker: &Asker,
    key: &ApiKeyRow,
    wanted: &[Permission],
) -> Result<String, ApiKeyError> {
    let has = |one: &&Permission| !named(&key.permissions).any(|name| name == one.as_str());
    let new: Vec<_> = wanted.iter().filter(has).cloned().collect();
    let rights = Rights::in_force(tx, &asker.user, Acting::of(key.tenant_id.as_deref())).await?;
    all_held(tx, &rights, &new).await?;
    let names: Vec<_> = wanted.iter().map(Permission::as_str).collect();
    Ok(names.join(" "))
}
