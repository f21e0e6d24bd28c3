//! Ending keys: by whoever they belong to, by those who look after all keys, and with their account.
//!
//! A key that was ended stays ended. It opens nothing here at once, nor do tokens made from it; elsewhere
//! the revocation feed tells (kind `key`).

use serde_json::json;

use super::{ApiKeyError, about};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::letter::SecurityChange;
use crate::rights::{Acting, Rights};
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{ApiKeyRow, Tx};

/// What looking after everybody's keys takes (req 83).
pub(super) const MANAGE_KEYS: &str = "apikey:manage";

/// Whose wish it is that a key ends.
pub(super) struct Ender<'a> {
    pub(super) actor: Option<&'a str>,
    /// Why, for the key's list: one of our words.
    pub(super) reason: &'static str,
    /// What they said of it.
    pub(super) said: Option<&'a str>,
}

impl Auth {
    /// Ends a key of the caller's, or of a tenant they look after. Ending it twice is no error. One's own
    /// is ended without any proof; a tenant's is an admin's act and wants a recent one.
    ///
    /// # Errors
    /// [`ApiKeyError`]; nothing has ended then.
    pub async fn revoke_api_key(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<(), ApiKeyError> {
        let done = self.try_revoke_api_key(session, id, client).await;
        let refused = |reason| about(Entry::refused("api_key.revoke", client, reason), id);
        self.noting(session, done, refused).await
    }

    async fn try_revoke_api_key(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<(), ApiKeyError> {
        let mut tx = self.store().write().await?;
        let asker = self.asker(&mut tx, session).await?;
        let key = self.own_key(&mut tx, &asker, id).await?;
        if key.owned_by_tenant && !self.is_recent(session) {
            return Err(ApiKeyError::NotRecent);
        }
        let ender = Ender {
            actor: Some(&asker.user.id),
            reason: if key.owned_by_tenant {
                "tenant"
            } else {
                "owner"
            },
            said: None,
        };
        Ok(self.end_key(tx, &key, &ender, client).await?)
    }

    /// Ends anybody's key, for those who look after all keys: unless its owner has rights that they lack
    /// (D25). Ending it twice is no error.
    ///
    /// # Errors
    /// [`ApiKeyError`]; nothing has ended then.
    pub async fn revoke_key_of(
        &self,
        session: &Session,
        id: &str,
        said: Option<&str>,
        client: &Client,
    ) -> Result<(), ApiKeyError> {
        let done = self.try_revoke_key_of(session, id, said, client).await;
        let refused = |reason| about(Entry::refused("api_key.revoke", client, reason), id);
        self.noting(session, done, refused).await
    }

    async fn try_revoke_key_of(
        &self,
        session: &Session,
        id: &str,
        said: Option<&str>,
        client: &Client,
    ) -> Result<(), ApiKeyError> {
        let mut tx = self.store().write().await?;
        let asker = self.asker(&mut tx, session).await?;
        if !is_id(id) {
            return Err(ApiKeyError::Unknown);
        }
        let key = tx.api_key_by_id(id).await?.ok_or(ApiKeyError::Unknown)?;
        let held = Rights::in_force(&mut tx, &asker.user, Acting::Alone).await?;
        if !held.hold(MANAGE_KEYS) {
            return Err(ApiKeyError::NotHeld);
        }
        let owner = match &key.user_id {
            Some(owner) => tx.user_by_id(owner).await?,
            None => None,
        };
        if let Some(owner) = owner.filter(|owner| owner.id != asker.user.id) {
            let theirs = Rights::given_to(&mut tx, &owner, Acting::Anywhere).await?;
            if !theirs.are_within(&held) {
                return Err(ApiKeyError::Outranked);
            }
        }
        let ender = Ender {
            actor: Some(&asker.user.id),
            reason: "admin",
            said,
        };
        Ok(self.end_key(tx, &key, &ender, client).await?)
    }

    /// Ends anybody's key: for the operator, at the machine itself. `false` when there is none of this id,
    /// or it was over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_key_by_operator(&self, id: &str, client: &Client) -> Result<bool, Fault> {
        let mut tx = self.store().write().await?;
        let Some(key) = tx.api_key_by_id(id).await? else {
            return Ok(false);
        };
        if key.revoked_at.is_some() || key.has_ended(self.now()) {
            return Ok(false);
        }
        let ender = Ender {
            actor: None,
            reason: "admin",
            said: None,
        };
        self.end_key(tx, &key, &ender, client).await?;
        Ok(true)
    }

    /// Ends a key, tells its owner, publishes it and commits.
    pub(super) async fn end_key(
        &self,
        mut tx: Tx,
        key: &ApiKeyRow,
        ender: &Ender<'_>,
        client: &Client,
    ) -> Result<(), Fault> {
        if !tx
            .set_api_key_revoked(&key.id, self.now(), ender.reason)
            .await?
        {
            return Ok(());
        }
        let mut detail = json!({
            "key": key.id, "name": key.name, "last4": key.last4, "by": ender.reason,
        });
        if let Some(said) = ender.said {
            detail["reason"] = said.into();
        }
        let mut entry = match ender.reason {
            "leaked" => Entry::done("api_key.leaked", client),
            _ => Entry::done("api_key.revoked", client),
        };
        if let Some(actor) = ender.actor {
            entry = entry.actor(actor);
        }
        if let Some(owner) = &key.user_id {
            entry = entry.subject(owner);
            let change = match ender.reason {
                "leaked" => SecurityChange::ApiKeyLeaked,
                _ => SecurityChange::ApiKeyRevoked,
            };
            self.add_letter(&mut tx, change.letter(), owner, client)
                .await?;
        }
        self.audit(&mut tx, entry.detail(detail)).await?;
        self.publish_api_keys(tx, std::slice::from_ref(&key.id))
            .await?;
        self.letters().notify_one();
        Ok(())
    }

    /// Has every key that stands on an account wait for its owner, who reads of it in their activity.
    /// Published with what else ends there (`publish_account`).
    pub(crate) async fn suspend_keys(
        &self,
        tx: &mut Tx,
        user: &str,
        reason: &'static str,
        client: &Client,
    ) -> Result<(), Fault> {
        let keys = tx.set_api_keys_suspended(user, self.now()).await?;
        if keys.is_empty() {
            return Ok(());
        }
        let detail = json!({ "keys": keys, "reason": reason });
        let entry = Entry::done("api_key.suspended", client).subject(user);
        self.audit(tx, entry.detail(detail)).await
    }

    /// Publishes that tokens made from these keys before now are not to be believed any more, commits, and
    /// has every node read them anew.
    pub(super) async fn publish_api_keys(&self, mut tx: Tx, keys: &[String]) -> Result<(), Fault> {
        let (now, until) = (self.now(), self.tokens_end_by(&mut tx).await?);
        for id in keys {
            tx.add_revocation("key", id, now, until).await?;
        }
        self.publish_changes(tx, keys).await
    }
}
