-- What vouches for the audit log is kept like the log itself.

create trigger audit_marks_are_not_emptied before truncate on audit_marks for each statement
execute function audit_marks_refuse_change();

-- A checkpoint stays as it is, until the anchor stands for it.
create function audit_checkpoints_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'a checkpoint of the audit log stays';
end;
$$;
create function audit_checkpoints_refuse_removal() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from audit_marks where name = 'anchor' and seq >= old.seq) then
        raise exception 'a checkpoint of the audit log stays';
    end if;
    return old;
end;
$$;
create trigger audit_checkpoints_stay_as_they_are before update on audit_checkpoints for each row
execute function audit_checkpoints_refuse_change();
create trigger audit_checkpoints_stay before delete on audit_checkpoints for each row
execute function audit_checkpoints_refuse_removal();
create trigger audit_checkpoints_are_not_emptied before truncate on audit_checkpoints for each statement
execute function audit_checkpoints_refuse_change();
