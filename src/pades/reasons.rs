//! The catalogue of stable codes of this room and the byte layer below it, for whoever puts them
//! into words. A test holds it against the code: nothing is missing and nothing is left over.

/// Reasons of rows and checks of findings.
pub const VERDICTS: &[&str] = &[
    "ACTIVE_CONTENT",
    "ADDED_SIGNATURE_BROKEN",
    "ADDED_SIGNATURE_UNTRUSTED",
    "AGENCY_CLOSED",
    "AGENCY_CLOSED_NO_PROOF",
    "AGENCY_DISSOLVED",
    "AGENCY_NOT_YET_FOUNDED",
    "AGENCY_RENAMED",
    "AGENCY_SIGNATURE_MISSING",
    "AGENCY_SIGNATURE_NOT_LAST",
    "AGENCY_SUCCEEDED",
    "ALLOWED_CHANGES_SINCE",
    "ANNOTATIONS_OVERLAP",
    "ANNOTATION_ADDED",
    "ANNOTATION_CHANGED",
    "ANNOTATION_OVER_CONTENT",
    "ANNOTATION_OVER_TEXT",
    "BYTE_RANGE_GAP",
    "BYTE_RANGE_INVALID",
    "CATALOG_CHANGED",
    "CATALOG_REPLACED",
    "CERTIFICATION_ADDED",
    "CERTIFICATION_NOT_NAMED",
    "CHANGED_BY_ANNOTATION",
    "CLAIMED_TIME_IN_FUTURE",
    "CONTENTS_EMPTY",
    "CONTENTS_INVALID",
    "CONTENTS_SPACED",
    "CONTENT_COVERED_SINCE",
    "COPY_AGENCY_MISSING",
    "COPY_MARK_MISSING",
    "COPY_MARK_WITHOUT_AGENCY",
    "COPY_SIGNED_BY_OTHERS",
    "COVERS_REVISION",
    "COVERS_WHOLE_DOCUMENT",
    "DISALLOWED_CHANGES",
    "DSS_ENTRY_UNREADABLE",
    "DSS_TOO_LARGE",
    "DSS_UNREADABLE",
    "DUPLICATE_KEY",
    "EARLIER_UPDATES",
    "EMPTY_FILE",
    "ENCLOSURE_MARK_MISSING",
    "ENCLOSURE_OF_OTHER_DOCUMENT",
    "ENCRYPTED",
    "EXTENSION_DECLARED",
    "FIELD_APPEARANCE_UNREAD",
    "FIELD_CHANGED",
    "FIELD_FILLED",
    "FIELD_INVALID",
    "FIELD_NOT_A_SIGNATURE",
    "FIELD_NOT_IN_REVISION",
    "FIELD_NOT_NEW",
    "FIELD_OVER_CONTENT",
    "FIELD_REMOVED",
    "FIELD_VALUE_HIDDEN",
    "FILTER_UNSUPPORTED",
    "FORBIDDEN_AFTER_AGENCY",
    "FORBIDDEN_BY_CERTIFICATION",
    "FORBIDDEN_BY_FIELD_LOCK",
    "FORM_CHANGED",
    "FORM_FILLED_SINCE",
    "GENERATION_RAISED",
    "GOOD_WHEN_PROVEN",
    "HEADER_NOT_FIRST",
    "HIDDEN_PAGE",
    "IDENTICAL_REWRITE",
    "INFORMATION_CHANGED",
    "INFORMATION_DATED",
    "LAYERS_PRESENT",
    "LEGACY_SUBFILTER",
    "LIMIT_EXCEEDED",
    "LIST_EXTENDED",
    "LOOKS_SIGNED",
    "MARK_COVERS_CONTENT",
    "MARK_OVER_CONTENT",
    "MARK_UNREADABLE",
    "METADATA_CHANGED",
    "METADATA_CHANGED_SINCE",
    "METADATA_INVALID",
    "METADATA_UPDATED",
    "NAME_DECOMPOSED",
    "NAME_FOREIGN_LETTERS",
    "NAME_HIDDEN_CHARACTERS",
    "NAME_OTHER_FORMS",
    "NOT_A_PDF",
    "NO_CHANGES_SINCE",
    "OBJECTS_MISSING",
    "OBJECTS_UNREFERENCED",
    "OBJECT_AWAITED",
    "OBJECT_CHANGED",
    "OBJECT_FREED",
    "OBJECT_MALFORMED",
    "OBJECT_MISPLACED",
    "OBJECT_REPLACED",
    "OBJECT_SHARED",
    "OBJECT_UNEXPLAINED",
    "PAGE_CHANGED",
    "PERMISSIONS_CHANGED",
    "PERMISSION_WEAKENED",
    "PERSON_OF_OTHER_AGENCY",
    "PROVEN_BEFORE_CERTIFICATE",
    "RANGE_COLLISION",
    "READERS_DISAGREE",
    "READ_FAILED",
    "REGISTRY_MISSING",
    "REVISION_END",
    "SECOND_CATALOG",
    "SECOND_READER_FAILED",
    "SECTION_CONTAINER",
    "SECURITY_STORE_GROWN",
    "SECURITY_STORE_SHRUNK",
    "SIGNATURE_ADDED",
    "SIGNATURE_DICTIONARY",
    "SIGNATURE_INTACT",
    "SIGNATURE_NOT_NEW",
    "SIGNATURE_REMOVED",
    "SIGNATURE_REPLACED",
    "SIGNED_BY_AGENCY",
    "SIGNED_BY_PERSON",
    "SIGNER_ISSUER_NOT_ADMITTED",
    "SIGNER_MISMATCH",
    "SIGNER_ORGANIZATION_NOT_ADMITTED",
    "SIGNER_UNKNOWN",
    "STAMPED_AFTER_EXPIRY",
    "STAMPED_AFTER_REVOCATION",
    "STREAM_MALFORMED",
    "STRUCTURE",
    "SUBFILTER_UNKNOWN",
    "TIMESTAMPS_NOT_JUDGED",
    "TIMESTAMP_ADDED",
    "TIMESTAMP_ORDER",
    "TIMESTAMP_REQUIRED",
    "TRAILER_CHANGED",
    "TRAILING_BYTES",
    "TRUNCATED",
    "TWO_CERTIFICATIONS",
    "VALID",
    "VALID_WHEN_PROVEN",
    "VALUE_NOT_SHOWN",
    "VISIBLE_FIELD_AFTER_CERTIFICATION",
    "XREF_CHAIN",
    "XREF_MALFORMED",
];

