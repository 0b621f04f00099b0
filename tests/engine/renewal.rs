//! A file kept alive for years under a clock the test sets, by an authority of the test's own.

use lienthong::cms::time_stamping::TimestampRequest;
use lienthong::domain::clock::Timestamp;
use lienthong::pades::Report;
use lienthong::pades::levels::{self, Level, Means, Scope};
use lienthong::pki::algorithm::DigestAlgorithm;
use lienthong::pki::trust::TrustEvidence;

use super::chains;
use super::services::{stamping, text};
use super::support::{evidence, file, path, signed, verdict};

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

/// The years of renewal and the digests their authorities sign with, ever stronger.
const YEARS: [(u16, &str); 5] = [
    (2026, "sha256"),
    (2031, "sha256"),
    (2036, "sha384"),
    (2041, "sha512"),
    (2046, "sha512"),
];

/// The roots and what was known in `year` as `story` goes.
fn known_in(year: u16, story: &str) -> TrustEvidence {
    chains::evidence(&[&format!("years/{story}/{year}")])
}

/// `document` at B-LTA in `year`.
fn kept(document: &[u8], year: u16, story: &str) -> Result<Vec<u8>, levels::Error> {
    let digest = YEARS.iter().find(|(one, _)| *one == year).unwrap().1;
    let authority = chains::authority(&format!("years/{year}"), digest, false);
    let day = format!("{year}-01-06");
    chains::augmented(
        document,
        Level::Archived,
        (&authority, &day),
        &known_in(year, story),
    )
}

/// `document` with one time stamp of the authority of `year`, and no data.
fn only_stamped(document: &[u8], year: u16) -> Vec<u8> {
    let authority = chains::authority(&format!("years/{year}"), "sha384", false);
    let day = format!("{year}-01-06");
    let stamp = |_: DigestAlgorithm, imprint: &[u8]| Ok(chains::token(&authority, &day, imprint));
    let grown = levels::timestamp::<levels::Error>(&document.to_vec(), &stamp).unwrap();
    [document, &grown.bytes].concat()
}

/// Signed at B-T on 6 January 2026, by a signer whose certificate ends in 2029.
fn stamped() -> Vec<u8> {
    let key = chains::key("years/signer.p12");
    let authority = chains::authority("years/2026", "sha256", false);
    let how = (DigestAlgorithm::Sha256, false);
    let input = file("fixtures/pdf/pdf-a.pdf");
    chains::signed(&input, &key, how, "2026-01-06", Some(&authority))
}

/// Judged in 2046 by what is known then.
fn at_the_end(document: &[u8], story: &str) -> Report {
    chains::judged(document, &known_in(2046, story), "2046-01-07")
}

/// Renewed in 2031 and every five years after.
fn renewed(mut document: Vec<u8>, story: &str) -> Vec<u8> {
    for (year, _) in &YEARS[1..] {
        document = kept(&document, *year, story).unwrap();
    }
    document
}

/// The verdict of the file and the proven time of its signature.
fn end_of(document: &[u8], story: &str) -> (String, Option<Timestamp>) {
    let report = at_the_end(document, story);
    (verdict(&report), report.signatures[0].best_signature_time)
}

fn first_stamp() -> Option<Timestamp> {
    "2026-01-06T00:00:00Z".parse().ok()
}

#[test]
fn a_file_renewed_every_five_years_passes_after_twenty() {
    let document = renewed(kept(&stamped(), 2026, "good").unwrap(), "good");
    let report = at_the_end(&document, "good");
    assert_eq!(verdict(&report), "TOTAL-PASSED", "{:?}", report.findings);
    assert_eq!(report.signatures[0].level, Some("B-LTA"));
    assert_eq!(report.signatures[0].best_signature_time, first_stamp());
    assert_eq!(report.signatures.len(), 6);
    // What lies between is no fault of the document: pyHanko sees nothing but additions for the archive.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.pdf");
    std::fs::write(&file, &document).unwrap();
    let line = chains::pyhanko("B-B", "2026-01-07", std::slice::from_ref(&file)).remove(0);
    assert_eq!(line["passed"], true, "{line}");
    super::services::run("qpdf", &["--check", text(&file)]);
}

#[test]
fn lists_from_after_the_first_stamp_serve_for_twenty_years_as_well() {
    let authority = chains::authority("years/2026", "sha256", false);
    let lists = chains::evidence(&["years/next"]);
    let archiving = (&authority, "2026-02-03");
    let document = only_stamped(&stamped(), 2026);
    let document = chains::augmented(&document, Level::Archived, archiving, &lists).unwrap();
    let (found, proven) = end_of(&renewed(document, "good"), "good");
    assert_eq!((found.as_str(), proven), ("TOTAL-PASSED", first_stamp()));
}

#[test]
fn a_missed_renewal_cannot_be_made_good() {
    let document = kept(&stamped(), 2026, "good").unwrap();
    let document = kept(&document, 2031, "good").unwrap();
    // The authority of 2031 has ended in 2039, and nobody speaks about it any more.
    let refused = kept(&document, 2041, "good").unwrap_err();
    assert_eq!(refused.code(), "LEVEL_REVOCATION_MISSING");
    let document = only_stamped(&only_stamped(&document, 2041), 2046);
    let (found, proven) = end_of(&document, "good");
    assert_eq!(found, "INDETERMINATE/OUT_OF_BOUNDS_NO_POE");
    let late: Option<Timestamp> = "2041-01-06T00:00:00Z".parse().ok();
    assert!(proven >= late, "{proven:?}");
}

#[test]
fn an_authority_compromised_before_the_next_renewal_proves_nothing() {
    let mut document = kept(&stamped(), 2026, "compromised").unwrap();
    document = kept(&document, 2031, "compromised").unwrap();
    let refused = kept(&document, 2036, "compromised").unwrap_err();
    assert_eq!(refused.code(), "LEVEL_AUTHORITY_REVOKED");
    for year in [2036, 2041, 2046] {
        document = only_stamped(&document, year);
    }
    let (found, proven) = end_of(&document, "compromised");
    assert!(found.starts_with("INDETERMINATE"), "{found}");
    let next: Option<Timestamp> = "2036-01-06T00:00:00Z".parse().ok();
    assert!(proven >= next, "{proven:?}");
}

#[test]
fn an_authority_compromised_after_the_next_renewal_is_still_believed() {
    let document = renewed(kept(&stamped(), 2026, "later").unwrap(), "later");
    let (found, proven) = end_of(&document, "later");
    assert_eq!((found.as_str(), proven), ("TOTAL-PASSED", first_stamp()));
}
