//! Why a signature structure is refused, each with a stable code and the verdict it leads to.

use crate::pki;
use crate::pki::algorithm::AlgorithmRefusal;
use crate::pki::verdict::{Indication, RowOutcome, SubIndication};

/// A structure that is not the one signature this program reads.
/// Source: RFC 5652; ETSI EN 319 122-1; ETSI EN 319 142-1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither DER nor the BER this program reads.
    #[error(transparent)]
    Der(#[from] pki::Error),
    /// Another content type than signed data.
    #[error("expected CMS signed data, found content type {found}")]
    NotSignedData {
        /// The content type found, dotted.
        found: String,
    },
    /// Something other than zero padding follows.
    #[error("{count} bytes follow the signature and are not zero padding")]
    TrailingBytes {
        /// How many bytes follow.
        count: usize,
    },
    /// A version number this structure cannot have.
    #[error("version {found} does not belong to this structure")]
    Version {
        /// The version found.
        found: String,
    },
    /// The signed content stands inside a signature that must be detached.
    #[error("a detached signature must not hold its content")]
    ContentPresent,
    /// The content stands nowhere in a structure that must hold it.
    #[error("the content is missing")]
    ContentMissing,
    /// The content is of another type than expected, or than the signed attribute says.
    #[error("expected content type {expected}, found {found}")]
    ContentType {
        /// Expected, dotted.
        expected: String,
        /// Found, dotted.
        found: String,
    },
    /// Not exactly one signer.
    #[error("expected one signer, found {found}")]
    SignerCount {
        /// How many were found.
        found: usize,
    },
    /// Without signed attributes one signature could be passed off as another.
    #[error("the signed attributes are missing")]
    NoSignedAttributes,
    /// A type of signed attribute stands twice.
    #[error("signed attribute {oid} stands twice")]
    AttributeTwice {
        /// Its type, dotted.
        oid: String,
    },
    /// A mandatory signed attribute is missing.
    #[error("signed attribute {name} is missing")]
    AttributeMissing {
        /// Its name.
        name: &'static str,
    },
    /// An attribute has no value, or several where one is required.
    #[error("attribute {name} must have one value, found {found}")]
    AttributeValues {
        /// Its name, or type dotted.
        name: String,
        /// How many values were found.
        found: usize,
    },
    /// An attribute whose value is of another shape than its type says.
    #[error("attribute {name} cannot be read")]
    AttributeMalformed {
        /// Its name.
        name: &'static str,
    },
    /// A part of a time-stamp token that is not what RFC 3161 says, or critical and not processed.
    #[error("{name} of the time-stamp token cannot be read")]
    TokenMalformed {
        /// Its name.
        name: &'static str,
    },
    /// The digest algorithm of the signer is not listed for the message.
    #[error("digest algorithm {digest} is not listed")]
    DigestNotListed {
        /// The algorithm.
        digest: &'static str,
    },
    /// An algorithm that is not relied on.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmRefusal),
    /// Digest and signature algorithm contradict each other (RFC 8933).
    #[error("{signature} contradicts the digest algorithm {digest}")]
    AlgorithmMismatch {
        /// The digest algorithm.
        digest: &'static str,
        /// The signature algorithm.
        signature: String,
    },
    /// The algorithms used are not those the signer protected (RFC 6211).
    #[error("the algorithms are not those the signer protected")]
    AlgorithmProtection,
    /// The attribute that names the signer's certificate is missing.
    #[error("the signing-certificate attribute is missing")]
    NoSigningCertificate,
    /// The attribute that names the signer's certificate does not have exactly one value.
    #[error("the signing-certificate attribute must have one value, found {found}")]
    SigningCertificateValues {
        /// How many values were found.
        found: usize,
    },
    /// The certificate of the signer is not in the signature.
    #[error("the signer's certificate is not in the signature")]
    SignerNotFound,
    /// The certificate of the signer is not the one the signed attribute names.
    #[error("the signer's certificate is not the one the signing-certificate attribute names")]
    SigningCertificateMismatch,
    /// Several certificates answer to the name of the signer and nothing signed tells which.
    #[error("{found} certificates answer to the name of the signer")]
    AmbiguousSigner {
        /// How many.
        found: usize,
    },
}

