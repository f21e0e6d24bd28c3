//! What one account is given: its role, and grants beside it (req 93, 97, 105). Set by those who look
//! after people, who lack none of it; nobody sets their own. What comes of it is `held`'s to say.

mod held;

use serde_json::json;
use wire::{GrantSet, Impact, Pattern};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::giver::{Giver, RightsError};
use crate::manage_user::Hand;
use crate::rights::{ASSIGNED, Acting, Rights};
use crate::role::{
    ADMIN, Proposed, grant_set, is_of_state, must_be_known, on_account, told, version,
    with_role_in_view,
};
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{NewGrant, Tx, UserRow};
use crate::vouch::{MANAGE_PEOPLE, RESERVED};

/// What somebody shall be given; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct RightsChange<'a> {
    /// Their role.
    pub role: Option<&'a str>,
    /// All they have beside it.
    pub grants: Option<&'a GrantSet>,
    /// The version that was read, where one was.
    pub version: Option<&'a str>,
}

/// A change that was made in a transaction that is still open.
struct Changed {
    user: UserRow,
    giver: Giver,
    before: (String, GrantSet),
    after: (String, GrantSet),
}

/// A change that may be made.
struct Judged {
    giver: Giver,
    given: GrantSet,
    /// What it was judged on.
    version: String,
}

impl Auth {
    /// Gives an account another role. Its tokens are refused within seconds, its sessions go on with the
    /// new rights.
    ///
    /// # Errors
    /// [`RightsError`]; nothing has changed then.
    pub async fn set_role_of(
        &self,
        by: Option<&Session>,
        id: &str,
        role: &str,
        client: &Client,
    ) -> Result<(), RightsError> {
        let change = RightsChange {
            role: Some(role),
            ..RightsChange::default()
        };
        self.set_rights_of(by, id, &change, client).await
    }

    /// Gives an account another role, other grants beside it, or both at once.
    ///
    /// # Errors
    /// [`RightsError`]; nothing has changed then.
    pub async fn set_rights_of(
        &self,
        by: Option<&Session>,
        id: &str,
        change: &RightsChange<'_>,
        client: &Client,
    ) -> Result<(), RightsError> {
        let done = self.try_set_rights_of(by, id, change, client).await;
        let refused = |reason| Entry::refused("user.set_rights", client, reason).subject(id);
        self.noting(by, done, refused).await
    }

    async fn try_set_rights_of(
        &self,
        by: Option<&Session>,
        id: &str,
        change: &RightsChange<'_>,
        client: &Client,
    ) -> Result<(), RightsError> {
        let mut tx = self.store().write().await?;
        let changed = self.set_rights_in(&mut tx, by, id, change).await?;
        if changed.before == changed.after {
            return Ok(());
        }
        self.note_rights(&mut tx, &changed, client).await?;
        Ok(self.publish_account(tx, &changed.user, &[]).await?)
    }

    /// What [`Self::set_rights_of`] would do. Nothing is written.
    ///
    /// # Errors
    /// [`RightsError`], as the change itself.
    pub async fn preview_rights_of(
        &self,
        by: Option<&Session>,
        id: &str,
        change: &RightsChange<'_>,
    ) -> Result<Impact, RightsError> {
        Hand::from(by).refuse_oneself(id)?;
        let mut tx = self.store().read().await?;
        let user = match is_id(id) {
            true => tx.user_by_id(id).await?,
            false => None,
        };
        let user = user.ok_or(RightsError::Unknown)?;
        let judged = self.judge_rights(&mut tx, by, &user, change).await?;
        let theirs = Rights::given_to(&mut tx, &user, Acting::Anywhere).await?;
        judged.giver.must_hold(&theirs)?;
        let proposed = Proposed::Account(change.role, change.grants);
        let people = on_account(&mut tx, id, &proposed).await?;
        let mut all = (Vec::new(), Vec::new());
        for person in &people {
            all.0.extend(person.gains.iter().cloned());
            all.1.extend(person.loses.iter().cloned());
        }
        for rights in [&mut all.0, &mut all.1] {
            rights.sort();
            rights.dedup();
        }
        let sessions = tx.list_session_ids_by_user(id, self.now()).await?;
        Ok(Impact {
            gains: all.0,
            loses: all.1,
            people,
            sessions: i64::try_from(sessions.len()).unwrap_or(i64::MAX),
            api_keys: tx.count_api_keys_on(id, self.now()).await?,
            version: judged.version,
            ..Impact::default()
        })
    }

