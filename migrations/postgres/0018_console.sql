-- What the administration lists, counts and ends.

alter table users add column
    -- When a suspension ends by itself. Null while `disabled_at` is set: when somebody enables the account.
    disabled_until bigint;
create index users_by_end_of_suspension on users (disabled_until) where disabled_until is not null;
create index users_by_disabling on users (disabled_at) where disabled_at is not null;
-- Accounts are listed by their last sign-in, too; who never signed in comes last.
create index users_by_last_login on users (coalesce(last_login_at, 0), id);

alter table failures add column
    -- The account whose lane this is, noted when it is locked: the key tells nobody whom to unlock. Null for
    -- lanes that are nobody's, or were never locked.
    account_id text;
create index failures_by_account on failures (account_id) where account_id is not null;

-- Sign-ins of each day, so that nobody counts the audit log. Raised by the sealer, in the transaction
-- that gives the rows their place: each row counts once.
create table sign_in_days (
    -- Days since 1970, UTC.
    day bigint not null primary key,
    -- How many sign-ins were completed.
    succeeded bigint not null,
    -- How many were refused.
    refused bigint not null
);
insert into sign_in_days (day, succeeded, refused)
    select at / 86400,
           count(case when action = 'session.started' then 1 end),
           count(case when action = 'session.start' then 1 end)
    from audit_log
    where seq is not null
      and (action = 'session.started' and outcome = 'success' or action = 'session.start' and outcome = 'refused')
    group by at / 86400;
