-- Keys that sign access tokens (D3, D24).
create table signing_keys (
    -- RFC 7638 thumbprint of the public key.
    kid text not null primary key,
    -- The one algorithm this key is used with: `ES256`, `EdDSA`, `RS256`.
    algorithm text not null,
    -- The public key as JWK.
    public_jwk text not null,
    -- PKCS #8, sealed under the key ring.
    private_sealed bytea not null,
    -- When it was made, and published.
    created_at bigint not null,
    -- When it began to sign. Null: it is the next one.
    active_at bigint,
    -- When it stopped signing.
    retired_at bigint,
    -- When it left the published set: no token signed by it can be alive.
    removed_at bigint
);

-- Work that one node does at a time.
create table leases (
    -- Which work: `signing_keys`, `audit_sealer`.
    name text not null primary key,
    -- Whose turn it is: a random id of the process.
    holder text not null,
    -- Until when, unless renewed.
    expires_at bigint not null
);
