//! Signatures with the faulty certificates of the test PKI: each gives the verdict its table names.

use lienthong::pades::{self, Policy};

use super::support::bytes::small_document;
use super::support::{evidence, file, now, path, signed, verdict};

#[test]
fn each_faulty_certificate_gets_its_verdict() {
    let table = String::from_utf8(file("certs-test/README.md")).unwrap();
    let mut evidence = evidence();
    // A chain with a refused algorithm is not sent along, so the recipient's store must hold it.
    evidence
        .add_trust(&file("certs-test/ca/agencies.crt"))
        .unwrap();
    let mut seen = 0;
    for line in table.lines().filter(|line| {
        line.starts_with("| `bad/")
            && line
                .split('|')
                .nth(2)
                .is_some_and(|kinds| kinds.contains("p12"))
    }) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let (name, expected) = (cells[1].trim_matches('`'), cells[7]);
        // A key this short is refused before it can sign.
        if name == "bad/weak-rsa1024" {
            continue;
        }
        assert!(path(&format!("certs-test/{name}.p12")).exists());
        let bytes = signed(&small_document(), name);
        let report = pades::verify(&bytes, name, &evidence, &Policy::standard(), None, now());
        let expected = match name {
            // No proof of existence can make this one good: it fails for certain.
            "bad/not-yet-valid" => "TOTAL-FAILED/NOT_YET_VALID",
            _ => expected.split(';').next().unwrap(),
        };
        assert_eq!(verdict(&report), expected, "{name}");
        seen += 1;
    }
    assert!(seen >= 11, "{seen} faulty certificates");
}

#[test]
fn without_revocation_data_nothing_passes() {
    let file_bytes = signed(&small_document(), "agencies/iadom");
    let mut evidence = lienthong::pki::trust::TrustEvidence::default();
    evidence
        .add_trust(&file("certs-test/trust/root.crt"))
        .unwrap();
    let report = pades::verify(
        &file_bytes,
        "f",
        &evidence,
        &Policy::standard(),
        None,
        now(),
    );
    assert_eq!(verdict(&report), "INDETERMINATE/TRY_LATER");
}

#[test]
fn every_reason_a_report_can_give_is_explained_in_both_languages() {
    use lienthong::domain::language::Language;
    use lienthong::{cms, pki};
    let lists = [
        pki::reasons::TRUST,
        pki::reasons::TIME,
        pki::reasons::REVOCATION,
        pki::reasons::FINDINGS,
        cms::reasons::FAULTS,
        cms::reasons::TIMESTAMP,
        cms::reasons::FINDINGS,
        pades::reasons::VERDICTS,
        pades::reasons::REFUSALS,
        lienthong::jail::reasons::VERDICTS,
    ];
    for code in lists.concat() {
        for language in [Language::Vietnamese, Language::English] {
            let key = pades::phrase_key(code);
            assert!(
                lienthong::phrases::has(language, &key),
                "{key} in {language}"
            );
        }
    }
}
