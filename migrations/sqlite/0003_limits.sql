-- What slows guessing down (D10, C21).

-- Failures in a row. Raised before the check, in a transaction of their own.
create table failures (
    -- Which way of counting: `account`, `account_network`, `network`, `code`.
    lane text not null,
    -- HMAC of whom it concerns under the key ring: an account id, an address without account, a network.
    key blob not null,
    -- How many.
    count integer not null,
    -- When the first of them was.
    first_at integer not null,
    -- Until when nothing is tried.
    locked_until integer not null,
    primary key (lane, key)
) strict;
create index failures_by_first on failures (first_at);

-- Events within a window of time.
create table rates (
    -- Which limit: `register`, `letter`.
    bucket text not null,
    -- HMAC of whom it concerns under the key ring.
    key blob not null,
    -- When the window began.
    window_start integer not null,
    -- How many since.
    count integer not null,
    primary key (bucket, key)
) strict;
create index rates_by_window on rates (window_start);
