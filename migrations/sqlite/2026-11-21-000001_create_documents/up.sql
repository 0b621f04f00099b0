-- What is sent and received, and the numbers it bears.

-- A document, one row on every hub it has reached.
CREATE TABLE documents (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36), -- UUIDv7, the same on every hub
    sender TEXT NOT NULL CHECK (length(sender) <= 64), -- code of the issuing agency
    number TEXT NOT NULL CHECK (length(number) <= 11), -- number, such as 07
    notation TEXT NOT NULL CHECK (length(notation) <= 30), -- notation, such as QĐ-UBND
    year SMALLINT NOT NULL, -- year of the number series
    issued_on TEXT NOT NULL CHECK (length(issued_on) = 10), -- day of the document, YYYY-MM-DD
    type_name TEXT NOT NULL CHECK (length(type_name) <= 100), -- name of the document type
    subject TEXT NOT NULL CHECK (length(subject) <= 500), -- subject (trích yếu)
    urgency SMALLINT NOT NULL CHECK (urgency BETWEEN 0 AND 4), -- 0 normal, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc, 4 hỏa tốc hẹn giờ
    file_name TEXT NOT NULL CHECK (length(file_name) <= 255), -- name of the file as the sender called it
    signer TEXT, -- person whose key signs it; absent when it came signed or was received
    original_sha256 TEXT CHECK (length(original_sha256) = 64), -- SHA-256 of the bytes handed in, before sealing; absent for received documents
    original_size_bytes BIGINT CHECK (original_size_bytes >= 0), -- bytes handed in
    sha256 TEXT CHECK (length(sha256) = 64), -- SHA-256 of the sealed bytes that travel; absent until sealed
    size_bytes BIGINT CHECK (size_bytes >= 0), -- sealed bytes
    stage TEXT NOT NULL CHECK (stage IN ('registered','sealed','dispatched','failed','received')), -- how far this hub has brought it
    stage_reason TEXT, -- why sealing or dispatching failed, for the clerk
    origin_hub TEXT NOT NULL, -- hub of the sender
    created_by TEXT NOT NULL, -- who handed it in
    created_at BIGINT NOT NULL -- microseconds since 1970 UTC
);
CREATE INDEX documents_by_sender ON documents (sender, created_at);

-- Number and notation are unique in the year of an agency (Decree 30/2020, article 15).
CREATE TABLE issued_numbers (
    sender TEXT NOT NULL, -- code of the issuing agency
    year SMALLINT NOT NULL, -- year of the series
    number TEXT NOT NULL, -- number
    notation TEXT NOT NULL, -- notation
    document_id TEXT NOT NULL REFERENCES documents (id), -- the document that bears it
    PRIMARY KEY (sender, year, number, notation)
);

-- Addressees chosen when the document was handed in.
CREATE TABLE recipients (
    document_id TEXT NOT NULL REFERENCES documents (id), -- the document
    recipient TEXT NOT NULL CHECK (length(recipient) <= 64), -- code of the addressed agency
    PRIMARY KEY (document_id, recipient)
);

-- One key, one document: a repeated request finds the first answer here.
CREATE TABLE submissions (
    owner TEXT NOT NULL, -- account that asked
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255), -- Idempotency-Key of the request
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64), -- SHA-256 of what was asked
    document_id TEXT NOT NULL REFERENCES documents (id), -- what it made
    PRIMARY KEY (owner, key)
);

-- Bytes in the blob store; the bytes are durable before the row.
CREATE TABLE blobs (
    sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64), -- SHA-256 of the bytes, their name
    size_bytes BIGINT NOT NULL CHECK (size_bytes >= 0), -- bytes
    first_seen BIGINT NOT NULL -- microseconds since 1970 UTC
);

-- Last number in each agency's register of incoming documents (Decree 30/2020, article 22(2)).
CREATE TABLE arrival_registers (
    agency TEXT NOT NULL, -- code of the receiving agency
    year SMALLINT NOT NULL, -- year of the register
    last_number INTEGER NOT NULL CHECK (last_number >= 0), -- last number given
    PRIMARY KEY (agency, year)
);
