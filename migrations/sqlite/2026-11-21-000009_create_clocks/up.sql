-- Deadlines and the clocks that run for them; two more notices.

-- The clocks of deadlines, one for each rule of each delivery in each role of this hub.
CREATE TABLE clocks (
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36), -- the delivery
    role TEXT NOT NULL CHECK (role IN ('origin','relay','destination')), -- part this hub plays
    rule TEXT NOT NULL CHECK (rule IN ('send','arrival','open','answer','change')), -- what is owed
    started_at BIGINT NOT NULL, -- when it began to run, microseconds since 1970 UTC
    warn_at BIGINT NOT NULL, -- when those concerned are warned, microseconds since 1970 UTC
    due_at BIGINT NOT NULL, -- last instant in time, microseconds since 1970 UTC
    certain SMALLINT NOT NULL CHECK (certain IN (0,1)), -- 1 when the calendar knew all holidays in between
    state TEXT NOT NULL CHECK (state IN ('running','warned','overdue','in-time','late','void')), -- how far it is; only moves forward
    next_at BIGINT, -- when it says something next, microseconds since 1970 UTC; absent when it has nothing more to say
    warned_at BIGINT, -- when it warned, microseconds since 1970 UTC
    breached_at BIGINT, -- when the breach was recorded, microseconds since 1970 UTC
    ended_at BIGINT, -- when it stopped, microseconds since 1970 UTC
    PRIMARY KEY (delivery_id, role, rule)
);
CREATE INDEX clocks_by_next ON clocks (next_at, delivery_id, rule) WHERE next_at IS NOT NULL;

CREATE TABLE new_mails (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36), -- UUIDv7
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36), -- the delivery it tells of
    notice TEXT NOT NULL CHECK (notice IN ('arrived','accepted','refused','failed','change-asked','change-agreed','change-refused','change-overdue','due-soon','overdue')), -- what it tells
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
