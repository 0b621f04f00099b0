//! Which stable reason speaks about which check. A reason that stands nowhere here belongs to the
//! check its row falls back on, so a new one is never taken for a check that passed.

use super::CheckKind;

/// The reasons for which a check does not pass, per check.
const REASONS: &[(CheckKind, &[&str])] = &[
    (
        CheckKind::Container,
        &[
            "EMPTY_FILE",
            "NOT_A_PDF",
            "TRUNCATED",
            "ENCRYPTED",
            "READ_FAILED",
        ],
    ),
    (
        CheckKind::RevisionChain,
        &[
            "XREF_CHAIN",
            "XREF_MALFORMED",
            "STREAM_MALFORMED",
            "FILTER_UNSUPPORTED",
            "SECTION_CONTAINER",
        ],
    ),
    (
        CheckKind::SignatureField,
        &["FIELD_INVALID", "SIGNATURE_REMOVED", "STRUCTURE"],
    ),
    (
        CheckKind::SignatureDictionary,
        &[
            "SIGNATURE_DICTIONARY",
            "SUBFILTER_UNKNOWN",
            "CONTENTS_INVALID",
            "CONTENTS_EMPTY",
            "DUPLICATE_KEY",
            "OBJECT_MALFORMED",
            "OBJECT_MISPLACED",
            "LIMIT_EXCEEDED",
        ],
    ),
    (
        CheckKind::ByteRange,
        &["BYTE_RANGE_INVALID", "BYTE_RANGE_GAP"],
    ),
    (CheckKind::RevisionEnd, &["REVISION_END", "TRAILING_BYTES"]),
    (
        CheckKind::Consistency,
        &["SIGNATURE_REPLACED", "FIELD_NOT_IN_REVISION"],
    ),
    (CheckKind::Collision, &["RANGE_COLLISION"]),
    (
        CheckKind::Certification,
        &[
            "TWO_CERTIFICATIONS",
            "CERTIFICATION_NOT_NAMED",
            "CERTIFICATION_NOT_FIRST",
        ],
    ),
    (
        CheckKind::SecondReader,
        &["READERS_DISAGREE", "SECOND_READER_FAILED"],
    ),
    (
        CheckKind::CmsStructure,
        &[
            "CMS_TOO_LARGE",
            "CMS_NOT_DER",
            "CMS_NOT_SIGNED_DATA",
            "CMS_TRAILING_BYTES",
            "CMS_VERSION",
            "CMS_CONTENT_PRESENT",
            "CMS_CONTENT_MISSING",
            "CMS_SIGNER_COUNT",
            "CMS_DIGEST_NOT_LISTED",
            "TIMESTAMP_MALFORMED",
        ],
    ),
    (CheckKind::SignedAttributes, &["CMS_NO_SIGNED_ATTRIBUTES"]),
    (
        CheckKind::AttributeRules,
        &[
            "CMS_CONTENT_TYPE",
            "CMS_ATTRIBUTE_TWICE",
            "CMS_ATTRIBUTE_MISSING",
            "CMS_ATTRIBUTE_VALUES",
            "CMS_ATTRIBUTE_MALFORMED",
        ],
    ),
    (
        CheckKind::SigningCertificate,
        &[
            "NO_SIGNING_CERTIFICATE_ATTRIBUTE",
            "SIGNING_CERTIFICATE_VALUES",
            "SIGNER_NOT_FOUND",
            "SIGNING_CERTIFICATE_MISMATCH",
            "AMBIGUOUS_SIGNER",
            "TIMESTAMP_AUTHORITY_NAME",
        ],
    ),
    (
        CheckKind::MessageDigest,
        &["HASH_MISMATCH", "TIMESTAMP_OF_OTHER_DATA"],
    ),
    (
        CheckKind::SignatureValue,
        &[
            "SIGNATURE_INVALID",
            "ALGORITHM_MISMATCH",
            "ALGORITHM_PROTECTION",
        ],
    ),
    (
        CheckKind::Algorithms,
        &[
            "WEAK_ALGORITHM",
            "UNSUPPORTED_ALGORITHM",
            "ALGORITHM_PARAMETERS",
            "LEGACY_SUBFILTER",
            "WEAK_CERTIFICATE_SIGNATURE",
            "ALGORITHM_ENDED",
            "ALGORITHM_NOT_LISTED",
            "SIGNATURE_ALGORITHM_ENDED",
            "SIGNATURE_ALGORITHM_NOT_LISTED",
            "UNSUPPORTED_KEY",
            "EXPLICIT_EC_PARAMETERS",
            "WEAK_KEY",
        ],
    ),
];

/// The check `reason` speaks about, if it is known.
pub(super) fn kind_of(reason: &str) -> Option<CheckKind> {
    let holds = |(_, reasons): &&(CheckKind, &[&str])| reasons.contains(&reason);
    REASONS.iter().find(holds).map(|(kind, _)| *kind)
}

/// Reasons that say a limit ended the work before everything was looked at.
const LIMITS: &[&str] = &[
    "LIMIT_EXCEEDED",
    "CMS_TOO_LARGE",
    "BUDGET_EXCEEDED",
    "PATH_TOO_LONG",
    "TIMESTAMPS_NOT_JUDGED",
    "DSS_TOO_LARGE",
    "JAIL_LIMIT",
    "JAIL_TIMEOUT",
];

/// Whether `reason` says that a limit was hit.
pub(in crate::pades) fn is_limit(reason: &str) -> bool {
    LIMITS.contains(&reason)
}

/// Whether `reason` is only given once the digest was compared.
pub(super) fn is_after_digest(reason: &str) -> bool {
    reason == "SIGNATURE_INVALID"
}

/// The reasons that belong to `kind` and to no row of their own.
#[must_use]
pub fn reasons(kind: CheckKind) -> &'static [&'static str] {
    let found = REASONS.iter().find(|(known, _)| *known == kind);
    found.map_or(&[], |(_, reasons)| reasons)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{cms, pades, pki};

    #[test]
    fn every_reason_named_here_is_a_reason_some_room_gives() {
        let known: BTreeSet<&str> = [
            pades::reasons::VERDICTS,
            pades::reasons::REFUSALS,
            cms::reasons::FAULTS,
            cms::reasons::TIMESTAMP,
            pki::reasons::TRUST,
        ]
        .concat()
        .into_iter()
        .collect();
        for (kind, reasons) in REASONS {
            for reason in *reasons {
                assert!(known.contains(reason), "{}: {reason}", kind.id());
            }
        }
    }

    #[test]
    fn no_reason_belongs_to_two_checks() {
        let all: Vec<&str> = REASONS
            .iter()
            .flat_map(|(_, of)| of.iter().copied())
            .collect();
        let once: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(once.len(), all.len());
    }

    #[test]
    fn every_fault_of_a_signature_structure_belongs_to_a_check() {
        for reason in cms::reasons::FAULTS {
            assert!(kind_of(reason).is_some(), "{reason}");
        }
    }
}
