-- What vouches for the audit log is kept like the log itself, and no `insert or replace` goes past that:
-- it removes rows without a word to triggers on deleting.

create trigger audit_log_is_not_replaced before insert on audit_log
when exists (select 1 from audit_log where id = new.id or seq = new.seq)
begin
    select raise(abort, 'the audit log is append-only');
end;

create trigger audit_marks_are_not_replaced before insert on audit_marks
when exists (select 1 from audit_marks where name = new.name and seq > new.seq)
begin
    select raise(abort, 'a mark of the audit log never goes back');
end;

-- A checkpoint stays as it is, until the anchor stands for it.
create trigger audit_checkpoints_are_not_replaced before insert on audit_checkpoints
when exists (
    select 1 from audit_checkpoints where seq = new.seq and (hash <> new.hash or mac <> new.mac)
)
begin
    select raise(abort, 'a checkpoint of the audit log stays');
end;
create trigger audit_checkpoints_stay_as_they_are before update on audit_checkpoints
begin
    select raise(abort, 'a checkpoint of the audit log stays');
end;
create trigger audit_checkpoints_stay before delete on audit_checkpoints
when not exists (select 1 from audit_marks where name = 'anchor' and seq >= old.seq)
begin
    select raise(abort, 'a checkpoint of the audit log stays');
end;
