//! The validity cases of pyHanko-made files, judged as they deserve by construction: what each file
//! is, is written in `pyhanko_make.py`; what follows from that, here. Without pyHanko they fail.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use lienthong::domain::clock::{Timestamp, rfc3339};
use lienthong::pades::{self, Policy, Report, RevocationAge, SignatureKind};
use lienthong::pki::trust::TrustEvidence;
use lienthong::pki::verdict::SubIndication;

use super::support::{path, verdict};

/// The folder of the files, made once.
fn made() -> &'static PathBuf {
    static MADE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, folder) = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_owned();
        let base = "fixtures/pdf/to-trinh-libreoffice.pdf";
        let arguments = ["tests/engine/pyhanko_make.py", "certs-test", base].map(path);
        let output = Command::new("python3").args(arguments).arg(&place).output();
        let output = output.expect("python3 with pyHanko is missing");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "pyHanko made nothing: {errors}");
        (folder, place)
    });
    folder
}

/// The root and the lists of the given days; `DAY/NAME` takes one list only.
fn evidence(lists: &[&str]) -> TrustEvidence {
    let mut evidence = TrustEvidence::default();
    let root = std::fs::read(made().join("root.crt")).unwrap();
    evidence.add_trust(&root).unwrap();
    for list in lists {
        let place = made().join("lists").join(list);
        let files: Vec<_> = match place.is_dir() {
            true => std::fs::read_dir(&place)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect(),
            false => vec![place.with_extension("crl")],
        };
        for file in files {
            let bytes = std::fs::read(file).unwrap();
            evidence.add_revocation(&bytes).unwrap();
        }
    }
    evidence
}

fn judged(name: &str, at: &str, lists: &[&str], policy: &Policy) -> Report {
    let bytes = std::fs::read(made().join(format!("{name}.pdf"))).unwrap();
    let at: Timestamp = at.parse().unwrap();
    pades::verify(&bytes, name, &evidence(lists), policy, None, at)
}

/// The day after signing, with lists of that day.
const SOON: (&str, &[&str]) = ("2026-02-02T12:00:00Z", &["2026-02-02"]);
/// The day after signing, with nothing but the root.
const BARE: (&str, &[&str]) = ("2026-02-02T12:00:00Z", &[]);
/// Long after the short certificates expired and the revocations, with lists of that day and of the
/// day of signing.
const LONG_AFTER: (&str, &[&str]) = ("2026-04-02T12:00:00Z", &["2026-02-02", "2026-04-01"]);
/// The same, with nothing about the signer but what the file holds.
const ARCHIVE: (&str, &[&str]) = (
    "2026-04-02T12:00:00Z",
    &["2026-04-01/root", "2026-04-01/services"],
);

const STAMPED: &str = "2026-02-01T10:00:05Z";
const ARCHIVED: &str = "2026-02-01T11:00:00Z";
const CLAIMED: &str = "-";