/// Why a file was not signed.
pub const REFUSALS: &[&str] = &[
    "ANCHOR_AMBIGUOUS",
    "ANCHOR_NOT_FOUND",
    "CERTIFICATION_NOT_FIRST",
    "EARLIER_SIGNATURE_BROKEN",
    "FIELD_LOCK_UNKNOWN",
    "FIELD_SIGNED",
    "FIELD_UNKNOWN",
    "FOREIGN_SIGNATURE",
    "FURTHER_SIGNATURES_FORBIDDEN",
    "HOLE_TOO_SMALL",
    "IMAGE_UNUSABLE",
    "KEY_UNUSABLE",
    "MARK_OUTSIDE",
    "PAGE_UNKNOWN",
    "PERSON_SIGNATURE_MISSING",
    "SEED_VALUE_UNMET",
    "SELF_CHECK_FAILED",
    "SESSION_EXPIRED",
    "SESSION_OTHER_ATTRIBUTES",
    "SESSION_OTHER_CERTIFICATE",
    "SESSION_OTHER_DOCUMENT",
    "SESSION_UNREADABLE",
    "SOURCE_CHANGED",
    "TEXT_UNUSABLE",
    "UNKNOWN_PERMISSION",
    "WOULD_BREAK_EARLIER",
    "XFA_FORM",
];

/// Why a file could not be raised to a level; worded by the command, which knows what was tried.
pub const LEVELS: &[&str] = &[
    "FIELD_IRREGULAR",
    "FOREIGN_TOKEN",
    "LEVEL_AUTHORITY_REVOKED",
    "LEVEL_PATH_MISSING",
    "LEVEL_REVOCATION_MISSING",
    "LEVEL_SELF_CHECK_FAILED",
    "NO_SIGNATURE_TO_AUGMENT",
    "SIGNATURE_UNREADABLE",
    "TOKEN_TOO_LARGE",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Words in capitals between quotes, tests and comments left out.
    fn codes(folder: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                codes(&path, found);
            } else if !path.ends_with("reasons.rs") && !path.ends_with("tests.rs") {
                let source = std::fs::read_to_string(path).unwrap();
                words(source.split("#[cfg(test)]").next().unwrap(), found);
            }
        }
    }

    fn words(source: &str, found: &mut BTreeSet<String>) {
        let lines = source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for word in lines.flat_map(|line| line.split('"').skip(1).step_by(2)) {
            let letter = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            if word.len() > 4 && word.chars().all(letter) && !word.starts_with(char::is_numeric) {
                found.insert(word.to_owned());
            }
        }
    }

    #[test]
    fn the_catalogue_holds_every_code_and_no_other() {
        // The last two are codes of `pki`.
        const OTHER_WORDS: [&str; 4] = ["UNREADABLE", "CARGO_PKG_VERSION", "REVOKED", "CA_REVOKED"];
        let mut given = BTreeSet::new();
        for room in ["src/pades", "src/pdf"] {
            codes(
                &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(room),
                &mut given,
            );
        }
        given.retain(|code| !OTHER_WORDS.contains(&code.as_str()));
        let listed = VERDICTS
            .iter()
            .chain(REFUSALS)
            .chain(LEVELS)
            .map(|code| (*code).to_owned());
        assert_eq!(given, listed.collect());
    }
}
