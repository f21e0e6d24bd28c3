//! Making a key. It is worth no more than whoever makes it holds at that moment, and shown once.

use serde_json::json;
use wire::{MadeApiKey, NewApiKey, Permission, Secret, api_key_of};

use super::ApiKeyError;
use super::check::is_member;
use super::manage::{Asker, all_held, can_answer, manages};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::{Timestamp, rfc3339};
use crate::letter::SecurityChange;
use crate::limit::Rate;
use crate::rights::{Acting, Rights};
use crate::secret::{TokenDigest, is_id};
use crate::session::Session;
use crate::store::{NewApiKeyRow, Tx};

const DAY: i64 = 86_400;

/// A key about to be made.
pub(super) struct Draft<'a> {
    pub(super) name: &'a str,
    pub(super) permissions: &'a [String],
    pub(super) rate_limit: i64,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) tenant_id: Option<&'a str>,
    pub(super) owned_by_tenant: bool,
}

impl Auth {
    /// Makes a key of the caller's own. It acts in the tenant they act in.
    ///
    /// # Errors
    /// [`ApiKeyError`]; there is no key then.
    pub async fn create_api_key(
        &self,
        session: &Session,
        wanted: &NewApiKey,
        client: &Client,
    ) -> Result<MadeApiKey, ApiKeyError> {
        let made = self.try_create_api_key(session, wanted, client).await;
        self.noting_key(session, None, wanted, made, client).await
    }

    async fn try_create_api_key(
        &self,
        session: &Session,
        wanted: &NewApiKey,
        client: &Client,
    ) -> Result<MadeApiKey, ApiKeyError> {
        let mut tx = self.store().write().await?;
        let asker = self.asker(&mut tx, session).await?;
        // Without rights there is nothing to give; whose keys there are is another matter.
        if asker.user.email_verified_at.is_none() {
            return Err(ApiKeyError::Unproven);
        }
        let have = tx.count_api_keys_by_user(&asker.user.id, self.now());
        self.refuse_one_more(have.await?)?;
        let tenant = asker.tenant_id.clone();
        // Of a tenant they belong to no more, their session knows a moment longer.
        let tenant = match tenant {
            Some(id) if is_member(&mut tx, &asker.user.id, &id).await? => Some(id),
            _ => None,
        };
        self.make_key(tx, &asker, wanted, (tenant.as_deref(), false), client)
            .await
    }

    /// Makes a key of a tenant. Whoever makes it answers for it: it has their rights there, until another
    /// admin of the tenant takes it over.
    ///
    /// # Errors
    /// [`ApiKeyError`]; there is no key then. A tenant the caller does not manage is unknown.
    pub async fn create_tenant_api_key(
        &self,
        session: &Session,
        tenant: &str,
        wanted: &NewApiKey,
        client: &Client,
    ) -> Result<MadeApiKey, ApiKeyError> {
        let made = self.try_create_tenant_api_key(session, tenant, wanted, client);
        self.noting_key(session, Some(tenant), wanted, made.await, client)
            .await
    }

    async fn try_create_tenant_api_key(
        &self,
        session: &Session,
        tenant: &str,
        wanted: &NewApiKey,
        client: &Client,
    ) -> Result<MadeApiKey, ApiKeyError> {
        let mut tx = self.store().write().await?;
        if is_id(tenant) {
            tx.set_tenant_held(tenant).await?;
        }
        let asker = self.asker(&mut tx, session).await?;
        if !manages(&mut tx, &asker.user, tenant).await? {
            let there = is_id(tenant) && tx.tenant_by_id(tenant).await?.is_some();
            return Err(match there {
                true => ApiKeyError::Foreign,
                false => ApiKeyError::Unknown,
            });
        }
        can_answer(&mut tx, &asker.user, tenant).await?;
        let have = tx.count_api_keys_by_tenant(tenant, self.now());
        self.refuse_one_more(have.await?)?;
        self.make_key(tx, &asker, wanted, (Some(tenant), true), client)
            .await
    }

