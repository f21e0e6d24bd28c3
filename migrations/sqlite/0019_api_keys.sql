-- API keys (req 78–83): what programs show instead of somebody who signs in.

create table api_keys (
    -- UUIDv7; the `keyId` of tokens made from it. Not a secret.
    id text not null primary key,
    -- Whose rights it has at most: its owner or, of a tenant's key, the member who vouches for it.
    -- Null: a tenant's key whose member has gone, until another takes it over.
    user_id text references users (id) on delete set null,
    -- Where it acts. Null: in no tenant.
    tenant_id text references tenants (id) on delete cascade,
    -- 1: it is the tenant's, and stays when the member goes. 0: it is the account's. A key that is
    -- nobody's would be everybody's.
    owned_by_tenant integer not null check (owned_by_tenant = 1 or user_id is not null) check (owned_by_tenant = 0 or tenant_id is not null),
    -- What its owner calls it, 1 to 255 characters.
    name text not null,
    -- SHA-256 of the key as it is shown. The key itself is nowhere.
    digest blob not null unique,
    -- How it begins: `wks_live_` or `wks_test_`.
    prefix text not null,
    -- How it ends: four characters to tell one from another by.
    last4 text not null,
    -- What it may do at most: names of permissions, sorted, one space between them. No patterns.
    permissions text not null,
    -- Uses an hour.
    rate_limit integer not null,
    -- When it was made.
    created_at integer not null,
    -- The account that made it. No reference: it may have gone.
    created_by text not null,
    -- When it expires. Null: never.
    expires_at integer,
    -- When it ends: then or, of a key that was rolled, with its overlap. Null: never.
    ends_at integer,
    -- When another took its place.
    rolled_at integer,
    -- Which. No reference: the other may be deleted first.
    successor_id text,
    -- When it was last used, to the minute.
    last_used_at integer,
    -- From which address.
    last_used_address text,
    -- When it was revoked.
    revoked_at integer,
    -- Why: `owner`, `admin`, `rolled`, `leaked`, `tenant`.
    revoked_reason text,
    -- Since when it waits for its owner to say that it is theirs (D27).
    suspended_at integer,
    -- The days before its end of the last reminder. Null: there was none.
    reminded_days integer
) strict;
create index api_keys_by_user on api_keys (user_id);
create index api_keys_by_tenant on api_keys (tenant_id);
create index api_keys_by_creation on api_keys (created_at, id);
create index api_keys_by_end on api_keys (ends_at);
