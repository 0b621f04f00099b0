DROP TABLE links;
DROP INDEX jobs_parked;
DROP INDEX jobs_overdue;
DROP INDEX jobs_ready;
UPDATE jobs SET peer = NULL WHERE peer = '@mail';
ALTER TABLE jobs DROP COLUMN parked_why;
ALTER TABLE jobs DROP COLUMN parked_at;
ALTER TABLE jobs DROP COLUMN give_up_at;
ALTER TABLE jobs DROP COLUMN lost;
ALTER TABLE jobs DROP COLUMN failures;
ALTER TABLE jobs DROP COLUMN lane;
CREATE INDEX jobs_due ON jobs (state, due_at, id);
ALTER TABLE jobs RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
    autovacuum_vacuum_cost_delay, autovacuum_analyze_scale_factor);
COMMENT ON COLUMN jobs.peer IS 'neighbour it needs';
COMMENT ON COLUMN jobs.due_at IS 'not before, microseconds since 1970 UTC';
