-- Signing in with a mailed code, and devices an account was seen on.

-- Sign-ins by mailed code that somebody began, for any address at all. A code works only for whoever
-- holds the flow's secret, which is the one who asked.
create table sign_in_flows (
    -- UUIDv7; the subject of its one-time tokens.
    id text not null primary key,
    -- Canonical address the letter goes to, if it has an account. Not unique: anybody may type any.
    email text not null,
    -- SHA-256 of the flow's secret.
    flow_digest bytea not null unique,
    -- Codes tried so far; at five no code is taken any more. A further letter gives no further tries.
    tries bigint not null,
    -- From which address it came: said on the page its link opens elsewhere.
    address text not null,
    -- With which `User-Agent`: said there too, in words.
    agent text not null,
    -- When the newest letter was asked for.
    asked_at bigint not null,
    -- When somebody began it.
    created_at bigint not null,
    -- Its end: a quarter of an hour after the newest letter was asked for.
    expires_at bigint not null
);
create index sign_in_flows_by_email on sign_in_flows (email);
create index sign_in_flows_by_expiry on sign_in_flows (expires_at);

-- Where each account was signed in before, so that a new place is told to its owner once.
create table known_devices (
    -- HMAC of account, kind of device and neighbourhood under the key ring: the table tells nobody
    -- where people are.
    key bytea not null primary key,
    -- Whose it is.
    user_id text not null references users (id) on delete cascade,
    -- How many devices the account had been seen on before: with none, this is no news.
    others bigint not null,
    -- Sign-ins from here.
    count bigint not null,
    -- The last of them.
    seen_at bigint not null
);
create index known_devices_by_user on known_devices (user_id);
create index known_devices_by_sight on known_devices (seen_at);
