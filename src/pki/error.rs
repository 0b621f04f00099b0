//! What can go wrong while reading, as opposed to what is judged.

/// Bytes that could not be read, or a cryptographic library that did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not strict DER, or DER of another shape.
    #[error("{what} is not well-formed DER at byte {offset}: {fault}")]
    Der {
        /// What was being read.
        what: &'static str,
        /// Where in it.
        offset: usize,
        /// What is wrong there.
        fault: &'static str,
    },
    /// A structure that is DER but not what the standard says.
    #[error("{what} is malformed: {fault}")]
    Malformed {
        /// What was being read.
        what: &'static str,
        /// What is wrong with it.
        fault: String,
    },
    /// Larger or more numerous than this program reads.
    #[error("{what}: {found} exceeds the limit of {limit}")]
    TooLarge {
        /// What was being read.
        what: &'static str,
        /// The limit, in the unit of `what`.
        limit: usize,
        /// What was found.
        found: usize,
    },
    /// Neither PEM nor DER of the kind expected.
    #[error("expected {expected}, found none")]
    NothingFound {
        /// What was expected.
        expected: &'static str,
    },
    /// The public key of a certificate cannot be used.
    #[error("the public key of {subject} cannot be used: {fault}")]
    Key {
        /// Whose key.
        subject: String,
        /// Why not.
        fault: String,
    },
}
