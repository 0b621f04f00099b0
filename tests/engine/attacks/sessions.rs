//! SYS-01, SYS-03 and SYS-04 as they happen: a file that changes while it is judged, one session
//! answered twice at once or too late by the real program, a token that needs more room than was
//! kept.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lienthong::domain::clock::{Clock as _, SystemClock};
use lienthong::domain::digest::Sha256;
use lienthong::pades::{self, ByteSource, Policy};

use super::super::attack::cms::{Cms, TST_INFO};
use super::super::attack::der::{content, extension, int, oid, seq, time};
use super::super::attack::identity::{Draft, world};
use super::super::attack::judge::{evidence, judged, now, passes};
use super::super::attack::pdf::{Update, find, replaced, stream};
use super::super::attack::signed::{Doc, seal, second};
use super::super::services::http::{Asked, Reply, Server};
use super::super::services::text;
use super::super::sessions::prepared_and_signed;
use super::super::support::path;
use super::trust::leaf;

/// A file whose bytes are those of another after some reads, as when somebody writes into it.
struct Swapped<'f> {
    files: [&'f [u8]; 2],
    after: usize,
    reads: AtomicUsize,
}

impl ByteSource for Swapped<'_> {
    fn size(&self) -> u64 {
        u64::try_from(self.files[0].len()).unwrap()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<()> {
        let read = self.reads.fetch_add(1, Ordering::SeqCst);
        let file = self.files[usize::from(read >= self.after)];
        file.read_at(offset, into)
    }
}

/// Judges `first`, which becomes `then` after each possible number of reads. Gives how many reads
/// a judgement takes and of which files a passed verdict named the digest.
fn swapped_at_each_read(first: &[u8], then: &[u8]) -> (usize, Vec<Sha256>) {
    assert_eq!(first.len(), then.len());
    let (mut after, mut named) = (0, Vec::new());
    loop {
        let source = Swapped {
            files: [first, then],
            after,
            reads: AtomicUsize::new(0),
        };
        let policy = Policy::standard();
        let report = pades::verify(&source, "file.pdf", evidence(), &policy, None, now());
        if passes(&report) {
            named.push(report.sha256.unwrap());
        }
        let reads = source.reads.into_inner();
        if after > reads {
            return (reads, named);
        }
        after += 1;
    }
}

#[test]
fn sys_01_a_file_replaced_while_it_is_judged_passes_under_its_own_digest_only() {
    let good = Doc::small().sealed();
    let at = find(&good, "So 15", 0);
    let inside = replaced(&good, (at, at + 5), "So 99");
    let signed = seal(&second(&good).table(), &world().rsa);
    let room = signed.len() - good.len() - 200;
    let update = Update::after(&good).raw(format!("%{}\n", "x".repeat(room)));
    let evil = update.object(4, &stream("BT /F1 24 Tf 72 700 Td (So 99) Tj ET"));
    let mut evil = evil.table();
    assert!(evil.len() <= signed.len() + 400);
    let (mut signed, size) = (signed, evil.len());
    // Both as long as each other: white space behind a comment before the last object.
    if size < signed.len() {
        let more = signed.len() - size;
        let update = Update::after(&good).raw(format!("%{}\n", "x".repeat(room + more)));
        let update = update.object(4, &stream("BT /F1 24 Tf 72 700 Td (So 99) Tj ET"));
        evil = update.table();
    } else {
        let more = size - signed.len();
        let update = second(&good).raw(format!("%{}\n", "x".repeat(more - 2)));
        signed = seal(&update.table(), &world().rsa);
    }
    for (good, evil) in [(&good, &inside), (&signed, &evil)] {
        assert!(passes(&judged(good)) && !passes(&judged(evil)));
        for (first, then) in [(good, evil), (evil, good)] {
            let (reads, named) = swapped_at_each_read(first, then);
            assert!(reads > 20, "{reads} reads");
            let own = Sha256::of(good);
            assert!(!named.is_empty() && named.iter().all(|one| *one == own));
        }
    }
}

