//! Rights: what somebody holds, and why (D21, req 84–106).
//!
//! A right is *given* by their role, by a grant of their own, or — while they act in a tenant they
//! belong to — by their membership. Given things are patterns and shown expanded: a token, a page and
//! a check get permissions by name, complete. What concerns the whole portal never follows from a
//! membership, whatever a tenant's admin wrote into it. A right given for *assigned* resources alone is
//! in no list of permissions: it has to be asked for with a resource.

use std::collections::BTreeSet;

use wire::{GrantSet, HeldRight, Pattern, Permission};

use crate::error::Fault;
use crate::store::{GivenRow, Tx, UserRow};

/// What no membership gives: these reach beyond a tenant.
pub(crate) const PORTAL_WIDE: [&str; 4] = [
    "user:manage",
    "apikey:manage",
    "audit:read",
    "system:config",
];

/// The one condition there is: only for resources one is assigned to.
pub(crate) const ASSIGNED: &str = "assigned";

/// Where somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acting<'a> {
    /// In no tenant: role and own grants alone.
    Alone,
    /// In this one. The membership counts if there is one.
    In(&'a str),
    /// Wherever they may: all memberships at once. For asking whether somebody else may act on them.
    Anywhere,
}

impl<'a> Acting<'a> {
    /// In the active tenant of a session, if there is one.
    pub(crate) fn of(tenant: Option<&'a str>) -> Self {
        tenant.map_or(Self::Alone, Self::In)
    }
}

/// Where a right comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The role of the account.
    Role,
    /// A grant to the account.
    Grant,
    /// The role of a membership.
    MembershipRole,
    /// A grant to a member.
    MembershipGrant,
}

impl Source {
    /// As it crosses the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Grant => "grant",
            Self::MembershipRole => "membership_role",
            Self::MembershipGrant => "membership_grant",
        }
    }
}

/// One thing somebody was given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) pattern: Pattern,
    /// Only for resources they are assigned to.
    pub(crate) only_assigned: bool,
    pub(crate) source: Source,
    /// The role it comes from, for the two sources that are roles.
    pub(crate) role: Option<String>,
    /// The tenant it holds in; `None` wherever they act.
    pub(crate) tenant_id: Option<String>,
    /// Its membership is suspended: nothing follows from it until that ends.
    pub(crate) is_suspended: bool,
}

impl Given {
    fn place(&self) -> (&Pattern, Source, Option<&str>) {
        (&self.pattern, self.source, self.tenant_id.as_deref())
    }

    /// Whether it permits this at all, with or without an assignment.
    pub(crate) fn permits(&self, permission: &Permission) -> bool {
        self.pattern.permits(permission) && self.reaches(permission)
    }

    /// A membership gives nothing that concerns the whole portal.
    fn reaches(&self, permission: &Permission) -> bool {
        self.tenant_id.is_none() || !PORTAL_WIDE.contains(&permission.as_str())
    }
}

/// What somebody was given, in one snapshot. Sources overlap; a right counts once any gives it (req 97).
#[derive(Clone, Debug, Default)]
pub(crate) struct Rights {
    given: Vec<Given>,
    catalogue: Vec<Permission>,
}

impl Rights {
    /// What an account was given, whether or not its address is proven or a membership suspended:
    /// proving the one and resuming the other would put it in force.
    pub(crate) async fn given_to(
        tx: &mut Tx,
        user: &UserRow,
        acting: Acting<'_>,
    ) -> Result<Self, Fault> {
        let rows = match acting {
            Acting::Alone => tx.list_given(&user.id, &user.role, "").await?,
            Acting::In(tenant) => tx.list_given(&user.id, &user.role, tenant).await?,
            Acting::Anywhere => tx.list_given_anywhere(&user.id, &user.role).await?,
        };
        Self::of(tx, rows).await
    }

