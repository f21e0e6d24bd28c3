-- The revocation feed (D23) has keys of its own; tickets open WebSockets.

alter table signing_keys add column
    -- What the key signs: `token` (access tokens) or `feed` (the revocation feed). Never both.
    purpose text not null default 'token';

-- What a browser opens a WebSocket with, once, instead of a token in an address.
create table ws_tickets (
    -- SHA-256 of the ticket.
    digest blob not null primary key,
    -- Whose it is.
    session_id text not null references sessions (id) on delete cascade,
    -- The service it opens.
    audience text not null,
    -- Until when it does.
    expires_at integer not null,
    -- When the session ends, or the token it was asked for with: what it opens ends then too.
    ends_at integer not null,
    -- When it was redeemed.
    consumed_at integer
) strict;
create index ws_tickets_by_session on ws_tickets (session_id);
create index ws_tickets_by_expiry on ws_tickets (expires_at);
