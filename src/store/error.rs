//! What can go wrong with the record.

use crate::domain::digest::Sha256;
use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// A fault of the record. None of them leaves half an act behind.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached or is busy: repeat later.
    #[error("database not available: {0}")]
    Unavailable(String),
    /// A unique constraint says that this exists already.
    #[error("already recorded ({constraint})")]
    Conflict {
        /// The constraint or the engine's words.
        constraint: String,
    },
    /// A row holds a value that cannot be right.
    #[error("corrupt record: {table}.{column} holds {value:?}")]
    Corrupt {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// The value, shortened.
        value: String,
    },
    /// A change touched another number of rows than it must.
    #[error("{what}: expected to change {expected} row(s), changed {found}")]
    RowCount {
        /// The change.
        what: &'static str,
        /// Rows expected.
        expected: usize,
        /// Rows changed.
        found: usize,
    },
    /// The database is set so that acknowledged writes could be lost.
    #[error("unsafe database setting {name} = {found}, must be {expected}")]
    Settings {
        /// Setting.
        name: &'static str,
        /// What must be.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// No space is left.
    #[error("disk full: {0}")]
    DiskFull(String),
    /// Reading or writing a blob failed.
    #[error("blob store: {0}")]
    Disk(std::io::Error),
    /// A blob is larger than allowed.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// Largest size in bytes.
        limit: u64,
    },
    /// The bytes are not those they were announced to be.
    #[error("bytes hash to {found}, announced as {expected}")]
    OtherBytes {
        /// Announced.
        expected: Sha256,
        /// Found.
        found: Sha256,
    },
    /// Somebody else is writing the same bytes now: repeat later.
    #[error("another upload of these bytes is under way")]
    Busy,
    /// A piece does not begin where the bytes held end.
    #[error("the piece begins at {found}, {held} bytes are held")]
    WrongOffset {
        /// Bytes held.
        held: u64,
        /// Where the piece begins.
        found: u64,
    },
    /// A migration could not be applied or undone.
    #[error("migration: {0}")]
    Migration(String),
    /// The schema is not the one this program needs.
    #[error("the database has {pending} migration(s) to apply: run `lienthong migrate`")]
    NotMigrated {
        /// How many are missing.
        pending: usize,
    },
    /// A statement failed for another reason.
    #[error("database: {0}")]
    Statement(Diesel),
}

impl Error {
    /// Whether the same act may succeed when repeated later.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::DiskFull(_) | Self::Disk(_) | Self::Busy
        )
    }
}

impl From<Diesel> for Error {
    fn from(fault: Diesel) -> Self {
        match &fault {
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, facts) => Self::Conflict {
                constraint: facts
                    .constraint_name()
                    .unwrap_or(facts.message())
                    .to_owned(),
            },
            Diesel::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure,
                facts,
            ) => Self::Unavailable(facts.message().to_owned()),
            Diesel::DatabaseError(_, facts) => {
                by_message(facts.message()).unwrap_or(Self::Statement(fault))
            }
            Diesel::BrokenTransactionManager | Diesel::RollbackErrorOnCommit { .. } => {
                Self::Unavailable(fault.to_string())
            }
            _ => Self::Statement(fault),
        }
    }
}

/// Conditions the engines report only in words.
fn by_message(message: &str) -> Option<Error> {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["disk is full", "No space left on device", "disk I/O error"]) {
        return Some(Error::DiskFull(message.to_owned()));
    }
    let is_away = [
        "database is locked",
        "server closed the connection",
        "terminating connection",
        "no connection to the server",
        "could not connect",
        "shutting down",
        "starting up",
    ];
    says(&is_away).then(|| Error::Unavailable(message.to_owned()))
}

impl From<std::io::Error> for Error {
    fn from(fault: std::io::Error) -> Self {
        match fault.kind() {
            std::io::ErrorKind::StorageFull
            | std::io::ErrorKind::QuotaExceeded
            | std::io::ErrorKind::FileTooLarge => Self::DiskFull(fault.to_string()),
            _ => Self::Disk(fault),
        }
    }
}
