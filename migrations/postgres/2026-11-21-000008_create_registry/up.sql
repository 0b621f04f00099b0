-- The registry as the centre signed it, every snapshot for ever.

CREATE TABLE registry_snapshots (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number > 0),
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    snapshot BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL CHECK (expires_at > issued_at),
    source TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
COMMENT ON TABLE registry_snapshots IS 'Snapshots in the order of their numbers; the highest is in force.';
COMMENT ON COLUMN registry_snapshots.number IS 'its number';
COMMENT ON COLUMN registry_snapshots.sha256 IS 'SHA-256 of its bytes';
COMMENT ON COLUMN registry_snapshots.snapshot IS 'canonical JSON, as signed';
COMMENT ON COLUMN registry_snapshots.signature IS 'detached CMS, DER';
COMMENT ON COLUMN registry_snapshots.issued_at IS 'time stated, microseconds since 1970 UTC';
COMMENT ON COLUMN registry_snapshots.expires_at IS 'end stated, microseconds since 1970 UTC';
COMMENT ON COLUMN registry_snapshots.source IS 'from where this hub has it: file, or hub and its name';
COMMENT ON COLUMN registry_snapshots.received_at IS 'when this hub had it, microseconds since 1970 UTC';

CREATE TABLE registry_conflicts (
    sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
    number BIGINT NOT NULL CHECK (number > 0),
    snapshot BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    source TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
COMMENT ON TABLE registry_conflicts IS 'Evidence that two different snapshots of one number were signed.';
COMMENT ON COLUMN registry_conflicts.sha256 IS 'SHA-256 of the bytes of the other one';
COMMENT ON COLUMN registry_conflicts.number IS 'the number both bear';
COMMENT ON COLUMN registry_conflicts.snapshot IS 'the other one, as signed';
COMMENT ON COLUMN registry_conflicts.signature IS 'its signature, checked: detached CMS, DER';
COMMENT ON COLUMN registry_conflicts.source IS 'from where this hub has it';
COMMENT ON COLUMN registry_conflicts.received_at IS 'when this hub had it, microseconds since 1970 UTC';
