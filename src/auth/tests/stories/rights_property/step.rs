//! Who does what next.

use std::collections::BTreeSet;

use super::model::Model;
use super::world::{Given, LOOSE, NAMES, PATTERNS, ROLES};

/// A step: who, and what. `None` is the operator, who may all.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) by: Option<usize>,
    pub(super) act: Act,
}

#[derive(Clone, Debug)]
pub(super) enum Act {
    Rights(OnRights),
    Account(usize, OnAccount),
    Member(usize, usize, OnMember),
    Key(OnKey),
}

impl Step {
    /// The key it is about, of those there were.
    pub(super) fn key(&self) -> Option<usize> {
        match self.act {
            Act::Key(
                OnKey::Roll(key, _)
                | OnKey::Change(key, _)
                | OnKey::Confirm(key)
                | OnKey::TakeOver(key)
                | OnKey::Revoke(key)
                | OnKey::RevokeOfAll(key),
            ) => Some(key),
            _ => None,
        }
    }
}

/// What changes what is given.
#[derive(Clone, Debug)]
pub(super) enum OnRights {
    SetRole(usize, String),
    SetGrants(usize, Given),
    AddRole(String, Given),
    ChangeRole(String, Given),
    DeleteRole(String, Option<String>),
    AddPermission(String),
    RemovePermission(String),
}

/// What is done to somebody's account.
#[derive(Clone, Copy, Debug)]
pub(super) enum OnAccount {
    Disable,
    Enable,
    /// In 14 days, which never pass.
    Delete,
    Keep,
    /// At once. Somebody new comes in their stead.
    Erase,
}

/// What is done to somebody's membership.
#[derive(Clone, Debug)]
pub(super) enum OnMember {
    Change(String, Given),
    Add(String),
    Remove,
    Suspend,
    Resume,
}

pub(super) type Names = BTreeSet<String>;

/// What is done with keys, by their number.
#[derive(Clone, Debug)]
pub(super) enum OnKey {
    /// Nothing with a key: the next of one's own acts there.
    ActIn(Option<usize>),
    Make(Names),
    MakeOfTenant(usize, Names),
    /// `true`: both work for a while.
    Roll(usize, bool),
    Change(usize, Names),
    Confirm(usize),
    TakeOver(usize),
    Revoke(usize),
    /// Not as whoever it belongs to, but as one who looks after all keys.
    RevokeOfAll(usize),
}

/// xorshift: the same steps for the same seed, on both databases.
pub(super) struct Dice(u64);

