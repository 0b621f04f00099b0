//! All rows of the attack list with the verdict each must get. A row without a test fails here.

use std::collections::BTreeSet;
use std::path::Path;

/// Id, class and expected verdict; verdicts without a prefix are sub-indications of INDETERMINATE.
const ROWS: [(&str, &str, &str); 102] = [
    ("USF-01", "Universal forgery", "FAILED/FORMAT_FAILURE"),
    ("USF-02", "Universal forgery", "FAILED/FORMAT_FAILURE"),
    ("USF-03", "Universal forgery", "FAILED/FORMAT_FAILURE"),
    ("USF-04", "Universal forgery", "FAILED/FORMAT_FAILURE"),
    ("USF-05", "Universal forgery", "FAILED/FORMAT_FAILURE"),
    ("USF-06", "Universal forgery", "FAILED/FORMAT_FAILURE"),
    ("USF-07", "Universal forgery", "FAILED/FORMAT_FAILURE"),
    ("USF-08", "Universal forgery", "FAILED/FORMAT_FAILURE"),
    ("USF-09", "Universal forgery", "FAILED/FORMAT_FAILURE"),
    (
        "USF-10",
        "Universal forgery",
        "no signature found; document not signed",
    ),
    (
        "ISA-01",
        "Incremental saving",
        "crypto ok, FAILED/FORMAT_FAILURE (modified)",
    ),
    ("ISA-02", "Incremental saving", "FAILED/FORMAT_FAILURE"),
    ("ISA-03", "Incremental saving", "FAILED/FORMAT_FAILURE"),
    ("ISA-04", "Incremental saving", "FAILED/FORMAT_FAILURE"),
    ("ISA-05", "Incremental saving", "FAILED/FORMAT_FAILURE"),
    ("ISA-06", "Incremental saving", "FAILED/FORMAT_FAILURE"),
    (
        "ISA-07",
        "Incremental saving",
        "FAILED/FORMAT_FAILURE (revision by revision)",
    ),
    ("ISA-08", "Incremental saving", "FAILED/FORMAT_FAILURE"),
    ("ISA-09", "Incremental saving", "FAILED/FORMAT_FAILURE"),
    ("ISA-10", "Incremental saving", "FAILED/FORMAT_FAILURE"),
    ("SWA-01", "Signature wrapping", "FAILED/FORMAT_FAILURE"),
    ("SWA-02", "Signature wrapping", "FAILED/FORMAT_FAILURE"),
    ("SWA-03", "Signature wrapping", "FAILED/FORMAT_FAILURE"),
    (
        "SWA-04",
        "Signature wrapping",
        "FAILED/FORMAT_FAILURE unless only white space, then warning",
    ),
    ("SWA-05", "Signature wrapping", "FAILED/FORMAT_FAILURE"),
    ("SWA-06", "Signature wrapping", "FAILED/FORMAT_FAILURE"),
    ("SHA-01", "Shadow", "FAILED/FORMAT_FAILURE"),
    ("SHA-02", "Shadow", "FAILED/FORMAT_FAILURE"),
    (
        "SHA-03",
        "Shadow",
        "FAILED/FORMAT_FAILURE, and warning before signing",
    ),
    ("SHA-04", "Shadow", "FAILED/FORMAT_FAILURE"),
    ("SHA-05", "Shadow", "FAILED/FORMAT_FAILURE"),
    ("SHA-06", "Shadow", "FAILED/FORMAT_FAILURE"),
    (
        "SHA-07",
        "Shadow",
        "FAILED/FORMAT_FAILURE; OCG presence reported before signing",
    ),
    (
        "SHA-08",
        "Shadow",
        "pre-sign lint must warn: unreferenced objects, overlapping annotations, second page tree, active content",
    ),
    (
        "EAA-01",
        "Certification (DocMDP)",
        "P=3: report as CHANGED BY ANNOTATION, not PASSED in agency profile",
    ),
    ("EAA-02", "Certification (DocMDP)", "FAILED/FORMAT_FAILURE"),
    (
        "SSA-01",
        "Certification (DocMDP)",
        "FAILED/FORMAT_FAILURE when box overlaps page content or is not the agency box",
    ),
    ("SSA-02", "Certification (DocMDP)", "FAILED/FORMAT_FAILURE"),
    ("SSA-03", "Certification (DocMDP)", "FAILED/FORMAT_FAILURE"),
    ("MDP-01", "Certification (DocMDP)", "FAILED/FORMAT_FAILURE"),
    ("MDP-02", "Certification (DocMDP)", "FAILED/FORMAT_FAILURE"),
    (
        "MDP-03",
        "Certification (DocMDP)",
        "FAILED/FORMAT_FAILURE; INDETERMINATE/SIG_CONSTRAINTS_FAILURE",
    ),
    (
        "MDP-04",
        "Certification (DocMDP)",
        "INDETERMINATE/SIG_CONSTRAINTS_FAILURE",
    ),
    ("MDP-05", "Certification (DocMDP)", "FAILED/FORMAT_FAILURE"),
    ("DIF-01", "Diff evasion", "FAILED/FORMAT_FAILURE"),
    ("DIF-02", "Diff evasion", "FAILED/FORMAT_FAILURE"),
    ("DIF-03", "Diff evasion", "FAILED/FORMAT_FAILURE"),
    ("DIF-04", "Diff evasion", "FAILED/FORMAT_FAILURE"),
    ("DIF-05", "Diff evasion", "FAILED/FORMAT_FAILURE"),
    ("DIF-06", "Diff evasion", "FAILED/FORMAT_FAILURE within 2 s"),
    ("DIF-07", "Diff evasion", "FAILED/FORMAT_FAILURE"),
    ("DIF-08", "Diff evasion", "FAILED/FORMAT_FAILURE"),
    (
        "DIF-09",
        "Diff evasion",
        "equal values: ok with note; else FAILED/FORMAT_FAILURE",
    ),
    (
        "PAR-01",
        "Parser differential",
        "FAILED/FORMAT_FAILURE or warning by policy",
    ),
    (
        "PAR-02",
        "Parser differential",
        "FAILED/FORMAT_FAILURE for signature-relevant dictionaries",
    ),
    ("PAR-03", "Parser differential", "FAILED/FORMAT_FAILURE"),
    (
        "PAR-04",
        "Parser differential",
        "FAILED/FORMAT_FAILURE if bytes differ between strategies",
    ),
    (
        "PAR-05",
        "Parser differential",
        "normal verdict, no confusion",
    ),
    (
        "PAR-06",
        "Parser differential",
        "FAILED/FORMAT_FAILURE within limits",
    ),
    (
        "PAR-07",
        "Parser differential",
        "FAILED/FORMAT_FAILURE (no repair for signed files)",
    ),
    ("PAR-08", "Parser differential", "FAILED/FORMAT_FAILURE"),
    (
        "PAR-09",
        "Parser differential",
        "valid ones pass; others FAILED/FORMAT_FAILURE",
    ),
    ("PAR-10", "Parser differential", "FAILED/FORMAT_FAILURE"),
    (
        "PAR-11",
        "Parser differential",
        "accepted only if rules hold; note",
    ),
    (
        "BOM-01",
        "Bombs and resource use",
        "clean refusal below 512 MiB and 5 s",
    ),
    ("BOM-02", "Bombs and resource use", "clean refusal"),
    (
        "BOM-03",
        "Bombs and resource use",
        "linear time, caps reported",
    ),
    ("BOM-04", "Bombs and resource use", "caps reported"),
    ("BOM-05", "Bombs and resource use", "caps reported"),
    (
        "BOM-06",
        "Bombs and resource use",
        "not parsed by the verifier at all",
    ),
    ("CMS-01", "CMS", "FAILED/FORMAT_FAILURE"),
    ("CMS-02", "CMS", "FAILED/FORMAT_FAILURE"),
    ("CMS-03", "CMS", "FAILED/FORMAT_FAILURE"),
    ("CMS-04", "CMS", "FAILED/FORMAT_FAILURE"),
    ("CMS-05", "CMS", "FAILED/FORMAT_FAILURE"),
    (
        "CMS-06",
        "CMS",
        "NO_SIGNING_CERTIFICATE_FOUND or SIG_CONSTRAINTS_FAILURE",
    ),
    ("CMS-07", "CMS", "NO_SIGNING_CERTIFICATE_FOUND"),
    ("CMS-08", "CMS", "CRYPTO_CONSTRAINTS_FAILURE"),
    ("CMS-09", "CMS", "accepted or refused exactly as documented"),
    ("CMS-10", "CMS", "FAILED/SIG_CRYPTO_FAILURE"),
    ("CMS-11", "CMS", "FAILED/SIG_CRYPTO_FAILURE"),
    ("CMS-12", "CMS", "CRYPTO_CONSTRAINTS_FAILURE(_NO_POE)"),
    (
        "CMS-13",
        "CMS",
        "ignored or validated separately; never raise trust",
    ),
    ("CMS-14", "CMS", "FAILED/FORMAT_FAILURE"),
    (
        "X-01",
        "X.509 and revocation",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    ),
    (
        "X-02",
        "X.509 and revocation",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    ),
    (
        "X-03",
        "X.509 and revocation",
        "correct path chosen or NO_CERTIFICATE_CHAIN_FOUND",
    ),
    (
        "X-04",
        "X.509 and revocation",
        "REVOKED_NO_POE, REVOKED_CA_NO_POE, or passed",
    ),
    (
        "X-05",
        "X.509 and revocation",
        "revocation not accepted -> TRY_LATER or CERTIFICATE_CHAIN_GENERAL_FAILURE",
    ),
    ("X-06", "X.509 and revocation", "not accepted"),
    ("X-07", "X.509 and revocation", "TRY_LATER"),
    (
        "X-08",
        "X.509 and revocation",
        "HASH_FAILURE, CHAIN_CONSTRAINTS_FAILURE and others",
    ),
    ("X-09", "X.509 and revocation", "never used as POE"),
    (
        "X-10",
        "X.509 and revocation",
        "fetch refused or capped, TRY_LATER",
    ),
    (
        "X-11",
        "X.509 and revocation",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    ),
    (
        "X-12",
        "X.509 and revocation",
        "identity shown by certificate fingerprint and registered agency id, warn",
    ),
    (
        "SYS-01",
        "Around the engine",
        "verdict bound to SHA-256 of the stored blob",
    ),
    ("SYS-02", "Around the engine", "refused before embedding"),
    ("SYS-03", "Around the engine", "refused"),
    (
        "SYS-04",
        "Around the engine",
        "clean error, no truncated /Contents",
    ),
    ("SYS-05", "Around the engine", "refused"),
    ("SYS-06", "Around the engine", "escaped everywhere"),
];