impl Error {
    /// A stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Der(pki::Error::TooLarge { .. }) => "CMS_TOO_LARGE",
            Self::Der(_) => "CMS_NOT_DER",
            Self::NotSignedData { .. } => "CMS_NOT_SIGNED_DATA",
            Self::TrailingBytes { .. } => "CMS_TRAILING_BYTES",
            Self::Version { .. } => "CMS_VERSION",
            Self::ContentPresent => "CMS_CONTENT_PRESENT",
            Self::ContentMissing => "CMS_CONTENT_MISSING",
            Self::ContentType { .. } => "CMS_CONTENT_TYPE",
            Self::SignerCount { .. } => "CMS_SIGNER_COUNT",
            Self::NoSignedAttributes => "CMS_NO_SIGNED_ATTRIBUTES",
            Self::AttributeTwice { .. } => "CMS_ATTRIBUTE_TWICE",
            Self::AttributeMissing { .. } => "CMS_ATTRIBUTE_MISSING",
            Self::AttributeValues { .. } => "CMS_ATTRIBUTE_VALUES",
            Self::AttributeMalformed { .. } => "CMS_ATTRIBUTE_MALFORMED",
            Self::TokenMalformed { .. } => "TIMESTAMP_MALFORMED",
            Self::DigestNotListed { .. } => "CMS_DIGEST_NOT_LISTED",
            Self::Algorithm(AlgorithmRefusal::Weak(_)) => "WEAK_ALGORITHM",
            Self::Algorithm(AlgorithmRefusal::Unknown(_)) => "UNSUPPORTED_ALGORITHM",
            Self::Algorithm(AlgorithmRefusal::Parameters { .. }) => "ALGORITHM_PARAMETERS",
            Self::AlgorithmMismatch { .. } => "ALGORITHM_MISMATCH",
            Self::AlgorithmProtection => "ALGORITHM_PROTECTION",
            Self::NoSigningCertificate => "NO_SIGNING_CERTIFICATE_ATTRIBUTE",
            Self::SigningCertificateValues { .. } => "SIGNING_CERTIFICATE_VALUES",
            Self::SignerNotFound => "SIGNER_NOT_FOUND",
            Self::SigningCertificateMismatch => "SIGNING_CERTIFICATE_MISMATCH",
            Self::AmbiguousSigner { .. } => "AMBIGUOUS_SIGNER",
        }
    }

    /// What a signature with this fault is judged to be.
    #[must_use]
    pub const fn verdict(&self) -> (Indication, SubIndication) {
        let sub_indication = match self {
            Self::Algorithm(AlgorithmRefusal::Weak(_)) => {
                SubIndication::CryptoConstraintsFailureNoPoe
            }
            Self::Algorithm(_) | Self::AlgorithmMismatch { .. } | Self::AlgorithmProtection => {
                SubIndication::CryptoConstraintsFailure
            }
            Self::NoSigningCertificate => SubIndication::SigConstraintsFailure,
            Self::SigningCertificateValues { .. }
            | Self::SignerNotFound
            | Self::SigningCertificateMismatch
            | Self::AmbiguousSigner { .. } => SubIndication::NoSigningCertificateFound,
            _ => return (Indication::TotalFailed, SubIndication::FormatFailure),
        };
        (Indication::Indeterminate, sub_indication)
    }

    /// The row of a report that says so.
    #[must_use]
    pub fn row(&self) -> RowOutcome {
        let params = vec![("detail", self.to_string())];
        match self.verdict().0 {
            Indication::Indeterminate => RowOutcome::indeterminate(self.code(), params),
            _ => RowOutcome::failed(self.code(), params),
        }
    }
}
