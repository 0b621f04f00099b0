-- Bytes that neighbours offered and have not yet brought, and transfers whose id was used twice.

CREATE TABLE offers (
    from_hub TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    size_bytes BIGINT NOT NULL CHECK (size_bytes >= 0),
    offered_at BIGINT NOT NULL,
    PRIMARY KEY (from_hub, sha256)
);
CREATE INDEX offers_by_time ON offers (offered_at);
COMMENT ON TABLE offers IS 'Bytes a neighbour may upload: nothing else is taken from it. Gone once the bytes are whole or nobody came back.';
COMMENT ON COLUMN offers.from_hub IS 'the neighbour';
COMMENT ON COLUMN offers.sha256 IS 'SHA-256 of the bytes, their name';
COMMENT ON COLUMN offers.size_bytes IS 'bytes';
COMMENT ON COLUMN offers.offered_at IS 'last offered, microseconds since 1970 UTC';

CREATE TABLE mismatches (
    neighbour TEXT NOT NULL,
    transfer_id TEXT NOT NULL CHECK (length(transfer_id) = 36),
    found_sha256 TEXT NOT NULL CHECK (length(found_sha256) = 64),
    known_sha256 TEXT NOT NULL CHECK (length(known_sha256) = 64),
    found BYTEA NOT NULL,
    statement BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (neighbour, transfer_id, found_sha256)
);
COMMENT ON TABLE mismatches IS 'Transfers whose id came with other bytes than before: what the receiver stated, kept on both sides.';
COMMENT ON COLUMN mismatches.neighbour IS 'the other hub';
COMMENT ON COLUMN mismatches.transfer_id IS 'the id used twice';
COMMENT ON COLUMN mismatches.found_sha256 IS 'SHA-256 of the body that came second';
COMMENT ON COLUMN mismatches.known_sha256 IS 'SHA-256 of the body that came first';
COMMENT ON COLUMN mismatches.found IS 'the body that came second, as it came or was sent';
COMMENT ON COLUMN mismatches.statement IS 'canonical JSON of the receiver';
COMMENT ON COLUMN mismatches.signature IS 'its detached CMS signature, DER';
COMMENT ON COLUMN mismatches.recorded_at IS 'microseconds since 1970 UTC';
