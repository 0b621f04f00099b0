-- A document on its way to one addressee, its receipts and what passed between hubs.

CREATE TABLE deliveries (
    id TEXT NOT NULL CHECK (length(id) = 36),
    role TEXT NOT NULL CHECK (role IN ('origin','relay','destination')),
    document_id TEXT NOT NULL REFERENCES documents (id),
    sender TEXT NOT NULL,
    sender_name TEXT NOT NULL,
    recipient TEXT NOT NULL,
    recipient_name TEXT NOT NULL,
    envelope BYTEA NOT NULL,
    path TEXT NOT NULL,
    previous_hub TEXT,
    next_hub TEXT,
    transport_rank SMALLINT NOT NULL,
    handling SMALLINT NOT NULL CHECK (handling BETWEEN 0 AND 16),
    reason_code TEXT,
    reason_text TEXT CHECK (length(reason_text) <= 1000),
    arrival_number TEXT,
    verdict TEXT,
    sub_indication TEXT,
    report_sha256 TEXT CHECK (length(report_sha256) = 64),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (id, role)
);
CREATE INDEX deliveries_by_document ON deliveries (document_id);
CREATE INDEX deliveries_by_recipient ON deliveries (recipient, role, created_at);
CREATE INDEX deliveries_by_sender ON deliveries (sender, role, created_at);
COMMENT ON TABLE deliveries IS 'One delivery in one role of this hub; the two states are independent columns.';
COMMENT ON COLUMN deliveries.id IS 'UUIDv7, the same on every hub';
COMMENT ON COLUMN deliveries.role IS 'part this hub plays';
COMMENT ON COLUMN deliveries.document_id IS 'the document';
COMMENT ON COLUMN deliveries.sender IS 'code of the sender';
COMMENT ON COLUMN deliveries.sender_name IS 'its legal name at the time';
COMMENT ON COLUMN deliveries.recipient IS 'code of the recipient';
COMMENT ON COLUMN deliveries.recipient_name IS 'its legal name at the time';
COMMENT ON COLUMN deliveries.envelope IS 'envelope exactly as the origin wrote it';
COMMENT ON COLUMN deliveries.path IS 'hubs passed up to this one, oldest first, separated by blanks';
COMMENT ON COLUMN deliveries.previous_hub IS 'hub it came from; absent at the origin';
COMMENT ON COLUMN deliveries.next_hub IS 'hub it goes to; absent at the destination';
COMMENT ON COLUMN deliveries.transport_rank IS 'transport state, rank of TransportState; never falls';
COMMENT ON COLUMN deliveries.handling IS 'handling state, edXML status code, 0 none';
COMMENT ON COLUMN deliveries.reason_code IS 'why refused or failed, RF01 to RF99';
COMMENT ON COLUMN deliveries.reason_text IS 'the same in words';
COMMENT ON COLUMN deliveries.arrival_number IS 'number in the register of incoming documents';
COMMENT ON COLUMN deliveries.verdict IS 'result of verifying the signatures at reception';
COMMENT ON COLUMN deliveries.sub_indication IS 'ETSI sub-indication of the verdict';
COMMENT ON COLUMN deliveries.report_sha256 IS 'SHA-256 of the verification report';
COMMENT ON COLUMN deliveries.created_at IS 'microseconds since 1970 UTC';
COMMENT ON COLUMN deliveries.updated_at IS 'microseconds since 1970 UTC';

CREATE TABLE evidence (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    delivery_id TEXT NOT NULL,
    event TEXT NOT NULL,
    issuer TEXT NOT NULL,
    at BIGINT NOT NULL,
    statement BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX evidence_by_delivery ON evidence (delivery_id, at);
COMMENT ON TABLE evidence IS 'Signed receipts, byte for byte as issued.';
COMMENT ON COLUMN evidence.id IS 'UUIDv7 given by the issuer';
COMMENT ON COLUMN evidence.delivery_id IS 'the delivery it speaks of';
COMMENT ON COLUMN evidence.event IS 'event name of ETSI EN 319 522';
COMMENT ON COLUMN evidence.issuer IS 'hub that signed it';
COMMENT ON COLUMN evidence.at IS 'time stated, microseconds since 1970 UTC';
COMMENT ON COLUMN evidence.statement IS 'canonical JSON';
COMMENT ON COLUMN evidence.signature IS 'detached CMS, DER';
COMMENT ON COLUMN evidence.received_at IS 'when this hub had it, microseconds since 1970 UTC';

CREATE TABLE reports (
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36),
    report TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (delivery_id, created_at)
);
COMMENT ON TABLE reports IS 'Verification reports made at reception, and again while nothing could be decided.';
COMMENT ON COLUMN reports.delivery_id IS 'the delivery';
COMMENT ON COLUMN reports.report IS 'JSON, schema lienthong.verification/1';
COMMENT ON COLUMN reports.created_at IS 'microseconds since 1970 UTC';

