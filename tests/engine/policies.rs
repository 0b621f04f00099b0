//! Policy files: what they may demand, and that it reaches the process that reads the document.

use std::path::Path;
use std::process::Command;

use super::support::bytes::small_document;
use super::support::{path, signed};

/// Exit code and report of `lienthong verify` with a policy file over a B-B signature.
fn judged(policy: &str, more: &[(&str, &str)]) -> (i32, serde_json::Value) {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    std::fs::write(place("a.pdf"), signed(&small_document(), "agencies/iadom")).unwrap();
    std::fs::write(place("policy.json"), policy).unwrap();
    for (name, text) in more {
        std::fs::write(place(name), text).unwrap();
    }
    let verify = |argument: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
        command.args(["--lang", "en", "verify", "--json", "--at"]);
        command.arg("2026-01-06T00:00:00Z").arg(place("a.pdf"));
        command.arg("--trust").arg(path("certs-test/trust"));
        command.arg("--revocation").arg(path("certs-test/crl"));
        command.arg("--policy").arg(argument).output().unwrap()
    };
    let output = verify(&place("policy.json"));
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code().unwrap(), report)
}

fn assert_judged(policy: &str, expected: (i32, &str)) {
    let (code, report) = judged(policy, &[]);
    let sub = report["sub_indication"].as_str().unwrap_or_default();
    assert_eq!((code, sub), expected, "{policy}: {report}");
}

#[test]
fn a_policy_file_may_demand_time_stamps_and_fresh_data() {
    assert_judged(r#"{"id":"own","profile":"standard"}"#, (0, ""));
    assert_judged(
        r#"{"id":"own","profile":"standard","timestamp_required":true}"#,
        (11, "SIG_CONSTRAINTS_FAILURE"),
    );
    assert_judged(
        r#"{"id":"own","profile":"standard","revocation":"day"}"#,
        (11, "TRY_LATER"),
    );
}

#[test]
fn a_policy_file_may_admit_some_signers_only() {
    let of =
        |name: &str| format!(r#"{{"id":"o","profile":"standard","organizations":["{name}"]}}"#);
    assert_judged(&of("ỦY BAN NHÂN DÂN TỈNH GIA LAI"), (0, ""));
    assert_judged(&of("Another"), (11, "SIG_CONSTRAINTS_FAILURE"));
    let nobody = "00".repeat(32);
    let by = format!(r#"{{"id":"o","profile":"standard","issuers":["{nobody}"]}}"#);
    assert_judged(&by, (11, "CHAIN_CONSTRAINTS_FAILURE"));
}

#[test]
fn a_policy_file_may_bring_its_own_table_of_algorithms() {
    let policy = r#"{"id":"own","profile":"standard","algorithms":"table.json"}"#;
    let table = String::from_utf8(std::fs::read(path("assets/algorithms.json")).unwrap()).unwrap();
    let (code, report) = judged(policy, &[("table.json", &table)]);
    assert_eq!(code, 0, "{report}");
    let ended = r#"{"schema":"lienthong-algorithms/1","name":"own","curves":[],
        "digests":[{"name":"SHA-256","until":"2025-07-01"}],
        "schemes":[{"name":"RSA-PKCS1","keys":[{"from_bits":1900}]}]}"#;
    let (code, report) = judged(policy, &[("table.json", ended)]);
    let sub = report["sub_indication"].as_str().unwrap();
    assert_eq!((code, sub), (11, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"));
    let (code, _) = judged(policy, &[("table.json", "{}")]);
    assert_eq!(code, 3);
}

#[test]
fn the_agencies_policy_does_not_believe_lists_a_year_old() {
    let (code, report) = judged(r#"{"id":"own","profile":"agency"}"#, &[]);
    let row = &report["signatures"][0]["rows"]["revocation"];
    assert_eq!((code, row["result"].as_str()), (11, Some("indeterminate")));
    let (_, report) = judged(
        r#"{"id":"own","profile":"agency","revocation":"next-update"}"#,
        &[],
    );
    let row = &report["signatures"][0]["rows"]["revocation"];
    assert_eq!(row["result"], "passed");
}
