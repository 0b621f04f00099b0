//! `lienthong agency` without a hub: Gia Lai on both sides of 1 July 2025, and the centre's tools.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::support::path;

fn agency(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command.args(["--lang", "en", "agency"]).args(arguments);
    command.output().unwrap()
}

/// The lines of an act that must succeed.
fn lines(arguments: &[&str]) -> Vec<String> {
    let output = agency(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn gia_lai() -> PathBuf {
    path("fixtures/registry/gia-lai.toml")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn on(day: &str, more: &[&str]) -> Vec<Value> {
    let registry = gia_lai();
    let mut arguments = vec!["as-of", day];
    arguments.extend(more);
    arguments.extend(["--registry", text(&registry), "--json"]);
    let read = |line: &String| serde_json::from_str(line).unwrap();
    lines(&arguments).iter().map(read).collect()
}

fn tiers(day: &str) -> Vec<String> {
    let existing = on(day, &[]);
    let tier = |agency: &Value| agency["tier"].as_str().unwrap().to_owned();
    let tiers: BTreeSet<String> = existing.iter().map(tier).collect();
    tiers.into_iter().collect()
}

#[test]
fn there_were_four_tiers_on_30_june_2025_and_three_on_2_july() {
    assert_eq!(
        tiers("2025-06-30"),
        ["central", "commune", "district", "province"]
    );
    assert_eq!(tiers("2025-07-02"), ["central", "commune", "province"]);
}

#[test]
fn binh_dinh_became_part_of_gia_lai_by_the_resolution() {
    let before = on("2025-06-30", &["H08"]).remove(0);
    let after = on("2025-07-02", &["000.00.00.H08"]).remove(0);
    assert_eq!(
        (&before["existed"], &after["existed"]),
        (&true.into(), &false.into())
    );
    let succession = &after["successions"][0];
    assert_eq!(succession["to"][0], "H21");
    assert_eq!(succession["legal_basis"], "Nghị quyết 202/2025/QH15");
}

#[test]
fn where_an_agency_is_hosted_is_asked_as_of_a_day() {
    let hub = |day: &str| on(day, &["H21.92"]).remove(0)["hub"].clone();
    assert_eq!(
        (hub("2025-07-02"), hub("2025-10-01")),
        ("binh-dinh".into(), "gia-lai".into())
    );
}

#[test]
fn an_unknown_agency_is_not_found() {
    let registry = gia_lai();
    let output = agency(&["as-of", "2025-07-02", "Z99", "--registry", text(&registry)]);
    assert_eq!(output.status.code(), Some(4));
}

/// The centre's key, with the mode a key must have.
fn key(folder: &Path) -> PathBuf {
    let file = folder.join("centre.key");
    std::fs::copy(path("certs-test/hubs/central.sign.key"), &file).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o400)).unwrap();
    file
}

fn sign(folder: &Path, source: &Path, previous: Option<&Path>, output: &Path) {
    let (key, certificate) = (
        folder.join("centre.key"),
        path("certs-test/hubs/central.sign.crt"),
    );
    let mut arguments = vec![
        "sign",
        text(source),
        "--issuer",
        "Centre",
        "-o",
        text(output),
    ];
    arguments.extend(["--key", text(&key), "--certificate", text(&certificate)]);
    arguments.extend(["--issued-at", "2025-06-29T00:00:00Z"]);
    if let Some(previous) = previous {
        arguments.extend(["--previous", text(previous)]);
    }
    lines(&arguments);
}

#[test]
fn a_merger_is_drafted_compared_and_signed_as_the_next_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    key(folder.path());
    sign(folder.path(), &gia_lai(), None, &file("1.json"));
    let first = file("1.json");
    let draft = file("draft.toml");
    let mut merge = vec![
        "merge",
        text(&first),
        "--from",
        "H21.89,H21.90",
        "--into",
        "H21.88",
    ];
    merge.extend([
        "--on",
        "2026-01-01",
        "--basis",
        "12/NQ (dữ liệu mẫu)",
        "-o",
        text(&draft),
    ]);
    lines(&merge);
    let changes = lines(&["diff", text(&first), text(&draft), "--json"]);
    let read = |line: &String| -> String {
        let line: Value = serde_json::from_str(line).unwrap();
        ["change", "thing", "name"]
            .map(|part| line[part].as_str().unwrap().to_owned())
            .join(" ")
    };
    assert_eq!(
        changes.iter().map(read).collect::<Vec<_>>(),
        [
            "changed agency H21.89",
            "changed agency H21.90",
            "added succession H21.89 → H21.88",
            "added succession H21.90 → H21.88",
        ]
    );
    sign(folder.path(), &draft, Some(&first), &file("2.json"));
    let second: Value = serde_json::from_slice(&std::fs::read(file("2.json")).unwrap()).unwrap();
    assert_eq!(second["number"], 2);
}

#[test]
fn openssl_believes_the_signature_of_a_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("1.json");
    key(folder.path());
    sign(folder.path(), &gia_lai(), None, &snapshot);
    let judged = |content: &Path| {
        let mut openssl = Command::new("openssl");
        openssl.args([
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "DER",
            "-noverify",
            "-in",
        ]);
        openssl
            .arg(folder.path().join("1.json.p7s"))
            .arg("-content")
            .arg(content);
        openssl
            .arg("-out")
            .arg("/dev/null")
            .output()
            .unwrap()
            .status
            .success()
    };
    assert!(judged(&snapshot));
    assert!(!judged(&gia_lai()));
}

#[test]
fn nothing_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let draft = folder.path().join("draft.toml");
    std::fs::write(&draft, "kept").unwrap();
    let registry = gia_lai();
    let mut merge = vec![
        "merge",
        text(&registry),
        "--from",
        "H21.89",
        "--into",
        "H21.88",
    ];
    merge.extend(["--on", "2026-01-01", "--basis", "x", "-o", text(&draft)]);
    assert_eq!(agency(&merge).status.code(), Some(6));
    assert_eq!(std::fs::read_to_string(&draft).unwrap(), "kept");
}