    /// What an account may do now. An unproven address gives no rights (hazard 5); neither does an
    /// account that may not sign in, or a membership that is suspended (row 97).
    pub(crate) async fn in_force(
        tx: &mut Tx,
        user: &UserRow,
        acting: Acting<'_>,
    ) -> Result<Self, Fault> {
        if user.email_verified_at.is_none() || !user.may_sign_in() {
            return Ok(Self::default());
        }
        let mut rights = Self::given_to(tx, user, acting).await?;
        rights.given.retain(|given| !given.is_suspended);
        Ok(rights)
    }

    /// What a role gives to whoever has it.
    pub(crate) async fn of_role(tx: &mut Tx, role: &str) -> Result<Self, Fault> {
        let rows = tx.list_given_by_role(role).await?;
        Self::of(tx, rows).await
    }

    /// What somebody would have who was given this and nothing else.
    pub(crate) async fn of_grants(tx: &mut Tx, grants: &GrantSet) -> Result<Self, Fault> {
        Self::of(tx, rows_of(grants)).await
    }

    /// What these rows give.
    pub(crate) async fn of(tx: &mut Tx, rows: Vec<GivenRow>) -> Result<Self, Fault> {
        let given = rows.into_iter().map(Given::try_from);
        let mut given = given.collect::<Result<Vec<_>, _>>()?;
        // Databases disagree about where nulls stand.
        given.sort_by(|one, other| one.place().cmp(&other.place()));
        if given.is_empty() {
            return Ok(Self::default());
        }
        let catalogue = tx.list_permission_names().await?;
        let catalogue = catalogue
            .iter()
            .map(|name| Permission::parse(name))
            .collect::<Result<_, _>>()
            .map_err(|_| Fault::Inconsistent("permissions.name is no permission"))?;
        Ok(Self { given, catalogue })
    }

    /// Every permission without condition, expanded, by name: what a token carries.
    pub(crate) fn permissions(&self) -> Vec<String> {
        self.expanded(|given| !given.only_assigned)
    }

    /// Every permission that holds for assigned resources alone.
    pub(crate) fn assigned_permissions(&self) -> Vec<String> {
        let free: BTreeSet<_> = self.permissions().into_iter().collect();
        let mut bound = self.expanded(|given| given.only_assigned);
        bound.retain(|name| !free.contains(name));
        bound
    }

    /// Both of these, expanded: first what holds without condition.
    pub(crate) fn held(&self) -> Vec<HeldRight> {
        let right = |only_assigned| {
            move |permission| HeldRight {
                permission,
                only_assigned,
            }
        };
        let free = self.permissions().into_iter().map(right(false));
        let bound = self.assigned_permissions().into_iter().map(right(true));
        free.chain(bound).collect()
    }

    fn expanded(&self, counts: impl Fn(&Given) -> bool) -> Vec<String> {
        let counted: Vec<_> = self.given.iter().filter(|given| counts(given)).collect();
        let held = |permission: &&Permission| counted.iter().any(|given| given.permits(permission));
        self.catalogue
            .iter()
            .filter(held)
            .map(|permission| permission.as_str().to_owned())
            .collect()
    }

    /// What gives this permission; empty when nothing does, or when there is no such permission.
    pub(crate) fn why(&self, permission: &Permission) -> Vec<&Given> {
        if !self.catalogue.contains(permission) {
            return Vec::new();
        }
        let giving = self.given.iter().filter(|given| given.permits(permission));
        giving.collect()
    }

    /// Whether this permission is held without condition.
    pub(crate) fn hold(&self, permission: &str) -> bool {
        Permission::parse(permission).is_ok_and(|permission| {
            self.why(&permission)
                .iter()
                .any(|given| !given.only_assigned)
        })
    }

    /// What follows from memberships alone.
    pub(crate) fn of_memberships(mut self) -> Self {
        self.given.retain(|given| given.tenant_id.is_some());
        self
    }

    /// All that was given.
    pub(crate) fn given(&self) -> &[Given] {
        &self.given
    }

