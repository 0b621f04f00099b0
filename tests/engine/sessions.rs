//! Signing with a key the program never sees: what a session refuses, and that it is used once
//! (rows SYS-02, SYS-03 and SYS-04 of the attack list).

use std::path::Path;
use std::process::{Command, Output};

use lienthong::domain::clock::Timestamp;
use lienthong::keystore::{Signer as _, SoftKey};
use lienthong::pades::{self, Act, Answer, Error, Session};

use super::support::{file, judged, key, now, path, request, verdict};

const PERSON: &str = "persons/iadom-leader";
const OTHER: &str = "persons/sokhcn-leader";

fn letter() -> Vec<u8> {
    file("fixtures/pdf/quyet-dinh-libreoffice.pdf")
}

fn later(minutes: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + minutes * 60).unwrap()
}

/// A session that went through storage.
fn session(key: &SoftKey) -> Session {
    let wish = request(key, Act::Other, None);
    let opened = Session::open("one".to_owned(), &letter(), &wish, later(15)).unwrap();
    Session::from_json(&opened.to_json()).unwrap()
}

fn signature(key: &SoftKey, session: &Session) -> Vec<u8> {
    key.sign(session.algorithm(), session.to_be_signed())
        .unwrap()
}

fn code(result: Result<pades::Tail, Error>) -> &'static str {
    result
        .map(|_| "COMPLETED")
        .unwrap_or_else(|fault| fault.code())
}

#[test]
fn a_stored_session_completes_to_a_file_that_passes() {
    let key = key(PERSON);
    let session = session(&key);
    let value = signature(&key, &session);
    let tail = session.complete(&letter(), Answer::Signature(&value), now());
    let mut whole = letter();
    whole.extend(tail.unwrap().bytes);
    assert_eq!(verdict(&judged(&whole)), "TOTAL-PASSED");
}

#[test]
fn a_signature_by_another_key_is_refused_before_embedding() {
    let (own, other) = (key(PERSON), key(OTHER));
    let session = session(&own);
    let value = other
        .algorithm(session.algorithm().digest(), false)
        .unwrap();
    let value = other.sign(&value, session.to_be_signed()).unwrap();
    let result = session.complete(&letter(), Answer::Signature(&value), now());
    assert_eq!(code(result), "FOREIGN_SIGNATURE");
}

#[test]
fn a_signature_over_other_bytes_is_refused_before_embedding() {
    let key = key(PERSON);
    let session = session(&key);
    let mut other = session.to_be_signed().to_vec();
    *other.last_mut().unwrap() ^= 1;
    let value = key.sign(session.algorithm(), &other).unwrap();
    let result = session.complete(&letter(), Answer::Signature(&value), now());
    assert_eq!(code(result), "FOREIGN_SIGNATURE");
}

/// The CMS structure of a finished file, its padding left out.
fn structure(tail: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(tail);
    let digits = text.split("/Contents<").nth(1).unwrap();
    let der = hex::decode(digits.split('>').next().unwrap()).unwrap();
    let length = usize::from(der[2]) << 8 | usize::from(der[3]);
    der[..length + 4].to_vec()
}

#[test]
fn a_whole_structure_over_the_prepared_attributes_is_accepted() {
    let key = key(PERSON);
    let session = session(&key);
    let value = signature(&key, &session);
    let made = session
        .clone()
        .complete(&letter(), Answer::Signature(&value), now());
    let cms = structure(&made.unwrap().bytes);
    let tail = session.complete(&letter(), Answer::Cms(&cms), now());
    let mut whole = letter();
    whole.extend(tail.unwrap().bytes);
    assert_eq!(verdict(&judged(&whole)), "TOTAL-PASSED");
}

