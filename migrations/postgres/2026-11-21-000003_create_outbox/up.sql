-- Work that follows from recorded acts, and the mails it sends.

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    kind TEXT NOT NULL CHECK (kind IN ('seal','dispatch','transfer','verify','mail')),
    subject TEXT NOT NULL,
    peer TEXT,
    due_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    lease_until BIGINT,
    state TEXT NOT NULL CHECK (state IN ('ready','parked')),
    last_error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (state, due_at, id);
CREATE INDEX jobs_by_subject ON jobs (subject);
COMMENT ON TABLE jobs IS 'The outbox: work caused by an act, written in the transaction of the act.';
COMMENT ON COLUMN jobs.id IS 'UUIDv7';
COMMENT ON COLUMN jobs.kind IS 'what to do';
COMMENT ON COLUMN jobs.subject IS 'id of the document, delivery, transfer or mail it is about';
COMMENT ON COLUMN jobs.peer IS 'neighbour it needs';
COMMENT ON COLUMN jobs.due_at IS 'not before, microseconds since 1970 UTC';
COMMENT ON COLUMN jobs.attempts IS 'attempts begun; the fencing token of the lease';
COMMENT ON COLUMN jobs.lease_until IS 'taken until, microseconds since 1970 UTC';
COMMENT ON COLUMN jobs.state IS 'ready, or parked after a permanent error';
COMMENT ON COLUMN jobs.last_error IS 'why the last attempt failed';
COMMENT ON COLUMN jobs.created_at IS 'microseconds since 1970 UTC';

CREATE TABLE mails (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36),
    notice TEXT NOT NULL CHECK (notice IN ('arrived','accepted','refused','failed')),
    address TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued','sent','failed')),
    answer TEXT,
    attempts INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (delivery_id, notice, address)
);
COMMENT ON TABLE mails IS 'Notification mails and what became of them; a mail is a hint, never the delivery.';
COMMENT ON COLUMN mails.id IS 'UUIDv7';
COMMENT ON COLUMN mails.delivery_id IS 'the delivery it tells of';
COMMENT ON COLUMN mails.notice IS 'what it tells';
COMMENT ON COLUMN mails.address IS 'recipient''s address';
COMMENT ON COLUMN mails.state IS 'state';
COMMENT ON COLUMN mails.answer IS 'last answer of the mail server';
COMMENT ON COLUMN mails.attempts IS 'attempts made';
COMMENT ON COLUMN mails.created_at IS 'microseconds since 1970 UTC';
COMMENT ON COLUMN mails.updated_at IS 'microseconds since 1970 UTC';