/// Above so many that work, one ends first.
const MANY_KEYS: usize = 16;

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(0x9E37_79B9_7F4A_7C15 ^ ((seed << 17) | seed))
    }

    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("fits")
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    fn given(&mut self) -> Given {
        let many = self.roll(4);
        let one = |dice: &mut Self| (dice.pick(&PATTERNS).to_owned(), dice.roll(4) == 0);
        (0..many).map(|_| one(self)).collect()
    }

    fn names(&mut self) -> Names {
        let many = self.roll(4);
        (0..many).map(|_| self.pick(&NAMES).to_owned()).collect()
    }

    pub(super) fn step(&mut self, model: &Model) -> Step {
        let by = (self.roll(8) > 0).then(|| self.roll(model.people.len()));
        match self.roll(24) {
            0..=11 => Step {
                by,
                act: Act::Rights(self.on_rights(model)),
            },
            12 | 13 => {
                let (whom, act) = self.on_account(model);
                Step {
                    by,
                    act: Act::Account(whom, act),
                }
            }
            14..=16 => Step {
                by,
                act: self.on_member(model),
            },
            _ => self.on_key(model),
        }
    }

    fn on_rights(&mut self, model: &Model) -> OnRights {
        let (whom, role) = (self.roll(model.people.len()), self.pick(&ROLES).to_owned());
        match self.roll(10) {
            0 | 1 => OnRights::SetRole(whom, role),
            2..=4 => OnRights::SetGrants(whom, self.given()),
            5 => OnRights::AddRole(role, self.given()),
            6 | 7 => OnRights::ChangeRole(role, self.given()),
            8 => {
                let other = self.pick(&ROLES).to_owned();
                OnRights::DeleteRole(role, (self.roll(2) == 0).then_some(other))
            }
            _ => match self.roll(2) {
                0 => OnRights::AddPermission(self.pick(&LOOSE).to_owned()),
                _ => OnRights::RemovePermission(self.pick(&LOOSE).to_owned()),
            },
        }
    }

    /// Who is out comes back before long: a world of nobody shows nothing.
    fn on_account(&mut self, model: &Model) -> (usize, OnAccount) {
        let people = model.people.iter().enumerate();
        let out: Vec<_> = people.filter(|(_, person)| !person.may_act()).collect();
        let act = match self.roll(12) {
            0..=2 => OnAccount::Disable,
            3..=5 => OnAccount::Enable,
            6 | 7 => OnAccount::Delete,
            8..=10 => OnAccount::Keep,
            _ => OnAccount::Erase,
        };
        if out.is_empty() || self.roll(3) == 0 {
            return (self.roll(model.people.len()), act);
        }
        let (whom, person) = out[self.roll(out.len())];
        match person.is_leaving {
            true => (whom, OnAccount::Keep),
            false => (whom, OnAccount::Enable),
        }
    }

    fn on_member(&mut self, model: &Model) -> Act {
        let (whom, role) = (self.roll(model.people.len()), self.pick(&ROLES).to_owned());
        let tenant = self.roll(model.tenants);
        let people = &model.people;
        let out = people.iter().position(|one| one.is_suspended_in(tenant));
        match (self.roll(10), out) {
            (0..=2, Some(out)) => Act::Member(out, tenant, OnMember::Resume),
            (0..=4, _) => Act::Member(whom, tenant, OnMember::Change(role, self.given())),
            (5 | 6, _) => Act::Member(whom, tenant, OnMember::Add(role)),
            (7, _) => Act::Member(whom, tenant, OnMember::Remove),
            (8, _) => Act::Member(whom, tenant, OnMember::Suspend),
            _ => Act::Member(whom, tenant, OnMember::Resume),
        }
    }

    /// Keys are asked for by somebody, never by the operator, who only ends them.
    fn on_key(&mut self, model: &Model) -> Step {
        let by = Some(self.roll(model.people.len()));
        let working = model.working_keys();
        let act = match (self.roll(16), working.len()) {
            (_, MANY_KEYS..) => {
                let key = working[self.roll(working.len())];
                return Step {
                    by: None,
                    act: Act::Key(OnKey::Revoke(key)),
                };
            }
            (0, _) => OnKey::ActIn(None),
            (1 | 2, _) => OnKey::ActIn(Some(self.roll(model.tenants))),
            (3, _) | (_, 0) => OnKey::Make(self.names()),
            (4 | 5, _) => OnKey::MakeOfTenant(self.roll(model.tenants), self.names()),
            (what, _) => return self.on_one_key(model, &working, what),
        };
        Step {
            by,
            act: Act::Key(act),
        }
    }

    /// Mostly one that works, and mostly by somebody who may have a say in it.
    fn on_one_key(&mut self, model: &Model, working: &[usize], what: usize) -> Step {
        let key = match self.roll(8) {
            0 => self.roll(model.keys.len()),
            _ => working[self.roll(working.len())],
        };
        let anybody = self.roll(model.people.len());
        let by = match (self.roll(3), model.keys[key].owner) {
            (0, Some(owner)) => owner,
            _ => anybody,
        };
        if let (13 | 14, 1.., Some((key, by))) = (what, self.roll(4), self.take_over(model)) {
            return Step {
                by: Some(by),
                act: Act::Key(OnKey::TakeOver(key)),
            };
        }
        let act = match what {
            6 | 7 => OnKey::Roll(key, self.roll(2) == 0),
            8..=10 => OnKey::Change(key, self.names()),
            11 | 12 => OnKey::Confirm(key),
            13 | 14 => OnKey::TakeOver(key),
            _ => match self.roll(2) {
                0 => OnKey::Revoke(key),
                _ => OnKey::RevokeOfAll(key),
            },
        };
        Step {
            by: Some(by),
            act: Act::Key(act),
        }
    }

    /// A key nobody answers for, and somebody of its tenant.
    fn take_over(&mut self, model: &Model) -> Option<(usize, usize)> {
        let working = model.working_keys().into_iter();
        let mut left = working.filter(|key| model.is_left(*key));
        let key = left.next()?;
        let tenant = model.keys[key].tenant?;
        let begin = self.roll(model.people.len());
        let people = (0..model.people.len()).map(|at| (begin + at) % model.people.len());
        let by = people
            .into_iter()
            .find(|at| model.manages(*at, tenant) && model.people[*at].is_in(tenant))?;
        Some((key, by))
    }
}
