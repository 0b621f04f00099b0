//! The report of ETSI TS 119 102-2, read by classes that others made from its schema.

use std::io::Write as _;
use std::process::{Command, Stdio};

use lienthong::domain::language::Language;
use lienthong::pades::{self, Report};

use super::support::{file, judged, path, signed};

/// The main indications that pyHanko's classes read out of our reports, a line for each.
fn read(reports: &[Report]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = String::new();
    for (number, report) in reports.iter().enumerate() {
        let place = folder.path().join(format!("{number}.xml"));
        std::fs::write(&place, pades::etsi(report, Language::Vietnamese)).unwrap();
        lines.push_str(&format!("{}\n", place.display()));
    }
    let mut reader = Command::new("python3")
        .arg(path("tests/engine/etsi_report.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the judge python3 is missing");
    let mut input = reader.stdin.take().unwrap();
    input.write_all(lines.as_bytes()).unwrap();
    drop(input);
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success(), "a report was not understood");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// A letter signed by a person and an agency.
fn sealed() -> Vec<u8> {
    let letter = file("fixtures/pdf/cong-van-libreoffice.pdf");
    signed(&signed(&letter, "persons/iadom-leader"), "agencies/iadom")
}

#[test]
fn every_kind_of_verdict_is_understood_by_the_classes_of_others() {
    let mut changed = sealed();
    changed[60] ^= 1;
    let revoked = signed(&sealed(), "bad/revoked");
    let reports = [&sealed(), &changed, &revoked].map(|bytes| judged(bytes));
    let told: Vec<_> = reports
        .iter()
        .map(|report| {
            let kinds = report.signatures.iter();
            let kinds: Vec<_> = kinds
                .map(|one| one.indication.to_string().to_lowercase())
                .collect();
            kinds.join(" ")
        })
        .collect();
    assert_eq!(read(&reports), told);
}

#[test]
fn names_from_outside_stay_text_in_the_report() {
    let mut report = judged(&sealed());
    let hostile = "]]></DAIdentifier><x a='\u{0}\u{1b}\u{202E}&amp;'>";
    report.name = hostile.to_owned();
    report.signatures[0].field = hostile.to_owned();
    assert_eq!(read(&[report]), ["total-passed total-passed"]);
}
