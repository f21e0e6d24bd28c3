//! Deleting a role. Whoever has it gets the one that is named instead, in the same moment; where none is
//! named, a role somebody has stays.

use serde_json::json;

use super::MANAGE_ROLES;
use super::change::{changeable, state};
use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::giver::{Giver, RightsError};
use crate::rights::Rights;
use crate::session::Session;
use crate::store::Tx;
use crate::vouch::RESERVED;

impl Auth {
    /// Deletes a role. Returns how many accounts have another one now. Open invitations that offer it
    /// are worth nothing from then on.
    ///
    /// # Errors
    /// [`RightsError`]; nothing has changed then.
    pub async fn delete_role(
        &self,
        by: Option<&Session>,
        name: &str,
        move_to: Option<&str>,
        client: &Client,
    ) -> Result<usize, RightsError> {
        let mut tx = self.store().write().await?;
        self.alone_with_admins(&mut tx).await?;
        let giver = Giver::of(self, &mut tx, by, MANAGE_ROLES).await?;
        let role = changeable(&mut tx, name).await?;
        if role.built_in {
            return Err(RightsError::BuiltIn);
        }
        giver.must_hold(&Rights::of_role(&mut tx, name).await?)?;
        let moved = match move_to {
            Some(other) => {
                self.must_be_another(&mut tx, &giver, name, other).await?;
                tx.set_holders_role(name, other, self.now()).await?
            }
            None if role.users + role.members > 0 => return Err(RightsError::InUse),
            None => Vec::new(),
        };
        tx.delete_role(name).await?;
        let entry = giver.sign(Entry::done("role.deleted", client));
        let entry = entry.detail(json!({ "role": name, "movedTo": move_to, "moved": moved.len() }));
        self.audit(&mut tx, entry.change(state(&role), json!({})))
            .await?;
        self.publish_moved(tx, name, &moved).await?;
        Ok(moved.len())
    }

    /// A role somebody may have, other than this one, and given by somebody who may.
    async fn must_be_another(
        &self,
        tx: &mut Tx,
        giver: &Giver,
        name: &str,
        other: &str,
    ) -> Result<(), RightsError> {
        let is_role = !other.contains('\0') && tx.role_by_name(other).await?.is_some();
        if !is_role || other == RESERVED || other == name {
            return Err(RightsError::NoRole("moveTo"));
        }
        giver.must_hold(&Rights::of_role(tx, other).await?)
    }
}
