//! What a file is made of, and the bytes a signature was made over, on the command line.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::support::{self, file};

fn lienthong(arguments: &[&str]) -> Output {
    let program = Command::new(env!("CARGO_BIN_EXE_lienthong"))
        .args(["--lang", "en"])
        .args(arguments)
        .output();
    program.unwrap()
}

/// A letter signed by a person and then by an agency, in a folder of its own.
fn signed() -> (tempfile::TempDir, String, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let original = file("fixtures/pdf/cong-van-libreoffice.pdf");
    let approved = support::signed(&original, "persons/iadom-leader");
    let bytes = support::signed(&approved, "agencies/iadom");
    let path = folder.path().join("ký.pdf");
    std::fs::write(&path, &bytes).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path, bytes)
}

fn outline(path: &str) -> Value {
    let output = lienthong(&["inspect", path, "--json"]);
    assert_eq!(output.status.code(), Some(0));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_outline_names_every_revision_and_what_each_signature_covers() {
    let (_folder, path, bytes) = signed();
    let outline = outline(&path);
    assert_eq!(outline["schema"], "lienthong.outline/1");
    let revisions = outline["revisions"].as_array().unwrap();
    let last = revisions.last().unwrap();
    assert_eq!(last["end"].as_u64(), u64::try_from(bytes.len()).ok());
    let signatures = outline["signatures"].as_array().unwrap();
    let covers: Vec<_> = signatures
        .iter()
        .map(|one| one["covers_whole_document"].as_bool().unwrap())
        .collect();
    assert_eq!((revisions.len(), covers), (3, vec![false, true]));
}

#[test]
fn the_extracted_revision_is_the_beginning_of_the_file_up_to_the_end_of_what_was_signed() {
    let (folder, path, bytes) = signed();
    let first = &outline(&path)["signatures"][0];
    let out = folder.path().join("then.pdf");
    let field = first["field"].as_str().unwrap();
    let target = out.to_str().unwrap();
    let done = lienthong(&[
        "extract-revision",
        &path,
        "--signature",
        field,
        "-o",
        target,
    ]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let range: Vec<u64> = first["byte_range"]
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_u64().unwrap())
        .collect();
    let end = usize::try_from(range[2] + range[3]).unwrap();
    assert_eq!(std::fs::read(&out).unwrap(), bytes[..end]);
}

#[test]
fn the_first_revision_is_the_file_before_anybody_signed() {
    let (folder, path, _) = signed();
    let out = folder.path().join("first.pdf");
    let target = out.to_str().unwrap();
    let done = lienthong(&["extract-revision", &path, "--revision", "1", "-o", target]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let original = file("fixtures/pdf/cong-van-libreoffice.pdf");
    assert_eq!(std::fs::read(&out).unwrap(), original);
}

#[test]
fn a_signature_or_revision_that_is_not_there_is_named_and_nothing_written() {
    let (folder, path, _) = signed();
    let out = folder.path().join("none.pdf");
    for wanted in [["--signature", "Không có"], ["--revision", "9"]] {
        let [option, value] = wanted;
        let target = out.to_str().unwrap();
        let refused = lienthong(&["extract-revision", &path, option, value, "-o", target]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(4), "{said}");
        assert!(said.contains(value) && !out.exists(), "{said}");
    }
}

#[test]
fn an_output_that_exists_is_kept() {
    let (folder, path, _) = signed();
    let out = folder.path().join("kept.pdf");
    std::fs::write(&out, b"kept").unwrap();
    let target = out.to_str().unwrap();
    let refused = lienthong(&["extract-revision", &path, "--revision", "1", "-o", target]);
    assert_eq!(refused.status.code(), Some(6));
    assert_eq!(std::fs::read(&out).unwrap(), b"kept");
}

#[test]
fn a_file_that_is_no_pdf_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text.pdf");
    std::fs::write(&path, b"no pdf at all").unwrap();
    let refused = lienthong(&["inspect", path.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(13));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("PDF"));
}

#[test]
fn the_outline_for_people_shows_no_control_character_of_the_file() {
    let (_folder, path, _) = signed();
    let shown = lienthong(&["inspect", &path]);
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(
        Path::new(&path).exists() && text.contains("3 revisions"),
        "{text}"
    );
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
}
