//! The rules of keys: whose they are, and what they are worth.

use super::model::{Key, Model};
use super::step::{Names, OnKey};
use super::world::Set;

impl Model {
    /// Those that are neither over nor gone, by number.
    pub(super) fn working_keys(&self) -> Vec<usize> {
        let all = self.keys.iter().enumerate();
        let working = all.filter(|(_, key)| !key.is_over && !key.is_gone);
        working.map(|(at, _)| at).collect()
    }

    /// The one whose rights a key has now.
    fn answering(&self, key: &Key) -> Option<usize> {
        let owner = key.owner.filter(|owner| self.people[*owner].may_act());
        owner.filter(|owner| {
            key.tenant
                .is_none_or(|there| self.people[*owner].is_in(there))
        })
    }

    /// All a key could do if every permission there could be existed; `None` when it opens nothing.
    pub(super) fn reach(&self, key: &Key) -> Option<Set> {
        if key.is_over || key.is_gone || key.waits {
            return None;
        }
        let owner = &self.people[self.answering(key)?];
        let held = self.there(owner, key.tenant);
        Some(Set::of_names(&key.names).common(held))
    }

    /// What a key may do now, by name.
    pub(super) fn worth(&self, key: usize) -> Option<Vec<String>> {
        let reach = self.reach(&self.keys[key])?;
        Some(self.names_of(reach))
    }

    /// Whether nobody answers for a tenant's key.
    pub(super) fn is_left(&self, key: usize) -> bool {
        let key = &self.keys[key];
        key.is_of_tenant && self.answering(key).is_none()
    }

    /// Whether somebody looks after the keys of a tenant.
    pub(super) fn manages(&self, by: usize, tenant: usize) -> bool {
        let mut in_tenant = self.people[by].clone();
        in_tenant.role = "api".to_owned();
        in_tenant.grants.clear();
        let there = self.there(&in_tenant, Some(tenant));
        self.may(Some(by), "system:config") || there.holds("tenant:manage")
    }

    /// A key somebody may look after: to anybody else there is none.
    fn own_key(&self, by: usize, key: usize) -> Option<&Key> {
        let key = &self.keys[key];
        let is_theirs = match key.tenant.filter(|_| key.is_of_tenant) {
            Some(tenant) => self.manages(by, tenant),
            None => key.owner == Some(by),
        };
        (is_theirs && !key.is_gone).then_some(key)
    }

    /// The same, unless it is over.
    fn open_key(&self, by: usize, key: usize) -> Option<&Key> {
        self.own_key(by, key).filter(|key| !key.is_over)
    }

    /// Whether each exists, and somebody holds it freely in a place.
    fn may_name(&self, by: usize, tenant: Option<usize>, names: &Names) -> bool {
        let held = self.there(&self.people[by], tenant);
        let may = |name: &String| self.catalogue.contains(name) && held.holds(name);
        names.iter().all(may)
    }

    /// Of these names what somebody holds there.
    fn held_of(&self, by: usize, tenant: Option<usize>, names: &Names) -> Names {
        let held = self.there(&self.people[by], tenant);
        let kept = names.iter().filter(|name| held.holds(name));
        kept.cloned().collect()
    }

    pub(super) fn with_key(&self, by: Option<usize>, act: &OnKey) -> Option<Self> {
        let mut next = self.clone();
        let Some(by) = by else {
            // The operator ends keys, and does nothing else with them.
            return match act {
                OnKey::Revoke(key) if !self.keys[*key].is_over && !self.keys[*key].is_gone => {
                    next.keys[*key].is_over = true;
                    Some(next)
                }
                _ => None,
            };
        };
        match act {
            OnKey::ActIn(tenant) => {
                next.people[by].acting = *tenant;
                let is_there = tenant.is_none_or(|tenant| self.people[by].is_in(tenant));
                return is_there.then_some(next);
            }
            OnKey::Make(names) => {
                let tenant = self.people[by].acting;
                next.keys.push(Key::new(by, tenant, false, names));
                return self.may_name(by, tenant, names).then_some(next);
            }
            OnKey::MakeOfTenant(tenant, names) => {
                let (there, may) = (self.people[by].is_in(*tenant), self.manages(by, *tenant));
                let tenant = Some(*tenant);
                next.keys.push(Key::new(by, tenant, true, names));
                return (there && may && self.may_name(by, tenant, names)).then_some(next);
            }
            OnKey::Roll(at, with_overlap) => {
                let key = self.open_key(by, *at).filter(|key| !key.is_rolled)?;
                self.may_answer(by, key)?;
                let names = self.held_of(by, key.tenant, &key.names);
                let made = Key::new(by, key.tenant, key.is_of_tenant, &names);
                next.keys[*at].is_rolled = true;
                next.keys[*at].is_over = !with_overlap;
                next.keys.push(made);
            }
            OnKey::Change(at, names) => {
                let key = self.open_key(by, *at)?;
                let new = names.difference(&key.names).cloned().collect();
                next.keys[*at].names.clone_from(names);
                return self.may_name(by, key.tenant, &new).then_some(next);
            }
            OnKey::Confirm(at) => {
                self.open_key(by, *at).filter(|key| key.owner == Some(by))?;
                next.keys[*at].waits = false;
            }
            OnKey::TakeOver(at) => {
                let key = self.open_key(by, *at).filter(|key| key.is_of_tenant)?;
                self.may_answer(by, key)
                    .filter(|()| self.answering(key).is_none())?;
                next.keys[*at].names = self.held_of(by, key.tenant, &key.names);
                next.keys[*at].owner = Some(by);
                next.keys[*at].waits = false;
            }
            OnKey::Revoke(at) => {
                self.own_key(by, *at)?;
                next.keys[*at].is_over = true;
            }
            OnKey::RevokeOfAll(at) => {
                let key = &self.keys[*at];
                let other = key.owner.filter(|owner| *owner != by);
                let held = self.held(Some(by))?;
                let outranked =
                    other.is_some_and(|other| !self.whole(&self.people[other]).within(held));
                if key.is_gone || outranked || !held.holds("apikey:manage") {
                    return None;
                }
                next.keys[*at].is_over = true;
            }
        }
        Some(next)
    }

    /// A tenant's key has the rights of a member.
    fn may_answer(&self, by: usize, key: &Key) -> Option<()> {
        let tenant = key.tenant.filter(|_| key.is_of_tenant);
        let may = tenant.is_none_or(|tenant| self.people[by].is_in(tenant));
        may.then_some(())
    }
}

impl Key {
    fn new(owner: usize, tenant: Option<usize>, is_of_tenant: bool, names: &Names) -> Self {
        Self {
            owner: Some(owner),
            tenant,
            is_of_tenant,
            names: names.clone(),
            waits: false,
            is_rolled: false,
            is_over: false,
            is_gone: false,
        }
    }
}
