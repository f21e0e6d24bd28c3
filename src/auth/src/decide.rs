//! Decisions: whether the caller may do something, where, on what, and why (req 94, 95, 102).
//!
//! What was read for a decision is kept with the session it was read for, so it drops when the session
//! drops from the cache: at once here, by notice on other nodes, after two seconds in any case. It is
//! bounded; what does not fit is read again.
//!
//! In a tenant one is asked about, one is a member, or holds `system:config`, which looks after all
//! tenants: a role alone says nothing about somebody else's house.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use wire::{Decision, DecisionReason, Permission, Question, Resource};

use crate::Auth;
use crate::error::Fault;
use crate::rights::{Acting, Given, Rights, Source};
use crate::secret::is_id;
use crate::session::Session;
use crate::store::Tx;

/// Tenants kept with one session.
const TENANTS: usize = 32;
/// Resources kept with one session.
const RESOURCES: usize = 512;
/// What looks after all tenants.
const MANAGE_PORTAL: &str = "system:config";

/// What is held in one place.
#[derive(Debug)]
struct Place {
    rights: Rights,
    /// Every permission there is.
    catalogue: BTreeSet<String>,
    /// Whether a role and grants of one's own count there.
    is_at_home: bool,
}

/// An assignment that was asked for.
type Asked = (Option<String>, Resource);

/// What was read for one session. Shared by all that hold it.
#[derive(Clone, Default)]
pub(crate) struct Decided(Arc<Kept>);

#[derive(Default)]
struct Kept {
    places: Mutex<HashMap<Option<String>, Arc<Place>>>,
    assigned: Mutex<HashMap<Asked, bool>>,
}

impl fmt::Debug for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decided(…)")
    }
}

impl Auth {
    /// Answers each question about the caller, in order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn decide(
        &self,
        session: &Session,
        questions: &[Question],
    ) -> Result<Vec<Decision>, Fault> {
        let mut decisions = Vec::with_capacity(questions.len());
        for question in questions {
            decisions.push(self.decide_one(session, question).await?);
        }
        Ok(decisions)
    }

    async fn decide_one(&self, session: &Session, question: &Question) -> Result<Decision, Fault> {
        if !session.user.email_verified {
            return Ok(Decision::of(DecisionReason::EmailNotVerified));
        }
        let asked = question
            .tenant_id
            .as_ref()
            .filter(|tenant| !tenant.is_empty());
        let tenant = asked.or(session.tenant_id.as_ref());
        // What is no id is no tenant, and no question for the database.
        if tenant.is_some_and(|tenant| !is_id(tenant)) {
            return Ok(Decision::of(DecisionReason::NotAMember));
        }
        // A key acts where it was made for, and nowhere else its owner may be.
        if session.key.is_some() && tenant != session.tenant_id.as_ref() {
            return Ok(Decision::of(DecisionReason::NotAMember));
        }
        let place = self.place(session, tenant.map(String::as_str)).await?;
        let decision = match judged(&place, &question.permission) {
            Judged::Refused(reason) => Decision::of(reason),
            // What its owner holds is no answer: a key has of that what it was given, and nothing that
            // depends on a resource.
            _ if lacks(session, &question.permission) => {
                Decision::of(DecisionReason::KeyLacksPermission)
            }
            Judged::Granted(reason) => Decision::of(reason),
            Judged::Bound => {
                let is_assigned = match &question.resource {
                    None => false,
                    Some(resource) => self.assigned(session, tenant, resource).await?,
                };
                Decision::bound(match is_assigned {
                    true => DecisionReason::GrantedByAssignment,
                    false => DecisionReason::NotAssigned,
                })
            }
        };
        Ok(decision)
    }

    async fn place(&self, session: &Session, tenant: Option<&str>) -> Result<Arc<Place>, Fault> {
        let key = tenant.map(str::to_owned);
        let Decided(kept) = &session.decided;
        if let Some(place) = locked(&kept.places).get(&key) {
            return Ok(Arc::clone(place));
        }
        let mut tx = self.store().read().await?;
        let place = Arc::new(read_place(&mut tx, &session.user.id, tenant).await?);
        let mut places = locked(&kept.places);
        if places.len() < TENANTS {
            places.insert(key, Arc::clone(&place));
        }
        Ok(place)
    }

    async fn assigned(
        &self,
        session: &Session,
        tenant: Option<&String>,
        resource: &Resource,
    ) -> Result<bool, Fault> {
        let key = (tenant.cloned(), resource.clone());
        let Decided(kept) = &session.decided;
        if let Some(known) = locked(&kept.assigned).get(&key) {
            return Ok(*known);
        }
        let mut tx = self.store().read().await?;
        let tenant = tenant.map(String::as_str);
        let is_assigned = tx
            .is_assigned(&session.user.id, tenant, &resource.kind, &resource.id)
            .await?;
        let mut assigned = locked(&kept.assigned);
        if assigned.len() < RESOURCES {
            assigned.insert(key, is_assigned);
        }
        Ok(is_assigned)
    }
}

/// Somebody else's panic is no reason to answer nobody: what is kept is whole at any moment.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn read_place(tx: &mut Tx, user: &str, tenant: Option<&str>) -> Result<Place, Fault> {
    let catalogue = tx.list_permission_names().await?.into_iter().collect();
    let Some(user) = tx.user_by_id(user).await? else {
        return Ok(Place {
            rights: Rights::default(),
            catalogue,
            is_at_home: true,
        });
    };
    let rights = Rights::in_force(tx, &user, Acting::of(tenant)).await?;
    let is_at_home = match tenant {
        None => true,
        Some(tenant) => {
            let membership = tx.membership_by_tenant(&user.id, tenant).await?;
            let is_member = membership.is_some_and(|row| row.suspended_at.is_none());
            let is_there = tx.tenant_by_id(tenant).await?.is_some();
            is_member || (is_there && rights.hold(MANAGE_PORTAL))
        }
    };
    Ok(Place {
        rights,
        catalogue,
        is_at_home,
    })
}

/// Whether the caller came by an API key that may not do this, whatever its owner may.
fn lacks(session: &Session, permission: &Permission) -> bool {
    let held = &session.user.permissions;
    session.key.is_some() && !held.iter().any(|held| held == permission.as_str())
}

/// What rights alone say.
enum Judged {
    Granted(DecisionReason),
    Refused(DecisionReason),
    /// It depends on the resource.
    Bound,
}

fn judged(place: &Place, permission: &Permission) -> Judged {
    if !place.catalogue.contains(permission.as_str()) {
        return Judged::Refused(DecisionReason::UnknownPermission);
    }
    if !place.is_at_home {
        return Judged::Refused(DecisionReason::NotAMember);
    }
    let giving = place.rights.why(permission);
    if let Some(given) = giving.iter().find(|given| !given.only_assigned) {
        return Judged::Granted(reason(given));
    }
    match giving.is_empty() {
        true => Judged::Refused(DecisionReason::NotHeld),
        false => Judged::Bound,
    }
}

fn reason(given: &Given) -> DecisionReason {
    match given.source {
        Source::Role => DecisionReason::GrantedByRole,
        Source::Grant => DecisionReason::GrantedByGrant,
        Source::MembershipRole | Source::MembershipGrant => DecisionReason::GrantedByMembership,
    }
}
