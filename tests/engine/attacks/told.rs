//! Later changes that are permitted and yet must not go unseen: another title, a mark over content.

use lienthong::pades::Report;
use lienthong::pki::verdict::{Finding, Severity};

use super::super::attack::forms::{catalog, certified, filled, form, look, signed_again, visible};
use super::super::attack::identity::world;
use super::super::attack::judge::{judged, passes};
use super::super::attack::pdf::{Update, stream_with};
use super::super::attack::signed::{Doc, FORM, dictionary, page_with, seal};
use super::agency::{by_agency, changes};
use super::certification::{BESIDE, OVER, marked};

/// The metadata of a file with this title, written by `program`.
fn xmp(title: &str, program: &str) -> String {
    let text = format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
         xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" \
         pdf:Producer=\"{program}\"><dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}\
         </rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"
    );
    stream_with("/Type/Metadata/Subtype/XML", &text)
}

/// `doc` with a title in its metadata, which is object 20.
fn titled(doc: Doc, more: &str) -> Vec<u8> {
    doc.with(1, &catalog(&format!("{more}/Metadata 20 0 R")))
        .with(20, &xmp("Decision 1", "one"))
        .sealed()
}

fn rewritten(file: &[u8], title: &str) -> Vec<u8> {
    Update::after(file).object(20, &xmp(title, "two")).table()
}

/// The finding of this code.
fn finding<'r>(report: &'r Report, code: &str) -> Option<&'r Finding> {
    report.findings.iter().find(|one| one.check == code)
}

fn param<'f>(finding: &'f Finding, name: &str) -> &'f str {
    let found = finding.params.iter().find(|(key, _)| *key == name);
    found.unwrap().1.as_str()
}

#[test]
fn another_title_is_told_with_what_it_was_and_is() {
    let report = judged(&rewritten(&titled(form(), ""), "Decision 2"));
    assert!(passes(&report), "permitted by the standard policy");
    assert_eq!(changes(&report), ["METADATA_CHANGED_SINCE"]);
    let told = finding(&report, "METADATA_CHANGED").unwrap();
    assert_eq!(told.severity, Severity::Warning);
    assert_eq!(
        param(told, "detail"),
        "dc:title: “Decision 1” → “Decision 2”"
    );
    assert_eq!(param(told, "object"), "20");
}

#[test]
fn another_title_is_refused_after_the_agency_signed() {
    let report = by_agency(&rewritten(&signed_again(&titled(form(), "")), "Decision 2"));
    assert_eq!(
        changes(&report),
        ["METADATA_CHANGED_SINCE", "FORBIDDEN_AFTER_AGENCY"]
    );
}

#[test]
fn another_title_is_refused_after_a_certification_that_permits_nothing() {
    let file = certified(form(), 1).with(20, &xmp("Decision 1", "one"));
    let file = file.with(1, &catalog("/Perms<</DocMDP 8 0 R>>/Metadata 20 0 R"));
    let report = judged(&rewritten(&file.sealed(), "Decision 2"));
    assert_eq!(changes(&report), ["FORBIDDEN_BY_CERTIFICATION"]);
}

#[test]
fn a_date_or_program_in_the_metadata_is_bookkeeping_whatever_was_signed() {
    let named = "/Perms<</DocMDP 8 0 R>>";
    let plain = rewritten(&titled(form(), ""), "Decision 1");
    let sealed = rewritten(&signed_again(&titled(form(), "")), "Decision 1");
    let strict = rewritten(&titled(certified(form(), 1), named), "Decision 1");
    for report in [judged(&plain), by_agency(&sealed), judged(&strict)] {
        assert_eq!(finding(&report, "METADATA_CHANGED"), None);
        for reason in changes(&report) {
            assert_eq!(reason, "ALLOWED_CHANGES_SINCE");
        }
    }
}

#[test]
fn a_form_filled_and_another_title_are_both_told() {
    let file = rewritten(&filled(&titled(form(), ""), "x"), "Decision 2");
    let report = judged(&file);
    assert_eq!(changes(&report), ["FORM_FILLED_SINCE"]);
    assert!(finding(&report, "METADATA_CHANGED").is_some());
}

#[test]
fn a_mark_over_content_is_told_with_its_place() {
    let file = form().sealed();
    let report = judged(&marked(&file, OVER, &world().rsa));
    assert!(passes(&report), "permitted by the standard policy");
    assert_eq!(
        changes(&report),
        ["CONTENT_COVERED_SINCE", "NO_CHANGES_SINCE"]
    );
    let told = finding(&report, "MARK_COVERS_CONTENT").unwrap();
    assert_eq!(told.severity, Severity::Warning);
    let place = ["page", "x", "y", "width", "height"].map(|name| param(told, name));
    assert_eq!(place, ["1", "21", "243", "85", "14"], "{OVER}");
}

#[test]
fn a_mark_in_an_empty_place_is_nothing_to_tell() {
    let file = form().sealed();
    for rect in [BESIDE, "400 100 500 160"] {
        let report = judged(&marked(&file, rect, &world().rsa));
        assert!(passes(&report));
        assert_eq!(report.findings, [], "{rect}");
    }
}

#[test]
fn a_mark_put_into_a_field_that_waited_over_content_is_told() {
    let waiting = visible("Second", OVER)
        .replace("/V 18 0 R", "")
        .replace("/AP<</N 19 0 R>>", "");
    let file = form()
        .with(FORM, "<</Fields[7 0 R 30 0 R 17 0 R]/SigFlags 3>>")
        .with(3, &page_with("4 0 R", "7 0 R 30 0 R 17 0 R"))
        .with(17, &waiting)
        .sealed();
    let signed = Update::after(&file)
        .object(17, &visible("Second", OVER))
        .object(18, &dictionary("ETSI.CAdES.detached", ""))
        .object(19, &look("signed"));
    let report = judged(&seal(&signed.table(), &world().rsa));
    assert!(passes(&report), "{:?}", report.findings);
    assert!(finding(&report, "MARK_COVERS_CONTENT").is_some());
}
