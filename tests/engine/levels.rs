//! Levels above B-B, by the program itself and with real services: a time stamping authority and an
//! OCSP responder of OpenSSL on loopback; judged here and by others.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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

#[test]
fn a_file_renewed_twice_keeps_its_proof() {
    let folder = tempfile::tempdir().unwrap();
    let tsa = stamping::authority();
    let more = with_lists(&tsa.url());
    let mut before = basic(
        folder.path(),
        "quyet-dinh-object-streams",
        "persons/sokhcn-leader",
    );
    for round in 0..3 {
        let after = folder.path().join(format!("{round}.pdf"));
        done(&augment(&before, &after, "B-LTA", &refs(&more)));
        let (old, new) = (
            std::fs::read(&before).unwrap(),
            std::fs::read(&after).unwrap(),
        );
        assert!(new.starts_with(&old), "{round}");
        accepted(&after, "B-LTA");
        before = after;
    }
}

#[test]
fn a_document_time_stamp_stands_alone_or_over_signatures() {
    let folder = tempfile::tempdir().unwrap();
    let tsa = stamping::authority();
    let signed = basic(folder.path(), "quyet-dinh-linearized", "agencies/gialai");
    for (name, input) in [("alone", path("fixtures/pdf/pdf-a.pdf")), ("over", signed)] {
        let output = folder.path().join(format!("{name}.pdf"));
        done(&lienthong(&[
            "timestamp",
            text(&input),
            "-o",
            text(&output),
            "--tsa",
            &tsa.url(),
        ]));
        super::services::run("qpdf", &["--check", text(&output)]);
        let said = super::services::run("pdfsig", &["-nocert", text(&output)]);
        // poppler sees the field and what it covers; it does not judge time stamps.
        assert!(said.contains("Total document signed"), "{said}");
    }
}

/// An authority that answers each query with `answering`.
fn faulty(answering: impl Fn(&[u8]) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(Arc::new(move |asked: &Asked| answering(&asked.body)))
}

fn stamped_otherwise(altered: Altered) -> Server {
    faulty(move |query| {
        let folder = tempfile::tempdir().unwrap();
        let answer = stamping::answer(folder.path(), &stamping::altered(query, altered));
        Reply::ok("application/timestamp-reply", answer)
    })
}

/// A refusal in the words of RFC 3161: status 2, a text, failure `timeNotAvailable`.
fn refusal() -> Vec<u8> {
    let text = b"\x30\x0e\x0c\x0cclock failed";
    let inside = [&b"\x02\x01\x02"[..], text, b"\x03\x03\x01\x00\x02"].concat();
    let status = [&[0x30, u8::try_from(inside.len()).unwrap()][..], &inside].concat();
    [&[0x30, u8::try_from(status.len()).unwrap()][..], &status].concat()
}

#[test]
fn a_wrong_answer_of_the_authority_is_named_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let input = basic(folder.path(), "pdf-a", "persons/iadom-leader");
    let output = folder.path().join("out.pdf");
    let other = stamping::authority();
    let elsewhere = other.url();
    let cases: [(&str, i32, Server); 8] = [
        ("TSA_OTHER_IMPRINT", 10, stamped_otherwise(Altered::Imprint)),
        ("TSA_OTHER_NONCE", 10, stamped_otherwise(Altered::Nonce)),
        ("TSA_OTHER_NONCE", 10, stamped_otherwise(Altered::NoNonce)),
        (
            "TSA_REFUSED",
            7,
            faulty(|_| Reply::ok("application/timestamp-reply", refusal())),
        ),
        (
            "TSA_ANSWER_MALFORMED",
            10,
            faulty(|_| Reply::ok("text/html", b"<html>".to_vec())),
        ),
        (
            "TSA_UNREACHABLE",
            7,
            faulty(|_| Reply::ok("x", vec![0x30; 65 * 1024])),
        ),
        ("TSA_UNREACHABLE", 7, faulty(|_| Reply::status(503))),
        (
            "TSA_UNREACHABLE",
            7,
            faulty(move |_| Reply::redirect(&elsewhere)),
        ),
    ];
    for (expected, exit, server) in &cases {
        let out = lienthong(&[
            "timestamp",
            text(&input),
            "-o",
            text(&output),
            "--tsa",
            &server.url(),
            "--json",
        ]);
        let line: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(
            (line["code"].as_str(), code(&out)),
            (Some(*expected), *exit),
            "{line}"
        );
        assert!(!output.exists(), "{expected}");
    }
    assert_eq!(other.connections(), 0, "a redirect was followed");
    let refused = lienthong(&[
        "timestamp",
        text(&input),
        "-o",
        text(&output),
        "--tsa",
        &cases[3].2.url(),
    ]);
    assert!(
        said(&refused).contains("clock failed"),
        "{}",
        said(&refused)
    );
    let gone = "http://127.0.0.1:9/";
    let out = lienthong(&[
        "timestamp",
        text(&input),
        "-o",
        text(&output),
        "--tsa",
        gone,
    ]);
    assert_eq!(code(&out), 7, "{}", said(&out));
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "something else than the input was left behind");
}

