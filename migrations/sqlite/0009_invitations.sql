-- Tenants, who belongs to them, and who was asked to come.

-- Organisations that people of one portal work in, apart from each other.
create table tenants (
    -- UUIDv7; the `tenantId` of tokens.
    id text not null primary key,
    -- Its name as written, up to 100 characters, shown as text only.
    name text not null,
    -- The form by which it is unique: lower case.
    name_key text not null unique,
    -- When it was added.
    created_at integer not null
) strict;

-- Who belongs to which tenant. A row is a membership that was accepted; who is only asked has an
-- invitation, who has left has neither.
create table memberships (
    -- Who …
    user_id text not null references users (id) on delete cascade,
    -- … belongs to which tenant.
    tenant_id text not null references tenants (id),
    -- As what. Rights at the portal still follow from the account's own role.
    role text not null references roles (name),
    -- When they joined.
    joined_at integer not null,
    primary key (user_id, tenant_id)
) strict;
create index memberships_by_tenant on memberships (tenant_id);

-- Invitations. Not users (D13): the account, or the membership, comes to be when one is accepted.
-- Their links are in `one_time_tokens`, under the purpose `invitation` and this id.
create table invitations (
    -- UUIDv7.
    id text not null primary key,
    -- Canonical address it is for. Not unique: each stands for itself.
    email text not null,
    -- What the account, or the membership, shall be. Looked at again when it is accepted, so it may
    -- name a role that has gone.
    role text not null,
    -- To be shown filled in.
    first_name text,
    -- To be shown filled in.
    last_name text,
    -- The tenant to join. Null: an account alone.
    tenant_id text references tenants (id),
    -- Who vouches for it: the account that invited or sent it again last. No reference: an account
    -- that has gone leaves a dead invitation, not none.
    inviter_id text not null,
    -- When somebody was invited.
    created_at integer not null,
    -- 7 days after its newest letter. Part of the accepting statement, never left to a cleaner.
    expires_at integer not null,
    -- When it was accepted. Never taken back.
    accepted_at integer,
    -- The account that did.
    accepted_by text,
    -- When it was taken back. Never undone.
    revoked_at integer
) strict;
create index invitations_by_email on invitations (email);
create index invitations_by_expiry on invitations (expires_at);