/// File, when and with what, verdict of the file, level of its first signature, and the time proven.
type Case = (
    &'static str,
    (&'static str, &'static [&'static str]),
    &'static str,
    Option<&'static str>,
    &'static str,
);

fn assert_cases(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (name, (at, lists), expected, level, time) in cases {
        let report = judged(name, at, lists, &Policy::standard());
        let first = &report.signatures[0];
        let proven = first.best_signature_time.map(rfc3339);
        let found = (
            verdict(&report),
            first.level,
            proven.unwrap_or_else(|| CLAIMED.to_owned()),
        );
        if found != ((*expected).to_owned(), *level, (*time).to_owned()) {
            let rows: Vec<_> = report
                .signatures
                .iter()
                .map(|one| (one.indication, one.sub_indication, one.reason()))
                .collect();
            wrong.push(format!("{name}: {found:?} {rows:?} {:?}", report.findings));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const PASSED: &str = "TOTAL-PASSED";
const TRY_LATER: &str = "INDETERMINATE/TRY_LATER";
const EXPIRED: &str = "INDETERMINATE/OUT_OF_BOUNDS_NO_POE";

#[test]
fn a_signature_has_the_level_of_what_is_there_and_valid() {
    assert_cases(&[
        ("b-b", SOON, PASSED, Some("B-B"), CLAIMED),
        ("b-t", SOON, PASSED, Some("B-T"), STAMPED),
        ("b-lt", SOON, PASSED, Some("B-LT"), STAMPED),
        ("b-lt-ocsp", SOON, PASSED, Some("B-LT"), STAMPED),
        (
            "b-lt-without-authority-data",
            SOON,
            PASSED,
            Some("B-T"),
            STAMPED,
        ),
        ("b-lta", SOON, PASSED, Some("B-LTA"), STAMPED),
        ("archived-without-store", SOON, PASSED, Some("B-T"), STAMPED),
        (
            "stamped-by-document-stamp-only",
            SOON,
            PASSED,
            Some("B-T"),
            ARCHIVED,
        ),
        ("store-after-the-stamp", SOON, PASSED, Some("B-LT"), STAMPED),
        (
            "renewed",
            ("2026-02-06T00:00:00Z", &["2026-02-02"]),
            PASSED,
            Some("B-LTA"),
            STAMPED,
        ),
    ]);
}

#[test]
fn the_store_of_the_file_is_evidence() {
    assert_cases(&[
        ("b-t", BARE, TRY_LATER, Some("B-B"), CLAIMED),
        ("b-lt", BARE, PASSED, Some("B-LT"), STAMPED),
        ("b-lt-ocsp", BARE, PASSED, Some("B-LT"), STAMPED),
        ("b-lta", BARE, PASSED, Some("B-LTA"), STAMPED),
        (
            "b-lt-without-authority-data",
            BARE,
            PASSED,
            Some("B-B"),
            CLAIMED,
        ),
    ]);
}

#[test]
fn a_root_in_the_store_of_the_file_is_not_trusted() {
    let no_chain = "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND";
    assert_cases(&[(
        "store-with-a-foreign-root",
        SOON,
        no_chain,
        Some("B-T"),
        STAMPED,
    )]);
}

#[test]
fn what_cannot_be_read_in_the_store_is_noticed_and_passed_over() {
    assert_cases(&[("damaged-store", BARE, PASSED, Some("B-LT"), STAMPED)]);
    let report = judged("damaged-store", BARE.0, BARE.1, &Policy::standard());
    let checks = report.findings.iter().map(|finding| finding.check);
    assert_eq!(
        checks
            .filter(|check| *check == "DSS_ENTRY_UNREADABLE")
            .count(),
        1
    );
}

#[test]
fn every_kind_of_key_and_every_signer_counts() {
    assert_cases(&[
        ("pss", SOON, PASSED, Some("B-T"), STAMPED),
        ("p256", SOON, PASSED, Some("B-T"), STAMPED),
        ("ed25519", SOON, PASSED, Some("B-T"), STAMPED),
        ("two-signers", SOON, PASSED, Some("B-T"), STAMPED),
        ("certified", SOON, PASSED, Some("B-LTA"), STAMPED),
    ]);
}

#[test]
fn an_expired_signer_passes_only_with_an_earlier_time_stamp() {
    assert_cases(&[
        ("expired", SOON, PASSED, Some("B-B"), CLAIMED),
        ("expired", LONG_AFTER, EXPIRED, Some("B-B"), CLAIMED),
        ("expired-stamped", LONG_AFTER, PASSED, Some("B-T"), STAMPED),
        ("expired-archived", ARCHIVE, PASSED, Some("B-LTA"), STAMPED),
        (
            "expired-stamped-late",
            LONG_AFTER,
            "TOTAL-FAILED/EXPIRED",
            Some("B-T"),
            "2026-03-15T10:00:05Z",
        ),
        (
            "stamped-before-certificate",
            LONG_AFTER,
            "TOTAL-FAILED/NOT_YET_VALID",
            Some("B-T"),
            STAMPED,
        ),
    ]);
}

#[test]
fn a_revoked_signer_passes_only_with_an_earlier_time_stamp() {
    let no_proof = "INDETERMINATE/REVOKED_NO_POE";
    let late = "2026-03-15T10:00:00Z";
    assert_cases(&[
        ("revoked", SOON, PASSED, Some("B-B"), CLAIMED),
        ("revoked", LONG_AFTER, no_proof, Some("B-B"), CLAIMED),
        ("revoked-stamped", LONG_AFTER, PASSED, Some("B-T"), STAMPED),
        (
            "revoked-stamped-late",
            LONG_AFTER,
            "TOTAL-FAILED/REVOKED",
            Some("B-T"),
            "2026-03-15T10:00:05Z",
        ),
        (
            "revoked-archived-late",
            LONG_AFTER,
            no_proof,
            Some("B-T"),
            late,
        ),
        (
            "ca-revoked",
            LONG_AFTER,
            "INDETERMINATE/REVOKED_CA_NO_POE",
            Some("B-B"),
            CLAIMED,
        ),
        (
            "ca-revoked-stamped",
            LONG_AFTER,
            "INDETERMINATE/REVOKED_CA_NO_POE",
            Some("B-T"),
            STAMPED,
        ),
        (
            "ca-revoked-archived",
            LONG_AFTER,
            PASSED,
            Some("B-LTA"),
            STAMPED,
        ),
    ]);
}

#[test]
fn stale_revocation_data_of_the_file_does_not_replace_new_data() {
    assert_cases(&[
        ("stale-answer", BARE, TRY_LATER, Some("B-T"), STAMPED),
        (
            "b-lt",
            ("2026-04-02T12:00:00Z", &[]),
            TRY_LATER,
            Some("B-B"),
            CLAIMED,
        ),
        (
            "b-lta",
            ("2026-04-02T12:00:00Z", &[]),
            TRY_LATER,
            Some("B-B"),
            CLAIMED,
        ),
        ("b-lta", ARCHIVE, PASSED, Some("B-LTA"), STAMPED),
    ]);
}

#[test]
fn a_time_stamp_of_an_authority_that_may_not_is_no_proof() {
    for name in [
        "tsa-not-critical",
        "tsa-two-purposes",
        "tsa-is-a-signer",
        "tsa-begins-later",
        "tsa-expired",
        "tsa-revoked",
    ] {
        assert_cases(&[(name, LONG_AFTER, EXPIRED, Some("B-B"), CLAIMED)]);
    }
}

#[test]
fn an_authority_lost_later_is_believed_if_its_time_stamp_was_archived_before() {
    assert_cases(&[
        (
            "tsa-expired-archived",
            LONG_AFTER,
            PASSED,
            Some("B-LTA"),
            STAMPED,
        ),
        (
            "tsa-revoked-archived",
            LONG_AFTER,
            PASSED,
            Some("B-LTA"),
            STAMPED,
        ),
    ]);
}

#[test]
fn a_document_time_stamp_is_judged_like_a_signature() {
    assert_cases(&[
        (
            "document-tsa-revoked",
            LONG_AFTER,
            "INDETERMINATE/REVOKED_NO_POE",
            Some("B-LT"),
            STAMPED,
        ),
        (
            "document-tsa-not-critical",
            SOON,
            "INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE",
            Some("B-LT"),
            STAMPED,
        ),
        (
            "document-token-copied",
            SOON,
            "TOTAL-FAILED/FORMAT_FAILURE",
            Some("B-T"),
            STAMPED,
        ),
        (
            "document-token-over-other-data",
            SOON,
            "TOTAL-FAILED/FORMAT_FAILURE",
            Some("B-T"),
            STAMPED,
        ),
        (
            "signature-in-a-time-stamp",
            SOON,
            "TOTAL-FAILED/FORMAT_FAILURE",
            Some("B-T"),
            STAMPED,
        ),
    ]);
    for copied in ["document-token-copied", "document-token-over-other-data"] {
        let report = judged(copied, SOON.0, SOON.1, &Policy::standard());
        let stamp = &report.signatures[1];
        assert_eq!(
            stamp.sub_indication,
            Some(SubIndication::HashFailure),
            "{copied}"
        );
        assert_eq!(stamp.reason(), "TIMESTAMP_OF_OTHER_DATA");
    }
    let report = judged("b-lta", SOON.0, SOON.1, &Policy::standard());
    let stamp = &report.signatures[1];
    assert_eq!(stamp.kind, SignatureKind::Timestamp);
    assert_eq!(stamp.best_signature_time, ARCHIVED.parse().ok());
    assert_eq!(stamp.rows.integrity.reason, "TIMESTAMP_INTACT");
}

#[test]
fn a_time_stamp_of_something_else_is_no_proof() {
    assert_cases(&[
        ("copied-token", LONG_AFTER, EXPIRED, Some("B-B"), CLAIMED),
        (
            "token-over-other-data",
            LONG_AFTER,
            EXPIRED,
            Some("B-B"),
            CLAIMED,
        ),
        ("rogue-token", SOON, PASSED, Some("B-B"), CLAIMED),
        (
            "token-in-a-signature",
            SOON,
            "TOTAL-FAILED/FORMAT_FAILURE",
            None,
            CLAIMED,
        ),
    ]);
    let report = judged("copied-token", SOON.0, SOON.1, &Policy::standard());
    let checks: Vec<_> = report
        .findings
        .iter()
        .map(|finding| finding.check)
        .collect();
    assert!(checks.contains(&"TIMESTAMP_OF_OTHER_DATA"), "{checks:?}");
}

#[test]
fn time_stamps_must_not_contradict_each_other() {
    let disorder = "INDETERMINATE/TIMESTAMP_ORDER_FAILURE";
    assert_cases(&[
        (
            "older-than-what-it-covers",
            SOON,
            disorder,
            Some("B-B"),
            CLAIMED,
        ),
        (
            "two-stamps-in-wrong-order",
            SOON,
            disorder,
            Some("B-T"),
            STAMPED,
        ),
    ]);
}

#[test]
fn a_time_stamp_from_the_future_is_no_proof_yet() {
    let before = ("2026-02-01T10:30:00Z", &["2026-02-01"][..]);
    let no_proof = "INDETERMINATE/NO_POE";
    assert_cases(&[(
        "archived-without-store",
        before,
        no_proof,
        Some("B-T"),
        STAMPED,
    )]);
}

fn strict() -> Policy {
    Policy::standard().with_revocation(RevocationAge::DAY)
}

#[test]
fn data_about_the_signer_may_have_to_be_newer_than_the_signature_or_a_day_old() {
    let stale = |policy: &Policy| judged("b-t", "2026-02-02T12:00:00Z", &["2026-01-30"], policy);
    assert_eq!(verdict(&stale(&Policy::standard())), PASSED);
    assert_eq!(verdict(&stale(&strict())), TRY_LATER);
    let day_old = judged("b-t", "2026-02-01T23:00:00Z", &["2026-02-01"], &strict());
    assert_eq!(verdict(&day_old), PASSED);
    let newer = judged("b-t", "2026-02-08T12:00:00Z", &["2026-02-02"], &strict());
    assert_eq!(verdict(&newer), PASSED);
    let unproven = judged("b-b", "2026-02-08T12:00:00Z", &["2026-02-02"], &strict());
    assert_eq!(verdict(&unproven), TRY_LATER);
}

#[test]
fn a_policy_may_demand_a_time_stamp() {
    let demanding = Policy::standard().with_timestamp_required(true);
    let (at, lists) = SOON;
    let without = judged("b-b", at, lists, &demanding);
    assert_eq!(verdict(&without), "INDETERMINATE/SIG_CONSTRAINTS_FAILURE");
    assert_eq!(without.signatures[0].reason(), "TIMESTAMP_REQUIRED");
    let rogue = judged("rogue-token", at, lists, &demanding);
    assert_eq!(verdict(&rogue), "INDETERMINATE/SIG_CONSTRAINTS_FAILURE");
    assert_eq!(verdict(&judged("b-t", at, lists, &demanding)), PASSED);
}

#[test]
fn a_policy_may_admit_some_signers_only() {
    let (at, lists) = SOON;
    let of = |organization: &str| {
        let constraints = pades::Constraints {
            organizations: vec![organization.to_owned()],
            issuers: Vec::new(),
        };
        judged(
            "b-b",
            at,
            lists,
            &Policy::standard().with_constraints(constraints),
        )
    };
    assert_eq!(verdict(&of("ỦY BAN NHÂN DÂN TỈNH GIA LAI")), PASSED);
    let other = of("ỦY BAN NHÂN DÂN TỈNH");
    assert_eq!(verdict(&other), "INDETERMINATE/SIG_CONSTRAINTS_FAILURE");
    let by = |file: &str| {
        let pem = std::fs::read(path(file)).unwrap();
        let certificates = lienthong::pki::certificate::read_certificates(&pem).unwrap();
        let constraints = pades::Constraints {
            organizations: Vec::new(),
            issuers: vec![certificates[0].sha256()],
        };
        judged(
            "b-b",
            at,
            lists,
            &Policy::standard().with_constraints(constraints),
        )
    };
    assert_eq!(verdict(&by("certs-test/ca/agencies.crt")), PASSED);
    let other = by("certs-test/ca/persons.crt");
    assert_eq!(verdict(&other), "INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE");
}

#[test]
fn the_report_names_proven_times_chains_and_time_stamps() {
    use lienthong::domain::language::Language;
    let (at, lists) = SOON;
    let json = judged("b-t", at, lists, &Policy::standard()).to_json(Language::English);
    let again = judged("b-t", at, lists, &Policy::standard()).to_json(Language::English);
    assert_eq!(json, again);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let signature = &json["signatures"][0];
    assert_eq!(signature["best_signature_time"], STAMPED);
    assert_eq!(signature["time_source"], "timestamp");
    assert_eq!(signature["claimed_time"], "2026-02-01T10:00:00Z");
    assert_eq!(signature["chain"].as_array().unwrap().len(), 3);
    assert_eq!(signature["revocation"][0]["source"], "crl");
    let stamp = &signature["timestamps"][0];
    assert_eq!(stamp["time"], STAMPED);
    assert_eq!(stamp["indication"], PASSED);
    assert_eq!(stamp["digest"], "SHA-256");
    let json = judged("b-b", at, lists, &Policy::standard()).to_json(Language::English);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["signatures"][0]["time_source"], "claimed");
}
