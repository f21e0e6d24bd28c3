-- Getting in, and staying in.

-- Registrations whose address is not proven yet. Not users; each stands for itself and is never
-- overwritten (D13).
create table registrations (
    -- UUIDv7.
    id text not null primary key,
    -- Canonical address the letter goes to. Not unique: anybody may type any address.
    email text not null,
    -- SHA-256 of the flow's secret: only who holds it may use the password and names below.
    flow_digest blob not null unique,
    -- PHC string of the password chosen at registration.
    password_hash text not null,
    -- As typed.
    username text,
    -- As typed.
    first_name text,
    -- As typed.
    last_name text,
    -- Wrong codes so far; at five no code is taken any more.
    tries integer not null,
    -- From which address it came: said in the letter.
    address text not null,
    -- From which device: said in the letter.
    agent text not null,
    -- When somebody asked for it.
    created_at integer not null,
    -- 24 hours later.
    expires_at integer not null
) strict;
create index registrations_by_email on registrations (email);
create index registrations_by_expiry on registrations (expires_at);

-- Secrets that work once: mailed links with their codes, set-up links. One row a letter; the
-- secret itself is stored nowhere.
create table one_time_tokens (
    -- SHA-256 of the token in the link.
    digest blob not null primary key,
    -- What it is good for: `verify_email`, `set_up`. Named in every statement that looks for one.
    purpose text not null,
    -- Whom or what it concerns: a registration id; empty for `set_up`.
    subject text not null,
    -- HMAC of the six-digit code under the key ring. Null: this secret is a link alone.
    code_digest blob,
    -- When the code ends; the link lives on.
    code_expires_at integer,
    -- When its letter was written, or its link printed.
    created_at integer not null,
    -- When the link ends. Part of every consuming statement, never left to a cleaner.
    expires_at integer not null,
    -- When it was used.
    consumed_at integer
) strict;
create index one_time_tokens_by_subject on one_time_tokens (purpose, subject);
create index one_time_tokens_by_expiry on one_time_tokens (expires_at);

-- A signed-in person on one device; carried by a cookie, or by a family of refresh tokens.
create table sessions (
    -- UUIDv7; the `sid` of tokens and the id in the list of devices. Not a secret.
    id text not null primary key,
    -- Whose it is.
    user_id text not null references users (id) on delete cascade,
    -- SHA-256 of the cookie's 128 random bits. Null: a JSON client with refresh tokens.
    cookie_digest blob unique,
    -- The active tenant.
    tenant_id text,
    -- How the person proved who they are, space separated: `pwd`, `email` (RFC 8176 where it has a name).
    methods text not null,
    -- When they did.
    auth_time integer not null,
    -- When they last confirmed it for a sensitive act (D26).
    step_up_at integer,
    -- When it began.
    created_at integer not null,
    -- The last request; written at most once a minute.
    last_seen_at integer not null,
    -- Ends this many seconds after the last request …
    idle_seconds integer not null,
    -- … and at this moment whatever happens.
    expires_at integer not null,
    -- The address it was begun from.
    address text not null,
    -- The `User-Agent` it was begun with.
    agent text not null,
    -- When it was ended. Never taken back.
    revoked_at integer,
    -- Why: `log_out`, `replaced`, `reuse`, `log_out_everywhere`.
    revoked_reason text,
    -- What the next page says once. JSON.
    flash text,
    -- Raised by every write of the flash, which names the version it read.
    version integer not null
) strict;
create index sessions_by_user on sessions (user_id);
create index sessions_by_expiry on sessions (expires_at);

-- Refresh tokens (D9). A family is all tokens of one session; exactly one is live.
create table refresh_tokens (
    -- SHA-256 of the token.
    digest blob not null primary key,
    -- The session it prolongs, which is its family.
    session_id text not null references sessions (id) on delete cascade,
    -- When it was handed out.
    created_at integer not null,
    -- 7 days later, or when the session ends.
    expires_at integer not null,
    -- When it was exchanged; from then on it is the predecessor of another.
    rotated_at integer,
    -- SHA-256 of the token it was exchanged for.
    successor_digest blob,
    -- That token, sealed under a key only the holder of this one can derive, so that a repeat gets
    -- the same answer. Erased when the successor is used, or after 30 s.
    successor_sealed blob,
    -- The /24 or /48 the exchange came from.
    rotated_network text,
    -- SHA-256 of the `User-Agent` the exchange came with.
    rotated_agent blob
) strict;
create index refresh_tokens_by_session on refresh_tokens (session_id);
create index refresh_tokens_by_successor on refresh_tokens (successor_digest);
create index refresh_tokens_by_rotation on refresh_tokens (rotated_at);
