//! Why a file could not be signed.

use crate::domain::clock::Timestamp;
use crate::domain::language::Language;
use crate::{cms, pdf, pki};

/// A fault or refusal on the way to a signed file; the file itself is never touched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be signed as it is.
    #[error(transparent)]
    Pdf(#[from] pdf::Error),
    /// The signature structure could not be built or an earlier one not be read.
    #[error(transparent)]
    Cms(#[from] cms::Error),
    /// The key cannot be used.
    #[error(transparent)]
    Pki(#[from] pki::Error),
    /// The agency signs only what an authorised person has signed before.
    /// Source: Decree 30/2020/NĐ-CP, articles 17(2) and 32(2)(d).
    #[error("no person has signed this document before the agency")]
    PersonSignatureMissing,
    /// A certification must be the first signature of a file. Source: ISO 32000-2, 12.8.2.2.
    #[error("a certification must be the first signature of a file")]
    CertificationNotFirst,
    /// The author's certification forbids further signatures.
    #[error("the file is certified and permits no further signatures")]
    FurtherSignaturesForbidden,
    /// A certification permission other than 1, 2 or 3.
    #[error("certification permission {found} is not 1, 2 or 3")]
    UnknownPermission {
        /// What was asked for.
        found: u8,
    },
    /// The signature structure is larger than the room kept for it; prepare again with `needed`.
    #[error("the signature needs {needed} bytes, {reserved} were kept")]
    HoleTooSmall {
        /// Bytes needed.
        needed: usize,
        /// Bytes kept.
        reserved: usize,
    },
    /// The signature given is not one over the prepared attributes with the signer's key.
    #[error("the signature does not belong to the prepared document and the signer's certificate")]
    ForeignSignature,
    /// A signature that is already in the file does not hold; another one would only hide that.
    #[error("the file already carries a signature that does not hold: {code}")]
    EarlierSignatureBroken {
        /// Reason code of its verdict.
        code: &'static str,
    },
    /// The new signature would make one fail that holds now: a certification or a field lock
    /// forbids it. Source: ISO 32000-2, 12.8.2.2 and 12.8.2.4.
    #[error("a signature the file carries forbids this one: {code}")]
    WouldBreakEarlier {
        /// Reason code of the verdict the earlier signature would get.
        code: &'static str,
    },
    /// Another reader sees other pages or fields in the file.
    #[error("two readers disagree about the file: {own}, {other}")]
    ReadersDisagree {
        /// What this program sees.
        own: String,
        /// What the other reader sees, or why it cannot read the file.
        other: String,
    },
    /// The file is not the one that was hashed or prepared.
    #[error("the file changed while it was signed")]
    SourceChanged,
    /// The session is over.
    #[error("the session ended at {expired}")]
    SessionExpired {
        /// When it ended.
        expired: Timestamp,
    },
    /// The document is not the one the session was prepared for.
    #[error("the document is not the one the session was prepared for")]
    SessionOtherDocument,
    /// The answer names another certificate than the prepared one.
    #[error("the answer comes with another certificate than the prepared one")]
    SessionOtherCertificate,
    /// The answer is over other signed attributes than the prepared ones.
    #[error("the answer is over other attributes than the prepared ones")]
    SessionOtherAttributes,
    /// The stored session cannot be read.
    #[error("the stored session cannot be read: {detail}")]
    SessionUnreadable {
        /// What is wrong with it.
        detail: String,
    },
    /// The finished signature did not pass the program's own check; it was thrown away.
    #[error("the finished signature did not pass the check: {code}")]
    SelfCheckFailed {
        /// Reason code of the verdict.
        code: &'static str,
    },
}

/// What kind of trouble an [`Error`] is, for exit codes and status lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The source could not be read; the file itself may be good.
    Reading,
    /// The file is no PDF that can be worked on.
    File,
    /// The request asks for something impossible (a page, a place, a picture).
    Request,
    /// A rule forbids the signature.
    Rule,
    /// The file carries a signature that does not hold.
    EarlierSignature,
    /// Something that should not happen.
    Internal,
}

impl Error {
    /// What kind of trouble it is.
    #[must_use]
    pub const fn trouble(&self) -> Trouble {
        match self {
            Self::Pdf(pdf::Error::Read { .. }) => Trouble::Reading,
            Self::Pdf(pdf::Error::Unusable { .. }) | Self::UnknownPermission { .. } => {
                Trouble::Request
            }
            Self::Pdf(_) | Self::ReadersDisagree { .. } => Trouble::File,
            Self::PersonSignatureMissing
            | Self::CertificationNotFirst
            | Self::FurtherSignaturesForbidden
            | Self::WouldBreakEarlier { .. }
            | Self::ForeignSignature
            | Self::SessionExpired { .. }
            | Self::SessionOtherDocument
            | Self::SessionOtherCertificate
            | Self::SessionOtherAttributes => Trouble::Rule,
            Self::SessionUnreadable { .. } => Trouble::Request,
            Self::SourceChanged => Trouble::Reading,
            Self::EarlierSignatureBroken { .. } => Trouble::EarlierSignature,
            _ => Trouble::Internal,
        }
    }

    /// Named values for the message of [`Error::code`].
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, String)> {
        let mut params = match self {
            Self::Pdf(fault) => super::judge::finding_of(fault).params,
            Self::ReadersDisagree { own, other } => {
                vec![("own", own.clone()), ("other", other.clone())]
            }
            _ => Vec::new(),
        };
        if !params.iter().any(|(name, _)| *name == "detail") {
            params.push(("detail", self.to_string()));
        }
        params
    }

    /// A stable code for reports and messages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Pdf(fault) => fault.code(),
            Self::Cms(fault) => fault.code(),
            Self::Pki(_) => "KEY_UNUSABLE",
            Self::PersonSignatureMissing => "PERSON_SIGNATURE_MISSING",
            Self::CertificationNotFirst => "CERTIFICATION_NOT_FIRST",
            Self::FurtherSignaturesForbidden => "FURTHER_SIGNATURES_FORBIDDEN",
            Self::UnknownPermission { .. } => "UNKNOWN_PERMISSION",
            Self::HoleTooSmall { .. } => "HOLE_TOO_SMALL",
            Self::ForeignSignature => "FOREIGN_SIGNATURE",
            Self::EarlierSignatureBroken { .. } => "EARLIER_SIGNATURE_BROKEN",
            Self::WouldBreakEarlier { .. } => "WOULD_BREAK_EARLIER",
            Self::SessionExpired { .. } => "SESSION_EXPIRED",
            Self::SessionOtherDocument => "SESSION_OTHER_DOCUMENT",
            Self::SessionOtherCertificate => "SESSION_OTHER_CERTIFICATE",
            Self::SessionOtherAttributes => "SESSION_OTHER_ATTRIBUTES",
            Self::SessionUnreadable { .. } => "SESSION_UNREADABLE",
            Self::ReadersDisagree { .. } => "READERS_DISAGREE",
            Self::SourceChanged => "SOURCE_CHANGED",
            Self::SelfCheckFailed { .. } => "SELF_CHECK_FAILED",
        }
    }

    /// What is wrong, in `language`.
    #[must_use]
    pub fn said(&self, language: Language) -> String {
        super::message(language, self.code(), &self.params())
    }
}