#[test]
fn a_level_that_cannot_be_reached_is_never_lowered() {
    let folder = tempfile::tempdir().unwrap();
    let tsa = stamping::authority();
    let input = basic(folder.path(), "pdf-a", "persons/iadom-leader");
    let output = folder.path().join("out.pdf");
    let trust = path("certs-test/trust");
    let (trust, url) = (text(&trust), tsa.url());
    let cases: [(&str, i32, Vec<&str>); 4] = [
        (
            "LEVEL_REVOCATION_MISSING",
            7,
            vec!["--to", "B-LT", "--tsa", &url, "--trust", trust],
        ),
        (
            "LEVEL_PATH_MISSING",
            3,
            vec!["--to", "B-LTA", "--tsa", &url],
        ),
        ("TSA_NEEDED", 2, vec!["--to", "B-T"]),
        ("LEVEL_NEEDS_KEY", 2, vec!["--to", "B-B"]),
    ];
    for (expected, exit, more) in cases {
        let mut arguments = vec!["augment", text(&input), "-o", text(&output), "--json"];
        arguments.extend(more);
        let out = lienthong(&arguments);
        assert_eq!(code(&out), exit, "{}", said(&out));
        assert!(
            expected == "LEVEL_NEEDS_KEY" || said(&out).contains(expected),
            "{}",
            said(&out)
        );
        assert!(!output.exists(), "{expected}");
    }
    let unsigned = path("fixtures/pdf/pdf-a.pdf");
    let out = augment(&unsigned, &output, "B-T", &["--tsa", &tsa.url()]);
    assert_eq!(code(&out), 12, "{}", said(&out));
}

#[test]
fn a_file_with_a_broken_signature_is_not_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let tsa = stamping::authority();
    let input = basic(folder.path(), "pdf-a", "persons/iadom-leader");
    let mut bytes = std::fs::read(&input).unwrap();
    let at = bytes
        .windows(7)
        .position(|window| window == b"/Title(" || window == b"/Count ")
        .unwrap();
    bytes[at + 7] ^= 1;
    std::fs::write(&input, bytes).unwrap();
    let output = folder.path().join("out.pdf");
    let out = augment(&input, &output, "B-T", &["--tsa", &tsa.url()]);
    assert!([10, 13].contains(&code(&out)), "{}", said(&out));
    assert!(!output.exists());
}

/// Flags that lead the names in certificates of the test PKI to `server`.
fn asking(server: &Server) -> Vec<String> {
    let address = server.address;
    let mut all = vec!["--allow-private-host".to_owned(), "127.0.0.1".to_owned()];
    for name in ["ocsp.ca.ptc.invalid", "crl.lienthong.invalid"] {
        all.extend(["--rewrite-host".to_owned(), format!("{name}={address}")]);
    }
    all
}

#[test]
fn missing_data_is_asked_of_a_responder_and_stored() {
    let folder = tempfile::tempdir().unwrap();
    let (tsa, services) = (stamping::authority(), revocation_services());
    let input = basic(folder.path(), "to-trinh-libreoffice", "agencies/gialai");
    let output = folder.path().join("out.pdf");
    let (trust, url) = (path("certs-test/trust"), tsa.url());
    let mut more = vec!["--tsa", &url, "--fetch", "--trust", text(&trust)];
    let asking = asking(&services);
    more.extend(refs(&asking));
    done(&augment(&input, &output, "B-LTA", &more));
    accepted(&output, "B-LTA");
    assert!(services.connections() >= 4, "{}", services.connections());
}

