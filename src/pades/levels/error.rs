//! Why a level was not reached.

use crate::{cms, pdf};

/// A fault or refusal on the way to a level; the file itself is never touched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be extended as it is.
    #[error(transparent)]
    Pdf(#[from] pdf::Error),
    /// A signature of the file cannot be read, so nobody could say what it needs.
    #[error("the signature in field {field} cannot be read: {fault}")]
    SignatureUnreadable {
        /// The field.
        field: String,
        /// Why.
        fault: cms::Error,
    },
    /// A signature field that holds something else than a signature.
    #[error("field {field} holds no regular signature")]
    FieldIrregular {
        /// The field.
        field: String,
    },
    /// The file carries no signature in scope.
    #[error("the file carries no signature")]
    NoSignature,
    /// A signature time stamp is over another signature value.
    #[error("the time stamp in field {field} is not over its signature")]
    ForeignToken {
        /// The field.
        field: String,
    },
    /// There is no path from a certificate to a trusted root.
    #[error("no path from {subject} to a trusted root: {reason}")]
    PathMissing {
        /// The certificate.
        subject: String,
        /// Reason code of the judgement.
        reason: &'static str,
    },
    /// Nothing acceptable is known about the revocation of a certificate.
    #[error("no revocation list or OCSP response that counts for {subject}")]
    RevocationMissing {
        /// The certificate.
        subject: String,
    },
    /// An authority is revoked, and no earlier time stamp seals what depends on it.
    #[error("{subject} is revoked")]
    AuthorityRevoked {
        /// The revoked certificate.
        subject: String,
    },
    /// The token is larger than the room kept for it.
    #[error("the token needs {needed} bytes, {reserved} were kept")]
    RoomTooSmall {
        /// Bytes needed.
        needed: usize,
        /// Bytes kept.
        reserved: usize,
    },
    /// The finished file did not pass the program's own check; it was thrown away.
    #[error("the finished file did not pass the check: {code}")]
    Rejected {
        /// Reason code of the verdict.
        code: &'static str,
    },
}

impl Error {
    /// A stable code for messages.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Pdf(fault) => fault.code(),
            Self::SignatureUnreadable { .. } => "SIGNATURE_UNREADABLE",
            Self::FieldIrregular { .. } => "FIELD_IRREGULAR",
            Self::NoSignature => "NO_SIGNATURE_TO_AUGMENT",
            Self::ForeignToken { .. } => "FOREIGN_TOKEN",
            Self::PathMissing { .. } => "LEVEL_PATH_MISSING",
            Self::RevocationMissing { .. } => "LEVEL_REVOCATION_MISSING",
            Self::AuthorityRevoked { .. } => "LEVEL_AUTHORITY_REVOKED",
            Self::RoomTooSmall { .. } => "TOKEN_TOO_LARGE",
            Self::Rejected { .. } => "LEVEL_SELF_CHECK_FAILED",
        }
    }
}
