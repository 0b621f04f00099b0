//! A file kept alive for years under a clock the test sets, by an authority of the test's own.

use lienthong::cms::time_stamping::TimestampRequest;
use lienthong::domain::clock::Timestamp;
use lienthong::pades::levels::{self, Level, Means, Scope};
use lienthong::pki::algorithm::DigestAlgorithm;

use super::services::{stamping, text};
use super::support::{evidence, file, path, signed};

/// `document` at B-LTA, by an authority and lists of midnight of the day `at` (`YYYY-MM-DD`).
fn archived(document: &[u8], at: &str) -> Vec<u8> {
    let now: Timestamp = format!("{at}T00:00:00Z").parse().unwrap();
    let clock = format!("{}000000Z", at.replace('-', ""));
    let stamp = |digest: DigestAlgorithm, imprint: &[u8]| {
        let request = TimestampRequest::new(digest, imprint, &[9; 16]);
        let answer = stamping::answer_at(request.der(), &clock);
        Ok::<_, levels::Error>(request.accept(&answer).unwrap())
    };
    let gather = |_: &[levels::Subject]| Ok((evidence(), now));
    let means = Means {
        stamp: &stamp,
        gather: &gather,
    };
    let source = document.to_vec();
    let grown = levels::augment(&source, Level::Archived, Scope::AllSignatures, &means).unwrap();
    let whole = [document, &grown.bytes].concat();
    levels::check_augmented(&whole, &evidence(), now).unwrap();
    whole
}

#[test]
fn a_file_renewed_each_year_is_accepted_at_their_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut document = signed(&file("fixtures/pdf/pdf-a.pdf"), "persons/sokhcn-leader");
    for at in ["2026-01-06", "2027-01-06", "2028-01-06"] {
        let older = document;
        document = archived(&older, at);
        assert!(document.starts_with(&older), "{at}");
    }
    let kept = folder.path().join("kept.pdf");
    std::fs::write(&kept, &document).unwrap();
    let script = path("tests/engine/pyhanko_levels.py");
    let root = path("certs-test/trust/root.crt");
    let at = "2028-01-07T00:00:00Z";
    let said = super::services::run(
        "python3",
        &[text(&script), text(&root), "B-LTA", at, text(&kept)],
    );
    let line: serde_json::Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!(line["passed"], true, "{line}");
    super::services::run("qpdf", &["--check", text(&kept)]);
}