    /// Whether whoever has these rights may give this to somebody else: only what they hold without
    /// condition themselves, and a wildcard only by a wildcard. What a membership gave them, they give
    /// on in that tenant alone: ask with the rights of somebody who acts there.
    pub(crate) fn cover(&self, pattern: &Pattern) -> bool {
        let unbound = |given: &&Given| !given.only_assigned;
        self.given.iter().filter(unbound).any(|given| {
            let reaches = match Permission::parse(pattern.as_str()) {
                Ok(permission) => given.reaches(&permission),
                // A wildcard of a tenant covers one, of what is not the whole portal's.
                Err(_) => true,
            };
            reaches && given.pattern.covers(pattern)
        })
    }

    /// Whether somebody who holds `more` in a tenant may act on whoever has these rights there: none is
    /// one they lack. What concerns the whole portal is asked by name, since a tenant's `*:*` covers the
    /// one of a global admin in word alone (D25).
    pub(crate) fn are_beneath(&self, more: &Self) -> bool {
        let is_wider = |name: &&str| self.hold(name) && !more.hold(name);
        self.are_within(more) && !PORTAL_WIDE.iter().any(is_wider)
    }

    /// Whether a membership gives this without condition.
    pub(crate) fn hold_as_member(&self, permission: &str) -> bool {
        Permission::parse(permission).is_ok_and(|permission| {
            let given = |given: &&Given| given.tenant_id.is_some() && !given.only_assigned;
            self.why(&permission).iter().any(given)
        })
    }

    /// The same of the membership of one tenant, among the rights of all.
    pub(crate) fn hold_as_member_of(&self, tenant: &str, permission: &str) -> bool {
        Permission::parse(permission).is_ok_and(|permission| {
            let given =
                |given: &&Given| given.tenant_id.as_deref() == Some(tenant) && !given.only_assigned;
            self.why(&permission).iter().any(given)
        })
    }

    /// Whether none of these rights is one that `more` lacks.
    pub(crate) fn are_within(&self, more: &Self) -> bool {
        self.given.iter().all(|given| {
            given.only_assigned && more.bind(&given.pattern) || more.cover(&given.pattern)
        })
    }

    /// Whether somebody who holds `more` may give all of these to somebody else. What they hold for
    /// assigned resources alone they do not give on: the other one may be entrusted with what they are not.
    pub(crate) fn are_givable_by(&self, more: &Self) -> bool {
        self.given.iter().all(|given| more.cover(&given.pattern))
    }

    /// Whether this is held for assigned resources.
    pub(crate) fn bind(&self, pattern: &Pattern) -> bool {
        let bound = |given: &Given| given.only_assigned && given.pattern.covers(pattern);
        self.given.iter().any(bound)
    }
}

/// A set as rows, as though it was given beside a role.
pub(crate) fn rows_of(grants: &GrantSet) -> Vec<GivenRow> {
    let row = |(pattern, is_bound): (&Pattern, bool)| GivenRow {
        pattern: pattern.as_str().to_owned(),
        condition: is_bound.then(|| ASSIGNED.to_owned()),
        role: None,
        tenant_id: None,
        suspended_at: None,
    };
    grants.all().map(row).collect()
}

impl TryFrom<GivenRow> for Given {
    type Error = Fault;

    fn try_from(row: GivenRow) -> Result<Self, Fault> {
        let pattern = Pattern::parse(&row.pattern)
            .map_err(|_| Fault::Inconsistent("a grant is of no pattern"))?;
        // A condition this node does not know was written by a newer one: it counts as the known one, so
        // that it is never taken for none.
        let only_assigned = row.condition.is_some();
        let source = match (&row.tenant_id, &row.role) {
            (None, Some(_)) => Source::Role,
            (None, None) => Source::Grant,
            (Some(_), Some(_)) => Source::MembershipRole,
            (Some(_), None) => Source::MembershipGrant,
        };
        Ok(Self {
            pattern,
            only_assigned,
            source,
            role: row.role,
            is_suspended: row.suspended_at.is_some(),
            tenant_id: row.tenant_id,
        })
    }
}
