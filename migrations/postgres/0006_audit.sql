-- What happened (D19). Written in the transaction of the act; never changed afterwards.
create table audit_log (
    -- UUIDv7.
    id text not null primary key,
    -- When it happened.
    at bigint not null,
    -- The request it belongs to.
    request_id text not null,
    -- The account that acted. Null: nobody signed in, or the portal itself.
    actor_id text,
    -- What was done: `user.registered`, `session.started`, `signing_key.rotated` …
    action text not null,
    -- `success`, or `refused` with the reason in the detail.
    outcome text not null,
    -- Whom or what it was done to.
    subject_id text,
    -- From which address.
    address text not null,
    -- With which `User-Agent`.
    agent text not null,
    -- The rest, as JSON. No secret, no password, no code.
    detail text not null,
    -- Its place in the chain, given by the sealer. Null: committed a moment ago.
    seq bigint unique,
    -- SHA-256 over the previous row's hash and this row.
    hash bytea
);
create index audit_log_by_time on audit_log (at);
create index audit_log_by_actor on audit_log (actor_id);
create index audit_log_by_subject on audit_log (subject_id);
create index audit_log_unsealed on audit_log (id) where seq is null;

-- The tail of the chain, MACed with a ring key: who rewrites the table cannot rewrite this.
create table audit_checkpoints (
    -- The last row it covers.
    seq bigint not null primary key,
    -- When it was made.
    at bigint not null,
    -- The chain's hash at that row.
    hash bytea not null,
    -- HMAC of both under the key ring.
    mac bytea not null
);

-- A sealed row stays as it is; an unsealed one may only be sealed.
create function audit_log_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end;
$$;
create trigger audit_log_is_append_only before update on audit_log for each row
when (old.seq is not null
    or (new.id, new.at, new.action, new.outcome, new.actor_id, new.subject_id, new.request_id,
        new.address, new.agent, new.detail)
    is distinct from
       (old.id, old.at, old.action, old.outcome, old.actor_id, old.subject_id, old.request_id,
        old.address, old.agent, old.detail))
execute function audit_log_refuse_change();
