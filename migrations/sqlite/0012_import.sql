-- Accounts that came from another system.

-- Where an account came from, so that a second run of an import finds it again (by the old system's id,
-- never by address).
create table imported_accounts (
    -- Which system: `clerk`, `auth0`, `firebase`, `better-auth`, `sonicjs`, or the name of a CSV's source.
    source text not null,
    -- Its id for the account.
    external_id text not null,
    -- The account here. Null: it was deleted here, and no import brings it back.
    user_id text references users (id) on delete set null,
    -- HMAC under the key ring of address, names and username as last imported: what has not changed there is not looked at.
    profile_mac blob not null,
    -- HMAC under the key ring of the hash as it came. Keyed, because some hashes are too weak to rest even digested.
    hash_mac blob not null,
    -- HMAC under the key ring of the hash as it was kept: whether the account's password is still the imported one.
    kept_mac blob not null,
    -- When the account was made.
    imported_at integer not null,
    -- When a run last changed it.
    updated_at integer not null,
    primary key (source, external_id)
) strict;
create index imported_accounts_by_user on imported_accounts (user_id);