#[test]
fn a_structure_over_other_attributes_is_refused_before_embedding() {
    let key = key(PERSON);
    let other = request(&key, Act::Other, None);
    let document = file("fixtures/pdf/pdf-a.pdf");
    let made = Session::open("two".to_owned(), &document, &other, later(15)).unwrap();
    let value = signature(&key, &made);
    let made = made.complete(&document, Answer::Signature(&value), now());
    let cms = structure(&made.unwrap().bytes);
    let result = session(&key).complete(&letter(), Answer::Cms(&cms), now());
    assert_eq!(code(result), "SESSION_OTHER_ATTRIBUTES");
}

#[test]
fn a_structure_with_another_certificate_is_refused_before_embedding() {
    let (own, other) = (key(PERSON), key(OTHER));
    let theirs = session(&other);
    let value = signature(&other, &theirs);
    let made = theirs.complete(&letter(), Answer::Signature(&value), now());
    let cms = structure(&made.unwrap().bytes);
    let result = session(&own).complete(&letter(), Answer::Cms(&cms), now());
    assert_eq!(code(result), "SESSION_OTHER_CERTIFICATE");
}

#[test]
fn another_document_is_refused() {
    let key = key(PERSON);
    let session = session(&key);
    let value = signature(&key, &session);
    let mut changed = letter();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    let result = session.complete(&changed, Answer::Signature(&value), now());
    assert_eq!(code(result), "SESSION_OTHER_DOCUMENT");
}

#[test]
fn a_session_ends_at_its_instant() {
    let key = key(PERSON);
    let session = session(&key);
    let value = signature(&key, &session);
    let answer = Answer::Signature(&value);
    let early = session.clone().complete(&letter(), answer, later(14));
    assert_eq!(code(early), "COMPLETED");
    let late = session.complete(&letter(), answer, later(15));
    assert_eq!(code(late), "SESSION_EXPIRED");
}

#[test]
fn a_session_of_another_shape_is_not_read() {
    let key = key(PERSON);
    let stored = session(&key).to_json();
    for broken in [
        stored.replace("lienthong.session/1", "lienthong.session/9"),
        stored.replacen("\"tail\":\"", "\"tail\":\"%", 1),
        stored.replacen('{', "{\"more\":1,", 1),
        String::new(),
    ] {
        let refused = Session::from_json(&broken).unwrap_err();
        assert_eq!(refused.code(), "SESSION_UNREADABLE", "{broken:.60}");
    }
}

#[test]
fn a_tail_changed_in_storage_is_refused() {
    use base64::Engine as _;
    let key = key(PERSON);
    let session = session(&key);
    let value = signature(&key, &session);
    let mut stored: serde_json::Value = serde_json::from_str(&session.to_json()).unwrap();
    let engine = base64::engine::general_purpose::STANDARD;
    let mut tail = engine.decode(stored["tail"].as_str().unwrap()).unwrap();
    let at = tail.windows(3).position(|three| three == b"132").unwrap();
    tail[at] = b'0';
    stored["tail"] = engine.encode(tail).into();
    let changed = Session::from_json(&stored.to_string()).unwrap();
    let result = changed.complete(&letter(), Answer::Signature(&value), now());
    assert_eq!(code(result), "SESSION_OTHER_DOCUMENT");
}

#[test]
fn a_hole_too_small_is_named_and_more_room_helps() {
    let key = key(PERSON);
    let mut wish = request(&key, Act::Other, None);
    wish.contents_bytes = 512;
    let prepared = pades::prepare(&letter(), &wish).unwrap();
    assert_eq!(prepared.reserved_bytes(), 512);
    let value = key
        .sign(prepared.algorithm(), prepared.to_be_signed())
        .unwrap();
    let Err(Error::HoleTooSmall { needed, reserved }) = prepared.embed(&value) else {
        panic!("512 bytes hold no certificate");
    };
    assert_eq!(reserved, 512);
    wish.contents_bytes = needed;
    let prepared = pades::prepare(&letter(), &wish).unwrap();
    let value = key
        .sign(prepared.algorithm(), prepared.to_be_signed())
        .unwrap();
    assert!(prepared.embed(&value).is_ok());
}

