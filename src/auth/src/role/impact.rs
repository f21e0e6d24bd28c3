//! Who gains and loses what: the rights of some people as they are, compared with what they would be.
//! Read, never written: a look takes nothing and holds up nobody.

use wire::{GrantSet, HeldRight, PersonImpact};

use crate::error::Fault;
use crate::rights::{Acting, Rights, rows_of};
use crate::store::{GivenRow, HolderRow, Tx, UserRow};

/// How many are named.
const NAMED: i64 = 20;

/// What would be otherwise.
pub(crate) enum Proposed<'a> {
    /// Whoever has this role would be given this by it.
    Role(&'a str, &'a GrantSet),
    /// An account would have another role, other grants beside it, or both.
    Account(Option<&'a str>, Option<&'a GrantSet>),
}

/// What it would do to those who have a role, the first of them.
pub(crate) async fn on_holders(
    tx: &mut Tx,
    role: &str,
    proposed: &Proposed<'_>,
) -> Result<Vec<PersonImpact>, Fault> {
    let holders = tx.list_holders_by_role(role, NAMED).await?;
    on_people(tx, holders, proposed).await
}

/// What it would do to one account, in no tenant and in each of its tenants.
pub(crate) async fn on_account(
    tx: &mut Tx,
    user_id: &str,
    proposed: &Proposed<'_>,
) -> Result<Vec<PersonImpact>, Fault> {
    let mut places = vec![HolderRow {
        user_id: user_id.to_owned(),
        tenant_id: None,
        tenant: None,
    }];
    for membership in tx.list_own_memberships(user_id).await? {
        places.push(HolderRow {
            user_id: user_id.to_owned(),
            tenant_id: Some(membership.tenant_id),
            tenant: Some(membership.name),
        });
    }
    on_people(tx, places, proposed).await
}

async fn on_people(
    tx: &mut Tx,
    holders: Vec<HolderRow>,
    proposed: &Proposed<'_>,
) -> Result<Vec<PersonImpact>, Fault> {
    let mut people = Vec::new();
    for holder in holders {
        let Some(user) = tx.user_by_id(&holder.user_id).await? else {
            continue;
        };
        // As though the address were proven: proving it would put all of it in force.
        let acting = Acting::of(holder.tenant_id.as_deref());
        let before = Rights::given_to(tx, &user, acting).await?.held();
        let after = rows_after(tx, &user, holder.tenant_id.as_deref(), proposed).await?;
        let after = Rights::of(tx, after).await?.held();
        let (gains, loses) = difference(&before, &after);
        people.push(PersonImpact {
            id: holder.user_id,
            email: user.email,
            tenant: holder.tenant,
            gains,
            loses,
        });
    }
    Ok(people)
}

/// What an account would be given in a place.
async fn rows_after(
    tx: &mut Tx,
    user: &UserRow,
    tenant: Option<&str>,
    proposed: &Proposed<'_>,
) -> Result<Vec<GivenRow>, Fault> {
    let place = tenant.unwrap_or_default();
    let mut rows = tx.list_given(&user.id, &user.role, place).await?;
    match proposed {
        Proposed::Role(name, grants) => {
            rows.retain(|row| row.role.as_deref() != Some(name));
            if user.role == *name {
                rows.extend(as_role(rows_of(grants), name, None, None));
            }
            let membership = match tenant {
                Some(tenant) => tx.membership_by_tenant(&user.id, tenant).await?,
                None => None,
            };
            if let Some(there) = membership.filter(|there| there.role == *name) {
                rows.extend(as_role(rows_of(grants), name, tenant, there.suspended_at));
            }
        }
        Proposed::Account(role, grants) => {
            let is_own = |row: &GivenRow| row.tenant_id.is_none();
            if let Some(role) = role {
                rows.retain(|row| !(is_own(row) && row.role.is_some()));
                rows.extend(tx.list_given_by_role(role).await?);
            }
            if let Some(grants) = grants {
                rows.retain(|row| !(is_own(row) && row.role.is_none()));
                rows.extend(rows_of(grants));
            }
        }
    }
    Ok(rows)
}

/// Rows of a role, as a membership gives them; of no tenant, as an account has them.
pub(crate) fn as_role(
    mut rows: Vec<GivenRow>,
    role: &str,
    tenant: Option<&str>,
    suspended_at: Option<crate::clock::Timestamp>,
) -> Vec<GivenRow> {
    for row in &mut rows {
        row.role = Some(role.to_owned());
        row.tenant_id = tenant.map(str::to_owned);
        row.suspended_at = suspended_at;
    }
    rows
}

/// What is held after and was not before, and the other way round.
pub(crate) fn difference(
    before: &[HeldRight],
    after: &[HeldRight],
) -> (Vec<HeldRight>, Vec<HeldRight>) {
    let only = |of: &[HeldRight], not: &[HeldRight]| {
        let mut only = of.to_vec();
        only.retain(|right| !not.contains(right));
        only
    };
    (only(after, before), only(before, after))
}
