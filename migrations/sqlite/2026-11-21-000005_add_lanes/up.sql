-- Lanes of the outbox, dead letters with their reason, and the state of the lines.
-- From here on jobs.peer is @mail for the mail server, and jobs.due_at is the end of the lease while a job is in hand.

-- 0 urgent, 1 normal, 2 bulk
ALTER TABLE jobs ADD COLUMN lane SMALLINT NOT NULL DEFAULT 1 CHECK (lane BETWEEN 0 AND 2);
-- failures in a row, for the wait before the next attempt
ALTER TABLE jobs ADD COLUMN failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0);
-- attempts whose worker died or was too late
ALTER TABLE jobs ADD COLUMN lost INTEGER NOT NULL DEFAULT 0 CHECK (lost >= 0);
-- when it ends without success, microseconds since 1970 UTC; absent: never
ALTER TABLE jobs ADD COLUMN give_up_at BIGINT;
-- set aside since, microseconds since 1970 UTC
ALTER TABLE jobs ADD COLUMN parked_at BIGINT;
-- class of the reason it was set aside for
ALTER TABLE jobs ADD COLUMN parked_why TEXT CHECK (parked_why IN ('refused','expired','fault'));
UPDATE jobs SET failures = attempts;
UPDATE jobs SET due_at = lease_until WHERE lease_until > due_at;
UPDATE jobs SET give_up_at = created_at + 259200000000 WHERE kind IN ('transfer','mail') AND state = 'ready';
UPDATE jobs SET parked_at = created_at, parked_why = 'fault' WHERE state = 'parked';
DROP INDEX jobs_due;
CREATE INDEX jobs_ready ON jobs (peer, lane, due_at, id) WHERE state = 'ready';
CREATE INDEX jobs_overdue ON jobs (give_up_at, id) WHERE give_up_at IS NOT NULL;
CREATE INDEX jobs_parked ON jobs (peer, parked_at, id) WHERE state = 'parked';

-- Lines in trouble: a row from the first failure until something goes well.
CREATE TABLE links (
    target TEXT NOT NULL PRIMARY KEY, -- the neighbour, or @mail for the mail server
    failures INTEGER NOT NULL CHECK (failures > 0), -- failures in a row
    retry_at BIGINT NOT NULL, -- no probe before, microseconds since 1970 UTC
    since BIGINT NOT NULL, -- first of these failures, microseconds since 1970 UTC
    reason TEXT NOT NULL -- the last of these failures, in words
);
