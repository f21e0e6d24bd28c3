//! Taking a signing key out at once (D24): for the day somebody else may hold it.
//!
//! Unlike a rotation it spares nobody. Tokens the key signed are refused here from the commit on, and
//! elsewhere as soon as the feed's list of keys is heard; their owners fetch others and go on. When it
//! is the current key, *next* signs at once, published long enough or not: verifiers who have not got
//! it look for a key they do not know.

use wire::ErrorCode;

use super::{KeyUse, LEASE_NAME, put_in_charge};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::jwt::is_kid;
use crate::session::Session;

/// What became of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedKey {
    /// The key that is out.
    pub kid: String,
    /// `token` or `feed`: what it signed.
    pub purpose: &'static str,
    /// What it was: `next`, `current` or `previous`.
    pub was: &'static str,
    /// The key that signs from now on.
    pub current: String,
}

/// Why a key was not taken out.
#[derive(Debug, thiserror::Error)]
pub enum RevokeKeyError {
    /// No such key is published: it never was, or it is out already.
    #[error("no published signing key has this name")]
    Unknown,
    /// Another node is at it.
    #[error("another node is changing the keys right now")]
    Busy,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<RevokeKeyError> for wire::Error {
    fn from(error: RevokeKeyError) -> Self {
        match error {
            RevokeKeyError::Unknown => ErrorCode::NotFound.into(),
            RevokeKeyError::Busy => ErrorCode::Overloaded.into(),
            RevokeKeyError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Takes a published key out of use at once, whether it signs tokens or the feed: what it signed
    /// is good no more. `actor` is who asked; nobody where an operator did.
    ///
    /// # Errors
    /// [`RevokeKeyError`]; nothing has changed then.
    pub async fn revoke_signing_key(
        &self,
        kid: &str,
        actor: Option<&Session>,
        client: &Client,
    ) -> Result<RevokedKey, RevokeKeyError> {
        if !is_kid(kid) {
            return Err(RevokeKeyError::Unknown);
        }
        let mut tx = self.store().read().await?;
        let purpose = tx.signing_key_purpose_by_kid(kid).await?;
        drop(tx);
        let of = KeyUse::parse(&purpose.ok_or(RevokeKeyError::Unknown)?)?;
        // Made before the lease is taken: it may take a second.
        let made = self.make_row(of, None).await?;
        let now = self.now();
        let mut tx = self.store().write().await?;
        if !tx.set_lease(LEASE_NAME, self.node(), now, now).await? {
            return Err(RevokeKeyError::Busy);
        }
        let keys = tx.list_signing_keys(of.as_str()).await?;
        let found = keys.iter().find(|row| row.kid == kid);
        let was = self.view(of, found.ok_or(RevokeKeyError::Unknown)?).state;
        let kid_in = |state| {
            let found = keys.iter().find(|row| self.view(of, row).state == state);
            found.map(|row| row.kid.clone())
        };
        let current = kid_in(if was == "current" { "next" } else { "current" })
            .ok_or(Fault::Inconsistent("there is no other signing key"))?;
        match was {
            "current" => put_in_charge(&mut tx, of, &current, &made, now).await?,
            "next" => tx.add_signing_key(&made).await?,
            _ => {}
        }
        tx.set_signing_key_revoked(kid, now).await?;
        let detail = serde_json::json!({ "kid": kid, "was": was, "purpose": of.as_str(), "current": current });
        let mut entry = Entry::done("signing_key.revoked", client).detail(detail);
        if let Some(actor) = actor {
            entry = entry.actor(&actor.user.id);
        }
        self.audit(&mut tx, entry).await?;
        self.publish_keys(tx).await?;
        tracing::warn!(kid, was, "a signing key was revoked");
        let purpose = of.as_str();
        let kid = kid.to_owned();
        Ok(RevokedKey {
            kid,
            purpose,
            was,
            current,
        })
    }
}
