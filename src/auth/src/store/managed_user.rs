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

/// What narrows a list: `$1` to `$6`.
///
/// Where few accounts can be meant, they are found by their indexes first: the list is then walked along
/// the index of its order, without looking at anybody else's row. A search is one comparison a row.
/// Letters beyond ASCII are found in names as they were typed (`$3`, empty where that adds nothing);
/// `lower` means something else on each database.
macro_rules! filtered {
    ($rest:literal) => {
        concat!(
            r"where ($1 in ('', 'active') or id in (
                  select id from users where disabled_at is not null
                  union all select id from users where deletes_at is not null
                  union all select account_id from failures where account_id is not null and lane = 'account'))
               and ($1 = '' or $1 = case
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

// SQLite compares a pair along an index of columns, and not along one of expressions: it is told again.
const NEWEST: &str = select!(filtered!(
    "and (created_at, id) < ($7, $8) order by created_at desc, id desc limit $9"
));
const OLDEST: &str = select!(filtered!(
    "and (created_at, id) > ($7, $8) order by created_at, id limit $9"
));
const LAST_LOGIN: &str = select!(filtered!(
    "and coalesce(last_login_at, 0) <= $7 and (coalesce(last_login_at, 0), id) < ($7, $8) order by coalesce(last_login_at, 0) desc, id desc limit $9"
));
const EMAIL: &str = select!(filtered!("and email > $7 order by email limit $8"));
const COUNT: &str = concat!(
    "select count(*) from (select 1 from users ",
    filtered!("limit $7"),
    ") as found"
);

/// Binds what [`filtered!`] names.
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
        let (text, (at, id)) = match place {
            UserPlace::Newest(after) => (NEWEST, after.unwrap_or((i64::MAX, ""))),
            UserPlace::Oldest(after) => (OLDEST, after.unwrap_or((i64::MIN, ""))),
            UserPlace::LastLogin(after) => (LAST_LOGIN, after.unwrap_or((i64::MAX, ""))),
            UserPlace::Email(after) => {
                let after = after.unwrap_or_default();
                return Ok(on!(self, c => bound!(sqlx::query_as(EMAIL), filter)
                    .bind(after)
                    .bind(limit)
                    .fetch_all(c)
                    .await)?);
            }
        };
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
        Ok(on!(self, c => bound!(sqlx::query_scalar(COUNT), filter)
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
