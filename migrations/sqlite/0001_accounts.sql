-- Who exists and what they may do.

-- Facts about this database as a whole.
create table meta (
    -- What the fact is: `ring_id`, `feed_stream`.
    name text not null primary key,
    -- The fact.
    value text not null
) strict;

-- The one change number of the whole portal (D21): raised by whatever changes somebody's rights or
-- ends a session, and locked until that commits. Taken last in a transaction, so nobody waits long.
create table change_number (
    -- Always 1: there is one row.
    id integer not null primary key check (id = 1),
    -- The number of the newest committed change.
    value integer not null
) strict;
insert into change_number (id, value) values (1, 0);

-- What ended or changed, for token checks here and the revocation feed for others.
create table revocations (
    -- Its change number.
    number integer not null primary key,
    -- `session`, `subject`, `key`, `role`, `tenant`, `all`.
    kind text not null,
    -- The id of what ended or changed.
    subject text not null,
    -- When it happened. Seconds since 1970, UTC, by the portal's clock, as all times here.
    at integer not null,
    -- From when on no token can be alive that this concerns: the row may go.
    until integer not null
) strict;
create index revocations_by_subject on revocations (kind, subject);

-- Everything that can be permitted.
create table permissions (
    -- `resource:action`.
    name text not null primary key,
    -- What it lets somebody do, for people.
    description text not null
) strict;

create table roles (
    -- Its name in tokens and on pages.
    name text not null primary key,
    -- What it is for, for people.
    description text not null,
    -- Set for the roles that came with the portal and cannot be deleted.
    built_in_at integer
) strict;

create table role_permissions (
    -- Whoever has this role …
    role text not null references roles (name) on delete cascade,
    -- … has this permission.
    permission text not null references permissions (name) on delete cascade,
    primary key (role, permission)
) strict;

-- People with an account: their address is proven, or proving is switched off (D13).
create table users (
    -- UUIDv7; the `sub` of tokens. Never changes, is never given to anybody else.
    id text not null primary key,
    -- Canonical address (wire::Email): the form that is compared.
    email text not null unique,
    -- When its owner proved it. Null only where proving is switched off.
    email_verified_at integer,
    -- As its owner typed it.
    username text,
    -- The form by which it is unique: ASCII lower case.
    username_key text unique,
    -- Up to 100 characters, shown as text only.
    first_name text,
    -- Up to 100 characters, shown as text only.
    last_name text,
    -- PHC string (Argon2id). Null: this account has no password.
    password_hash text,
    -- When the password was last set.
    password_changed_at integer,
    -- Rights follow from the role's permissions.
    role text not null references roles (name),
    -- The tenant this person belongs to.
    tenant_id text,
    -- When the account came to be.
    created_at integer not null,
    -- When anything in this row last changed.
    updated_at integer not null,
    -- Set while the account may not sign in.
    disabled_at integer,
    -- The last completed sign-in.
    last_login_at integer
) strict;
create index users_by_role on users (role);

-- Preset `workflow` (req 84, 88, 89). A role holds exactly what stands here: nothing is implied.
insert into permissions (name, description) values
    ('workflow:create', 'Create workflows'),
    ('workflow:read', 'See workflows'),
    ('workflow:update', 'Change workflows'),
    ('workflow:delete', 'Delete workflows'),
    ('workflow:execute', 'Run workflows'),
    ('automation:create', 'Create automations'),
    ('automation:read', 'See automations'),
    ('automation:update', 'Change automations'),
    ('automation:delete', 'Delete automations'),
    ('user:manage', 'Manage people and invitations'),
    ('apikey:manage', 'Manage everybody''s API keys'),
    ('audit:read', 'Read the audit log'),
    ('system:config', 'Change settings, roles, tenants and signing keys');

insert into roles (name, description, built_in_at) values
    ('admin', 'Runs the portal', 0),
    ('user', 'Works with workflows and automations', 0),
    ('viewer', 'Looks, and changes nothing', 0),
    ('api', 'Reserved for tokens made from API keys; holds nothing, is assigned to nobody', 0);

insert into role_permissions (role, permission) select 'admin', name from permissions;
insert into role_permissions (role, permission)
    select 'user', name from permissions where name like 'workflow:%' or name like 'automation:%';
insert into role_permissions (role, permission) values
    ('viewer', 'workflow:read'),
    ('viewer', 'automation:read');