#[test]
fn a_frozen_bundle_is_the_same_each_time_and_judges_offline() {
    let folder = tempfile::tempdir().unwrap();
    let input = basic(folder.path(), "pdf-a", "persons/iadom-leader");
    let mut hashes = Vec::new();
    for name in ["one", "two"] {
        let bundle = folder.path().join(name);
        let mut arguments = vec![
            "evidence",
            "fetch",
            text(&input),
            "-o",
            text(&bundle),
            "--json",
        ];
        let evidence = evidence();
        arguments.extend(refs(&evidence));
        let out = lienthong(&arguments);
        done(&out);
        let line: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        hashes.push(line["bundle_sha256"].as_str().unwrap().to_owned());
        let judged = lienthong(&["verify", text(&input), "--evidence", text(&bundle)]);
        done(&judged);
    }
    assert_eq!(hashes[0], hashes[1]);
    let bundle = folder.path().join("one");
    let list = std::fs::read_dir(bundle.join("crls"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut bytes = std::fs::read(&list).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&list, bytes).unwrap();
    let judged = lienthong(&["verify", text(&input), "--evidence", text(&bundle)]);
    assert_eq!(code(&judged), 3, "{}", said(&judged));
}

#[test]
fn signing_reaches_each_level_with_every_kind_of_key() {
    let tsa = stamping::authority();
    let more = with_lists(&tsa.url());
    let password = path("certs-test/password.txt");
    let keys: [(&str, &[&str]); 4] = [
        ("persons/iadom-leader", &[]),
        ("persons/vpcp-leader", &["--digest", "sha384"]),
        ("agencies/iadom", &["--pss"]),
        ("agencies/gialai", &["--digest", "sha512"]),
    ];
    for (signer, how) in keys {
        let folder = tempfile::tempdir().unwrap();
        let p12 = path(&format!("certs-test/{signer}.p12"));
        for level in ["B-T", "B-LT", "B-LTA"] {
            let input = path("fixtures/pdf/pdf-a.pdf");
            let output = folder.path().join(format!("{level}.pdf"));
            let mut arguments = vec!["sign", text(&input), "-o", text(&output), "--level", level];
            arguments.extend([
                "--p12",
                text(&p12),
                "--password-file",
                text(&password),
                "--json",
            ]);
            arguments.extend(how);
            arguments.extend(refs(&more));
            let out = lienthong(&arguments);
            done(&out);
            let line: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
            assert_eq!(line["level"], level, "{signer}");
            accepted(&output, level);
            let mut judged = vec!["verify", text(&output), "--json"];
            let evidence = evidence();
            judged.extend(refs(&evidence));
            let judged = lienthong(&judged);
            done(&judged);
            let report: serde_json::Value = serde_json::from_slice(&judged.stdout).unwrap();
            assert_eq!(
                report["signatures"][0]["level"], level,
                "{signer}: {report}"
            );
        }
    }
}

#[test]
fn signing_without_an_authority_that_answers_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (p12, password) = (
        path("certs-test/persons/iadom-leader.p12"),
        path("certs-test/password.txt"),
    );
    let input = path("fixtures/pdf/pdf-a.pdf");
    let output = folder.path().join("out.pdf");
    for (more, exit) in [(&["--tsa", "http://127.0.0.1:9/"][..], 7), (&[][..], 2)] {
        let mut arguments = vec!["sign", text(&input), "-o", text(&output), "--level", "B-T"];
        arguments.extend(["--p12", text(&p12), "--password-file", text(&password)]);
        arguments.extend(more);
        let out = lienthong(&arguments);
        assert_eq!(code(&out), exit, "{}", said(&out));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

/// OpenSSL's authority, whose answers carry more certificates each time.
fn growing(certificates: &'static [usize]) -> Server {
    let asked = AtomicUsize::new(0);
    let folder = tempfile::tempdir().unwrap();
    faulty(move |query| {
        let count = asked
            .fetch_add(1, Ordering::SeqCst)
            .min(certificates.len() - 1);
        let folder = tempfile::tempdir_in(folder.path()).unwrap();
        let answer = stamping::answer_with(folder.path(), query, certificates[count]);
        Reply::ok("application/timestamp-reply", answer)
    })
}

/// Command, input and flags.
type Act<'a> = (&'a str, &'a Path, &'a [&'a str]);

#[test]
fn a_token_larger_than_foreseen_gets_one_further_try_with_more_room() {
    let folder = tempfile::tempdir().unwrap();
    let input = basic(folder.path(), "pdf-a", "persons/iadom-leader");
    let unsigned = path("fixtures/pdf/pdf-a.pdf");
    let (p12, password) = (
        path("certs-test/persons/iadom-leader.p12"),
        path("certs-test/password.txt"),
    );
    let key = ["--p12", text(&p12), "--password-file", text(&password)];
    let acts: [Act<'_>; 3] = [
        ("timestamp", &input, &[]),
        ("augment", &input, &["--to", "B-T"]),
        ("sign", &unsigned, &["--level", "B-T"]),
    ];
    for (act, input, more) in acts {
        // A certificate of the test PKI takes 1.4 KB; 12 KB are kept for a token.
        for (sizes, asked, exit) in [
            (&[12, 12][..], 2, 0),
            (&[12, 30][..], 2, 7),
            (&[0][..], 1, 0),
        ] {
            let tsa = growing(sizes);
            let url = tsa.url();
            let output = folder.path().join("out.pdf");
            let mut arguments = vec![
                act,
                text(input),
                "-o",
                text(&output),
                "--tsa",
                &url,
                "--json",
            ];
            arguments.extend(more);
            if act == "sign" {
                arguments.extend(key);
            }
            let out = lienthong(&arguments);
            assert_eq!(code(&out), exit, "{act} {sizes:?}: {}", said(&out));
            assert_eq!(tsa.connections(), asked, "{act} {sizes:?}");
            assert_eq!(output.exists(), exit == 0, "{act} {sizes:?}");
            if exit == 0 {
                accepted(&output, "B-T");
                std::fs::remove_file(&output).unwrap();
            } else {
                let line: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
                assert_eq!(line["code"], "TOKEN_TOO_LARGE", "{act}: {line}");
            }
            let left = std::fs::read_dir(folder.path()).unwrap().count();
            assert_eq!(left, 1, "{act} {sizes:?}: something was left behind");
        }
    }
}
