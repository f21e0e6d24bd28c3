//! The world as it must be, and the rules of giving.

use std::collections::{BTreeMap, BTreeSet};

use super::step::{Act, Names, OnRights, Step};
use super::world::{Given, ROLES, Set, permits};

#[derive(Clone)]
pub(super) struct Membership {
    pub(super) role: String,
    pub(super) grants: Given,
    pub(super) is_suspended: bool,
}

impl Membership {
    pub(super) fn of(role: &str) -> Self {
        Self {
            role: role.to_owned(),
            grants: Given::new(),
            is_suspended: false,
        }
    }
}

#[derive(Clone)]
pub(super) struct Person {
    pub(super) role: String,
    pub(super) grants: Given,
    /// By tenant.
    pub(super) memberships: BTreeMap<usize, Membership>,
    /// Where their session acts.
    pub(super) acting: Option<usize>,
    pub(super) is_disabled: bool,
    pub(super) is_leaving: bool,
}

impl Person {
    pub(super) fn new(role: &str) -> Self {
        Self {
            role: role.to_owned(),
            grants: Given::new(),
            memberships: BTreeMap::new(),
            acting: None,
            is_disabled: false,
            is_leaving: false,
        }
    }

    pub(super) fn may_act(&self) -> bool {
        !self.is_disabled && !self.is_leaving
    }

    pub(super) fn is_suspended_in(&self, tenant: usize) -> bool {
        let membership = self.memberships.get(&tenant);
        membership.is_some_and(|membership| membership.is_suspended)
    }

