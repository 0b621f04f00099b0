//! Files made to confuse or exhaust a reader: each is refused in time, signed or not.

use std::time::{Duration, Instant};

use lienthong::pades::{self, Act, FileVerdict};
use lienthong::pki::verdict::Indication;

use super::support::bytes::{
    document, find, last_startxref, page, replaced, rfind, small_document, stream, updated,
};
use super::support::{judged, key, request, sign_as, signed, verdict};

const QUICK: &str = "agencies/gialai";

/// Signing must be refused and judging must not pass, both within two seconds.
fn refused(file: &[u8], what: &str) {
    let key = key(QUICK);
    let before = Instant::now();
    let signed = sign_as(file, &key, &request(&key, Act::Other, None));
    assert!(signed.is_err(), "{what} was signed");
    let report = judged(file);
    assert_ne!(
        report.verdict,
        FileVerdict::Judged(Indication::TotalPassed),
        "{what}"
    );
    assert!(
        before.elapsed() < Duration::from_secs(2),
        "{what} took {:?}",
        before.elapsed()
    );
}

fn with_page(page: String) -> Vec<u8> {
    document(&[
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, page),
        (4, stream("BT ET")),
    ])
}

#[test]
fn loops_are_refused() {
    let file = small_document();
    let at = last_startxref(&file);
    let own = replaced(&file, spot(&file, "/Size"), &format!("/Prev {at}/Size"));
    refused(&own, "a section that is its own predecessor");
    let forward = replaced(
        &file,
        spot(&file, "/Size"),
        &format!("/Prev {}/Size", at + 1),
    );
    refused(&forward, "a predecessor further on");
    let pages = document(&[
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[2 0 R]/Count 1>>".to_owned()),
    ]);
    refused(&pages, "a page tree that bites its tail");
    let fields = document(&[
        (
            1,
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>".to_owned(),
        ),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, page("4 0 R")),
        (4, stream("BT ET")),
        (
            5,
            "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>".to_owned(),
        ),
        (6, "<</T(a)/Kids[7 0 R]>>".to_owned()),
        (7, "<</T(b)/Kids[6 0 R]>>".to_owned()),
    ]);
    refused(&fields, "a field tree that bites its tail");
}

fn spot(file: &[u8], word: &str) -> (usize, usize) {
    let at = rfind(file, word);
    (at, at + word.len())
}

#[test]
fn crooked_cross_references_are_refused() {
    let file = small_document();
    let at = last_startxref(&file).to_string();
    let place = rfind(&file, &at);
    for wrong in [place - 1, place + 7, 3] {
        let text = format!("{wrong:<width$}", width = at.len());
        refused(
            &replaced(&file, (place, place + at.len()), &text),
            "a wrong startxref",
        );
    }
    let entry = find(&file, "xref\n", 0);
    let third = find(&file, " 00000 n", entry);
    refused(
        &replaced(&file, (third - 1, third), "x"),
        "an entry that is no number",
    );
    refused(
        &replaced(&file, (third - 10, third), "0000000001"),
        "an entry to another place",
    );
    let other = find(&file, "3 0 obj", 0);
    refused(
        &replaced(&file, (other, other + 1), "9"),
        "an object of another number",
    );
}

#[test]
fn bombs_are_refused() {
    let deep = "[".repeat(5_000) + &"]".repeat(5_000);
    refused(
        &with_page(format!("<</Type/Page/Parent 2 0 R/MediaBox{deep}>>")),
        "deep nesting",
    );
    let long = "(".repeat(100_000);
    refused(
        &with_page(format!("<</Type/Page/Parent 2 0 R/MediaBox {long}>>")),
        "an open string",
    );
    let twice = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/MediaBox[0 0 595 842]>>";
    refused(&with_page(twice.to_owned()), "a doubled key");
    let file = small_document();
    let many = replaced(&file, spot(&file, "trailer"), "0 4000000000\ntrailer");
    refused(&many, "four thousand million entries");
}

#[test]
fn a_thousand_revisions_are_the_limit() {
    let mut file = small_document();
    for number in 0..1_000 {
        file = updated(&file, &[(90, format!("{number}"))], "1 0 R");
    }
    refused(&file, "a thousand and one revisions");
}

#[test]
fn words_inside_strings_and_comments_confuse_nobody() {
    let tricky = "%%EOF\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
                  /Note(trailer xref startxref 0 %%EOF /ByteRange[0 0 0 0] endobj)>>";
    let file = signed(&with_page(tricky.to_owned()), QUICK);
    assert_eq!(verdict(&judged(&file)), "TOTAL-PASSED");
}

#[test]
fn a_hidden_section_after_the_signature_is_refused() {
    let file = signed(&small_document(), QUICK);
    let later = updated(&file, &[(90, "(x)".to_owned())], "1 0 R");
    let at = rfind(&later, "/Prev");
    let hidden = format!("/XRefStm {}", find(&later, "200 0 obj", 0));
    let hybrid = replaced(&later, (at, at), &hidden);
    assert_eq!(verdict(&judged(&hybrid)), "TOTAL-FAILED/FORMAT_FAILURE");
}

#[test]
fn encrypted_files_are_named_as_such() {
    let bytes = super::support::file("fixtures/broken/encrypted.pdf");
    let report = judged(&bytes);
    assert_eq!(report.verdict, FileVerdict::Unreadable);
    assert_eq!(
        report.findings.first().map(|finding| finding.check),
        Some("ENCRYPTED")
    );
    let key = key(QUICK);
    let prepared = pades::prepare(&bytes, &request(&key, Act::Other, None));
    assert_eq!(prepared.err().map(|fault| fault.code()), Some("ENCRYPTED"));
}
