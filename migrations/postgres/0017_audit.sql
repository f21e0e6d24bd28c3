-- The audit log can be searched, kept for a while only, and vouched for to its last row.

-- Every filter reads along an index of its own, newest first; none reads the log whole.
drop index audit_log_by_time;
create index audit_log_by_time on audit_log (at, id);
create index audit_log_by_action on audit_log (action, at, id);
-- The first word of an action: `user` of `user.disabled`.
create index audit_log_by_kind on audit_log ((split_part(action, '.', 1)), at, id);
create index audit_log_by_outcome on audit_log (outcome, at, id);
create index audit_log_by_address on audit_log (address, at, id);
create index audit_log_by_request on audit_log (request_id, at, id);

-- Two places of the chain, MACed with a ring key: who rewrites the table cannot rewrite these.
create table audit_marks (
    -- `anchor`: the last row that was removed because it was old enough; the chain begins after it.
    -- `tail`: the last row that was sealed.
    name text not null primary key check (name in ('anchor', 'tail')),
    -- The row's place.
    seq bigint not null,
    -- When it was marked.
    at bigint not null,
    -- The chain's hash at that row.
    hash bytea not null,
    -- HMAC of name, place and hash under the key ring.
    mac bytea not null
);

-- A mark never goes back, and never goes.
create function audit_marks_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'a mark of the audit log never goes back';
end;
$$;
create trigger audit_marks_only_advance before update on audit_marks for each row
when (new.name <> old.name or new.seq < old.seq)
execute function audit_marks_refuse_change();
create trigger audit_marks_stay before delete on audit_marks for each row
execute function audit_marks_refuse_change();

-- A row goes only once the anchor vouches for what it was.
create function audit_log_refuse_removal() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from audit_marks where name = 'anchor' and seq >= old.seq) then
        raise exception 'the audit log is append-only';
    end if;
    return old;
end;
$$;
create trigger audit_log_is_kept before delete on audit_log for each row
execute function audit_log_refuse_removal();
create trigger audit_log_is_not_emptied before truncate on audit_log for each statement
execute function audit_log_refuse_change();
