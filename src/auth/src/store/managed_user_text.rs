//! The texts by which accounts are listed and counted, for both databases.
//!
//! SQLite reads rows many times faster as they lie than in an order they do not lie in, and carries whole
//! rows through a sort. So who may be many is walked along an index until a page is full; whoever has to be
//! found first is found by id and order alone, and read when the page is known.

/// The columns of [`ManagedUserRow`](crate::store::ManagedUserRow), once.
macro_rules! select {
    ($($rest:expr),*) => {
        concat!(
            "select id, email, email_verified_at, username, first_name, last_name, role, tenant_id, created_at, last_login_at,
                    disabled_at, disabled_until, deletes_at,
                    (select max(locked_until) from failures where account_id = users.id and lane = 'account') as locked_until
             from ",
            $($rest),*
        )
    };
}

/// What narrows a list: `$1` to `$4` and `$6`; `$5` is a tenant, which leads. A search is one comparison a
/// row. Letters beyond ASCII are found in names as they were typed (`$3`, empty where that adds nothing);
/// `lower` means something else on each database.
macro_rules! judged {
    () => {
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
               and ($4 = '' or role = $4) "
    };
}

/// The same with what leads: where few accounts can be meant, nobody else's row is looked at. Accounts that
/// do not simply stand open are few and found by their indexes, and so are the members of a tenant; those of
/// a role stand in the index of role and order.
macro_rules! filtered {
    (all) => {
        concat!("where ", judged!())
    };
    (role) => {
        concat!("where role = $4 and ", judged!())
    };
    (tenant) => {
        concat!(
            "where id in (select user_id from memberships where tenant_id = $5) and ",
            judged!()
        )
    };
    (standing) => {
        concat!(
            "where id in (select id from users where disabled_at is not null
                 union all select id from users where deletes_at is not null
                 union all select account_id from failures where account_id is not null and lane = 'account')
               and ($5 = '' or exists (select 1 from memberships where user_id = users.id and tenant_id = $5))
               and ",
            judged!()
        )
    };
}

/// How many accounts a search looks at in its order before it reads all as they lie.
macro_rules! looked_at {
    () => {
        2000
    };
}
pub(super) const LOOKED_AT: i64 = looked_at!();

/// What a list is read along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserLead {
    /// The index of its order.
    All,
    /// The same, for [`LOOKED_AT`] accounts and no further.
    Next,
    /// The index of a role and its order.
    Role,
    /// Every account as it lies: found first, then sorted.
    Every,
    /// Those few that may not sign in, or were locked: found first, then sorted.
    Standing,
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

/// A list along an index: from the place on, in its order.
macro_rules! walked {
    ($lead:ident, $place:literal, $order:literal, $limit:literal) => {
        select!(
            "users ",
            filtered!($lead),
            "and ",
            $place,
            " order by ",
            $order,
            " limit ",
            $limit
        )
    };
}

/// The same of the next few alone.
macro_rules! next {
    ($place:literal, $order:literal, $limit:literal) => {
        select!(
            "(select * from users where ",
            $place,
            " order by ",
            $order,
            " limit ",
            looked_at!(),
            ") as users ",
            filtered!(all),
            "order by ",
            $order,
            " limit ",
            $limit
        )
    };
}

/// A list of those that are found first: which they are, and then what is shown of them.
macro_rules! found {
    ($lead:ident, $place:literal, $order:literal, $limit:literal) => {
        select!(
            "users where id in (select id from users ",
            filtered!($lead),
            "and ",
            $place,
            " order by ",
            $order,
            " limit ",
            $limit,
            ") order by ",
            $order
        )
    };
}

/// The text of a list: `$7` and `$8` are the place it begins after, `$9` how many; by address `$7` and `$8`.
///
/// SQLite compares a pair along an index of columns, and not along one of expressions: it is told again.
/// Of those that are found first it would rather walk the whole order than sort them, so place and order are
/// written as ones that no index has.
pub(crate) fn list_text(lead: UserLead, order: UserOrder) -> &'static str {
    macro_rules! of {
        (($($walked:literal),*), ($($found:literal),*), $limit:literal) => {
            match lead {
                UserLead::All => walked!(all, $($walked),*, $limit),
                UserLead::Next => next!($($walked),*, $limit),
                UserLead::Role => walked!(role, $($walked),*, $limit),
                UserLead::Every => found!(all, $($found),*, $limit),
                UserLead::Standing => found!(standing, $($found),*, $limit),
                UserLead::Tenant => found!(tenant, $($found),*, $limit),
            }
        };
    }
    match order {
        UserOrder::Newest => of!(
            ("(created_at, id) < ($7, $8)", "created_at desc, id desc"),
            (
                "(created_at + 0, id) < ($7, $8)",
                "created_at + 0 desc, id desc"
            ),
            "$9"
        ),
        UserOrder::Oldest => of!(
            ("(created_at, id) > ($7, $8)", "created_at, id"),
            ("(created_at + 0, id) > ($7, $8)", "created_at + 0, id"),
            "$9"
        ),
        UserOrder::LastLogin => of!(
            (
                "coalesce(last_login_at, 0) <= $7 and (coalesce(last_login_at, 0), id) < ($7, $8)",
                "coalesce(last_login_at, 0) desc, id desc"
            ),
            (
                "(coalesce(last_login_at, 0) + 0, id) < ($7, $8)",
                "coalesce(last_login_at, 0) + 0 desc, id desc"
            ),
            "$9"
        ),
        UserOrder::Email => of!(
            ("email > $7", "email"),
            ("email || '' > $7", "email || ''"),
            "$8"
        ),
    }
}

/// The text of a count up to `$7`.
pub(super) fn count_text(lead: UserLead) -> &'static str {
    macro_rules! of {
        ($lead:ident) => {
            concat!(
                "select count(*) from (select 1 from users ",
                filtered!($lead),
                "limit $7) as found"
            )
        };
    }
    match lead {
        UserLead::All | UserLead::Next | UserLead::Every => of!(all),
        UserLead::Role => of!(role),
        UserLead::Standing => of!(standing),
        UserLead::Tenant => of!(tenant),
    }
}

/// The text of a count of a tenant's members up to `$2`. Each of them has an account, which is not read.
pub(super) const COUNT_OF_TENANT: &str =
    "select count(*) from (select 1 from memberships where tenant_id = $1 limit $2) as found";

/// The text of one account, by its id.
pub(super) const BY_ID: &str = select!("users where id = $1");
