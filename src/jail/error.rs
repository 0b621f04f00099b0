//! What can go wrong around a child, and how a child can die.

use std::io;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The child could not lock itself in, so it read nothing.
    #[error("the jail cannot be built: {detail}")]
    NotBuilt {
        /// Which wall is missing.
        detail: String,
    },
    /// The child could not be started.
    #[error("the jail's process cannot be started: {0}")]
    NotStarted(io::Error),
    /// The line to the child failed on this side.
    #[error("the line to the jail failed: {0}")]
    Line(io::Error),
    /// Parent and child do not speak alike: another version, or a wrong answer.
    #[error("the jail answered {found}, expected {expected}")]
    Misunderstood {
        /// What was expected.
        expected: &'static str,
        /// What came.
        found: String,
    },
    /// The child died before it answered.
    #[error("the jail's process died: {0}")]
    Died(Death),
}

/// How a child died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// It tried what nobody who only reads needs to do, and the kernel ended it.
    Violation,
    /// It wanted more memory, processor time or room for its answer than it may have.
    Limit,
    /// It gave no answer in time and was ended by its parent.
    Timeout,
    /// It broke down by itself.
    Crashed,
    /// Somebody outside ended it.
    Killed,
}

impl Death {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Violation => "JAIL_VIOLATION",
            Self::Limit => "JAIL_LIMIT",
            Self::Timeout => "JAIL_TIMEOUT",
            Self::Crashed => "JAIL_CRASHED",
            Self::Killed => "JAIL_KILLED",
        }
    }

    /// Whether the document is to blame; otherwise the same act may succeed when repeated.
    #[must_use]
    pub const fn is_by_document(self) -> bool {
        !matches!(self, Self::Killed)
    }
}

impl std::fmt::Display for Death {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
