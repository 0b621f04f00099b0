//! The catalogue of stable codes this room gives, for whoever puts them into words. A test holds it
//! against the code: nothing is missing and nothing is left over.

/// Reasons of the trust row and of paths as a whole.
pub const TRUST: &[&str] = &[
    "VALID",
    "NOT_CHECKED",
    "TRUSTED_PATH",
    "NO_PATH_TO_TRUSTED_ROOT",
    "PATH_TOO_LONG",
    "BUDGET_EXCEEDED",
    "NOT_VERSION_3",
    "NEGATIVE_SERIAL",
    "ALGORITHM_MISMATCH",
    "MALFORMED_EXTENSION",
    "UNKNOWN_CRITICAL_EXTENSION",
    "SERIAL_OUT_OF_RANGE",
    "EMPTY_NAME",
    "CERT_SIGN_WITHOUT_CA",
    "PATH_LENGTH_WITHOUT_CA",
    "CA_WITHOUT_KEY_ID",
    "NAME_CONSTRAINTS_WITHOUT_CA",
    "KEY_ID_CRITICAL",
    "NAME_CONSTRAINTS_LIMIT",
    "NAME_FORM_NOT_SUPPORTED",
    "NAME_MALFORMED",
    "NAME_EXCLUDED",
    "NAME_NOT_PERMITTED",
    "POLICY_NOT_VALID",
    "POLICY_MAPPING_ANY",
    "ANCHOR_OUT_OF_TRUST",
    "WEAK_CERTIFICATE_SIGNATURE",
    "ALGORITHM_ENDED",
    "ALGORITHM_NOT_LISTED",
    "UNSUPPORTED_ALGORITHM",
    "EXPLICIT_EC_PARAMETERS",
    "UNSUPPORTED_KEY",
    "WEAK_KEY",
    "KEY_TOO_LARGE",
    "NOT_A_CA",
    "CA_WITHOUT_CERT_SIGN",
    "PATH_LENGTH_EXCEEDED",
    "SIGNER_IS_CA",
    "KEY_USAGE",
    "EXTENDED_KEY_USAGE",
    "OCSP_NO_CHECK_ON_SIGNER",
];

/// Reasons of the time row.
pub const TIME: &[&str] = &[
    "WITHIN_VALIDITY",
    "NOT_YET_VALID",
    "CA_NOT_YET_VALID",
    "EXPIRED",
    "CA_EXPIRED",
];

/// Reasons of the revocation row.
pub const REVOCATION: &[&str] = &[
    "GOOD",
    "TRUSTED_DIRECTLY",
    "REVOKED",
    "CA_REVOKED",
    "ON_HOLD",
    "NO_REVOCATION_DATA",
    "REVOCATION_OUT_OF_DATE",
    "REVOCATION_NOT_FRESH",
    "REVOCATION_NOT_ACCEPTED",
    "NO_PROOF_OF_EXISTENCE",
    "REVOKED_BEFORE_PROOF",
    "CA_REVOKED_BEFORE_PROOF",
    "EXPIRED_BEFORE_PROOF",
    "ALGORITHM_ENDED_BEFORE_PROOF",
    "ANCHOR_ENDED_BEFORE_PROOF",
];

/// Why revocation data was not accepted: the parts of the value `refused` of the revocation row.
pub const REFUSED: &[&str] = &[
    "CRL_FROM_LATER",
    "CRL_OUT_OF_DATE",
    "CRL_BEFORE_CERTIFICATE",
    "CRL_AFTER_EXPIRY",
    "EXTENSION_TWICE",
    "CRL_NOT_FRESH",
    "CRL_SIGNATURE",
    "CRL_SIGNER_IS_SUBJECT",
    "CRL_SIGNER_NOT_OF_PATH",
    "CRL_SIGNER_OUT_OF_VALIDITY",
    "CRL_SIGNER_REFUSED",
    "CRL_SIGNER_REVOCATION_UNKNOWN",
    "CRL_SIGNER_REVOKED",
    "CRL_SIGNER_WITHOUT_CRL_SIGN",
    "DELTA_CRL",
    "ENTRY_OF_ANOTHER_ISSUER",
    "INDIRECT_CRL",
    "SCOPED_CRL",
    "SOME_REASONS_CRL",
    "VERSION",
    "ALGORITHM_MISMATCH",
    "WEAK_ALGORITHM",
    "UNSUPPORTED_ALGORITHM",
    "UNKNOWN_CRITICAL_EXTENSION",
    "UNKNOWN_CRITICAL_ENTRY_EXTENSION",
    "ISSUER_WITHOUT_CRL_SIGN",
    "OCSP_UNKNOWN",
    "OCSP_FROM_LATER",
    "OCSP_OUT_OF_DATE",
    "OCSP_NOT_FRESH",
    "OCSP_BEFORE_CERTIFICATE",
    "OCSP_AFTER_EXPIRY",
    "OCSP_CERT_HASH",
    "OCSP_RESPONDER_IS_SUBJECT",
    "OCSP_SIGNATURE",
    "OCSP_RESPONDER_UNKNOWN",
    "OCSP_RESPONDER_NOT_OF_ISSUER",
    "OCSP_RESPONDER_WITHOUT_PURPOSE",
    "OCSP_RESPONDER_OUT_OF_VALIDITY",
    "OCSP_RESPONDER_REFUSED",
    "OCSP_RESPONDER_REVOCATION_UNKNOWN",
];

/// Checks that only notice something.
pub const FINDINGS: &[&str] = &[
    "SUBJECT_HIDES_CHARACTERS",
    "AUTHORITY_KEY_ID_DIFFERS",
    "ALGORITHM_ENDS",
];

/// The codes in the string literals of `source`: capitals, digits and underscores.
#[cfg(test)]
pub(crate) fn codes_in(source: &str) -> std::collections::BTreeSet<&str> {
    let is_code = |text: &&str| {
        text.len() > 3
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    source
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(is_code)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_catalogue_names_every_code_and_no_other() {
        let sources = [
            include_str!("path/mod.rs"),
            include_str!("path/search.rs"),
            include_str!("rules/mod.rs"),
            include_str!("rules/algorithms.rs"),
            include_str!("rules/form.rs"),
            include_str!("rules/names.rs"),
            include_str!("rules/policies.rs"),
            include_str!("past/mod.rs"),
            include_str!("revocation/mod.rs"),
            include_str!("revocation/list_signer/mod.rs"),
            include_str!("crl/mod.rs"),
            include_str!("ocsp/mod.rs"),
        ];
        let mut given: BTreeSet<&str> = sources.iter().flat_map(|text| codes_in(text)).collect();
        given.insert("NOT_CHECKED");
        let named = [TRUST, TIME, REVOCATION, REFUSED, FINDINGS].concat();
        assert_eq!(given, named.into_iter().collect());
    }
}
