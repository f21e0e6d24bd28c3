//! Who may give what: an invitation is worth what its inviter is worth at the moment it is used.
//!
//! The same measure tells on whom somebody may act. Nobody gives a role that gives more than they hold
//! themselves (D25), and an invitation whose inviter was demoted, disabled or has gone opens nothing
//! any more.

use std::collections::HashMap;

use wire::InvitationProblem;

use crate::error::Fault;
use crate::rights::{Acting, Rights};
use crate::store::{Tx, UserRow};
use crate::tenant::{ALL_TENANTS, ONE_TENANT};

/// What inviting takes.
pub(crate) const MANAGE_PEOPLE: &str = "user:manage";
/// Reserved, assigned to nobody (D21).
pub(crate) const RESERVED: &str = "api";

/// What an invitation offers.
#[derive(Clone, Copy)]
pub(crate) struct Offered<'a> {
    pub(crate) role: &'a str,
    /// The tenant to join.
    pub(crate) tenant_id: Option<&'a str>,
    /// What a new account shall be, where `role` is of the membership alone: then it takes the right to
    /// look after that tenant, and nobody's accounts.
    pub(crate) account_role: Option<&'a str>,
}

/// What was read of inviters and roles so far: a list names the same few again and again.
#[derive(Default)]
pub(crate) struct Vouching {
    inviters: HashMap<String, Option<UserRow>>,
    roles: HashMap<String, Option<Rights>>,
}

impl Vouching {
    /// An account by its id, read once.
    pub(crate) async fn inviter(
        &mut self,
        tx: &mut Tx,
        id: &str,
    ) -> Result<Option<UserRow>, Fault> {
        if !self.inviters.contains_key(id) {
            let row = tx.user_by_id(id).await?;
            self.inviters.insert(id.to_owned(), row);
        }
        Ok(self.inviters.get(id).cloned().flatten())
    }

    /// What a role gives; `None` when it is none anybody can have.
    async fn role(&mut self, tx: &mut Tx, name: &str) -> Result<Option<Rights>, Fault> {
        if !self.roles.contains_key(name) {
            let is_role = name != RESERVED && tx.list_roles().await?.iter().any(|one| one == name);
            let given = match is_role {
                true => Some(Rights::of_role(tx, name).await?),
                false => None,
            };
            self.roles.insert(name.to_owned(), given);
        }
        Ok(self.roles.get(name).cloned().flatten())
    }

    /// Why an inviter cannot vouch for an offer right now; `None` when they can.
    pub(crate) async fn problem(
        &mut self,
        tx: &mut Tx,
        inviter: &str,
        offered: Offered<'_>,
    ) -> Result<Option<InvitationProblem>, Fault> {
        let Some(inviter) = self.inviter(tx, inviter).await? else {
            return Ok(Some(InvitationProblem::InviterGone));
        };
        if !inviter.may_sign_in() {
            return Ok(Some(InvitationProblem::InviterDisabled));
        }
        let own = Rights::in_force(tx, &inviter, Acting::Alone).await?;
        let there = match offered.tenant_id {
            Some(tenant) => Rights::in_force(tx, &inviter, Acting::In(tenant)).await?,
            None => own.clone(),
        };
        let is_at_home = there.hold(ALL_TENANTS) || there.hold_as_member(ONE_TENANT);
        // Whoever looks after people is no guest of every tenant: they could invite themselves.
        let may_invite = (offered.tenant_id.is_none() || is_at_home)
            && (offered.account_role.is_some() || own.hold(MANAGE_PEOPLE));
        if !may_invite {
            return Ok(Some(InvitationProblem::InviterLostRight));
        }
        let held = match offered.account_role {
            Some(_) => &there,
            None => &own,
        };
        if let Some(problem) = self.gives(tx, offered.role, held).await? {
            return Ok(Some(problem));
        }
        match offered.account_role {
            None => Ok(None),
            // What holds in a tenant is not given beyond it.
            Some(role) => self.gives(tx, role, &own).await,
        }
    }

    /// Why somebody who holds this cannot give a role.
    async fn gives(
        &mut self,
        tx: &mut Tx,
        role: &str,
        held: &Rights,
    ) -> Result<Option<InvitationProblem>, Fault> {
        let Some(given) = self.role(tx, role).await? else {
            return Ok(Some(InvitationProblem::RoleGone));
        };
        Ok((!given.are_givable_by(held)).then_some(InvitationProblem::InviterLostRight))
    }

    /// Whether somebody may act on an account at this moment: they may manage people, and it has no
    /// right, in any tenant, that they lack (D25). A right counts as had though its owner's address is
    /// unproven: proving it would put it in force.
    pub(crate) async fn may_act_on(
        &mut self,
        tx: &mut Tx,
        actor: &str,
        target: &UserRow,
    ) -> Result<bool, Fault> {
        let Some(actor) = self.inviter(tx, actor).await? else {
            return Ok(false);
        };
        let held = Rights::in_force(tx, &actor, Acting::Alone).await?;
        let theirs = Rights::given_to(tx, target, Acting::Anywhere).await?;
        Ok(held.hold(MANAGE_PEOPLE) && theirs.are_within(&held))
    }

    /// Every role an inviter can vouch for, by name.
    pub(crate) async fn list(&mut self, tx: &mut Tx, inviter: &str) -> Result<Vec<String>, Fault> {
        let mut roles = Vec::new();
        for role in tx.list_roles().await? {
            let offered = Offered {
                role: &role,
                tenant_id: None,
                account_role: None,
            };
            if self.problem(tx, inviter, offered).await?.is_none() {
                roles.push(role);
            }
        }
        Ok(roles)
    }
}
