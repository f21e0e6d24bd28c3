-- Letters that are due. Written in the transaction of the act that causes them; names the letter
-- and the account or registration, never a secret.
create table outbox (
    -- UUIDv7; also the Message-ID, so a letter sent twice is recognised as one.
    id text not null primary key,
    -- Which letter: `registration`, `resend_verification`, `reuse_detected`.
    letter text not null,
    -- Whom it concerns: a registration id, a user id, or an address nobody may have.
    subject text not null,
    -- From which address the act came: said in the letter.
    address text not null,
    -- With which `User-Agent`: said in the letter, in words.
    agent text not null,
    -- When the act happened.
    created_at bigint not null,
    -- When to try next.
    next_attempt_at bigint not null,
    -- How often it was tried.
    attempts bigint not null,
    -- A worker has it until then; if that worker dies, another takes it.
    leased_until bigint not null,
    -- When it left, or was found to be needed no more.
    sent_at bigint,
    -- When it was given up.
    dead_at bigint,
    -- Why the last attempt failed, without address and secret.
    last_error text
);
create index outbox_due on outbox (next_attempt_at) where sent_at is null and dead_at is null;
