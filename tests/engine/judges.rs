//! Every fixture signed by a person and then by the agency with each kind of key; our verdict, and
//! that of pyHanko, poppler and qpdf, which were written by others. A missing judge fails the test.

use std::path::{Path, PathBuf};
use std::process::Command;

use lienthong::pades::{Act, Image, Modifications, marks};

use super::support::{documents, evidence, file, judged, key, path, request, sign_as, verdict};

/// Person and agency with RSA-2048, RSA-3072 and P-256 keys.
const KEYS: [(&str, &str, &str); 3] = [
    ("rsa2048", "persons/iadom-leader", "agencies/iadom"),
    ("rsa3072", "persons/vpcp-leader", "agencies/vpcp"),
    ("p256", "persons/sokhcn-leader", "agencies/sokhcn"),
];

fn twice_signed(document: &Path, person: &str, agency: &str) -> Vec<u8> {
    let (person, agency) = (key(person), key(agency));
    let bytes = std::fs::read(document).unwrap();
    let name = Image::from_png(&file("fixtures/marks/chu-ky-xanh.png")).unwrap();
    let seal = Image::from_png(&file("fixtures/marks/con-dau-do.png")).unwrap();
    let mark = marks::approve(&bytes, name).unwrap();
    let once = sign_as(&bytes, &person, &request(&person, Act::Approve, Some(mark))).unwrap();
    let mark = marks::issue(&once, seal).unwrap();
    let twice = sign_as(&once, &agency, &request(&agency, Act::Issue, Some(mark))).unwrap();
    assert_eq!(&twice[..bytes.len()], bytes, "the original bytes stay");
    twice
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|fault| panic!("the judge {program} is missing: {fault}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {text}{errors}"
    );
    text
}

#[test]
fn every_document_signed_twice_passes_here_and_before_other_judges() {
    let folder = tempfile::tempdir().unwrap();
    let mut written: Vec<PathBuf> = Vec::new();
    assert!(evidence().anchors.len() == 1);
    for document in documents() {
        for (kind, person, agency) in KEYS {
            let signed = twice_signed(&document, person, agency);
            let report = judged(&signed);
            let name = format!("{kind}-{}", document.file_name().unwrap().to_string_lossy());
            assert_eq!(
                verdict(&report),
                "TOTAL-PASSED",
                "{name}: {:?}",
                report.findings
            );
            let [first, last] = report.signatures.as_slice() else {
                panic!("{name}: two")
            };
            assert_eq!(first.modifications, Modifications::Allowed, "{name}");
            assert_eq!(last.modifications, Modifications::None, "{name}");
            assert!(
                !first.covers_whole_document && last.covers_whole_document,
                "{name}"
            );
            let path = folder.path().join(name);
            std::fs::write(&path, signed).unwrap();
            written.push(path);
        }
    }
    pyhanko(&written);
    poppler(folder.path(), &written);
    for path in &written {
        run("qpdf", &["--check", path.to_str().unwrap()]);
    }
}

fn pyhanko(written: &[PathBuf]) {
    let script = path("tests/engine/pyhanko_judge.py");
    let root = path("certs-test/trust/root.crt");
    let mut arguments = vec![script.to_str().unwrap(), root.to_str().unwrap()];
    arguments.extend(written.iter().map(|path| path.to_str().unwrap()));
    let said = run("python3", &arguments);
    let lines: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), written.len() * 2);
    for line in lines {
        for question in ["intact", "valid", "trusted"] {
            assert_eq!(line[question], true, "{line}");
        }
        let expected = match line["field"].as_str() {
            Some("Signature1") => ("ENTIRE_REVISION", "FORM_FILLING"),
            _ => ("ENTIRE_FILE", "NONE"),
        };
        assert_eq!(
            (line["coverage"].as_str(), line["modification"].as_str()),
            (Some(expected.0), Some(expected.1)),
            "{line}"
        );
    }
}

fn poppler(folder: &Path, written: &[PathBuf]) {
    let store = folder.join("nss");
    std::fs::create_dir(&store).unwrap();
    let place = store.to_str().unwrap();
    let root = file("certs-test/trust/root.crt");
    let pem = String::from_utf8_lossy(&root);
    let pem_file = folder.join("root.pem");
    std::fs::write(&pem_file, pem.split_at(pem.find("-----BEGIN").unwrap()).1).unwrap();
    run("certutil", &["-N", "-d", place, "--empty-password"]);
    let pem_file = pem_file.to_str().unwrap();
    run(
        "certutil",
        &[
            "-A", "-d", place, "-n", "root", "-t", "C,C,C", "-i", pem_file,
        ],
    );
    for path in written {
        let said = run("pdfsig", &["-nssdir", place, path.to_str().unwrap()]);
        let valid = said.matches("Signature is Valid").count();
        assert_eq!(valid, 2, "{}: {said}", path.display());
        assert_eq!(
            said.matches("  - Total document signed").count(),
            1,
            "{said}"
        );
    }
}