    /// Judges and writes. The transaction is the caller's to commit, or not.
    async fn set_rights_in(
        &self,
        tx: &mut Tx,
        by: Option<&Session>,
        id: &str,
        change: &RightsChange<'_>,
    ) -> Result<Changed, RightsError> {
        self.alone_with_admins(tx).await?;
        let hand = Hand::from(by);
        hand.refuse_oneself(id)?;
        let user = self.managed(tx, hand, id).await?;
        let Judged { giver, given, .. } = self.judge_rights(tx, by, &user, change).await?;
        let role = change.role.unwrap_or(&user.role).to_owned();
        if role != user.role {
            tx.set_role(id, &user.role, &role, self.now()).await?;
        }
        let grants = change.grants.unwrap_or(&given).clone();
        if grants != given {
            self.write_grants(tx, id, giver.id(), (&given, &grants))
                .await?;
        }
        Ok(Changed {
            before: (user.role.clone(), given),
            after: (role, grants),
            user,
            giver,
        })
    }

    /// Whether an account that is within reach may be given this.
    async fn judge_rights(
        &self,
        tx: &mut Tx,
        by: Option<&Session>,
        user: &UserRow,
        change: &RightsChange<'_>,
    ) -> Result<Judged, RightsError> {
        let giver = Giver::of(self, tx, by, MANAGE_PEOPLE).await?;
        let given = grant_set(&tx.list_user_grants(&user.id).await?)?;
        let version = looked_at(tx, user, &given, change.role).await?;
        if change
            .version
            .is_some_and(|known| !is_of_state(known, &version))
        {
            return Err(RightsError::Changed);
        }
        if let Some(role) = change.role.filter(|role| *role != user.role) {
            may_have(tx, &giver, user, role).await?;
        }
        if let Some(wanted) = change.grants.filter(|wanted| **wanted != given) {
            must_be_known(tx, wanted, &given).await?;
            giver.must_hold(&Rights::of_grants(tx, wanted).await?)?;
        }
        Ok(Judged {
            giver,
            given,
            version,
        })
    }

    async fn write_grants(
        &self,
        tx: &mut Tx,
        id: &str,
        by: Option<&str>,
        (old, new): (&GrantSet, &GrantSet),
    ) -> Result<(), Fault> {
        let is_kept = |one: &(&Pattern, bool)| new.all().any(|(pattern, _)| pattern == one.0);
        for (pattern, _) in old.all().filter(|one| !is_kept(one)) {
            tx.delete_user_grant(id, pattern.as_str()).await?;
        }
        let is_old = |one: &(&Pattern, bool)| old.all().any(|known| known == *one);
        for (pattern, is_bound) in new.all().filter(|one| !is_old(one)) {
            let grant = NewGrant {
                pattern: pattern.as_str(),
                condition: is_bound.then_some(ASSIGNED),
                now: self.now(),
                by,
            };
            tx.set_user_grant(id, &grant).await?;
        }
        Ok(())
    }

    async fn note_rights(
        &self,
        tx: &mut Tx,
        changed: &Changed,
        client: &Client,
    ) -> Result<(), Fault> {
        let Changed {
            user,
            giver,
            before,
            after,
        } = changed;
        if before.0 != after.0 {
            let entry = giver.sign(Entry::done("user.role_changed", client).subject(&user.id));
            let entry = entry.change(json!({ "role": before.0 }), json!({ "role": after.0 }));
            self.audit(tx, entry).await?;
        }
        if before.1 != after.1 {
            let entry = giver.sign(Entry::done("user.grants_changed", client).subject(&user.id));
            self.audit(tx, entry.change(told(&before.1), told(&after.1)))
                .await?;
        }
        Ok(())
    }
}

/// Names what an account is given, and with another role in view, what that role gives.
async fn looked_at(
    tx: &mut Tx,
    user: &UserRow,
    given: &GrantSet,
    role: Option<&str>,
) -> Result<String, Fault> {
    let own = version(&json!([user.role, told(given)]));
    with_role_in_view(tx, own, role.filter(|role| *role != user.role)).await
}

/// Whether an account may be given another role.
async fn may_have(
    tx: &mut Tx,
    giver: &Giver,
    user: &UserRow,
    role: &str,
) -> Result<(), RightsError> {
    let is_role = !role.contains('\0') && tx.role_by_name(role).await?.is_some();
    if !is_role || role == RESERVED {
        return Err(RightsError::NoRole("role"));
    }
    giver.must_hold(&Rights::of_role(tx, role).await?)?;
    if role == ADMIN && user.email_verified_at.is_none() {
        return Err(RightsError::Unproven);
    }
    // Those whose rights are not in force look after nothing.
    if user.role == ADMIN && tx.count_admins(&user.id).await?.may_act == 0 {
        return Err(RightsError::LastAdmin);
    }
    Ok(())
}
