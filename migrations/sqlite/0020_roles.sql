-- Who has a role is asked before it changes.
create index memberships_by_role on memberships (role);

-- Whom something is entrusted to: what a right "for assigned resources alone" is about (req 87). What
-- the resources are is the services' to know; here they are words.
create table assignments (
    -- UUIDv7.
    id text not null primary key,
    -- Who …
    user_id text not null references users (id) on delete cascade,
    -- … in which tenant, as a member; null: acting in none.
    tenant_id text,
    -- What kind of thing: `patient`.
    resource_type text not null,
    -- Which one, by the service's own id.
    resource_id text not null,
    -- When it was entrusted to them.
    assigned_at integer not null,
    -- The account that did. No reference: it may have gone. Null: the operator.
    assigned_by text,
    -- Who leaves a tenant leaves what was entrusted to them there.
    foreign key (user_id, tenant_id) references memberships (user_id, tenant_id) on delete cascade
) strict;
create unique index assignments_once
    on assignments (user_id, coalesce(tenant_id, ''), resource_type, resource_id);
create index assignments_by_resource on assignments (resource_type, resource_id);
create index assignments_by_tenant on assignments (tenant_id);
