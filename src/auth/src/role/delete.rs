//! Deleting a role. Whoever has it gets the one that is named instead, in the same moment; where none is
//! named, a role somebody has stays. Who holds more than the one who acts keeps it from going.

use serde_json::json;
use wire::{GrantSet, Impact, Role};

use super::change::{about, changeable, state};
use super::{MANAGE_ROLES, grant_set};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::giver::{Giver, RightsError};
use crate::rights::Rights;
use crate::session::Session;
use crate::store::Tx;
use crate::vouch::RESERVED;

impl Auth {
    /// Deletes a role; `how` says which role those who have it get instead, and the version that was read,
    /// where one was. Returns how many accounts have another one now. Open invitations that offer it are taken back.
    ///
    /// # Errors
    /// [`RightsError`]; nothing has changed then.
    pub async fn delete_role(
        &self,
        by: Option<&Session>,
        name: &str,
        how: (Option<&str>, Option<&str>),
        client: &Client,
    ) -> Result<usize, RightsError> {
        let done = self.try_delete_role(by, name, how, client).await;
        let refused = |reason| about(Entry::refused("role.delete", client, reason), name);
        self.noting(by, done, refused).await
    }

    async fn try_delete_role(
        &self,
        by: Option<&Session>,
        name: &str,
        (move_to, version): (Option<&str>, Option<&str>),
        client: &Client,
    ) -> Result<usize, RightsError> {
        let mut tx = self.store().write().await?;
        self.alone_with_admins(&mut tx).await?;
        let (giver, role, _) = self.judge_deletion(&mut tx, by, name, move_to).await?;
        if version.is_some_and(|version| version != role.version) {
            return Err(RightsError::Changed);
        }
        let now = self.now();
        let moved = match move_to {
            Some(other) => tx.set_holders_role(name, other, now).await?,
            None => Vec::new(),
        };
        let invitations = tx.set_invitations_revoked_by_role(name, now).await?;
        if !tx.delete_role(name).await? {
            return Err(RightsError::InUse);
        }
        let entry = giver.sign(Entry::done("role.deleted", client));
        let entry = entry.detail(json!({
            "role": name,
            "movedTo": move_to,
            "moved": moved.len(),
            "invitationsRevoked": invitations,
        }));
        self.audit(&mut tx, entry.change(state(&role), json!({})))
            .await?;
        self.publish_moved(tx, name, &moved).await?;
        Ok(moved.len())
    }

    /// What [`Self::delete_role`] would do. Nothing is written.
    ///
    /// # Errors
    /// [`RightsError`], as the deletion itself.
    pub async fn preview_deletion(
        &self,
        by: Option<&Session>,
        name: &str,
        move_to: Option<&str>,
    ) -> Result<Impact, RightsError> {
        let mut tx = self.store().read().await?;
        let (giver, role, then) = self.judge_deletion(&mut tx, by, name, move_to).await?;
        self.impact_on_role(&mut tx, &giver, &role, &then).await
    }

    /// Whether a role may go like this: who deletes it, the role, and what those who have it would be
    /// given instead.
    async fn judge_deletion(
        &self,
        tx: &mut Tx,
        by: Option<&Session>,
        name: &str,
        move_to: Option<&str>,
    ) -> Result<(Giver, Role, GrantSet), RightsError> {
        let giver = Giver::of(self, tx, by, MANAGE_ROLES).await?;
        let role = changeable(tx, name).await?;
        if role.built_in {
            return Err(RightsError::BuiltIn);
        }
        giver.must_hold(&Rights::of_role(tx, name).await?)?;
        let then = match move_to {
            Some(other) => must_be_another(tx, &giver, name, other).await?,
            None if role.users + role.members > 0 => return Err(RightsError::InUse),
            None => GrantSet::default(),
        };
        if giver.id().is_some() {
            let rows = tx.list_given_to_holders(name).await?;
            giver.must_hold(&Rights::of(tx, rows).await?)?;
        }
        Ok((giver, role, then))
    }
}

/// A role somebody may have, other than this one, and given by somebody who may. What it gives.
async fn must_be_another(
    tx: &mut Tx,
    giver: &Giver,
    name: &str,
    other: &str,
) -> Result<GrantSet, RightsError> {
    let is_role = !other.contains('\0') && tx.role_by_name(other).await?.is_some();
    if !is_role || other == RESERVED || other == name {
        return Err(RightsError::NoRole("moveTo"));
    }
    giver.must_hold(&Rights::of_role(tx, other).await?)?;
    Ok(grant_set(&tx.list_given_by_role(other).await?)?)
}