CREATE TABLE transfers (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    kind TEXT NOT NULL CHECK (kind IN ('document','receipt')),
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36),
    to_hub TEXT NOT NULL,
    body BYTEA NOT NULL,
    blob_sha256 TEXT CHECK (length(blob_sha256) = 64),
    created_at BIGINT NOT NULL,
    acknowledged_at BIGINT
);
CREATE INDEX transfers_by_delivery ON transfers (delivery_id);
COMMENT ON TABLE transfers IS 'What this hub hands to a neighbour, byte for byte as sent, kept until and after the receipt.';
COMMENT ON COLUMN transfers.id IS 'UUIDv7: one id, one effect';
COMMENT ON COLUMN transfers.kind IS 'what is handed over';
COMMENT ON COLUMN transfers.delivery_id IS 'the delivery it is about';
COMMENT ON COLUMN transfers.to_hub IS 'the neighbour';
COMMENT ON COLUMN transfers.body IS 'request body';
COMMENT ON COLUMN transfers.blob_sha256 IS 'bytes that must be at the neighbour first';
COMMENT ON COLUMN transfers.created_at IS 'microseconds since 1970 UTC';
COMMENT ON COLUMN transfers.acknowledged_at IS 'when the neighbour''s answer was recorded';

CREATE TABLE inbox (
    from_hub TEXT NOT NULL,
    transfer_id TEXT NOT NULL CHECK (length(transfer_id) = 36),
    request_sha256 TEXT NOT NULL CHECK (length(request_sha256) = 64),
    answer BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (from_hub, transfer_id)
);
COMMENT ON TABLE inbox IS 'What neighbours handed over: the answer given is repeated byte for byte.';
COMMENT ON COLUMN inbox.from_hub IS 'the neighbour';
COMMENT ON COLUMN inbox.transfer_id IS 'its id of the act';
COMMENT ON COLUMN inbox.request_sha256 IS 'SHA-256 of the request body';
COMMENT ON COLUMN inbox.answer IS 'answer body';
COMMENT ON COLUMN inbox.received_at IS 'microseconds since 1970 UTC';

CREATE TABLE signings (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    purpose TEXT NOT NULL,
    subject TEXT NOT NULL,
    key_sha256 TEXT NOT NULL CHECK (length(key_sha256) = 64),
    signed_sha256 TEXT NOT NULL CHECK (length(signed_sha256) = 64),
    actor TEXT NOT NULL,
    intended_at BIGINT NOT NULL,
    finished_at BIGINT,
    outcome TEXT
);
CREATE INDEX signings_by_subject ON signings (subject);
COMMENT ON TABLE signings IS 'Each use of a private key: written before the key acts, closed after.';
COMMENT ON COLUMN signings.id IS 'UUIDv7';
COMMENT ON COLUMN signings.purpose IS 'what is signed: person, agency or receipt';
COMMENT ON COLUMN signings.subject IS 'id of the document or delivery';
COMMENT ON COLUMN signings.key_sha256 IS 'SHA-256 of the certificate of the key';
COMMENT ON COLUMN signings.signed_sha256 IS 'SHA-256 of the bytes given to the key';
COMMENT ON COLUMN signings.actor IS 'on whose behalf';
COMMENT ON COLUMN signings.intended_at IS 'microseconds since 1970 UTC';
COMMENT ON COLUMN signings.finished_at IS 'absent: the outcome is unknown';
COMMENT ON COLUMN signings.outcome IS 'done, or what went wrong';

CREATE TABLE acts (
    n BIGSERIAL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    document_id TEXT,
    delivery_id TEXT,
    detail TEXT NOT NULL
);
CREATE INDEX acts_by_document ON acts (document_id);
COMMENT ON TABLE acts IS 'Journal of acts in the order this hub recorded them.';
COMMENT ON COLUMN acts.n IS 'counter of this hub; order never depends on the clock';
COMMENT ON COLUMN acts.at IS 'microseconds since 1970 UTC';
COMMENT ON COLUMN acts.actor IS 'who acted';
COMMENT ON COLUMN acts.act IS 'what was done';
COMMENT ON COLUMN acts.document_id IS 'the document';
COMMENT ON COLUMN acts.delivery_id IS 'the delivery';
COMMENT ON COLUMN acts.detail IS 'in words, no document content';
