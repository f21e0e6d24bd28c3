-- An order to erase is vouched for with a ring key, or whoever writes the table had the portal swear to what
-- they erased. Orders that stood here were carried out within a minute.
delete from erasures;

alter table erasures add column
    -- Over the subject.
    mac blob not null default x'';
