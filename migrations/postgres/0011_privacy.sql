-- Leaving, and what people agreed to.

alter table users add column
    -- Set while the account is closed at its owner's wish: when it is deleted for good. Nobody signs
    -- in meanwhile; cleared by who undoes it in time.
    deletes_at bigint;
create index users_by_deletion on users (deletes_at) where deletes_at is not null;

-- What people agreed to: a row each time, kept when it is withdrawn, so that the history stays.
create table consents (
    -- UUIDv7.
    id text not null primary key,
    -- Who agreed.
    user_id text not null references users (id) on delete cascade,
    -- To what: `terms`, `data_processing`, `ai_interaction`, `data_retention`.
    purpose text not null,
    -- In which version, by the operator's name for it.
    version text not null,
    -- When.
    given_at bigint not null,
    -- From which address.
    address text not null,
    -- With which `User-Agent`.
    agent text not null,
    -- When it was taken back. Set once.
    withdrawn_at bigint
);
create index consents_by_user on consents (user_id, purpose);
-- Agreeing twice at once is agreeing once.
create unique index consents_alive on consents (user_id, purpose, version) where withdrawn_at is null;

-- Accounts that were deleted, while the audit log still has to forget where they came from.
create table erasures (
    -- An id that nobody bears any more: of the account, or of the registration it began as.
    subject text not null primary key,
    -- When the account was deleted.
    deleted_at bigint not null,
    -- Rows that were written a moment too late are looked for until then.
    until bigint not null
);

alter table audit_log add column
    -- HMAC under the key ring over this row as it was erased: what keeps the chain whole although the
    -- row no longer holds what was hashed. Null: nothing was erased.
    erased_mac bytea;

-- An unsealed row may only be sealed. Of a sealed one the portal may erase, under its MAC, where
-- somebody who has left came from, and the detail; everything else stays as it is.
drop trigger audit_log_is_append_only on audit_log;
create trigger audit_log_is_append_only before update on audit_log for each row
when ((new.id, new.at, new.action, new.outcome, new.actor_id, new.subject_id, new.request_id)
    is distinct from
      (old.id, old.at, old.action, old.outcome, old.actor_id, old.subject_id, old.request_id)
    or case when old.seq is null
        then (new.address, new.agent, new.detail) <> (old.address, old.agent, old.detail)
            or new.erased_mac is not null
        else (new.seq, new.hash) is distinct from (old.seq, old.hash) or new.erased_mac is null
            or new.address not in (old.address, '') or new.agent not in (old.agent, '')
            or new.detail not in (old.detail, '{}')
        end)
execute function audit_log_refuse_change();
