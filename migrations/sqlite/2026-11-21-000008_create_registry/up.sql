-- The registry as the centre signed it, every snapshot for ever.

-- Snapshots in the order of their numbers; the highest is in force.
CREATE TABLE registry_snapshots (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number > 0), -- its number
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64), -- SHA-256 of its bytes
    snapshot BLOB NOT NULL, -- canonical JSON, as signed
    signature BLOB NOT NULL, -- detached CMS, DER
    issued_at BIGINT NOT NULL, -- time stated, microseconds since 1970 UTC
    expires_at BIGINT NOT NULL CHECK (expires_at > issued_at), -- end stated, microseconds since 1970 UTC
    source TEXT NOT NULL, -- from where this hub has it: file, or hub and its name
    received_at BIGINT NOT NULL -- when this hub had it, microseconds since 1970 UTC
);

-- Evidence that two different snapshots of one number were signed.
CREATE TABLE registry_conflicts (
    sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64), -- SHA-256 of the bytes of the other one
    number BIGINT NOT NULL CHECK (number > 0), -- the number both bear
    snapshot BLOB NOT NULL, -- the other one, as signed
    signature BLOB NOT NULL, -- its signature, checked: detached CMS, DER
    source TEXT NOT NULL, -- from where this hub has it
    received_at BIGINT NOT NULL -- when this hub had it, microseconds since 1970 UTC
);
