-- Rights as data (req 84–106): what roles, people and members of tenants were given. A *pattern* is
-- `resource:action`, `resource:*` or `*:*`; what it permits is looked up in `permissions`.

alter table permissions add column
    -- Set for what the portal itself asks for: it cannot be deleted.
    built_in_at integer;
update permissions set built_in_at = 0
    where name in ('user:manage', 'apikey:manage', 'audit:read', 'system:config');
insert into permissions (name, description, built_in_at) values
    ('tenant:manage', 'Manage members, invitations and keys of a tenant', 0);

-- What a role gives.
create table role_grants (
    -- Whoever has this role …
    role text not null references roles (name) on delete cascade,
    -- … has what this pattern permits. No reference: a pattern may name all there is.
    pattern text not null,
    -- `assigned`: only for resources they are assigned to. Null: without condition.
    condition text,
    primary key (role, pattern)
) strict;
insert into role_grants (role, pattern)
    select role, permission from role_permissions where role <> 'admin';
-- The admin holds whatever there is and will be.
insert into role_grants (role, pattern) values ('admin', '*:*');
drop table role_permissions;

-- What somebody was given beside their role (req 97).
create table user_grants (
    -- Who …
    user_id text not null references users (id) on delete cascade,
    -- … has what this pattern permits, wherever they act.
    pattern text not null,
    -- `assigned`, or null.
    condition text,
    -- When it was given.
    granted_at integer not null,
    -- The account that gave it. No reference: it may have gone. Null: the operator.
    granted_by text,
    primary key (user_id, pattern)
) strict;

-- What a member was given beside the role of their membership (req 93, 109).
create table membership_grants (
    -- Who …
    user_id text not null,
    -- … has, acting in this tenant, …
    tenant_id text not null,
    -- … what this pattern permits, but for what concerns the whole portal.
    pattern text not null,
    -- `assigned`, or null.
    condition text,
    -- When it was given.
    granted_at integer not null,
    -- The account that gave it. No reference: it may have gone. Null: the operator.
    granted_by text,
    primary key (user_id, tenant_id, pattern),
    foreign key (user_id, tenant_id) references memberships (user_id, tenant_id) on delete cascade
) strict;
