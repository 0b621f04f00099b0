DELETE FROM mails WHERE notice LIKE 'change-%';
CREATE TABLE new_mails (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36), -- UUIDv7
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36), -- the delivery it tells of
    notice TEXT NOT NULL CHECK (notice IN ('arrived','accepted','refused','failed')), -- what it tells
    address TEXT NOT NULL, -- recipient's address
    state TEXT NOT NULL CHECK (state IN ('queued','sent','failed')), -- state
    answer TEXT, -- last answer of the mail server
    attempts INTEGER NOT NULL, -- attempts made
    created_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    updated_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    UNIQUE (delivery_id, notice, address)
);
INSERT INTO new_mails SELECT id, delivery_id, notice, address, state, answer, attempts, created_at, updated_at FROM mails;
DROP TABLE mails;
ALTER TABLE new_mails RENAME TO mails;
DELETE FROM jobs WHERE kind = 'change';
ALTER TABLE jobs ADD COLUMN work TEXT NOT NULL DEFAULT 'mail' CHECK (work IN ('seal','dispatch','transfer','verify','mail')); -- what to do
UPDATE jobs SET work = kind;
ALTER TABLE jobs DROP COLUMN kind;
ALTER TABLE jobs RENAME COLUMN work TO kind;
ALTER TABLE deliveries DROP COLUMN superseded_by;
ALTER TABLE deliveries DROP COLUMN standing;
DROP TABLE openings;
DROP TABLE changes;