    async fn noting_key(
        &self,
        session: &Session,
        tenant: Option<&str>,
        wanted: &NewApiKey,
        made: Result<MadeApiKey, ApiKeyError>,
        client: &Client,
    ) -> Result<MadeApiKey, ApiKeyError> {
        let made = self.noting_limit(session, client, made).await;
        let refused = |reason| {
            let detail = json!({ "permissions": wanted.permissions, "tenantId": tenant });
            Entry::refused("api_key.create", client, reason).detail(detail)
        };
        self.noting(session, made, refused).await
    }

    async fn make_key(
        &self,
        mut tx: Tx,
        asker: &Asker,
        wanted: &NewApiKey,
        (tenant_id, owned_by_tenant): (Option<&str>, bool),
        client: &Client,
    ) -> Result<MadeApiKey, ApiKeyError> {
        self.admit_in(&mut tx, &[(Rate::MakeKey, &asker.user.id)])
            .await?;
        let rights = Rights::in_force(&mut tx, &asker.user, Acting::of(tenant_id)).await?;
        all_held(&mut tx, &rights, &wanted.permissions).await?;
        let names = wanted.permissions.iter().map(Permission::as_str);
        let names: Vec<_> = names.map(str::to_owned).collect();
        let draft = Draft {
            name: wanted.name.as_str(),
            permissions: &names,
            rate_limit: wanted.rate_limit,
            expires_at: wanted.days.map(|days| self.now() + days * DAY),
            tenant_id,
            owned_by_tenant,
        };
        let made = self.add_key(&mut tx, asker, &draft, client).await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(made)
    }

    pub(super) fn refuse_one_more(&self, have: i64) -> Result<(), ApiKeyError> {
        match have < self.settings().api_keys.most {
            true => Ok(()),
            false => Err(ApiKeyError::TooMany),
        }
    }

    /// Draws a key and writes it down, with its audit row and letter.
    pub(super) async fn add_key(
        &self,
        tx: &mut Tx,
        asker: &Asker,
        draft: &Draft<'_>,
        client: &Client,
    ) -> Result<MadeApiKey, ApiKeyError> {
        let (id, now, mode) = (self.draw_id(), self.now(), self.settings().api_keys.mode);
        let key = self.draw_key();
        let last4 = &key.reveal()[key.reveal().len() - 4..];
        let user = &asker.user.id;
        tx.add_api_key(&NewApiKeyRow {
            id: &id,
            user_id: user,
            tenant_id: draft.tenant_id,
            owned_by_tenant: draft.owned_by_tenant,
            name: draft.name,
            digest: TokenDigest::of(&key).as_bytes(),
            prefix: mode.prefix(),
            last4,
            permissions: &draft.permissions.join(" "),
            rate_limit: draft.rate_limit,
            now,
            created_by: user,
            expires_at: draft.expires_at,
        })
        .await?;
        let expires_at = draft.expires_at.map(rfc3339);
        let detail = json!({
            "key": id, "name": draft.name, "last4": last4, "permissions": draft.permissions,
            "rateLimit": draft.rate_limit, "expiresAt": expires_at, "tenantId": draft.tenant_id,
            "ownedByTenant": draft.owned_by_tenant,
        });
        let entry = Entry::done("api_key.created", client).actor(user);
        self.audit(tx, entry.subject(user).detail(detail)).await?;
        self.add_letter(tx, SecurityChange::ApiKeyCreated.letter(), user, client)
            .await?;
        Ok(MadeApiKey {
            name: draft.name.to_owned(),
            prefix: mode.prefix().to_owned(),
            last4: last4.to_owned(),
            permissions: draft.permissions.to_vec(),
            rate_limit: draft.rate_limit,
            expires_at,
            created_at: rfc3339(now),
            tenant_id: draft.tenant_id.map(str::to_owned),
            id,
            key,
        })
    }

    fn draw_key(&self) -> Secret {
        let mut random = [0; 32];
        self.entropy().fill(&mut random);
        api_key_of(self.settings().api_keys.mode, &random)
    }
}