#[test]
fn room_for_a_token_is_kept_beside_the_estimate() {
    let key = key(PERSON);
    let mut wish = request(&key, Act::Other, None);
    let plain = pades::prepare(&letter(), &wish).unwrap().reserved_bytes();
    wish.token_bytes = 20_000;
    let roomy = pades::prepare(&letter(), &wish).unwrap().reserved_bytes();
    assert!(roomy >= plain + 20_000 - 512, "{plain} and {roomy}");
}

fn lienthong(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command
        .args(["--lang", "en"])
        .args(arguments)
        .output()
        .unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A session in `folder` and the signature openssl makes for it.
pub(super) fn prepared_and_signed(folder: &Path) -> (String, String) {
    use base64::Engine as _;
    let session = folder.join("session");
    let bundle = folder.join("bundle.pem");
    let mut pem = file("certs-test/persons/iadom-leader.crt");
    pem.extend(file("certs-test/ca/persons.crt"));
    std::fs::write(&bundle, pem).unwrap();
    let input = path("fixtures/pdf/quyet-dinh-libreoffice.pdf");
    let output = lienthong(&[
        "prepare",
        text(&input),
        "-o",
        text(&session),
        "--certificate",
        text(&bundle),
    ]);
    assert!(output.status.success(), "{}", said(&output));
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(line["schema"], "lienthong.prepared/1");
    let tbs = base64::engine::general_purpose::STANDARD
        .decode(line["to_be_signed"].as_str().unwrap())
        .unwrap();
    let (data, value) = (folder.join("tbs"), folder.join("value"));
    std::fs::write(&data, tbs).unwrap();
    let key = path("certs-test/persons/iadom-leader.key");
    let arguments = ["dgst", "-sha256", "-sign", text(&key), "-out", text(&value)];
    let mut openssl = Command::new("openssl");
    let made = openssl.args(arguments).arg(&data).output().unwrap();
    assert!(made.status.success(), "{}", said(&made));
    (text(&session).to_owned(), text(&value).to_owned())
}

#[test]
fn a_key_in_openssl_signs_through_a_folder_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let (session, value) = prepared_and_signed(folder.path());
    let (first, second) = (folder.path().join("1.pdf"), folder.path().join("2.pdf"));
    let complete = |output: &Path| {
        let arguments = [
            "complete",
            &session,
            "--signature",
            &value,
            "-o",
            text(output),
        ];
        lienthong(&arguments)
    };
    let done = complete(&first);
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(
        verdict(&judged(&std::fs::read(&first).unwrap())),
        "TOTAL-PASSED"
    );
    let again = complete(&second);
    assert_eq!(again.status.code(), Some(6), "{}", said(&again));
    assert!(!second.exists());
}

#[test]
fn a_wrong_answer_writes_nothing_and_leaves_the_session_usable() {
    let folder = tempfile::tempdir().unwrap();
    let (session, value) = prepared_and_signed(folder.path());
    let (wrong, output) = (folder.path().join("wrong"), folder.path().join("1.pdf"));
    let mut bytes = std::fs::read(&value).unwrap();
    bytes[7] ^= 1;
    std::fs::write(&wrong, bytes).unwrap();
    let complete = |value: &str| {
        lienthong(&[
            "complete",
            &session,
            "--signature",
            value,
            "-o",
            text(&output),
        ])
    };
    let refused = complete(text(&wrong));
    assert_eq!(refused.status.code(), Some(5), "{}", said(&refused));
    assert!(!output.exists());
    assert!(complete(&value).status.success());
}

#[test]
fn an_existing_folder_is_no_new_session() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = path("certs-test/persons/iadom-leader.crt");
    let input = path("fixtures/pdf/pdf-a.pdf");
    let output = lienthong(&[
        "prepare",
        text(&input),
        "-o",
        text(folder.path()),
        "--certificate",
        text(&certificate),
    ]);
    assert_eq!(output.status.code(), Some(6), "{}", said(&output));
}
