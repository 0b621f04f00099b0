//! EAA and SSA under the policy for agencies, and the list of changes in a report.

use lienthong::domain::clock::Timestamp;
use lienthong::domain::digest::Sha256;
use lienthong::pades::{
    self, Modifications, OwnerKind, Policy, Report, SignerOwner, SignerRegistry,
};

use super::super::attack::forms::{
    TEXT, again, annotated, certified, filled, form, look, signed_again, visible,
};
use super::super::attack::identity::world;
use super::super::attack::judge::{FORMAT, codes, evidence, judged, now, verdict};
use super::super::attack::pdf::{Update, stream};
use super::super::attack::signed::seal;
use super::certification::{BESIDE, OVER, marked, note};

/// Everybody of the minted world but `person` is the agency.
struct Register {
    person: Sha256,
}

impl SignerRegistry for Register {
    fn owner(&self, certificate: &Sha256, _: Timestamp) -> Option<SignerOwner> {
        let kind = if *certificate == self.person {
            OwnerKind::Person
        } else {
            OwnerKind::Agency
        };
        Some(SignerOwner::new("X", "X", kind))
    }
}

/// The judgement under the policy for agencies; the person is the signer of the first signature.
pub(super) fn by_agency(file: &[u8]) -> Report {
    let register = Register {
        person: Sha256::of(&world().ecdsa.certificate),
    };
    let (policy, source) = (Policy::agency(None), file.to_vec());
    pades::verify(
        &source,
        "file.pdf",
        evidence(),
        &policy,
        Some(&register),
        now(),
    )
}

pub(super) fn changes(report: &Report) -> Vec<&'static str> {
    let rows = report.signatures.iter();
    rows.map(|one| one.rows.changes.reason).collect()
}

#[test]
fn eaa_01_annotations_do_not_pass_under_the_policy_for_agencies() {
    let file = certified(form(), 3).sealed();
    let file = annotated(&signed_again(&file).clone(), &note("Text", BESIDE, ""));
    let report = by_agency(&file);
    assert_eq!(verdict(&report), FORMAT, "{:?}", codes(&report));
    assert!(
        codes(&report).contains(&"ANNOTATION_CHANGED")
            || codes(&report).contains(&"CHANGED_BY_ANNOTATION")
    );
}

#[test]
fn after_the_agency_signed_only_validation_data_and_signatures_follow() {
    let once = form().sealed();
    let before = by_agency(&signed_again(&filled(&once, "x")));
    assert_eq!(changes(&before), ["FORM_FILLED_SINCE", "NO_CHANGES_SINCE"]);
    let after = filled(&signed_again(&once), "x");
    assert_eq!(
        verdict(&judged(&after)),
        "TOTAL-PASSED",
        "standard permits it"
    );
    let report = by_agency(&after);
    assert_eq!(verdict(&report), FORMAT);
    assert_eq!(
        changes(&report),
        ["FORM_FILLED_SINCE", "FORBIDDEN_AFTER_AGENCY"]
    );
}

#[test]
fn ssa_01_a_mark_over_content_is_no_mark_of_an_agency() {
    let wide = "60 600 500 730";
    let seal_like = "400 600 500 700";
    let file = form().sealed();
    for (rect, expected) in [
        (wide, "MARK_OVER_CONTENT"),
        (OVER, "MARK_OVER_CONTENT"),
        (BESIDE, "ALLOWED_CHANGES_SINCE"),
        (seal_like, "ALLOWED_CHANGES_SINCE"),
    ] {
        let report = by_agency(&marked(&file, rect, &world().rsa));
        assert_eq!(changes(&report).first(), Some(&expected), "{rect}");
    }
}

#[test]
fn ssa_01_a_mark_stands_on_the_page_that_shows_it() {
    let blank = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>";
    let file = form()
        .with(2, "<</Type/Pages/Kids[3 0 R 9 0 R]/Count 2>>")
        .with(9, blank)
        .sealed();
    let lying = visible("Second", OVER).replace("/P 3 0 R", "/P 9 0 R");
    let update = again(&file, &lying, "").object(19, &look("signed"));
    let report = by_agency(&seal(&update.table(), &world().rsa));
    assert_eq!(changes(&report).first(), Some(&"MARK_OVER_CONTENT"));
}

#[test]
fn a_report_lists_each_change_with_its_place() {
    let file = filled(&signed_again(&form().sealed()), "x");
    let report = judged(&file);
    let language = lienthong::domain::language::Language::English;
    let value: serde_json::Value = serde_json::from_str(&report.to_json(language)).unwrap();
    let first = &value["signatures"][0];
    assert_eq!(first["modifications"], "allowed");
    let list = first["modifications_list"].as_array().unwrap();
    assert_eq!(first["modifications_count"], list.len());
    let filled = list.iter().find(|one| one["object"] == TEXT).unwrap();
    assert_eq!(filled["revision"], 3);
    assert_eq!(filled["kind"], "FIELD_FILLED");
    assert_eq!(filled["field"], "Sum");
    assert_eq!(filled["path"], "/Root/AcroForm/Sum");
    assert_eq!(filled["allowed_by"], "forms-and-signatures");
    let offset = usize::try_from(filled["offset"].as_u64().unwrap()).unwrap();
    assert!(file[offset..].starts_with(b"30 0 obj"));
    let evil = Update::after(&file).object(4, &stream("BT ET")).table();
    let report = judged(&evil);
    let value: serde_json::Value = serde_json::from_str(&report.to_json(language)).unwrap();
    let refused = &value["signatures"][0]["modifications_list"][0];
    assert_eq!(refused["reason"], "OBJECT_CHANGED");
    assert_eq!(refused["path"], "3 0 R/Contents");
    assert!(refused["allowed_by"].is_null());
    assert_eq!(
        report.signatures[0].modifications,
        Modifications::Disallowed
    );
}
