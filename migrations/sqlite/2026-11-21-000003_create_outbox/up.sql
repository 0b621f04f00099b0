-- Work that follows from recorded acts, and the mails it sends.

-- The outbox: work caused by an act, written in the transaction of the act.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36), -- UUIDv7
    kind TEXT NOT NULL CHECK (kind IN ('seal','dispatch','transfer','verify','mail')), -- what to do
    subject TEXT NOT NULL, -- id of the document, delivery, transfer or mail it is about
    peer TEXT, -- neighbour it needs
    due_at BIGINT NOT NULL, -- not before, microseconds since 1970 UTC
    attempts INTEGER NOT NULL CHECK (attempts >= 0), -- attempts begun; the fencing token of the lease
    lease_until BIGINT, -- taken until, microseconds since 1970 UTC
    state TEXT NOT NULL CHECK (state IN ('ready','parked')), -- ready, or parked after a permanent error
    last_error TEXT, -- why the last attempt failed
    created_at BIGINT NOT NULL -- microseconds since 1970 UTC
);
CREATE INDEX jobs_due ON jobs (state, due_at, id);
CREATE INDEX jobs_by_subject ON jobs (subject);

-- Notification mails and what became of them; a mail is a hint, never the delivery.
CREATE TABLE mails (
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
