//! Accounts, as those who look after people see them.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::invitation::containing;
use crate::store::{Result, Tx};

/// One account, as it is listed.
#[derive(Clone, FromRow)]
pub(crate) struct ManagedUserRow {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) email_verified_at: Option<Timestamp>,
    pub(crate) username: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) role: String,
    pub(crate) tenant_id: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_login_at: Option<Timestamp>,
    pub(crate) disabled_at: Option<Timestamp>,
    pub(crate) disabled_until: Option<Timestamp>,
    pub(crate) deletes_at: Option<Timestamp>,
    /// Until when its lane is locked; the moment may be over.
    pub(crate) locked_until: Option<Timestamp>,
}

/// Which accounts. What is empty does not narrow.
#[derive(Clone, Copy)]
pub(crate) struct UserFilter<'a> {
    /// `active`, `locked`, `suspended`, `disabled`, `leaving`.
    pub(crate) status: &'a str,
    /// Part of an address, a username or a name.
    pub(crate) part: &'a str,
    /// A role's name.
    pub(crate) role: &'a str,
    /// A tenant they are a member of.
    pub(crate) tenant_id: &'a str,
    /// Locks are judged by this moment.
    pub(crate) now: Timestamp,
}

impl UserFilter<'_> {
    /// The part as it was typed, where a lower-case comparison could miss it.
    fn as_typed(&self) -> &str {
        match self.part.is_ascii() {
            true => "",
            false => self.part,
        }
    }

    pub(crate) fn lead(&self) -> UserLead {
        match (self.status, self.tenant_id, self.role) {
            ("" | "active", "", "") => UserLead::All,
            ("" | "active", "", _) => UserLead::Role,
            ("" | "active", _, _) => UserLead::Tenant,
            _ => UserLead::Standing,
        }
    }
}

