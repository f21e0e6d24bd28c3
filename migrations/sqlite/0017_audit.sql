-- The audit log can be searched, kept for a while only, and vouched for to its last row.

-- Every filter reads along an index of its own, newest first; none reads the log whole.
drop index audit_log_by_time;
create index audit_log_by_time on audit_log (at, id);
create index audit_log_by_action on audit_log (action, at, id);
-- The first word of an action: `user` of `user.disabled`.
create index audit_log_by_kind on audit_log (substr(action, 1, instr(action || '.', '.') - 1), at, id);
create index audit_log_by_outcome on audit_log (outcome, at, id);
create index audit_log_by_address on audit_log (address, at, id);
create index audit_log_by_request on audit_log (request_id, at, id);

-- Two places of the chain, MACed with a ring key: who rewrites the table cannot rewrite these.
create table audit_marks (
    -- `anchor`: the last row that was removed because it was old enough; the chain begins after it.
    -- `tail`: the last row that was sealed.
    name text not null primary key check (name in ('anchor', 'tail')),
    -- The row's place.
    seq integer not null,
    -- When it was marked.
    at integer not null,
    -- The chain's hash at that row.
    hash blob not null,
    -- HMAC of name, place and hash under the key ring.
    mac blob not null
) strict;

-- A mark never goes back, and never goes.
create trigger audit_marks_only_advance before update on audit_marks
when new.name <> old.name or new.seq < old.seq
begin
    select raise(abort, 'a mark of the audit log never goes back');
end;
create trigger audit_marks_stay before delete on audit_marks
begin
    select raise(abort, 'a mark of the audit log never goes');
end;

-- A row goes only once the anchor vouches for what it was.
create trigger audit_log_is_kept before delete on audit_log
when not exists (select 1 from audit_marks where name = 'anchor' and seq >= old.seq)
begin
    select raise(abort, 'the audit log is append-only');
end;
