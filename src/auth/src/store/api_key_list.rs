//! API keys, as people see them.

use sqlx::FromRow;
use wire::Paging;

use crate::clock::Timestamp;
use crate::store::invitation::containing;
use crate::store::{Result, Tx, beginning};

/// One key, as it is listed.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct ListedApiKeyRow {
    pub(crate) id: String,
    pub(crate) user_id: Option<String>,
    pub(crate) owner_email: Option<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) tenant_name: Option<String>,
    pub(crate) owned_by_tenant: bool,
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) last4: String,
    pub(crate) permissions: String,
    pub(crate) rate_limit: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) ends_at: Option<Timestamp>,
    pub(crate) rolled_at: Option<Timestamp>,
    pub(crate) successor_id: Option<String>,
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) last_used_address: Option<String>,
    pub(crate) revoked_at: Option<Timestamp>,
    pub(crate) revoked_reason: Option<String>,
    pub(crate) suspended_at: Option<Timestamp>,
    /// `active`, `suspended`, `stopped`, `expired`, `revoked`.
    pub(crate) status: String,
}

/// One page. What leads is written as it is: nobody's index is used for what may be anything.
macro_rules! listed {
    ($lead:literal) => {
        concat!(
            r"select * from (
               select k.id, k.user_id, u.email as owner_email, k.tenant_id, t.name as tenant_name, k.owned_by_tenant,
                      k.name, k.prefix, k.last4, k.permissions, k.rate_limit, k.created_at, k.expires_at, k.ends_at,
                      k.rolled_at, k.successor_id, k.last_used_at, k.last_used_address, k.revoked_at, k.revoked_reason,
                      k.suspended_at,
                      case when k.revoked_at is not null then 'revoked'
                           when k.ends_at <= $1 then 'expired'
                           when k.suspended_at is not null then 'suspended'
                           when u.id is null or u.disabled_at is not null or u.deletes_at is not null
                                or u.email_verified_at is null
                                or (k.tenant_id is not null and not exists (
                                    select 1 from memberships m where m.user_id = k.user_id and m.tenant_id = k.tenant_id
                                      and m.suspended_at is null))
                                then 'stopped'
                           else 'active' end as status
               from api_keys k left join users u on u.id = k.user_id left join tenants t on t.id = k.tenant_id
               where ",
            $lead,
            r"(k.created_at, k.id) < ($13, $14)
             ) listed
             where ($2 = '' or id = $2) and ($3 = '' or user_id = $3) and ($4 = '' or tenant_id = $4)
               and ($5 = '' or ($5 = 'tenant') = owned_by_tenant)
               and ($6 = '' or status = $6)
               and ($7 = 0 or (ends_at <= $7 and status not in ('revoked', 'expired')))
               and (not $8 or last_used_at is null)
               and ($9 = 0 or coalesce(last_used_at, created_at) <= $9)
               and ($10 = '' or last4 = $11 or lower(name) like $10 escape '\' or name like $12 escape '\'
                    or owner_email like $10 escape '\')
             order by created_at desc, id desc limit $15"
        )
    };
}

/// Which keys. Empty texts ask for all.
#[derive(Clone, Copy, Default)]
pub(crate) struct ApiKeyFilter<'a> {
    /// One key.
    pub(crate) id: &'a str,
    /// Those that stand on this account.
    pub(crate) user_id: &'a str,
    /// Those that act in this tenant.
    pub(crate) tenant_id: &'a str,
    /// `account` or `tenant`: whose they are.
    pub(crate) owned_by: &'a str,
    /// How they stand.
    pub(crate) status: &'a str,
    /// Those that end until then.
    pub(crate) ends_until: Option<Timestamp>,
    /// Those that were never used.
    pub(crate) never_used: bool,
    /// Those that were not used since.
    pub(crate) unused_since: Option<Timestamp>,
    /// Part of the name or of the owner's address, or the last four characters.
    pub(crate) part: &'a str,
}

impl ApiKeyFilter<'_> {
    /// What the list is read along: the rarest that is asked for.
    fn text(&self) -> &'static str {
        match self {
            Self { id, .. } if !id.is_empty() => listed!("k.id = $2 and "),
            Self { user_id, .. } if !user_id.is_empty() => listed!("k.user_id = $3 and "),
            Self { tenant_id, .. } if !tenant_id.is_empty() => listed!("k.tenant_id = $4 and "),
            _ => listed!(""),
        }
    }
}

impl Tx {
    /// One page, newest first, and a row more when there is another.
    pub(crate) async fn list_api_keys(
        &mut self,
        filter: &ApiKeyFilter<'_>,
        paging: &Paging,
        now: Timestamp,
    ) -> Result<Vec<ListedApiKeyRow>> {
        let (at, id) = beginning(paging);
        Ok(on!(self, c => sqlx::query_as(filter.text())
            .bind(now)
            .bind(filter.id)
            .bind(filter.user_id)
            .bind(filter.tenant_id)
            .bind(filter.owned_by)
            .bind(filter.status)
            .bind(filter.ends_until.unwrap_or(0))
            .bind(filter.never_used)
            .bind(filter.unused_since.unwrap_or(0))
            .bind(containing(&filter.part.to_lowercase()))
            .bind(filter.part.to_lowercase())
            .bind(containing(filter.part))
            .bind(at)
            .bind(id)
            .bind(paging.rows())
            .fetch_all(c)
            .await)?)
    }
}
