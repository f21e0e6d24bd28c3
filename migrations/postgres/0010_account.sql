-- People and their own accounts: changes of address, and what they did.

-- Changes of an account's address. None replaces another: each keeps its place, because an undo
-- takes back everything from its own change on, in whatever order letters are read.
create table email_changes (
    -- UUIDv7.
    id text not null primary key,
    -- Whose address.
    user_id text not null references users (id) on delete cascade,
    -- The session that asked: its browser alone may use the code.
    session_id text not null,
    -- The how-manieth change of this account it is.
    place bigint not null,
    -- Canonical address at the time; an undo brings it back.
    old_email text not null,
    -- Canonical address that is to be proven. Not unique: anybody may type any address.
    new_email text not null,
    -- Wrong codes so far; at five no code is taken any more.
    tries bigint not null,
    -- When somebody asked for it.
    created_at bigint not null,
    -- Until when it waits to be proven: 24 hours from its letter, or when something ended it.
    expires_at bigint not null,
    -- When the new address was proven and became the account's.
    completed_at bigint,
    -- When it, or one before it, was undone.
    undone_at bigint
);
create unique index email_changes_by_place on email_changes (user_id, place);
create index email_changes_by_expiry on email_changes (expires_at);

-- Somebody's own activity, newest first, without sorting; the older indexes are their beginnings.
drop index audit_log_by_actor;
drop index audit_log_by_subject;
create index audit_log_by_actor on audit_log (actor_id, at, id);
create index audit_log_by_subject on audit_log (subject_id, at, id);
