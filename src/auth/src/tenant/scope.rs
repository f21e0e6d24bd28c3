//! The one way to what belongs to a tenant.
//!
//! Promises: a [`TenantScope`] is made here alone, after looking, in the transaction it is used in, whether
//! whoever asks may look after the tenant at this moment. The store reads and writes what a tenant owns
//! only for somebody who shows one, and only in the tenant it names: a forgotten check does not compile.
//! An id of another tenant's, one that never was, and one that is no id at all get the same answer, after
//! the same work.

use wire::TenantName;

use super::{ALL_TENANTS, ONE_TENANT, TenantError};
use crate::Auth;
use crate::audit::Entry;
use crate::error::Fault;
use crate::rights::{Acting, Rights};
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{TenantRow, Tx, UserRow};

/// A tenant, and the judged right to look after it.
#[derive(Debug)]
pub(crate) struct TenantScope {
    tenant: TenantRow,
    actor: Actor,
}

#[derive(Debug)]
enum Actor {
    /// The operator, at the machine itself.
    Operator,
    /// Somebody, with what they hold acting in this tenant.
    Person {
        id: String,
        held: Rights,
        /// What they hold acting in no tenant.
        own: Rights,
        /// Whether they look after all tenants.
        is_portal_wide: bool,
    },
}

impl TenantScope {
    pub(crate) fn tenant_id(&self) -> &str {
        &self.tenant.id
    }

    pub(crate) fn tenant(&self) -> &TenantRow {
        &self.tenant
    }

    /// The account that acts; `None` for the operator.
    pub(crate) fn actor(&self) -> Option<&str> {
        match &self.actor {
            Actor::Operator => None,
            Actor::Person { id, .. } => Some(id),
        }
    }

    /// Whether whoever acts looks after all tenants, not this one alone.
    pub(crate) fn is_portal_wide(&self) -> bool {
        match &self.actor {
            Actor::Operator => true,
            Actor::Person { is_portal_wide, .. } => *is_portal_wide,
        }
    }

    /// What concerns a tenant as a whole is not for those who look after it alone.
    pub(super) fn takes_all_tenants(&self) -> Result<(), TenantError> {
        match self.is_portal_wide() {
            true => Ok(()),
            false => Err(TenantError::NotForTenantAdmins),
        }
    }

    /// Whether whoever acts holds all of this here, and may give it to a member.
    pub(crate) fn covers(&self, rights: &Rights) -> bool {
        match &self.actor {
            Actor::Operator => true,
            Actor::Person { held, .. } => rights.are_givable_by(held),
        }
    }

    /// Whether whoever acts holds all of this in no tenant, and may give it to an account.
    pub(super) fn covers_alone(&self, rights: &Rights) -> bool {
        match &self.actor {
            Actor::Operator => true,
            Actor::Person { own, .. } => rights.are_givable_by(own),
        }
    }

    /// Whether whoever acts holds this here without condition, and may give it to a member.
    pub(super) fn gives(&self, pattern: &wire::Pattern) -> bool {
        match &self.actor {
            Actor::Operator => true,
            Actor::Person { held, .. } => held.cover(pattern),
        }
    }

    /// Whether whoever acts may act on the membership of this account: nobody acts on somebody who holds
    /// a right they lack, so that no tenant's admin reaches a global one (D25).
    pub(super) async fn reaches(&self, tx: &mut Tx, user: &UserRow) -> Result<bool, Fault> {
        let Actor::Person { held, .. } = &self.actor else {
            return Ok(true);
        };
        let theirs = Rights::given_to(tx, user, Acting::In(self.tenant_id())).await?;
        Ok(theirs.are_beneath(held))
    }

    /// What whoever acts may see of what a member holds here: what they hold elsewhere, and bring along, is
    /// no business of those who look after one tenant.
    pub(super) fn seen(&self, held: Rights) -> Rights {
        match self.is_portal_wide() {
            true => held,
            false => held.of_memberships(),
        }
    }

    /// An audit row of an act in this tenant, about the tenant.
    pub(super) fn on<'a>(&self, entry: Entry<'a>) -> Entry<'a> {
        self.by(entry).subject(self.tenant_id())
    }

    /// An audit row of an act of whoever acts.
    pub(super) fn by<'a>(&self, entry: Entry<'a>) -> Entry<'a> {
        match self.actor() {
            Some(actor) => entry.actor(actor),
            None => entry,
        }
    }

    /// It has another name by now.
    pub(super) fn rename(&mut self, name: &TenantName) {
        name.as_str().clone_into(&mut self.tenant.name);
    }
}

#[cfg(test)]
impl TenantScope {
    /// The operator's scope of a tenant: for what the store promises by itself.
    pub(crate) fn of_operator(tenant_id: &str) -> Self {
        Self {
            tenant: TenantRow {
                id: tenant_id.to_owned(),
                name: tenant_id.to_owned(),
                created_at: 0,
            },
            actor: Actor::Operator,
        }
    }
}

impl Auth {
    /// The scope of a tenant, if `by` may look after it; `None` is the operator.
    ///
    /// # Errors
    /// [`TenantError::Foreign`] for everybody else, [`TenantError::Unknown`], [`TenantError::SignedOut`].
    pub(crate) async fn tenant_scope(
        &self,
        tx: &mut Tx,
        by: Option<&Session>,
        id: &str,
    ) -> Result<TenantScope, TenantError> {
        if !is_id(id) {
            return Err(TenantError::Unknown);
        }
        let tenant = tx.tenant_by_id(id).await?;
        let actor = match by {
            None => Some(Actor::Operator),
            Some(session) => self.judge(tx, session, id).await?,
        };
        match (tenant, actor) {
            (Some(tenant), Some(actor)) => Ok(TenantScope { tenant, actor }),
            (Some(_), None) => Err(TenantError::Foreign),
            (None, _) => Err(TenantError::Unknown),
        }
    }

    /// The same, with the tenant held until the transaction ends: its members change one at a time, so
    /// that of two who demote each other the later one has lost the right before they are judged.
    pub(crate) async fn held_tenant(
        &self,
        tx: &mut Tx,
        by: Option<&Session>,
        id: &str,
    ) -> Result<TenantScope, TenantError> {
        if is_id(id) {
            tx.set_tenant_held(id).await?;
        }
        self.tenant_scope(tx, by, id).await
    }

    /// Reads what somebody holds in a tenant at this moment; `None` when it is not enough.
    async fn judge(
        &self,
        tx: &mut Tx,
        session: &Session,
        id: &str,
    ) -> Result<Option<Actor>, TenantError> {
        if tx.session_by_id(&session.id, self.now()).await?.is_none() {
            return Err(TenantError::SignedOut);
        }
        let user = tx.user_by_id(&session.user.id).await?;
        let user = user.ok_or(TenantError::SignedOut)?;
        let held = Rights::in_force(tx, &user, Acting::In(id)).await?;
        let is_portal_wide = held.hold(ALL_TENANTS);
        if !is_portal_wide && !held.hold_as_member(ONE_TENANT) {
            return Ok(None);
        }
        let own = Rights::in_force(tx, &user, Acting::Alone).await?;
        Ok(Some(Actor::Person {
            id: user.id,
            held,
            own,
            is_portal_wide,
        }))
    }
}
