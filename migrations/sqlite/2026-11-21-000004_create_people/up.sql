-- Accounts, one-time sign-in links and sessions.

-- A person with an account.
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36), -- UUIDv7
    login TEXT NOT NULL UNIQUE CHECK (length(login) BETWEEN 1 AND 64), -- name for signing in
    name TEXT NOT NULL, -- name for people
    agency TEXT NOT NULL, -- code of the agency the person works for
    role TEXT NOT NULL CHECK (role IN ('clerk','auditor')), -- what the person may do
    password_hash TEXT, -- Argon2id, PHC form; absent: one-time links only
    created_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    disabled_at BIGINT -- when the account was closed
);

-- One-time sign-in: only the digest of the token is kept.
CREATE TABLE sign_in_links (
    token_sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(token_sha256) = 64), -- SHA-256 of the token
    user_id TEXT NOT NULL REFERENCES users (id), -- whom it signs in
    expires_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    used_at BIGINT -- when it was used
);

-- Sessions and access keys: only the digest of the token is kept.
CREATE TABLE sessions (
    token_sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(token_sha256) = 64), -- SHA-256 of the token
    user_id TEXT NOT NULL REFERENCES users (id), -- whose
    kind TEXT NOT NULL CHECK (kind IN ('session','key')), -- browser session or access key for programs
    created_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    last_seen_at BIGINT NOT NULL, -- microseconds since 1970 UTC
    expires_at BIGINT NOT NULL -- microseconds since 1970 UTC
);
CREATE INDEX sessions_by_user ON sessions (user_id);
