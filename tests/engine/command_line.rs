//! The program itself: exit codes, JSON, and what it leaves behind when something goes wrong.

use std::path::Path;
use std::process::{Command, Output};

use super::support::path;

fn lienthong(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command
        .args(["--lang", "en"])
        .args(arguments)
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn sign(input: &str, output: &Path, more: &[&str]) -> Output {
    let p12 = path("certs-test/persons/iadom-leader.p12");
    let password = path("certs-test/password.txt");
    let mut arguments = vec!["sign", input, "-o", text(output)];
    if !more.contains(&"--p12") {
        arguments.extend(["--p12", text(&p12)]);
    }
    if !more.contains(&"--password-file") {
        arguments.extend(["--password-file", text(&password)]);
    }
    arguments.extend(more);
    lienthong(&arguments)
}

fn verify(file: &str, more: &[&str]) -> Output {
    let (trust, lists) = (path("certs-test/trust"), path("certs-test/crl"));
    let mut arguments = vec![
        "verify",
        file,
        "--trust",
        text(&trust),
        "--revocation",
        text(&lists),
    ];
    arguments.extend(more);
    lienthong(&arguments)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn signing_and_checking_give_the_documented_codes() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (
        path("fixtures/pdf/cong-van-libreoffice.pdf"),
        folder.path().join("a.pdf"),
    );
    assert_eq!(code(&sign(text(&input), &output, &[])), 0);
    let again = sign(text(&input), &output, &[]);
    assert_eq!(code(&again), 6, "{}", said(&again));
    assert_eq!(code(&sign(text(&input), &output, &["--force"])), 0);
    assert_eq!(code(&verify(text(&output), &[])), 0);
    assert_eq!(code(&verify(text(&input), &[])), 12);
    assert_eq!(code(&lienthong(&["verify", text(&output)])), 11);
    let mut bytes = std::fs::read(&output).unwrap();
    bytes[1_000] ^= 1;
    let broken = folder.path().join("b.pdf");
    std::fs::write(&broken, bytes).unwrap();
    assert_eq!(code(&verify(text(&broken), &[])), 10);
    let none = path("fixtures/broken/not-a-pdf.pdf");
    let worst = verify(text(&broken), &[text(&none), text(&output), "--json"]);
    assert_eq!(code(&worst), 13);
    let lines = String::from_utf8(worst.stdout).unwrap();
    let verdicts: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let verdicts: Vec<_> = verdicts
        .iter()
        .map(|line| line["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["TOTAL-FAILED", "UNREADABLE", "TOTAL-PASSED"]);
}

#[test]
fn the_report_has_the_documented_shape_and_repeats_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (path("fixtures/pdf/pdf-a.pdf"), folder.path().join("a.pdf"));
    assert_eq!(code(&sign(text(&input), &output, &[])), 0);
    let at = ["--json", "--at", "2026-12-31T00:00:00Z"];
    let (one, two) = (verify(text(&output), &at), verify(text(&output), &at));
    assert_eq!(one.stdout, two.stdout);
    let report: serde_json::Value = serde_json::from_slice(&one.stdout).unwrap();
    assert_eq!(report["schema"], "lienthong.verification/1");
    assert_eq!(report["validation_time"], "2026-12-31T00:00:00Z");
    let signature = &report["signatures"][0];
    assert_eq!(signature["level"], "B-B");
    assert_eq!(signature["kind"], "approval");
    assert_eq!(signature["signer"]["common_name"], "Kpă Nghiệm");
    let rows = signature["rows"].as_object().unwrap();
    let names: Vec<_> = rows.keys().map(String::as_str).collect();
    let expected = [
        "integrity",
        "trust",
        "revocation",
        "time",
        "coverage",
        "changes",
        "authority",
    ];
    assert_eq!(names, expected);
    for row in rows.values() {
        assert!(
            !row["message"].as_str().unwrap().starts_with("verdict-"),
            "{row}"
        );
    }
    let vietnamese = lienthong(&["verify", text(&output), "--lang", "vi"]);
    assert!(
        said(&vietnamese).contains("KHÔNG XÁC ĐỊNH"),
        "{}",
        said(&vietnamese)
    );
}

#[test]
fn broken_input_is_refused_with_a_reason_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.pdf");
    for (name, words) in [
        ("broken/empty.pdf", "empty"),
        ("broken/not-a-pdf.pdf", "not a PDF"),
        ("broken/truncated.pdf", "cut off"),
        ("broken/encrypted.pdf", "encrypted"),
    ] {
        let input = path(&format!("fixtures/{name}"));
        let refused = sign(text(&input), &output, &[]);
        assert_eq!(code(&refused), 13, "{name}: {}", said(&refused));
        assert!(said(&refused).contains(words), "{name}: {}", said(&refused));
        let judged = verify(text(&input), &[]);
        assert_eq!(code(&judged), 13, "{name}: {}", said(&judged));
        assert!(said(&judged).contains(words), "{name}: {}", said(&judged));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn wrong_keys_places_and_options_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let input = path("fixtures/pdf/cong-van-libreoffice.pdf");
    let output = folder.path().join("out.pdf");
    let wrong = folder.path().join("wrong.txt");
    std::fs::write(&wrong, "not the password").unwrap();
    let expired = path("certs-test/bad/expired.p12");
    let seal = path("fixtures/marks/con-dau-do.png");
    let missing = folder.path().join("missing/out.pdf");
    for (output, more, expected) in [
        (&output, &["--password-file", text(&wrong)][..], 5),
        (&output, &["--p12", text(&input)], 3),
        (&output, &["--p12", text(&expired)], 5),
        (&output, &["--level", "B-LT"], 2),
        (
            &output,
            &["--appearance", "issue", "--image", text(&seal)],
            5,
        ),
        (&output, &["--appearance", "approve"], 2),
        (&output, &["--image", text(&seal), "--page", "9"], 2),
        (
            &output,
            &["--image", text(&seal), "--rect", "200,0,50,50"],
            2,
        ),
        (&output, &["--image", text(&input)], 2),
        (&output, &["--certify", "4"], 2),
        (&missing, &[], 4),
        (&input, &["--force"], 2),
    ] {
        let refused = sign(text(&input), output, more);
        assert_eq!(code(&refused), expected, "{more:?}: {}", said(&refused));
        assert!(!said(&refused).contains("cli-"), "{}", said(&refused));
    }
    assert_eq!(code(&sign("no-such-file.pdf", &output, &[])), 4);
    assert!(!output.exists());
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "only the password file"
    );
}

#[test]
fn a_batch_gives_a_result_for_each_file() {
    let folder = tempfile::tempdir().unwrap();
    let good = path("fixtures/pdf/pdf-a.pdf");
    let other = path("fixtures/pdf/to-trinh-libreoffice.pdf");
    let bad = path("fixtures/broken/empty.pdf");
    let more = [text(&other), text(&bad), "--jobs", "2", "--json"];
    let output = sign(text(&good), folder.path(), &more);
    assert_eq!(code(&output), 20, "{}", said(&output));
    let lines = String::from_utf8(output.stdout).unwrap();
    let results: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(results.len(), 3);
    let count = |result: &str| {
        results
            .iter()
            .filter(|line| line["result"] == result)
            .count()
    };
    assert_eq!((count("signed"), count("failed")), (2, 1));
    assert_eq!(
        code(&verify(text(&folder.path().join("pdf-a.pdf")), &[])),
        0
    );
}

#[test]
fn a_full_disk_leaves_the_original_and_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (
        path("fixtures/pdf/giay-moi-scan.pdf"),
        folder.path().join("a.pdf"),
    );
    let (p12, password) = (
        path("certs-test/agencies/iadom.p12"),
        path("certs-test/password.txt"),
    );
    // A limit on file sizes stops the writing in its midst, as a full disk does.
    let script = "trap '' XFSZ; ulimit -f 20; exec \"$@\"";
    let output_of = Command::new("bash")
        .args([
            "-c",
            script,
            "bash",
            env!("CARGO_BIN_EXE_lienthong"),
            "--lang",
            "en",
            "sign",
        ])
        .args([text(&input), "-o", text(&output), "--p12", text(&p12)])
        .args(["--password-file", text(&password)])
        .output()
        .unwrap();
    assert_eq!(code(&output_of), 7, "{}", said(&output_of));
    assert!(
        said(&output_of).contains("disk is full"),
        "{}",
        said(&output_of)
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_bench_gives_its_line() {
    for what in ["sign", "verify"] {
        let output = lienthong(&["bench", what, "--json", "--seconds", "1"]);
        assert_eq!(code(&output), 0, "{}", said(&output));
        let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(line["schema"], "lienthong.bench/1");
        assert_eq!(line["errors"], 0);
        assert!(line["rate_per_second"].as_f64().unwrap() > 0.0);
        assert!(line["raw_rate_per_second"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn lint_warns_and_strict_signing_stops_at_its_warnings() {
    use super::support::bytes::{small_document, updated};
    let folder = tempfile::tempdir().unwrap();
    let (clean, noticed) = (folder.path().join("a.pdf"), folder.path().join("b.pdf"));
    std::fs::write(&clean, small_document()).unwrap();
    let hidden = (90, "<</Type/Catalog/Pages 2 0 R>>".to_owned());
    std::fs::write(&noticed, updated(&small_document(), &[hidden], "1 0 R")).unwrap();
    assert_eq!(code(&lienthong(&["lint", text(&clean)])), 0);
    let warned = lienthong(&["lint", text(&noticed), "--json"]);
    assert_eq!(code(&warned), 11);
    let line: serde_json::Value = serde_json::from_slice(&warned.stdout).unwrap();
    assert_eq!(line["schema"], "lienthong.lint/1");
    assert_eq!(line["findings"][1]["check"], "SECOND_CATALOG");
    let broken = path("fixtures/broken/encrypted.pdf");
    assert_eq!(code(&lienthong(&["lint", text(&broken)])), 13);

    let output = folder.path().join("signed.pdf");
    let refused = sign(text(&noticed), &output, &["--strict"]);
    assert_eq!(code(&refused), 11, "{}", said(&refused));
    assert!(!output.exists(), "nothing is written");
    let signed = sign(text(&noticed), &output, &[]);
    assert_eq!(code(&signed), 0);
    let words = String::from_utf8_lossy(&signed.stderr).into_owned();
    assert!(words.contains("second document root"), "{words}");
}
