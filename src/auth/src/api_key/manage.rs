//! Who may look after which key: whoever it belongs to.
//!
//! An account's key is its owner's alone. A tenant's key is looked after by each of the tenant's admins,
//! members who hold `tenant:manage` there, and by those who look after all tenants. To anybody else there is no such key. Judged inside the
//! transaction of the act, by the rights of that moment.

use wire::Permission;

use super::check::is_member;
use super::{ApiKeyError, named};
use crate::Auth;
use crate::error::Fault;
use crate::rights::{Acting, Rights};
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{ApiKeyRow, Tx, UserRow};

/// What looking after a tenant's keys takes, of a member.
const ONE_TENANT: &str = "tenant:manage";
/// What looking after every tenant's takes.
const ALL_TENANTS: &str = "system:config";

/// Whoever asked, as they are now.
pub(super) struct Asker {
    pub(super) user: UserRow,
    /// The tenant their session acts in.
    pub(super) tenant_id: Option<String>,
}

/// What somebody can give a key at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRights {
    /// The permissions they hold where it acts, by name.
    pub permissions: Vec<String>,
    /// Whether they can answer for a tenant's key: they belong to the tenant.
    pub can_answer: bool,
}

impl Auth {
    /// What the caller can give a key that acts in `tenant`, or in none: for a form to offer, and judged
    /// again when it is sent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn key_rights(
        &self,
        session: &Session,
        tenant: Option<&str>,
    ) -> Result<KeyRights, Fault> {
        let mut tx = self.store().read().await?;
        let Some(user) = tx.user_by_id(&session.user.id).await? else {
            let (permissions, can_answer) = (Vec::new(), false);
            return Ok(KeyRights {
                permissions,
                can_answer,
            });
        };
        let rights = Rights::in_force(&mut tx, &user, Acting::of(tenant)).await?;
        let can_answer = match tenant {
            Some(tenant) => is_member(&mut tx, &user.id, tenant).await?,
            None => false,
        };
        let permissions = rights.permissions();
        Ok(KeyRights {
            permissions,
            can_answer,
        })
    }

    /// Whoever asks, held until the transaction ends: their rights cannot change beside it.
    pub(super) async fn asker(&self, tx: &mut Tx, session: &Session) -> Result<Asker, ApiKeyError> {
        tx.set_user_held(&session.user.id).await?;
        let row = tx.session_by_id(&session.id, self.now()).await?;
        let row = row.filter(|row| row.user_id == session.user.id);
        let row = row.ok_or(ApiKeyError::SignedOut)?;
        let user = tx.user_by_id(&row.user_id).await?;
        let user = user.filter(UserRow::may_sign_in);
        let user = user.ok_or(ApiKeyError::SignedOut)?;
        let tenant_id = row.tenant_id;
        Ok(Asker { user, tenant_id })
    }

    /// The key, if whoever asks may look after it.
    pub(super) async fn own_key(
        &self,
        tx: &mut Tx,
        asker: &Asker,
        id: &str,
    ) -> Result<ApiKeyRow, ApiKeyError> {
        if !is_id(id) {
            return Err(ApiKeyError::Unknown);
        }
        // Of a tenant's key two may ask at once; whoever only reads holds nothing.
        if tx.is_writing() {
            tx.set_api_key_held(id).await?;
        }
        let key = tx.api_key_by_id(id).await?.ok_or(ApiKeyError::Unknown)?;
        let is_theirs = match (key.owned_by_tenant, &key.tenant_id) {
            (true, Some(tenant)) => manages(tx, &asker.user, tenant).await?,
            _ => key.user_id.as_deref() == Some(&asker.user.id),
        };
        match is_theirs {
            true => Ok(key),
            false => Err(ApiKeyError::Foreign),
        }
    }
}

/// Whether an account looks after a tenant's keys: as an admin of it, or of all tenants.
pub(super) async fn manages(tx: &mut Tx, user: &UserRow, tenant: &str) -> Result<bool, Fault> {
    if !is_id(tenant) || tx.tenant_by_id(tenant).await?.is_none() {
        return Ok(false);
    }
    let rights = Rights::in_force(tx, user, Acting::In(tenant)).await?;
    Ok(rights.hold(ALL_TENANTS) || rights.hold_as_member(ONE_TENANT))
}

/// Whether somebody can answer for a tenant's key: a key has the rights of a member.
pub(super) async fn can_answer(
    tx: &mut Tx,
    user: &UserRow,
    tenant: &str,
) -> Result<(), ApiKeyError> {
    match is_member(tx, &user.id, tenant).await? {
        true => Ok(()),
        false => Err(ApiKeyError::NotHeld),
    }
}

/// Whether each permission exists, and is held without condition.
pub(super) async fn all_held(
    tx: &mut Tx,
    rights: &Rights,
    permissions: &[Permission],
) -> Result<(), ApiKeyError> {
    let known = tx.list_permission_names().await?;
    let exists = |name: &str| known.iter().any(|one| one == name);
    if !permissions.iter().all(|one| exists(one.as_str())) {
        return Err(ApiKeyError::NoPermission);
    }
    match permissions.iter().all(|one| rights.hold(one.as_str())) {
        true => Ok(()),
        false => Err(ApiKeyError::NotHeld),
    }
}

/// The permissions of a key that somebody holds now.
pub(super) fn held_of(key: &ApiKeyRow, rights: &Rights) -> Vec<String> {
    let held = named(&key.permissions).filter(|name| rights.hold(name));
    held.map(str::to_owned).collect()
}
