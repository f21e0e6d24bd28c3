//! All rights there could ever be, as sets: told without the core's code.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Names of permissions that come and go, and those of the portal itself.
pub(super) const LOOSE: [&str; 4] = ["alpha:read", "alpha:write", "beta:read", "beta:write"];
const PORTAL: [&str; 4] = [
    "user:manage",
    "apikey:manage",
    "audit:read",
    "system:config",
];
/// What is given in this world.
pub(super) const PATTERNS: [&str; 11] = [
    "alpha:read",
    "alpha:write",
    "alpha:*",
    "beta:read",
    "beta:*",
    "user:manage",
    "apikey:manage",
    "system:config",
    "tenant:manage",
    "audit:read",
    "*:*",
];
/// What keys are given: single permissions, and one that never was.
pub(super) const NAMES: [&str; 9] = [
    "alpha:read",
    "alpha:write",
    "beta:read",
    "beta:write",
    "workflow:read",
    "tenant:manage",
    "user:manage",
    "system:config",
    "later:later",
];
pub(super) const ROLES: [&str; 6] = ["admin", "user", "viewer", "api", "role-one", "role-two"];

/// Every name there could ever be: `later` stands for what is not thought of yet.
static WORLD: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut names = Vec::new();
    for resource in [
        "alpha",
        "beta",
        "workflow",
        "automation",
        "user",
        "apikey",
        "audit",
        "system",
        "tenant",
        "later",
    ] {
        for action in [
            "create", "read", "update", "delete", "execute", "write", "manage", "config", "later",
        ] {
            names.push(format!("{resource}:{action}"));
        }
    }
    names
});

/// Patterns, or names; a condition makes it another right: `true` is for assigned resources alone.
pub(super) type Given = BTreeMap<String, bool>;

pub(super) fn permits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("*:") => true,
        Some(resource) => name.starts_with(resource),
        None => pattern == name,
    }
}

/// Whether a membership gives nothing of it.
pub(super) fn is_portal_wide(name: &str) -> bool {
    PORTAL.contains(&name)
}

/// A bit for each name of the world: held freely, and held for assigned resources alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Set {
    free: u128,
    bound: u128,
}

/// The bits of all names that something is said of.
fn bits(is_meant: impl Fn(&str) -> bool) -> u128 {
    let names = WORLD.iter().enumerate();
    let meant = names.filter(|(_, name)| is_meant(name));
    meant.fold(0, |all, (at, _)| all | 1 << at)
}

impl Set {
    /// What patterns permit, of all there could be.
    pub(super) fn of(given: &Given) -> Self {
        let mut all = Self::default();
        for (pattern, is_bound) in given {
            let permitted = bits(|name| permits(pattern, name));
            match is_bound {
                true => all.bound |= permitted,
                false => all.free |= permitted,
            }
        }
        all
    }

    /// Single names, held freely.
    pub(super) fn of_names<'a>(names: impl IntoIterator<Item = &'a String>) -> Self {
        let named = |name: &String| (name.clone(), false);
        Self::of(&names.into_iter().map(named).collect())
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            free: self.free | other.free,
            bound: self.bound | other.bound,
        }
    }

    /// What both hold freely.
    pub(super) fn common(self, other: Self) -> Self {
        Self {
            free: self.free & other.free,
            bound: 0,
        }
    }

    pub(super) fn without_portal(self) -> Self {
        let portal = bits(is_portal_wide);
        Self {
            free: self.free & !portal,
            bound: self.bound & !portal,
        }
    }

    /// What of this `had` does not hold at least as freely.
    pub(super) fn beyond(self, had: Self) -> Self {
        Self {
            free: self.free & !had.free,
            bound: self.bound & !(had.free | had.bound),
        }
    }

    /// Whether each of these is held at least as freely.
    pub(super) fn within(self, held: Self) -> bool {
        self.beyond(held) == Self::default()
    }

    /// Whether somebody may give this who holds that: what they hold for assigned resources alone they do
    /// not give on, not even so.
    pub(super) fn givable_by(self, held: Self) -> bool {
        (self.free | self.bound) & !held.free == 0
    }

    pub(super) fn holds(self, name: &str) -> bool {
        self.free & bits(|one| one == name) != 0
    }
}
