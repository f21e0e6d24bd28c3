-- What the operator sees of letters, and what a second attempt must know of the first.

alter table outbox add column
    -- To whom it was addressed when it was last tried. With `sent_at` and without this, nothing had to
    -- be sent: nobody has the address, or what it was about was settled meanwhile.
    recipient text;
alter table outbox add column
    -- The attempt since which it may have left without our knowing; 0 while every attempt was answered.
    -- Until then a repeat goes out under that attempt's name, so that a mail API knows it again.
    unsure_since integer not null default 0;
alter table outbox add column
    -- When an admin asked for another try after it was given up: the day of trying begins anew.
    retried_at integer;
