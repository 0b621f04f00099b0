-- Deadlines and the clocks that run for them; two more notices.

CREATE TABLE clocks (
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36),
    role TEXT NOT NULL CHECK (role IN ('origin','relay','destination')),
    rule TEXT NOT NULL CHECK (rule IN ('send','arrival','open','answer','change')),
    started_at BIGINT NOT NULL,
    warn_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    certain SMALLINT NOT NULL CHECK (certain IN (0,1)),
    state TEXT NOT NULL CHECK (state IN ('running','warned','overdue','in-time','late','void')),
    next_at BIGINT,
    warned_at BIGINT,
    breached_at BIGINT,
    ended_at BIGINT,
    PRIMARY KEY (delivery_id, role, rule)
);
CREATE INDEX clocks_by_next ON clocks (next_at, delivery_id, rule) WHERE next_at IS NOT NULL;
COMMENT ON TABLE clocks IS 'The clocks of deadlines, one for each rule of each delivery in each role of this hub.';
COMMENT ON COLUMN clocks.delivery_id IS 'the delivery';
COMMENT ON COLUMN clocks.role IS 'part this hub plays';
COMMENT ON COLUMN clocks.rule IS 'what is owed';
COMMENT ON COLUMN clocks.started_at IS 'when it began to run, microseconds since 1970 UTC';
COMMENT ON COLUMN clocks.warn_at IS 'when those concerned are warned, microseconds since 1970 UTC';
COMMENT ON COLUMN clocks.due_at IS 'last instant in time, microseconds since 1970 UTC';
COMMENT ON COLUMN clocks.certain IS '1 when the calendar knew all holidays in between';
COMMENT ON COLUMN clocks.state IS 'how far it is; only moves forward';
COMMENT ON COLUMN clocks.next_at IS 'when it says something next, microseconds since 1970 UTC; absent when it has nothing more to say';
COMMENT ON COLUMN clocks.warned_at IS 'when it warned, microseconds since 1970 UTC';
COMMENT ON COLUMN clocks.breached_at IS 'when the breach was recorded, microseconds since 1970 UTC';
COMMENT ON COLUMN clocks.ended_at IS 'when it stopped, microseconds since 1970 UTC';

ALTER TABLE mails DROP CONSTRAINT mails_notice_check;
ALTER TABLE mails ADD CONSTRAINT mails_notice_check CHECK (notice IN ('arrived','accepted','refused','failed','change-asked','change-agreed','change-refused','change-overdue','due-soon','overdue'));
