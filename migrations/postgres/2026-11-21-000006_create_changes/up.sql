-- Change requests: the sender asks to have a document back, or puts another in its place; who had opened what.

CREATE TABLE changes (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36),
    kind TEXT NOT NULL CHECK (kind IN ('take-back','recall','update','replace')),
    state TEXT NOT NULL CHECK (state IN ('requested','overdue','agreed','refused','closed')),
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    deadline_at BIGINT NOT NULL,
    successor_document TEXT CHECK (length(successor_document) = 36),
    successor_number TEXT,
    successor_delivery TEXT CHECK (length(successor_delivery) = 36),
    answer_id TEXT CHECK (length(answer_id) = 36),
    answered_by TEXT,
    answered_at BIGINT,
    basis TEXT,
    answer_reason TEXT CHECK (length(answer_reason) <= 1000)
);
COMMENT ON TABLE changes IS 'Change requests about deliveries of this hub: sent from it, or come to it.';
COMMENT ON COLUMN changes.id IS 'name of the signed request';
COMMENT ON COLUMN changes.delivery_id IS 'the delivery it concerns';
COMMENT ON COLUMN changes.kind IS 'what is asked';
COMMENT ON COLUMN changes.state IS 'how far it has come; never goes back';
COMMENT ON COLUMN changes.asked_by IS 'who asked';
COMMENT ON COLUMN changes.asked_at IS 'time stated in the request, microseconds since 1970 UTC';
COMMENT ON COLUMN changes.reason IS 'why, in the words of the sender';
COMMENT ON COLUMN changes.deadline_at IS 'when an answer is due, microseconds since 1970 UTC';
COMMENT ON COLUMN changes.successor_document IS 'document that takes the place';
COMMENT ON COLUMN changes.successor_number IS 'its number and notation';
COMMENT ON COLUMN changes.successor_delivery IS 'its delivery to the same recipient';
COMMENT ON COLUMN changes.answer_id IS 'name of the signed statement that ended it';
COMMENT ON COLUMN changes.answered_by IS 'who ended it';
COMMENT ON COLUMN changes.answered_at IS 'time stated in the answer, microseconds since 1970 UTC';
COMMENT ON COLUMN changes.basis IS 'why it ended so: word of Basis';
COMMENT ON COLUMN changes.answer_reason IS 'why it was refused, in the words of the recipient';
CREATE INDEX changes_by_delivery ON changes (delivery_id, asked_at);

CREATE TABLE openings (
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36),
    person TEXT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('page','file')),
    opened_at BIGINT NOT NULL,
    PRIMARY KEY (delivery_id, person, part)
);
COMMENT ON TABLE openings IS 'The first time each person of the recipient opened a document that came.';
COMMENT ON COLUMN openings.delivery_id IS 'the delivery';
COMMENT ON COLUMN openings.person IS 'who, as an actor is written';
COMMENT ON COLUMN openings.part IS 'what was opened';
COMMENT ON COLUMN openings.opened_at IS 'the first time, microseconds since 1970 UTC';

-- Whether a delivered document still counts.
ALTER TABLE deliveries ADD COLUMN standing TEXT NOT NULL DEFAULT 'in-force' CHECK (standing IN ('in-force','recalled','superseded'));
ALTER TABLE deliveries ADD COLUMN superseded_by TEXT CHECK (length(superseded_by) = 36);
COMMENT ON COLUMN deliveries.standing IS 'whether it still counts';
COMMENT ON COLUMN deliveries.superseded_by IS 'document that took its place';

-- One more kind of work. The column takes the place of the one before, whatever others the table has.
ALTER TABLE jobs ADD COLUMN work TEXT NOT NULL DEFAULT 'mail' CHECK (work IN ('seal','dispatch','transfer','verify','mail','change'));
UPDATE jobs SET work = kind;
ALTER TABLE jobs DROP COLUMN kind;
ALTER TABLE jobs RENAME COLUMN work TO kind;
ALTER TABLE jobs ALTER COLUMN kind DROP DEFAULT;
COMMENT ON COLUMN jobs.kind IS 'what to do';

-- Four more notices.
ALTER TABLE mails DROP CONSTRAINT mails_notice_check;
ALTER TABLE mails ADD CONSTRAINT mails_notice_check CHECK (notice IN ('arrived','accepted','refused','failed','change-asked','change-agreed','change-refused','change-overdue'));