    pub(super) fn is_in(&self, tenant: usize) -> bool {
        let membership = self.memberships.get(&tenant);
        membership.is_some_and(|membership| !membership.is_suspended)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Key {
    /// Whose rights it has; nobody's once they left.
    pub(super) owner: Option<usize>,
    pub(super) tenant: Option<usize>,
    pub(super) is_of_tenant: bool,
    pub(super) names: Names,
    /// It waits for its owner.
    pub(super) waits: bool,
    pub(super) is_rolled: bool,
    pub(super) is_over: bool,
    /// With its account, for good.
    pub(super) is_gone: bool,
}

#[derive(Clone)]
pub(super) struct Model {
    pub(super) catalogue: BTreeSet<String>,
    pub(super) roles: BTreeMap<String, Given>,
    pub(super) people: Vec<Person>,
    pub(super) tenants: usize,
    pub(super) keys: Vec<Key>,
}

impl Model {
    /// Role and grants.
    pub(super) fn own(&self, person: &Person) -> Set {
        Set::of(&self.roles[&person.role]).and(Set::of(&person.grants))
    }

    fn of_membership(&self, membership: &Membership) -> Set {
        Set::of(&self.roles[&membership.role]).and(Set::of(&membership.grants))
    }

    /// All of it, wherever, as written: what somebody else has to hold to act on them.
    pub(super) fn whole(&self, person: &Person) -> Set {
        let given = person.memberships.values();
        given.fold(self.own(person), |all, one| {
            all.and(self.of_membership(one))
        })
    }

    /// What counts in a place: a membership gives nothing of the portal's, and nothing while it is
    /// suspended; whoever may not sign in has nothing anywhere.
    pub(super) fn there(&self, person: &Person, tenant: Option<usize>) -> Set {
        let membership = tenant.and_then(|tenant| person.memberships.get(&tenant));
        match membership.filter(|membership| !membership.is_suspended) {
            _ if !person.may_act() => Set::default(),
            None => self.own(person),
            Some(one) => self
                .own(person)
                .and(self.of_membership(one).without_portal()),
        }
    }

    fn is_known(&self, pattern: &str, given: &Given) -> bool {
        pattern == "*:*"
            || given.contains_key(pattern)
            || self.catalogue.iter().any(|name| permits(pattern, name))
    }

    /// Those who may act. There is one at any moment.
    pub(super) fn admins(&self) -> usize {
        let acting = |person: &&Person| person.role == "admin" && person.may_act();
        self.people.iter().filter(acting).count()
    }

    fn holders(&self, role: &str) -> usize {
        let of = |person: &Person| {
            let there = person.memberships.values().filter(|one| one.role == role);
            usize::from(person.role == role) + there.count()
        };
        self.people.iter().map(of).sum()
    }

    /// What becomes of a step: the world after it, or nothing where it must be refused. `None` for acts
    /// on memberships, whose own rules are not told here: of those the giver's rights alone are looked at.
    pub(super) fn after(&self, step: &Step) -> Option<Result<Self, ()>> {
        if step.by.is_some_and(|by| !self.people[by].may_act()) {
            return Some(Err(()));
        }
        let next = match &step.act {
            Act::Rights(act) => self.with_rights(step.by, act),
            Act::Account(whom, act) => self.with_account(step.by, *whom, *act),
            Act::Member(..) => return None,
            Act::Key(act) => self.with_key(step.by, act),
        };
        Some(next.ok_or(()))
    }

    /// What the one who acts holds, in no tenant; `None`: all.
    pub(super) fn held(&self, by: Option<usize>) -> Option<Set> {
        by.map(|by| self.own(&self.people[by]))
    }

    pub(super) fn may(&self, by: Option<usize>, name: &str) -> bool {
        self.held(by).is_none_or(|held| held.holds(name))
    }

    /// Whether somebody may act on somebody: they look after people, and lack none of their rights.
    pub(super) fn reaches(&self, by: Option<usize>, whom: usize) -> bool {
        let whole = self.whole(&self.people[whom]);
        let lacks_none = self.held(by).is_none_or(|held| whole.within(held));
        self.may(by, "user:manage") && lacks_none
    }

    fn with_rights(&self, by: Option<usize>, act: &OnRights) -> Option<Self> {
        let mut next = self.clone();
        let held = self.held(by);
        let may_give = |given: &Given| held.is_none_or(|held| Set::of(given).givable_by(held));
        let known =
            |wanted: &Given, given: &Given| wanted.keys().all(|one| self.is_known(one, given));
        match act {
            OnRights::SetRole(whom, _) | OnRights::SetGrants(whom, _)
                if by == Some(*whom) || !self.reaches(by, *whom) =>
            {
                None
            }
            OnRights::SetRole(whom, role) if *role != self.people[*whom].role => {
                let given = self.roles.get(role).filter(|_| role != "api")?;
                next.people[*whom].role.clone_from(role);
                (may_give(given) && next.admins() > 0).then_some(next)
            }
            OnRights::SetGrants(whom, grants) if *grants != self.people[*whom].grants => {
                next.people[*whom].grants = grants.clone();
                let is_known = known(grants, &self.people[*whom].grants);
                (is_known && may_give(grants)).then_some(next)
            }
            OnRights::SetRole(..) | OnRights::SetGrants(..) => Some(next),
            _ if !self.may(by, "system:config") => None,
            OnRights::AddRole(name, given) => {
                next.roles.insert(name.clone(), given.clone());
                let is_new = !self.roles.contains_key(name);
                (is_new && known(given, &Given::new()) && may_give(given)).then_some(next)
            }
            OnRights::ChangeRole(name, given) => {
                let former = self.roles.get(name);
                let former = former.filter(|_| !["admin", "api"].contains(&name.as_str()))?;
                next.roles.insert(name.clone(), given.clone());
                (known(given, former) && may_give(former) && may_give(given)).then_some(next)
            }
            OnRights::DeleteRole(name, other) => self.without_role(held, name, other.as_ref()),
            OnRights::AddPermission(name) => next.catalogue.insert(name.clone()).then_some(next),
            OnRights::RemovePermission(name) => {
                let named = Given::from([(name.clone(), false)]);
                self.without_permission(name).filter(|_| may_give(&named))
            }
        }
    }

    fn without_role(
        &self,
        held: Option<Set>,
        name: &String,
        other: Option<&String>,
    ) -> Option<Self> {
        let mut next = self.clone();
        let may_give = |given: Set| held.is_none_or(|held| given.givable_by(held));
        let is_built_in = ROLES[..4].contains(&name.as_str());
        let former = self.roles.get(name).filter(|_| !is_built_in)?;
        if !may_give(Set::of(former)) || (other.is_none() && self.holders(name) > 0) {
            return None;
        }
        let has_it = |person: &&Person| {
            let mut there = person.memberships.values();
            person.role == *name || there.any(|one| one.role == *name)
        };
        let mut theirs = self.people.iter().filter(has_it);
        if !theirs.all(|person| may_give(self.whole(person))) {
            return None;
        }
        if let Some(other) = other {
            let given = self.roles.get(other);
            let given = given.filter(|_| other != "api" && other != name)?;
            if !may_give(Set::of(given)) {
                return None;
            }
            for person in &mut next.people {
                let there = person.memberships.values_mut().map(|one| &mut one.role);
                let roles = std::iter::once(&mut person.role).chain(there);
                for role in roles.filter(|role| *role == name) {
                    role.clone_from(other);
                }
            }
        }
        next.roles.remove(name);
        Some(next)
    }

    /// It goes from all it was given to by name.
    fn without_permission(&self, name: &String) -> Option<Self> {
        let mut next = self.clone();
        if !next.catalogue.remove(name) {
            return None;
        }
        for given in next.roles.values_mut() {
            given.remove(name);
        }
        for person in &mut next.people {
            person.grants.remove(name);
            for membership in person.memberships.values_mut() {
                membership.grants.remove(name);
            }
        }
        for key in &mut next.keys {
            key.names.remove(name);
        }
        Some(next)
    }
}
