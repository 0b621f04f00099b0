//! The catalogue of stable codes this room gives, for whoever puts them into words. A test holds it
//! against the code: nothing is missing and nothing is left over.

/// Why a signature does not hold, and the codes of [`super::Error`].
pub const FAULTS: &[&str] = &[
    "HASH_MISMATCH",
    "SIGNATURE_INVALID",
    "CMS_TOO_LARGE",
    "CMS_NOT_DER",
    "CMS_NOT_SIGNED_DATA",
    "CMS_TRAILING_BYTES",
    "CMS_VERSION",
    "CMS_CONTENT_PRESENT",
    "CMS_CONTENT_MISSING",
    "CMS_CONTENT_TYPE",
    "CMS_SIGNER_COUNT",
    "CMS_NO_SIGNED_ATTRIBUTES",
    "CMS_ATTRIBUTE_TWICE",
    "CMS_ATTRIBUTE_MISSING",
    "CMS_ATTRIBUTE_VALUES",
    "CMS_ATTRIBUTE_MALFORMED",
    "CMS_DIGEST_NOT_LISTED",
    "TIMESTAMP_MALFORMED",
    "WEAK_ALGORITHM",
    "UNSUPPORTED_ALGORITHM",
    "ALGORITHM_PARAMETERS",
    "ALGORITHM_MISMATCH",
    "ALGORITHM_PROTECTION",
    "NO_SIGNING_CERTIFICATE_ATTRIBUTE",
    "SIGNING_CERTIFICATE_VALUES",
    "SIGNER_NOT_FOUND",
    "SIGNING_CERTIFICATE_MISMATCH",
    "AMBIGUOUS_SIGNER",
];

/// Reasons of the rows of a time-stamp token.
pub const TIMESTAMP: &[&str] = &[
    "TIMESTAMP_INTACT",
    "TIMESTAMP_OF_OTHER_DATA",
    "TIMESTAMP_AUTHORITY_NAME",
    "TIMESTAMP_BEFORE_CERTIFICATE",
    "TIMESTAMP_AFTER_CERTIFICATE",
    "TIMESTAMP_FROM_LATER",
    "SIGNATURE_ALGORITHM_ENDED",
    "SIGNATURE_ALGORITHM_NOT_LISTED",
    "VALID",
];

/// Checks that only notice something.
pub const FINDINGS: &[&str] = &[
    "CMS_INDEFINITE_LENGTH",
    "CMS_CERTIFICATE_UNREADABLE",
    "SIGNING_TIME_IN_CADES",
    "SIGNING_CERTIFICATE_SHA1",
    "SIGNING_CERTIFICATE_ABSENT",
    "SIGNED_ATTRIBUTES_NOT_SORTED",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::pki::reasons::codes_in;

    #[test]
    fn the_catalogue_names_every_code_and_no_other() {
        let sources = [
            include_str!("error.rs"),
            include_str!("check/mod.rs"),
            include_str!("signed_data.rs"),
            include_str!("signer_attributes.rs"),
            include_str!("timestamp/judge.rs"),
        ];
        let given: BTreeSet<&str> = sources.iter().flat_map(|text| codes_in(text)).collect();
        assert_eq!(
            given,
            [FAULTS, TIMESTAMP, FINDINGS].concat().into_iter().collect()
        );
    }
}
