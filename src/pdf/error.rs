//! Why a file could not be read or written. Each fault has a stable code, so that a report can say
//! it in the reader's language, and the byte where it was found.

/// A fault of the byte layer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The source failed; the file itself may be good.
    #[error("byte {offset} could not be read: {source}")]
    Read {
        /// Where the read began.
        offset: u64,
        /// What the source said.
        source: std::io::Error,
    },
    /// The file breaks a rule of the format.
    #[error("{code} at byte {offset}: expected {expected}")]
    Malformed {
        /// Stable code such as `XREF_MALFORMED`.
        code: &'static str,
        /// First byte of the offending construct.
        offset: u64,
        /// What the format asks for at this place.
        expected: &'static str,
    },
    /// The file is encrypted; nothing is read from it.
    #[error("the file is encrypted")]
    Encrypted,
    /// The file asks for more than the limits allow.
    #[error("limit exceeded: {what} (at most {limit})")]
    Limit {
        /// What is limited.
        what: &'static str,
        /// The limit in units of `what`.
        limit: u64,
    },
    /// Something the caller supplied cannot be used (an image, a font, a page number).
    #[error("{code}: {detail}")]
    Unusable {
        /// Stable code such as `IMAGE_UNUSABLE`.
        code: &'static str,
        /// What was found.
        detail: String,
    },
}

impl Error {
    /// The stable code of the fault.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "READ_FAILED",
            Self::Malformed { code, .. } | Self::Unusable { code, .. } => code,
            Self::Encrypted => "ENCRYPTED",
            Self::Limit { .. } => "LIMIT_EXCEEDED",
        }
    }

    /// The byte where the fault was found, if it has a place.
    #[must_use]
    pub const fn offset(&self) -> Option<u64> {
        match self {
            Self::Read { offset, .. } | Self::Malformed { offset, .. } => Some(*offset),
            Self::Encrypted | Self::Limit { .. } | Self::Unusable { .. } => None,
        }
    }
}

/// A malformed construct at `offset`.
pub(super) const fn malformed(code: &'static str, offset: u64, expected: &'static str) -> Error {
    Error::Malformed {
        code,
        offset,
        expected,
    }
}
