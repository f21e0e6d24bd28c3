-- Sessions that people look after, and the list of accounts that admins do.

alter table sessions add column
    -- Whether its cookie outlives the browser: its owner asked to stay signed in. Sessions from
    -- before this was asked did.
    remembered boolean not null default true;

-- Accounts are listed newest first, a page at a time.
create index users_by_creation on users (created_at, id);
