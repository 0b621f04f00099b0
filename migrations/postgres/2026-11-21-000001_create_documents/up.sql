-- What is sent and received, and the numbers it bears.

CREATE TABLE documents (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    sender TEXT NOT NULL CHECK (length(sender) <= 64),
    number TEXT NOT NULL CHECK (length(number) <= 11),
    notation TEXT NOT NULL CHECK (length(notation) <= 30),
    year SMALLINT NOT NULL,
    issued_on TEXT NOT NULL CHECK (length(issued_on) = 10),
    type_name TEXT NOT NULL CHECK (length(type_name) <= 100),
    subject TEXT NOT NULL CHECK (length(subject) <= 500),
    urgency SMALLINT NOT NULL CHECK (urgency BETWEEN 0 AND 4),
    file_name TEXT NOT NULL CHECK (length(file_name) <= 255),
    signer TEXT,
    original_sha256 TEXT CHECK (length(original_sha256) = 64),
    original_size_bytes BIGINT CHECK (original_size_bytes >= 0),
    sha256 TEXT CHECK (length(sha256) = 64),
    size_bytes BIGINT CHECK (size_bytes >= 0),
    stage TEXT NOT NULL CHECK (stage IN ('registered','sealed','dispatched','failed','received')),
    stage_reason TEXT,
    origin_hub TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX documents_by_sender ON documents (sender, created_at);
COMMENT ON TABLE documents IS 'A document, one row on every hub it has reached.';
COMMENT ON COLUMN documents.id IS 'UUIDv7, the same on every hub';
COMMENT ON COLUMN documents.sender IS 'code of the issuing agency';
COMMENT ON COLUMN documents.number IS 'number, such as 07';
COMMENT ON COLUMN documents.notation IS 'notation, such as QĐ-UBND';
COMMENT ON COLUMN documents.year IS 'year of the number series';
COMMENT ON COLUMN documents.issued_on IS 'day of the document, YYYY-MM-DD';
COMMENT ON COLUMN documents.type_name IS 'name of the document type';
COMMENT ON COLUMN documents.subject IS 'subject (trích yếu)';
COMMENT ON COLUMN documents.urgency IS '0 normal, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc, 4 hỏa tốc hẹn giờ';
COMMENT ON COLUMN documents.file_name IS 'name of the file as the sender called it';
COMMENT ON COLUMN documents.signer IS 'person whose key signs it; absent when it came signed or was received';
COMMENT ON COLUMN documents.original_sha256 IS 'SHA-256 of the bytes handed in, before sealing; absent for received documents';
COMMENT ON COLUMN documents.original_size_bytes IS 'bytes handed in';
COMMENT ON COLUMN documents.sha256 IS 'SHA-256 of the sealed bytes that travel; absent until sealed';
COMMENT ON COLUMN documents.size_bytes IS 'sealed bytes';
COMMENT ON COLUMN documents.stage IS 'how far this hub has brought it';
COMMENT ON COLUMN documents.stage_reason IS 'why sealing or dispatching failed, for the clerk';
COMMENT ON COLUMN documents.origin_hub IS 'hub of the sender';
COMMENT ON COLUMN documents.created_by IS 'who handed it in';
COMMENT ON COLUMN documents.created_at IS 'microseconds since 1970 UTC';

CREATE TABLE issued_numbers (
    sender TEXT NOT NULL,
    year SMALLINT NOT NULL,
    number TEXT NOT NULL,
    notation TEXT NOT NULL,
    document_id TEXT NOT NULL REFERENCES documents (id),
    PRIMARY KEY (sender, year, number, notation)
);
COMMENT ON TABLE issued_numbers IS 'Number and notation are unique in the year of an agency (Decree 30/2020, article 15).';
COMMENT ON COLUMN issued_numbers.sender IS 'code of the issuing agency';
COMMENT ON COLUMN issued_numbers.year IS 'year of the series';
COMMENT ON COLUMN issued_numbers.number IS 'number';
COMMENT ON COLUMN issued_numbers.notation IS 'notation';
COMMENT ON COLUMN issued_numbers.document_id IS 'the document that bears it';

CREATE TABLE recipients (
    document_id TEXT NOT NULL REFERENCES documents (id),
    recipient TEXT NOT NULL CHECK (length(recipient) <= 64),
    PRIMARY KEY (document_id, recipient)
);
COMMENT ON TABLE recipients IS 'Addressees chosen when the document was handed in.';
COMMENT ON COLUMN recipients.document_id IS 'the document';
COMMENT ON COLUMN recipients.recipient IS 'code of the addressed agency';

CREATE TABLE submissions (
    owner TEXT NOT NULL,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
    document_id TEXT NOT NULL REFERENCES documents (id),
    PRIMARY KEY (owner, key)
);
COMMENT ON TABLE submissions IS 'One key, one document: a repeated request finds the first answer here.';
COMMENT ON COLUMN submissions.owner IS 'account that asked';
COMMENT ON COLUMN submissions.key IS 'Idempotency-Key of the request';
COMMENT ON COLUMN submissions.fingerprint IS 'SHA-256 of what was asked';
COMMENT ON COLUMN submissions.document_id IS 'what it made';

CREATE TABLE blobs (
    sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
    size_bytes BIGINT NOT NULL CHECK (size_bytes >= 0),
    first_seen BIGINT NOT NULL
);
COMMENT ON TABLE blobs IS 'Bytes in the blob store; the bytes are durable before the row.';
COMMENT ON COLUMN blobs.sha256 IS 'SHA-256 of the bytes, their name';
COMMENT ON COLUMN blobs.size_bytes IS 'bytes';
COMMENT ON COLUMN blobs.first_seen IS 'microseconds since 1970 UTC';

CREATE TABLE arrival_registers (
    agency TEXT NOT NULL,
    year SMALLINT NOT NULL,
    last_number INTEGER NOT NULL CHECK (last_number >= 0),
    PRIMARY KEY (agency, year)
);
COMMENT ON TABLE arrival_registers IS 'Last number in each agency''s register of incoming documents (Decree 30/2020, article 22(2)).';
COMMENT ON COLUMN arrival_registers.agency IS 'code of the receiving agency';
COMMENT ON COLUMN arrival_registers.year IS 'year of the register';
COMMENT ON COLUMN arrival_registers.last_number IS 'last number given';