/// Where a page begins, in its order: after this entry, or at the beginning.
#[derive(Clone, Copy)]
pub(crate) enum UserPlace<'a> {
    /// Before this moment and id, the newest first.
    Newest(Option<(Timestamp, &'a str)>),
    /// After them, the oldest first.
    Oldest(Option<(Timestamp, &'a str)>),
    /// After this address.
    Email(Option<&'a str>),
    /// Before this last sign-in and id.
    LastLogin(Option<(Timestamp, &'a str)>),
}

/// The columns of [`ManagedUserRow`], once.
macro_rules! select {
    ($($rest:tt)*) => {
        concat!(
            "select id, email, email_verified_at, username, first_name, last_name, role, tenant_id, created_at, last_login_at,
                    disabled_at, disabled_until, deletes_at,
                    (select max(locked_until) from failures where account_id = users.id and lane = 'account') as locked_until
             from users ",
            $($rest)*
        )
    };
}

/// What narrows a list: `$1` to `$6`. A search is one comparison a row. Letters beyond ASCII are found in
/// names as they were typed (`$3`, empty where that adds nothing); `lower` means something else on each
/// database.
macro_rules! judged {
    ($lead:literal, $rest:literal) => {
        concat!(
            "where ",
            $lead,
            r"($1 = '' or $1 = case
                  when deletes_at is not null then 'leaving'
                  when disabled_until is not null then 'suspended'
                  when disabled_at is not null then 'disabled'
                  when exists (select 1 from failures where account_id = users.id and lane = 'account' and locked_until > $6) then 'locked'
                  else 'active' end)
               and ($2 = ''
                    or email || ' ; ' || coalesce(username_key, '') || ' ; '
                       || lower(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) like $2 escape '\'
                    or ($3 <> '' and coalesce(first_name, '') || ' ' || coalesce(last_name, '') like $3 escape '\'))
               and ($4 = '' or role = $4)
               and ($5 = '' or exists (select 1 from memberships where user_id = users.id and tenant_id = $5)) ",
            $rest
        )
    };
}

/// The same with what leads: where few accounts can be meant, nobody else's row is looked at. Accounts that
/// do not simply stand open are few and found by their indexes, and so are the members of a tenant; those of
/// a role stand in the index of role and order.
macro_rules! filtered {
    (all, $rest:literal) => {
        judged!("", $rest)
    };
    (standing, $rest:literal) => {
        judged!(
            "id in (select id from users where disabled_at is not null
                 union all select id from users where deletes_at is not null
                 union all select account_id from failures where account_id is not null and lane = 'account') and ",
            $rest
        )
    };
    (role, $rest:literal) => {
        judged!("role = $4 and ", $rest)
    };
    (tenant, $rest:literal) => {
        judged!(
            "id in (select user_id from memberships where tenant_id = $5) and ",
            $rest
        )
    };
}

/// What a list is read along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserLead {
    /// The index of its order.
    All,
    /// Those few that may not sign in, or were locked: found first, then sorted.
    Standing,
    /// The index of a role and its order.
    Role,
    /// The members of a tenant: found first, then sorted.
    Tenant,
}

/// Which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserOrder {
    Newest,
    Oldest,
    LastLogin,
    Email,
}

/// The text of a list: `$7` and `$8` are the place it begins after, `$9` how many.
///
/// SQLite compares a pair along an index of columns, and not along one of expressions: it is told again.
/// Of those that are found first it would rather walk the whole order than sort them, so the order is
/// written as one that no index has.
pub(crate) fn list_text(lead: UserLead, order: UserOrder) -> &'static str {
    macro_rules! of {
        ($rest:literal, $found:literal) => {
            match lead {
                UserLead::All => select!(filtered!(all, $rest)),
                UserLead::Standing => select!(filtered!(standing, $found)),
                UserLead::Role => select!(filtered!(role, $rest)),
                UserLead::Tenant => select!(filtered!(tenant, $found)),
            }
        };
    }
    match order {
        UserOrder::Newest => of!(
            "and (created_at, id) < ($7, $8) order by created_at desc, id desc limit $9",
            "and (created_at, id) < ($7, $8) order by created_at + 0 desc, id desc limit $9"
        ),
        UserOrder::Oldest => of!(
            "and (created_at, id) > ($7, $8) order by created_at, id limit $9",
            "and (created_at, id) > ($7, $8) order by created_at + 0, id limit $9"
        ),
        UserOrder::LastLogin => of!(
            "and coalesce(last_login_at, 0) <= $7 and (coalesce(last_login_at, 0), id) < ($7, $8) order by coalesce(last_login_at, 0) desc, id desc limit $9",
            "and (coalesce(last_login_at, 0), id) < ($7, $8) order by coalesce(last_login_at, 0) + 0 desc, id desc limit $9"
        ),
        UserOrder::Email => of!(
            "and email > $7 order by email limit $8",
            "and email > $7 order by email || '' limit $8"
        ),
    }
}

/// The text of a count up to `$7`.
fn count_text(lead: UserLead) -> &'static str {
    macro_rules! of {
        ($lead:ident) => {
            concat!(
                "select count(*) from (select 1 from users ",
                filtered!($lead, "limit $7"),
                ") as found"
            )
        };
    }
    match lead {
        UserLead::All => of!(all),
        UserLead::Standing => of!(standing),
        UserLead::Role => of!(role),
        UserLead::Tenant => of!(tenant),
    }
}

/// Binds what [`judged!`] names.
macro_rules! bound {
    ($query:expr, $filter:expr) => {
        $query
            .bind($filter.status)
            .bind(containing(&$filter.part.to_lowercase()))
            .bind(containing($filter.as_typed()))
            .bind($filter.role)
            .bind($filter.tenant_id)
            .bind($filter.now)
    };
}

impl Tx {
    /// At most `limit` accounts from a place on.
    pub(crate) async fn list_managed_users(
        &mut self,
        filter: UserFilter<'_>,
        place: UserPlace<'_>,
        limit: i64,
    ) -> Result<Vec<ManagedUserRow>> {
        let lead = filter.lead();
        let (order, (at, id)) = match place {
            UserPlace::Newest(after) => (UserOrder::Newest, after.unwrap_or((i64::MAX, ""))),
            UserPlace::Oldest(after) => (UserOrder::Oldest, after.unwrap_or((i64::MIN, ""))),
            UserPlace::LastLogin(after) => (UserOrder::LastLogin, after.unwrap_or((i64::MAX, ""))),
            UserPlace::Email(after) => {
                let text = list_text(lead, UserOrder::Email);
                return Ok(on!(self, c => bound!(sqlx::query_as(text), filter)
                    .bind(after.unwrap_or_default())
                    .bind(limit)
                    .fetch_all(c)
                    .await)?);
            }
        };
        let text = list_text(lead, order);
        Ok(on!(self, c => bound!(sqlx::query_as(text), filter)
            .bind(at)
            .bind(id)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// How many accounts there are, counted up to `most`.
    pub(crate) async fn count_managed_users(
        &mut self,
        filter: UserFilter<'_>,
        most: i64,
    ) -> Result<i64> {
        let text = count_text(filter.lead());
        Ok(on!(self, c => bound!(sqlx::query_scalar(text), filter)
            .bind(most)
            .fetch_one(c)
            .await)?)
    }

    /// One account.
    pub(crate) async fn managed_user_by_id(&mut self, id: &str) -> Result<Option<ManagedUserRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where id = $1"))
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// What the log notes of the newest act of this name that was done to an account at a moment or since.
    pub(crate) async fn newest_detail_by_subject(
        &mut self,
        subject: &str,
        action: &str,
        since: Timestamp,
    ) -> Result<Option<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select detail from audit_log
             where subject_id = $1 and action = $2 and outcome = 'success' and at >= $3
             order by at desc, id desc limit 1")
            .bind(subject)
            .bind(action)
            .bind(since)
            .fetch_optional(c)
            .await)?)
    }
}
