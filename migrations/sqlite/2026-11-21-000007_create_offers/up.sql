-- Bytes that neighbours offered and have not yet brought, and transfers whose id was used twice.

-- Bytes a neighbour may upload: nothing else is taken from it. Gone once the bytes are whole or nobody came back.
CREATE TABLE offers (
    from_hub TEXT NOT NULL, -- the neighbour
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64), -- SHA-256 of the bytes, their name
    size_bytes BIGINT NOT NULL CHECK (size_bytes >= 0), -- bytes
    offered_at BIGINT NOT NULL, -- last offered, microseconds since 1970 UTC
    PRIMARY KEY (from_hub, sha256)
);
CREATE INDEX offers_by_time ON offers (offered_at);

-- Transfers whose id came with other bytes than before: what the receiver stated, kept on both sides.
CREATE TABLE mismatches (
    neighbour TEXT NOT NULL, -- the other hub
    transfer_id TEXT NOT NULL CHECK (length(transfer_id) = 36), -- the id used twice
    found_sha256 TEXT NOT NULL CHECK (length(found_sha256) = 64), -- SHA-256 of the body that came second
    known_sha256 TEXT NOT NULL CHECK (length(known_sha256) = 64), -- SHA-256 of the body that came first
    found BLOB NOT NULL, -- the body that came second, as it came or was sent
    statement BLOB NOT NULL, -- canonical JSON of the receiver
    signature BLOB NOT NULL, -- its detached CMS signature, DER
    recorded_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    PRIMARY KEY (neighbour, transfer_id, found_sha256)
);
