-- Tenants: members that are suspended, lists a page at a time, invitations by a tenant's own admins.

alter table memberships add column
    -- Since when it gives nothing (row 97). Null: it is in force.
    suspended_at integer;
-- A tenant's members, the newest first.
drop index memberships_by_tenant;
create index memberships_by_tenant on memberships (tenant_id, joined_at, user_id);

alter table invitations add column
    -- What a new account shall be where `role` is of the membership alone: nothing a tenant's admin gives
    -- reaches beyond the tenant. Null: `role` is of both.
    account_role text;
-- A tenant's invitations, the newest first.
create index invitations_by_tenant on invitations (tenant_id, created_at, id);
