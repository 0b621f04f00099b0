-- Accounts, one-time sign-in links and sessions.

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    login TEXT NOT NULL UNIQUE CHECK (length(login) BETWEEN 1 AND 64),
    name TEXT NOT NULL,
    agency TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('clerk','auditor')),
    password_hash TEXT,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);
COMMENT ON TABLE users IS 'A person with an account.';
COMMENT ON COLUMN users.id IS 'UUIDv7';
COMMENT ON COLUMN users.login IS 'name for signing in';
COMMENT ON COLUMN users.name IS 'name for people';
COMMENT ON COLUMN users.agency IS 'code of the agency the person works for';
COMMENT ON COLUMN users.role IS 'what the person may do';
COMMENT ON COLUMN users.password_hash IS 'Argon2id, PHC form; absent: one-time links only';
COMMENT ON COLUMN users.created_at IS 'microseconds since 1970 UTC';
COMMENT ON COLUMN users.disabled_at IS 'when the account was closed';

CREATE TABLE sign_in_links (
    token_sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(token_sha256) = 64),
    user_id TEXT NOT NULL REFERENCES users (id),
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
COMMENT ON TABLE sign_in_links IS 'One-time sign-in: only the digest of the token is kept.';
COMMENT ON COLUMN sign_in_links.token_sha256 IS 'SHA-256 of the token';
COMMENT ON COLUMN sign_in_links.user_id IS 'whom it signs in';
COMMENT ON COLUMN sign_in_links.expires_at IS 'microseconds since 1970 UTC';
COMMENT ON COLUMN sign_in_links.used_at IS 'when it was used';

CREATE TABLE sessions (
    token_sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(token_sha256) = 64),
    user_id TEXT NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL CHECK (kind IN ('session','key')),
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
COMMENT ON TABLE sessions IS 'Sessions and access keys: only the digest of the token is kept.';
COMMENT ON COLUMN sessions.token_sha256 IS 'SHA-256 of the token';
COMMENT ON COLUMN sessions.user_id IS 'whose';
COMMENT ON COLUMN sessions.kind IS 'browser session or access key for programs';
COMMENT ON COLUMN sessions.created_at IS 'microseconds since 1970 UTC';
COMMENT ON COLUMN sessions.last_seen_at IS 'microseconds since 1970 UTC';
COMMENT ON COLUMN sessions.expires_at IS 'microseconds since 1970 UTC';
