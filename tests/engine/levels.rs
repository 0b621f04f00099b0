//! Levels above B-B, by the program itself and with real services: a time stamping authority and an
//! OCSP responder of OpenSSL on loopback; judged here and by others.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use super::services::http::{Asked, Reply, Server};
use super::services::stamping::{self, Altered};
use super::services::{revocation_services, text};
use super::support::path;

fn lienthong(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command
        .args(["--lang", "en"])
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn done(output: &Output) {
    assert_eq!(code(output), 0, "{}", said(output));
}

/// `fixtures/pdf/NAME.pdf` signed at B-B.
fn basic(folder: &Path, name: &str, signer: &str) -> PathBuf {
    let out = folder.join(format!("{name}-basic.pdf"));
    let input = path(&format!("fixtures/pdf/{name}.pdf"));
    let (p12, password) = (
        path(&format!("certs-test/{signer}.p12")),
        path("certs-test/password.txt"),
    );
    done(&lienthong(&[
        "sign",
        text(&input),
        "-o",
        text(&out),
        "--p12",
        text(&p12),
        "--password-file",
        text(&password),
    ]));
    out
}

fn evidence() -> Vec<String> {
    let (trust, lists) = (path("certs-test/trust"), path("certs-test/crl"));
    ["--trust", text(&trust), "--revocation", text(&lists)]
        .map(str::to_owned)
        .to_vec()
}

fn augment(input: &Path, output: &Path, to: &str, more: &[&str]) -> Output {
    let mut arguments = vec!["augment", text(input), "-o", text(output), "--to", to];
    arguments.extend(more);
    lienthong(&arguments)
}

fn with_lists(tsa: &str) -> Vec<String> {
    let mut all = evidence();
    all.extend(["--tsa".to_owned(), tsa.to_owned()]);
    all
}

fn refs(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

/// What pyHanko thinks of the file's signatures as `profile`; a missing judge fails the test.
fn pyhanko(file: &Path, profile: &str, at: &str) -> Vec<serde_json::Value> {
    let script = path("tests/engine/pyhanko_levels.py");
    let root = path("certs-test/trust/root.crt");
    let said = super::services::run(
        "python3",
        &[text(&script), text(&root), profile, at, text(file)],
    );
    said.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn accepted(file: &Path, profile: &str) {
    let lines = pyhanko(file, profile, "");
    assert!(!lines.is_empty(), "{}", file.display());
    for line in lines {
        assert_eq!(line["passed"], true, "{line}");
    }
    super::services::run("qpdf", &["--check", text(file)]);
}

#[test]
fn augmenting_reaches_each_level_and_keeps_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let tsa = stamping::authority();
    let more = with_lists(&tsa.url());
    let mut before = basic(folder.path(), "pdf-a", "persons/iadom-leader");
    for level in ["B-T", "B-LT", "B-LTA"] {
        let after = folder.path().join(format!("{level}.pdf"));
        done(&augment(&before, &after, level, &refs(&more)));
        let (old, new) = (
            std::fs::read(&before).unwrap(),
            std::fs::read(&after).unwrap(),
        );
        assert!(new.starts_with(&old) && new.len() > old.len(), "{level}");
        accepted(&after, level);
        before = after;
    }
}