fn lienthong(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command.args(["--lang", "en"]).args(arguments);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn sys_03_of_two_answers_to_one_session_at_once_one_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (session, value) = prepared_and_signed(folder.path());
    let outputs: Vec<_> = (0..4)
        .map(|number| folder.path().join(format!("{number}.pdf")))
        .collect();
    let running: Vec<_> = outputs
        .iter()
        .map(|output| {
            let arguments = ["complete", &session, "--signature", &value, "-o"];
            let mut command = lienthong(&arguments);
            command.arg(output).spawn().unwrap()
        })
        .collect();
    let ended: Vec<_> = running
        .into_iter()
        .map(|child| child.wait_with_output().unwrap().status.code())
        .collect();
    let taken = ended.iter().filter(|code| **code == Some(0)).count();
    assert_eq!(taken, 1, "{ended:?}");
    let refused = ended.iter().filter(|code| **code == Some(6)).count();
    assert_eq!(refused, 3, "{ended:?}");
    assert_eq!(outputs.iter().filter(|output| output.exists()).count(), 1);
}

#[test]
fn sys_03_an_answer_after_the_end_of_the_session_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (session, value) = prepared_and_signed(folder.path());
    let place = Path::new(&session).join("session.json");
    let stored = std::fs::read_to_string(&place).unwrap();
    let mut changed: serde_json::Value = serde_json::from_str(&stored).unwrap();
    assert!(changed["expires"].is_string());
    changed["expires"] = "2026-01-01T00:00:00Z".into();
    std::fs::write(&place, changed.to_string()).unwrap();
    let output = folder.path().join("late.pdf");
    let arguments = ["complete", &session, "--signature", &value, "-o"];
    let late = lienthong(&arguments).arg(&output).output().unwrap();
    assert!(
        !late.status.success() && !output.exists(),
        "{}",
        said(&late)
    );
    assert!(said(&late).contains("2026-01-01"), "{}", said(&late));
}

/// An authority whose tokens carry `more` bytes of certificates nobody needs.
fn wordy_authority(more: usize) -> Server {
    let purpose = extension("2.5.29.37", true, &seq(&[&oid("1.3.6.1.5.5.7.3.8")]));
    let tsa = leaf(Draft::signer("TSA").with(&purpose), &world().root);
    Server::start(Arc::new(move |asked: &Asked| {
        // version, imprint, nonce, certReq
        let rest = &content(&asked.body)[3..];
        let length = 2 + usize::from(rest[1]);
        let (imprint, rest) = rest.split_at(length);
        let nonce = &rest[..2 + usize::from(rest[1])];
        let stated = SystemClock::default().now();
        let digits = |c: &char| c.is_ascii_digit();
        let moment: String = stated.to_string().chars().filter(digits).take(14).collect();
        let info = seq(&[
            &int(1),
            &oid("1.3.6.1.4.1.32473.21.4"),
            imprint,
            &int(7),
            &time(&format!("{moment}Z")),
            nonce,
        ]);
        let mut token = Cms::enveloping(&tsa, TST_INFO, &info);
        let own = tsa.certificate.clone();
        let count = more / own.len();
        token.certificates.extend((0..count).map(|_| own.clone()));
        let granted = seq(&[&int(0)]);
        let answer = seq(&[&granted, &token.der()]);
        Reply::ok("application/timestamp-reply", answer)
    }))
}

#[test]
fn sys_04_a_token_larger_than_planned_is_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (p12, password) = (
        path("certs-test/persons/iadom-leader.p12"),
        path("certs-test/password.txt"),
    );
    let input = path("fixtures/pdf/pdf-a.pdf");
    let output = folder.path().join("out.pdf");
    for (more, fits) in [(0, true), (30_000, false), (45_000, false)] {
        let server = wordy_authority(more);
        let url = server.url();
        for act in ["sign", "timestamp"] {
            let mut arguments = vec![act, text(&input), "-o", text(&output)];
            arguments.extend(["--tsa", &url, "--json"]);
            if act == "sign" {
                arguments.extend(["--level", "B-T", "--p12", text(&p12)]);
                arguments.extend(["--password-file", text(&password)]);
            }
            let out = lienthong(&arguments).output().unwrap();
            let said = said(&out);
            let codes = ["TOKEN_TOO_LARGE", "HOLE_TOO_SMALL", "TSA_TOKEN_UNREADABLE"];
            let named = codes.iter().any(|code| said.contains(code));
            assert_eq!(named, !fits, "{act} with {more} bytes more: {said}");
            if !fits {
                assert!(!output.exists(), "{act} left a file");
            }
            let _ = std::fs::remove_file(&output);
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
