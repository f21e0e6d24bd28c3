//! Accounts and memberships that end, for a while or for good, and what that means for keys.

use super::model::{Membership, Model, Person};
use super::step::{Act, OnAccount, OnMember, Step};

impl Model {
    pub(super) fn with_account(
        &self,
        by: Option<usize>,
        whom: usize,
        act: OnAccount,
    ) -> Option<Self> {
        let mut next = self.clone();
        let person = &mut next.people[whom];
        let ends = !matches!(act, OnAccount::Enable | OnAccount::Keep);
        if !self.reaches(by, whom) || (ends && by == Some(whom)) {
            return None;
        }
        match act {
            OnAccount::Disable if person.is_disabled => return Some(next),
            OnAccount::Disable | OnAccount::Delete | OnAccount::Erase => {
                person.is_disabled = true;
                person.is_leaving |= !matches!(act, OnAccount::Disable);
                person.acting = None;
                // Whoever was in may have made them: each waits for its owner.
                let theirs = |key: &&mut super::model::Key| key.owner == Some(whom);
                next.keys
                    .iter_mut()
                    .filter(theirs)
                    .for_each(|key| key.waits = true);
            }
            OnAccount::Enable if !person.is_disabled => return Some(next),
            OnAccount::Enable if person.is_leaving => return None,
            OnAccount::Enable => person.is_disabled = false,
            OnAccount::Keep if !person.is_leaving => return None,
            OnAccount::Keep => person.is_leaving = false,
        }
        if next.admins() == 0 {
            return None;
        }
        if matches!(act, OnAccount::Erase) {
            next.erase(whom);
        }
        Some(next)
    }

    /// Their keys go with them; those of tenants stay, and have nobody's rights.
    fn erase(&mut self, whom: usize) {
        self.people[whom] = Person::new("user");
        let theirs = |key: &&mut super::model::Key| key.owner == Some(whom);
        for key in self.keys.iter_mut().filter(theirs) {
            key.owner = None;
            key.is_gone = !key.is_of_tenant;
        }
    }

    /// The world after an act on a membership that was taken.
    pub(super) fn moved(&self, step: &Step) -> Self {
        let mut next = self.clone();
        let Act::Member(whom, tenant, act) = &step.act else {
            return next;
        };
        let there = &mut next.people[*whom].memberships;
        let present = there.get_mut(tenant);
        match (act, present) {
            (OnMember::Change(role, grants), Some(one)) => {
                one.role.clone_from(role);
                one.grants.clone_from(grants);
            }
            (OnMember::Add(role), None) => {
                there.insert(*tenant, Membership::of(role));
            }
            (OnMember::Resume, Some(one)) => one.is_suspended = false,
            (OnMember::Suspend, Some(one)) => {
                if !one.is_suspended {
                    one.is_suspended = true;
                    next.leave(*whom, *tenant);
                }
            }
            (OnMember::Remove, Some(_)) => {
                there.remove(tenant);
                next.leave(*whom, *tenant);
            }
            (act, present) => panic!("{act:?} was taken: {}", present.is_some()),
        }
        next
    }

    /// Nothing of theirs acts there any more, or begins to by itself when they come back.
    fn leave(&mut self, whom: usize, tenant: usize) {
        let person = &mut self.people[whom];
        person.acting = person.acting.filter(|there| *there != tenant);
        for key in &mut self.keys {
            if key.owner == Some(whom) && key.tenant == Some(tenant) {
                match key.is_of_tenant {
                    true => key.owner = None,
                    false => key.waits = true,
                }
            }
        }
    }
}
