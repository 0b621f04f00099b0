//! Exit codes, the same in all commands.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Done; all passed.
    Done,
    /// Something unexpected.
    Unexpected,
    /// Wrong use of the command.
    Usage,
    /// Configuration or keys that cannot be used.
    Configuration,
    /// Something named does not exist.
    NotFound,
    /// Not allowed.
    NotAllowed,
    /// Something is already there.
    Conflict,
    /// May work later: disk full, busy.
    Temporary,
    /// At least one signature failed.
    SignatureFailed,
    /// None failed, at least one is indeterminate.
    Indeterminate,
    /// No signature at all.
    NoSignature,
    /// Not a readable PDF.
    Unreadable,
    /// Part of a batch failed.
    Partial,
}

impl Exit {
    /// The number the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Configuration => 3,
            Self::NotFound => 4,
            Self::NotAllowed => 5,
            Self::Conflict => 6,
            Self::Temporary => 7,
            Self::SignatureFailed => 10,
            Self::Indeterminate => 11,
            Self::NoSignature => 12,
            Self::Unreadable => 13,
            Self::Partial => 20,
        }
    }

    /// Rank among the results of `verify`, worst highest: 13 > 10 > 12 > 11 > 0.
    #[must_use]
    pub const fn severity(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Indeterminate => 1,
            Self::NoSignature => 2,
            Self::SignatureFailed => 3,
            Self::Unreadable => 4,
            _ => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
