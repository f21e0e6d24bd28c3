-- Lists over many accounts and keys, each along an index of its own.

-- Accounts of a role, in each order they are listed in.
drop index users_by_role;
create index users_by_role_and_creation on users (role, created_at, id);
create index users_by_role_and_last_login on users (role, coalesce(last_login_at, 0), id);
create index users_by_role_and_email on users (role, email);

-- Sessions that were used since a moment, counted without reading one.
create index sessions_by_sight on sessions (last_seen_at, created_at, user_id);

-- The keys of an account and of a tenant, newest first.
drop index api_keys_by_user;
create index api_keys_by_user on api_keys (user_id, created_at, id);
drop index api_keys_by_tenant;
create index api_keys_by_tenant on api_keys (tenant_id, created_at, id);
