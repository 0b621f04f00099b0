//! Three-valued verdicts after ETSI EN 319 102-1, clauses 5.1.3 and 5.1.4, and the rows that
//! explain them. A verdict is a value, never an error.

use std::fmt;

/// What a validation concluded; ordered, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indication {
    /// Everything that had to be checked was checked and held.
    TotalPassed,
    /// What is known is not enough to pass or to fail.
    Indeterminate,
    /// Something is wrong for certain.
    TotalFailed,
}

impl fmt::Display for Indication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TotalPassed => "TOTAL-PASSED",
            Self::Indeterminate => "INDETERMINATE",
            Self::TotalFailed => "TOTAL-FAILED",
        })
    }
}

macro_rules! sub_indications {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// Why a verdict is not `TOTAL-PASSED`. Source: ETSI EN 319 102-1, table 6.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum SubIndication { $($(#[$doc])* $name),* }

        impl SubIndication {
            /// The name in the standard, such as `HASH_FAILURE`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

sub_indications! {
    /// The signature does not conform to its format.
    FormatFailure = "FORMAT_FAILURE",
    /// The signed bytes have another digest.
    HashFailure = "HASH_FAILURE",
    /// The signature value does not verify with the signer's key.
    SigCryptoFailure = "SIG_CRYPTO_FAILURE",
    /// The certificate was revoked before the signature existed.
    Revoked = "REVOKED",
    /// The certificate had expired before the signature existed.
    Expired = "EXPIRED",
    /// The certificate was not yet valid.
    NotYetValid = "NOT_YET_VALID",
    /// Attributes of the signature break the policy.
    SigConstraintsFailure = "SIG_CONSTRAINTS_FAILURE",
    /// The certificates break the policy (usage).
    ChainConstraintsFailure = "CHAIN_CONSTRAINTS_FAILURE",
    /// The certificates could not be validated for another reason.
    CertificateChainGeneralFailure = "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    /// An algorithm or key size is no longer secure.
    CryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE",
    /// As above, with no proof that the object existed while it was secure.
    CryptoConstraintsFailureNoPoe = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    /// The policy could not be processed.
    PolicyProcessingError = "POLICY_PROCESSING_ERROR",
    /// The signature policy is not available.
    SignaturePolicyNotAvailable = "SIGNATURE_POLICY_NOT_AVAILABLE",
    /// Time stamps stand in an impossible order.
    TimestampOrderFailure = "TIMESTAMP_ORDER_FAILURE",
    /// The signer's certificate cannot be identified.
    NoSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND",
    /// No path leads to a trusted root.
    NoCertificateChainFound = "NO_CERTIFICATE_CHAIN_FOUND",
    /// As above, and no proof of existence from when there was one.
    NoCertificateChainFoundNoPoe = "NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
    /// The signer's certificate is revoked; no proof that the signature is older.
    RevokedNoPoe = "REVOKED_NO_POE",
    /// A CA certificate is revoked; no proof that the signature is older.
    RevokedCaNoPoe = "REVOKED_CA_NO_POE",
    /// Outside the certificate's validity; no proof that the signature lies inside.
    OutOfBoundsNoPoe = "OUT_OF_BOUNDS_NO_POE",
    /// Outside the certificate's validity, which was not revoked.
    OutOfBoundsNotRevoked = "OUT_OF_BOUNDS_NOT_REVOKED",
    /// Revocation data is outside the bounds of its issuer.
    RevocationOutOfBoundsNoPoe = "REVOCATION_OUT_OF_BOUNDS_NO_POE",
    /// More data (usually about revocation) may decide later.
    TryLater = "TRY_LATER",
    /// A proof of existence is missing.
    NoPoe = "NO_POE",
    /// The signed bytes are not there.
    SignedDataNotFound = "SIGNED_DATA_NOT_FOUND",
}

impl SubIndication {
    /// Whether an earlier proof of existence may turn the verdict into a better one (past
    /// validation). Source: ETSI EN 319 102-1, 5.5.4 and 5.6.3.4.
    #[must_use]
    pub const fn may_be_past(self) -> bool {
        matches!(
            self,
            Self::RevokedNoPoe
                | Self::RevokedCaNoPoe
                | Self::OutOfBoundsNoPoe
                | Self::OutOfBoundsNotRevoked
                | Self::RevocationOutOfBoundsNoPoe
                | Self::CryptoConstraintsFailureNoPoe
                | Self::NoCertificateChainFoundNoPoe
                | Self::TryLater
        )
    }
}

impl fmt::Display for SubIndication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Named values that fill a message; the names are stable.
pub type Params = Vec<(&'static str, String)>;

/// What one row of checks came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowResult {
    /// All checks of the row held.
    Passed,
    /// One failed.
    Failed,
    /// One could not be decided.
    Indeterminate,
    /// Not reached.
    NotChecked,
}

impl fmt::Display for RowResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Indeterminate => "indeterminate",
            Self::NotChecked => "not-checked",
        })
    }
}

/// One row of a report: its result and, as a stable code with values, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOutcome {
    /// The result.
    pub result: RowResult,
    /// Stable code such as `REVOKED`.
    pub reason: &'static str,
    /// Values for the message of `reason`.
    pub params: Params,
}

impl RowOutcome {
    /// A row that passed for `reason`.
    #[must_use]
    pub const fn passed(reason: &'static str) -> Self {
        Self {
            result: RowResult::Passed,
            reason,
            params: Vec::new(),
        }
    }

    /// A row that failed for `reason`.
    #[must_use]
    pub const fn failed(reason: &'static str, params: Params) -> Self {
        Self {
            result: RowResult::Failed,
            reason,
            params,
        }
    }

    /// A row that could not be decided, for `reason`.
    #[must_use]
    pub const fn indeterminate(reason: &'static str, params: Params) -> Self {
        Self {
            result: RowResult::Indeterminate,
            reason,
            params,
        }
    }

    /// A row that was not reached.
    #[must_use]
    pub const fn not_checked() -> Self {
        Self {
            result: RowResult::NotChecked,
            reason: "NOT_CHECKED",
            params: Vec::new(),
        }
    }
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth acting on.
    Warning,
    /// Part of why the verdict is not `TOTAL-PASSED`.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Something noticed on the way, whether or not it decided the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable code of the check that noticed it.
    pub check: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Values for the message of `check`.
    pub params: Params,
    /// Where: a certificate's subject, an attribute, an object, an offset.
    pub location: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_indication_comes_last() {
        let mut all = [
            Indication::TotalFailed,
            Indication::TotalPassed,
            Indication::Indeterminate,
        ];
        all.sort();
        assert_eq!(
            all.map(|i| i.to_string()),
            ["TOTAL-PASSED", "INDETERMINATE", "TOTAL-FAILED"]
        );
    }

    #[test]
    fn every_sub_indication_has_its_own_name() {
        let names: std::collections::BTreeSet<_> =
            SubIndication::ALL.iter().map(|s| s.as_str()).collect();
        assert_eq!(names.len(), SubIndication::ALL.len());
        assert_eq!(SubIndication::HashFailure.to_string(), "HASH_FAILURE");
    }
}
