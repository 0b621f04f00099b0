-- Lanes of the outbox, dead letters with their reason, and the state of the lines.

ALTER TABLE jobs ADD COLUMN lane SMALLINT NOT NULL DEFAULT 1 CHECK (lane BETWEEN 0 AND 2);
ALTER TABLE jobs ADD COLUMN failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0);
ALTER TABLE jobs ADD COLUMN lost INTEGER NOT NULL DEFAULT 0 CHECK (lost >= 0);
ALTER TABLE jobs ADD COLUMN give_up_at BIGINT;
ALTER TABLE jobs ADD COLUMN parked_at BIGINT;
ALTER TABLE jobs ADD COLUMN parked_why TEXT CHECK (parked_why IN ('refused','expired','fault'));
UPDATE jobs SET failures = attempts;
UPDATE jobs SET due_at = lease_until WHERE lease_until > due_at;
UPDATE jobs SET give_up_at = created_at + 259200000000 WHERE kind IN ('transfer','mail') AND state = 'ready';
UPDATE jobs SET parked_at = created_at, parked_why = 'fault' WHERE state = 'parked';
DROP INDEX jobs_due;
CREATE INDEX jobs_ready ON jobs (peer, lane, due_at, id) WHERE state = 'ready';
CREATE INDEX jobs_overdue ON jobs (give_up_at, id) WHERE give_up_at IS NOT NULL;
CREATE INDEX jobs_parked ON jobs (peer, parked_at, id) WHERE state = 'parked';
ALTER TABLE jobs SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.05);
COMMENT ON COLUMN jobs.peer IS 'neighbour it needs; @mail for the mail server; absent for none';
COMMENT ON COLUMN jobs.due_at IS 'not before, microseconds since 1970 UTC; while it is in hand, the end of the lease';
COMMENT ON COLUMN jobs.lane IS '0 urgent, 1 normal, 2 bulk';
COMMENT ON COLUMN jobs.failures IS 'failures in a row, for the wait before the next attempt';
COMMENT ON COLUMN jobs.lost IS 'attempts whose worker died or was too late';
COMMENT ON COLUMN jobs.give_up_at IS 'when it ends without success, microseconds since 1970 UTC; absent: never';
COMMENT ON COLUMN jobs.parked_at IS 'set aside since, microseconds since 1970 UTC';
COMMENT ON COLUMN jobs.parked_why IS 'class of the reason it was set aside for';

CREATE TABLE links (
    target TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL CHECK (failures > 0),
    retry_at BIGINT NOT NULL,
    since BIGINT NOT NULL,
    reason TEXT NOT NULL
);
ALTER TABLE links SET (fillfactor = 70);
COMMENT ON TABLE links IS 'Lines in trouble: a row from the first failure until something goes well.';
COMMENT ON COLUMN links.target IS 'the neighbour, or @mail for the mail server';
COMMENT ON COLUMN links.failures IS 'failures in a row';
COMMENT ON COLUMN links.retry_at IS 'no probe before, microseconds since 1970 UTC';
COMMENT ON COLUMN links.since IS 'first of these failures, microseconds since 1970 UTC';
COMMENT ON COLUMN links.reason IS 'the last of these failures, in words';