/// The tests of the engine by name.
fn tests() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/attacks");
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let lines = source.lines().map(str::trim);
        let written = lines.clone().filter_map(|line| line.strip_prefix("fn "));
        let in_rows = lines.filter(|line| line.ends_with(';'));
        found.extend(written.chain(in_rows).map(str::to_owned));
    }
    found
}

#[test]
fn every_row_of_the_list_has_a_test() {
    let tests = tests();
    let missing: Vec<&str> = ROWS
        .iter()
        .map(|(id, ..)| *id)
        .filter(|id| {
            let name = format!("{}_", id.to_lowercase().replace('-', "_"));
            !tests.iter().any(|test| test.starts_with(&name))
        })
        .collect();
    assert!(missing.is_empty(), "without a test: {missing:?}");
}

#[test]
fn every_row_stands_once_and_says_what_is_expected() {
    let ids: BTreeSet<&str> = ROWS.iter().map(|(id, ..)| *id).collect();
    assert_eq!(ids.len(), ROWS.len());
    let said =
        |(_, class, expected): &(&str, &str, &str)| !class.is_empty() && !expected.is_empty();
    assert!(ROWS.iter().all(said));
}

#[test]
fn the_list_has_hundreds_of_cases() {
    let count: usize = super::all().iter().map(|(_, cases)| cases.len()).sum();
    assert!(count > 600, "{count} cases");
}
