//! Who gains and loses what: the rights of some people before a change, compared with after it.

use wire::{HeldRight, PersonImpact};

use crate::error::Fault;
use crate::rights::{Acting, Rights};
use crate::store::{HolderRow, Tx};

/// How many are named.
const NAMED: i64 = 20;

/// Some people, with what they hold now.
pub(crate) struct People(Vec<(HolderRow, Vec<HeldRight>)>);

impl People {
    /// Those who have a role: accounts first, then members of tenants.
    pub(crate) async fn with_role(tx: &mut Tx, role: &str) -> Result<Self, Fault> {
        let holders = match role.contains('\0') {
            true => Vec::new(),
            false => tx.list_holders_by_role(role, NAMED).await?,
        };
        Self::of(tx, holders).await
    }

    /// One account, in no tenant and in each of its tenants.
    pub(crate) async fn account(tx: &mut Tx, user_id: &str) -> Result<Self, Fault> {
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
        Self::of(tx, places).await
    }

    async fn of(tx: &mut Tx, holders: Vec<HolderRow>) -> Result<Self, Fault> {
        let mut people = Vec::new();
        for holder in holders {
            let held = held_by(tx, &holder).await?.map(|(_, held)| held);
            people.push((holder, held.unwrap_or_default()));
        }
        Ok(Self(people))
    }

    /// What they hold otherwise by now, and how many of `all` are not among them.
    pub(crate) async fn compared(
        self,
        tx: &mut Tx,
        all: i64,
    ) -> Result<(Vec<PersonImpact>, i64), Fault> {
        let others = all - i64::try_from(self.0.len()).unwrap_or(i64::MAX);
        let mut people = Vec::new();
        for (holder, before) in self.0 {
            let Some((email, after)) = held_by(tx, &holder).await? else {
                continue;
            };
            let (gains, loses) = difference(&before, &after);
            people.push(PersonImpact {
                id: holder.user_id,
                email,
                tenant: holder.tenant,
                gains,
                loses,
            });
        }
        Ok((people, others.max(0)))
    }
}

/// Address and rights of somebody, as though the address were proven: proving it would put them in
/// force.
async fn held_by(
    tx: &mut Tx,
    holder: &HolderRow,
) -> Result<Option<(String, Vec<HeldRight>)>, Fault> {
    let Some(user) = tx.user_by_id(&holder.user_id).await? else {
        return Ok(None);
    };
    let acting = Acting::of(holder.tenant_id.as_deref());
    let held = Rights::given_to(tx, &user, acting).await?.held();
    Ok(Some((user.email, held)))
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
