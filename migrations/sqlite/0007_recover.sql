-- Getting back in: wishes for another password, and the passwords an account had.

-- Wishes for a reset. One row a wish, whether or not anybody has the address.
create table resets (
    -- UUIDv7.
    id text not null primary key,
    -- The canonical address that was typed. Perhaps nobody's, and not unique: anybody may type any.
    email text not null,
    -- SHA-256 of the flow's secret: only who holds it may use the code. Null: nobody waits for a code,
    -- and the letter has a link alone.
    flow_digest blob unique,
    -- Wrong codes so far; at five no code is taken any more.
    tries integer not null,
    -- When somebody asked for it.
    created_at integer not null,
    -- By then its letter was given up, or its link has ended.
    expires_at integer not null
) strict;
create index resets_by_email on resets (email);
create index resets_by_expiry on resets (expires_at);

-- Passwords an account had before its present one: the newest few, so that none comes back soon.
create table password_history (
    -- UUIDv7.
    id text not null primary key,
    -- Whose it was.
    user_id text not null references users (id) on delete cascade,
    -- As it stood in `users`: a PHC string, or one an import brought along.
    password_hash text not null,
    -- When another took its place.
    created_at integer not null
) strict;
create index password_history_by_user on password_history (user_id, created_at);
