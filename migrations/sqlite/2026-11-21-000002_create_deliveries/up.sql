-- A document on its way to one addressee, its receipts and what passed between hubs.

-- One delivery in one role of this hub; the two states are independent columns.
CREATE TABLE deliveries (
    id TEXT NOT NULL CHECK (length(id) = 36), -- UUIDv7, the same on every hub
    role TEXT NOT NULL CHECK (role IN ('origin','relay','destination')), -- part this hub plays
    document_id TEXT NOT NULL REFERENCES documents (id), -- the document
    sender TEXT NOT NULL, -- code of the sender
    sender_name TEXT NOT NULL, -- its legal name at the time
    recipient TEXT NOT NULL, -- code of the recipient
    recipient_name TEXT NOT NULL, -- its legal name at the time
    envelope BLOB NOT NULL, -- envelope exactly as the origin wrote it
    path TEXT NOT NULL, -- hubs passed up to this one, oldest first, separated by blanks
    previous_hub TEXT, -- hub it came from; absent at the origin
    next_hub TEXT, -- hub it goes to; absent at the destination
    transport_rank SMALLINT NOT NULL, -- transport state, rank of TransportState; never falls
    handling SMALLINT NOT NULL CHECK (handling BETWEEN 0 AND 16), -- handling state, edXML status code, 0 none
    reason_code TEXT, -- why refused or failed, RF01 to RF99
    reason_text TEXT CHECK (length(reason_text) <= 1000), -- the same in words
    arrival_number TEXT, -- number in the register of incoming documents
    verdict TEXT, -- result of verifying the signatures at reception
    sub_indication TEXT, -- ETSI sub-indication of the verdict
    report_sha256 TEXT CHECK (length(report_sha256) = 64), -- SHA-256 of the verification report
    created_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    updated_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    PRIMARY KEY (id, role)
);
CREATE INDEX deliveries_by_document ON deliveries (document_id);
CREATE INDEX deliveries_by_recipient ON deliveries (recipient, role, created_at);
CREATE INDEX deliveries_by_sender ON deliveries (sender, role, created_at);

-- Signed receipts, byte for byte as issued.
CREATE TABLE evidence (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36), -- UUIDv7 given by the issuer
    delivery_id TEXT NOT NULL, -- the delivery it speaks of
    event TEXT NOT NULL, -- event name of ETSI EN 319 522
    issuer TEXT NOT NULL, -- hub that signed it
    at BIGINT NOT NULL, -- time stated, microseconds since 1970 UTC
    statement BLOB NOT NULL, -- canonical JSON
    signature BLOB NOT NULL, -- detached CMS, DER
    received_at BIGINT NOT NULL -- when this hub had it, microseconds since 1970 UTC
);
CREATE INDEX evidence_by_delivery ON evidence (delivery_id, at);

-- Verification reports made at reception, and again while nothing could be decided.
CREATE TABLE reports (
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36), -- the delivery
    report TEXT NOT NULL, -- JSON, schema lienthong.verification/1
    created_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    PRIMARY KEY (delivery_id, created_at)
);

-- What this hub hands to a neighbour, byte for byte as sent, kept until and after the receipt.
CREATE TABLE transfers (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36), -- UUIDv7: one id, one effect
    kind TEXT NOT NULL CHECK (kind IN ('document','receipt')), -- what is handed over
    delivery_id TEXT NOT NULL CHECK (length(delivery_id) = 36), -- the delivery it is about
    to_hub TEXT NOT NULL, -- the neighbour
    body BLOB NOT NULL, -- request body
    blob_sha256 TEXT CHECK (length(blob_sha256) = 64), -- bytes that must be at the neighbour first
    created_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    acknowledged_at BIGINT -- when the neighbour's answer was recorded
);
CREATE INDEX transfers_by_delivery ON transfers (delivery_id);

-- What neighbours handed over: the answer given is repeated byte for byte.
CREATE TABLE inbox (
    from_hub TEXT NOT NULL, -- the neighbour
    transfer_id TEXT NOT NULL CHECK (length(transfer_id) = 36), -- its id of the act
    request_sha256 TEXT NOT NULL CHECK (length(request_sha256) = 64), -- SHA-256 of the request body
    answer BLOB NOT NULL, -- answer body
    received_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    PRIMARY KEY (from_hub, transfer_id)
);

-- Each use of a private key: written before the key acts, closed after.
CREATE TABLE signings (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36), -- UUIDv7
    purpose TEXT NOT NULL, -- what is signed: person, agency or receipt
    subject TEXT NOT NULL, -- id of the document or delivery
    key_sha256 TEXT NOT NULL CHECK (length(key_sha256) = 64), -- SHA-256 of the certificate of the key
    signed_sha256 TEXT NOT NULL CHECK (length(signed_sha256) = 64), -- SHA-256 of the bytes given to the key
    actor TEXT NOT NULL, -- on whose behalf
    intended_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    finished_at BIGINT, -- absent: the outcome is unknown
    outcome TEXT -- done, or what went wrong
);
CREATE INDEX signings_by_subject ON signings (subject);

-- Journal of acts in the order this hub recorded them.
CREATE TABLE acts (
    n INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, -- counter of this hub; order never depends on the clock
    at BIGINT NOT NULL, -- microseconds since 1970 UTC
    actor TEXT NOT NULL, -- who acted
    act TEXT NOT NULL, -- what was done
    document_id TEXT, -- the document
    delivery_id TEXT, -- the delivery
    detail TEXT NOT NULL -- in words, no document content
);
CREATE INDEX acts_by_document ON acts (document_id);
