//! Changes made with pyHanko to files it signed: what it forbids is never permitted here, and where
//! this program is stricter it is so on purpose (`docs/decisions/0013-changes-after-signing.md`).

use std::collections::BTreeMap;
use std::process::Command;

use lienthong::pades::Modifications;

use super::support::bytes::{document, stream};
use super::support::{judged, path};

/// Permitted here and not by pyHanko 0.38, which knows no rule for annotations, and which takes the
/// untouched appearance of a locked field for a change of it when another field is signed.
const MORE: [&str; 2] = ["certified-3-annotated", "locked-include-Sum-signed"];
/// Forbidden here and permitted by pyHanko.
const LESS: [(&str, &str); 6] = [
    ("value-only", "FIELD_VALUE_HIDDEN"),
    ("look-only", "FIELD_VALUE_HIDDEN"),
    ("orphan", "OBJECT_UNEXPLAINED"),
    ("title", "INFORMATION_CHANGED"),
    ("mark-info", "CATALOG_CHANGED"),
    ("need-appearances", "FORM_CHANGED"),
];

/// One page with a text field and nothing signed.
fn form() -> Vec<u8> {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
                /Resources<</Font<</F1 5 0 R>>>>/Annots[7 0 R]>>";
    let field = "<</Type/Annot/Subtype/Widget/FT/Tx/T(Sum)/V()/F 4/Rect[200 400 300 420]\
                 /P 3 0 R/AP<</N 8 0 R>>>>";
    let look = "<</Subtype/Form/BBox[0 0 100 20]/Length 0>>\nstream\n\nendstream";
    document(&[
        (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, page.to_owned()),
        (4, stream("BT /F1 24 Tf 72 700 Td (So 15/UBND-VP) Tj ET")),
        (
            5,
            "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>".to_owned(),
        ),
        (6, "<</Fields[7 0 R]>>".to_owned()),
        (7, field.to_owned()),
        (8, look.to_owned()),
    ])
}

/// What pyHanko permits, by file, in the folder it wrote.
fn pyhanko(folder: &std::path::Path) -> BTreeMap<String, bool> {
    let base = folder.join("form.pdf");
    std::fs::write(&base, form()).unwrap();
    let output = Command::new("python3")
        .arg(path("tests/engine/pyhanko_changes.py"))
        .arg(&base)
        .arg(path("certs-test/agencies/gialai.p12"))
        .arg(path("certs-test/password.txt"))
        .arg(folder)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let lines = said.lines().map(|line| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = value["file"].as_str().unwrap().to_owned();
        (name, value["permits"].as_bool().unwrap())
    });
    lines.collect()
}

#[test]
fn nothing_that_pyhanko_forbids_is_permitted_and_stricter_rules_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let permitted = pyhanko(folder.path());
    assert!(permitted.len() > 60, "{}", permitted.len());
    let mut faults = Vec::new();
    for (name, pyhanko_permits) in &permitted {
        let file = std::fs::read(folder.path().join(format!("{name}.pdf"))).unwrap();
        let report = judged(&file);
        let first = &report.signatures[0];
        let permits = first.modifications != Modifications::Disallowed
            && first.rows.coverage.reason != "READERS_DISAGREE";
        let codes: Vec<_> = report.findings.iter().map(|one| one.check).collect();
        let stricter = LESS.iter().find(|(act, _)| name.ends_with(act));
        let expected = match stricter {
            Some((_, code)) => !codes.contains(code) || permits,
            None => permits != (*pyhanko_permits || MORE.contains(&name.as_str())),
        };
        if expected {
            let reason = first.rows.changes.reason;
            faults.push(format!(
                "{name}: pyHanko {pyhanko_permits}, here {permits} for {reason} {codes:?}"
            ));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
