-- Change requests: the sender asks to have a document back, or puts another in its place; who had opened what.

-- Change requests about deliveries of this hub: sent from it, or come to it.
CREATE TABLE changes (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36), -- name of the signed request
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36), -- the delivery it concerns
    kind TEXT NOT NULL CHECK (kind IN ('take-back','recall','update','replace')), -- what is asked
    state TEXT NOT NULL CHECK (state IN ('requested','overdue','agreed','refused','closed')), -- how far it has come; never goes back
    asked_by TEXT NOT NULL, -- who asked
    asked_at BIGINT NOT NULL, -- time stated in the request, microseconds since 1970 UTC
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000), -- why, in the words of the sender
    deadline_at BIGINT NOT NULL, -- when an answer is due, microseconds since 1970 UTC
    successor_document TEXT CHECK (length(successor_document) = 36), -- document that takes the place
    successor_number TEXT, -- its number and notation
    successor_delivery TEXT CHECK (length(successor_delivery) = 36), -- its delivery to the same recipient
    answer_id TEXT CHECK (length(answer_id) = 36), -- name of the signed statement that ended it
    answered_by TEXT, -- who ended it
    answered_at BIGINT, -- time stated in the answer, microseconds since 1970 UTC
    basis TEXT, -- why it ended so: word of Basis
    answer_reason TEXT CHECK (length(answer_reason) <= 1000) -- why it was refused, in the words of the recipient
);
CREATE INDEX changes_by_delivery ON changes (delivery_id, asked_at);

-- The first time each person of the recipient opened a document that came.
CREATE TABLE openings (
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36), -- the delivery
    person TEXT NOT NULL, -- who, as an actor is written
    part TEXT NOT NULL CHECK (part IN ('page','file')), -- what was opened
    opened_at BIGINT NOT NULL, -- the first time, microseconds since 1970 UTC
    PRIMARY KEY (delivery_id, person, part)
);

-- Whether a delivered document still counts.
ALTER TABLE deliveries ADD COLUMN standing TEXT NOT NULL DEFAULT 'in-force' CHECK (standing IN ('in-force','recalled','superseded')); -- whether it still counts
ALTER TABLE deliveries ADD COLUMN superseded_by TEXT CHECK (length(superseded_by) = 36); -- document that took its place

-- One more kind of work. The column takes the place of the one before, whatever others the table has.
ALTER TABLE jobs ADD COLUMN work TEXT NOT NULL DEFAULT 'mail' CHECK (work IN ('seal','dispatch','transfer','verify','mail','change')); -- what to do
UPDATE jobs SET work = kind;
ALTER TABLE jobs DROP COLUMN kind;
ALTER TABLE jobs RENAME COLUMN work TO kind;

-- Four more notices.
CREATE TABLE new_mails (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36), -- UUIDv7
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36), -- the delivery it tells of
    notice TEXT NOT NULL CHECK (notice IN ('arrived','accepted','refused','failed','change-asked','change-agreed','change-refused','change-overdue')), -- what it tells
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
