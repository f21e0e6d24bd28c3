//! Rolling a key: another takes its place, and the old one works a while longer, so that a program can
//! be given the new one without a gap.
//!
//! The new key is made as any is: it has of the old one's permissions those that whoever rolls it holds,
//! and of a tenant's key they are the one who answers for it. It lives as long as the old one was to.

use serde_json::json;
use wire::MadeApiKey;

use super::change::owner;
use super::create::Draft;
use super::manage::{can_answer, held_of};
use super::{ApiKeyError, about};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::Rate;
use crate::rights::{Acting, Rights};
use crate::session::Session;
use crate::store::{ApiKeyRow, Tx};

impl Auth {
    /// Makes a key in place of another, which ends after `overlap` seconds, or at once. Tokens made from
    /// the old one end now; it gives new ones that end with it.
    ///
    /// # Errors
    /// [`ApiKeyError`]; nothing has changed then.
    pub async fn roll_api_key(
        &self,
        session: &Session,
        id: &str,
        overlap: i64,
        client: &Client,
    ) -> Result<MadeApiKey, ApiKeyError> {
        let made = self.try_roll_api_key(session, id, overlap, client).await;
        let made = self.noting_limit(session, client, made).await;
        let refused = |reason| about(Entry::refused("api_key.roll", client, reason), id);
        self.noting(session, made, refused).await
    }

    async fn try_roll_api_key(
        &self,
        session: &Session,
        id: &str,
        overlap: i64,
        client: &Client,
    ) -> Result<MadeApiKey, ApiKeyError> {
        let mut tx = self.store().write().await?;
        let asker = self.asker(&mut tx, session).await?;
        let key = self.own_key(&mut tx, &asker, id).await?;
        self.refuse_over(&key)?;
        if let (true, Some(tenant)) = (key.owned_by_tenant, &key.tenant_id) {
            can_answer(&mut tx, &asker.user, tenant).await?;
        }
        // Without an overlap one goes as the other comes.
        if overlap > 0 {
            self.refuse_one_more(self.count_beside(&mut tx, &key).await?)?;
        }
        self.admit_in(&mut tx, &[(Rate::MakeKey, &asker.user.id)])
            .await?;
        let now = self.now();
        let acting = Acting::of(key.tenant_id.as_deref());
        let rights = Rights::in_force(&mut tx, &asker.user, acting).await?;
        let draft = Draft {
            name: &key.name,
            permissions: &held_of(&key, &rights),
            rate_limit: key.rate_limit,
            expires_at: key.expires_at.map(|end| now + (end - key.created_at)),
            tenant_id: key.tenant_id.as_deref(),
            owned_by_tenant: key.owned_by_tenant,
        };
        let made = self.add_key(&mut tx, &asker, &draft, client).await?;
        if !tx
            .set_api_key_rolled(id, &made.id, now, now + overlap)
            .await?
        {
            return Err(ApiKeyError::Over);
        }
        if overlap == 0 {
            tx.set_api_key_revoked_as_rolled(id, now).await?;
        }
        let detail = json!({
            "key": id, "last4": key.last4, "name": key.name, "successor": made.id, "overlapSeconds": overlap,
        });
        let entry = Entry::done("api_key.rolled", client).actor(&asker.user.id);
        self.audit(&mut tx, entry.subject(owner(&key, &asker)).detail(detail))
            .await?;
        self.publish_api_keys(tx, &[id.to_owned()]).await?;
        self.letters().notify_one();
        Ok(made)
    }

    /// How many keys there are beside this one, itself included.
    async fn count_beside(&self, tx: &mut Tx, key: &ApiKeyRow) -> Result<i64, Fault> {
        let now = self.now();
        match (key.owned_by_tenant, &key.tenant_id, &key.user_id) {
            (true, Some(tenant), _) => tx.count_api_keys_by_tenant(tenant, now).await,
            (_, _, Some(user)) => tx.count_api_keys_by_user(user, now).await,
            _ => Ok(0),
        }
    }
}
