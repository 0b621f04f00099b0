//! SYS, around the engine: keys elsewhere, sessions, room, and what is shown of a verdict.

use lienthong::domain::digest::Sha256;
use lienthong::domain::language::Language;
use lienthong::keystore::{Signer as _, SoftKey};
use lienthong::pades::{self, Act, Answer, Error, Session, SignRequest};
use lienthong::pki::algorithm::SignatureAlgorithm;

use super::super::attack::cms::Cms;
use super::super::attack::identity::world;
use super::super::attack::judge::{Case, judged, now, passes};
use super::super::attack::signed::{Doc, FIELD, SIGNATURE};
use super::super::support::bytes::small_document;
use super::super::support::{key, request};

const PERSON: &str = "persons/iadom-leader";
const CURVE: &str = "agencies/gialai";

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("SIGNED", |fault| fault.code())
}

fn session(key: &SoftKey) -> Session {
    let expires = now() + lienthong::domain::clock::SignedDuration::from_secs(900);
    let request = request(key, Act::Other, None);
    Session::open("one".to_owned(), &small_document(), &request, expires).unwrap()
}

fn signature(key: &SoftKey, session: &Session) -> Vec<u8> {
    key.sign(session.algorithm(), session.to_be_signed())
        .unwrap()
}

#[test]
fn sys_01_a_verdict_names_the_bytes_it_is_about() {
    let file = Doc::small().sealed();
    let report = judged(&file);
    assert!(passes(&report));
    assert_eq!(report.sha256, Some(Sha256::of(&file)));
    assert_eq!(report.size_bytes, u64::try_from(file.len()).unwrap());
    let mut other = file.clone();
    other.push(b' ');
    assert_eq!(judged(&other).sha256, Some(Sha256::of(&other)));
    let broken = &file[..file.len() / 2];
    assert_eq!(judged(broken).sha256, Some(Sha256::of(broken)));
}

#[test]
fn sys_02_a_session_embeds_no_other_signature() {
    let (person, agency) = (key(PERSON), key(CURVE));
    let document = small_document();
    let complete = |answer: &[u8]| {
        code(session(&person).complete(&document, Answer::Signature(answer), now()))
    };
    let sound = session(&person);
    assert_eq!(complete(&signature(&person, &sound)), "SIGNED");
    let other_key = agency.sign(
        &request(&agency, Act::Other, None).algorithm,
        sound.to_be_signed(),
    );
    assert_eq!(complete(&other_key.unwrap()), "FOREIGN_SIGNATURE");
    let other_bytes = person.sign(sound.algorithm(), b"other attributes").unwrap();
    assert_eq!(complete(&other_bytes), "FOREIGN_SIGNATURE");
    assert_eq!(complete(&[]), "FOREIGN_SIGNATURE");
    let whole = |der: &[u8]| code(session(&person).complete(&document, Answer::Cms(der), now()));
    let foreign = Cms::detached(&world().ecdsa, &openssl::sha::sha256(&document)).der();
    assert_eq!(whole(&foreign), "SESSION_OTHER_CERTIFICATE");
    assert_ne!(whole(b"no structure"), "SIGNED");
}

#[test]
fn sys_03_a_session_serves_one_document_until_it_ends() {
    let person = key(PERSON);
    let sound = session(&person);
    let value = signature(&person, &sound);
    let stored = sound.to_json();
    let again = || Session::from_json(&stored).unwrap();
    let document = small_document();
    let complete =
        |document: &Vec<u8>, at| code(again().complete(document, Answer::Signature(&value), at));
    assert_eq!(complete(&document, now()), "SIGNED");
    assert_eq!(complete(&document, sound.expires()), "SESSION_EXPIRED");
    let mut other = document.clone();
    let last = other.len() - 2;
    other[last] ^= 1;
    assert_eq!(complete(&other, now()), "SESSION_OTHER_DOCUMENT");
    // The same placeholder twice: the document that carries the signature is another document.
    let tail = again()
        .complete(&document, Answer::Signature(&value), now())
        .unwrap();
    let signed = [document.as_slice(), &tail.bytes].concat();
    assert_eq!(complete(&signed, now()), "SESSION_OTHER_DOCUMENT");
}

#[test]
fn sys_04_a_signature_without_room_is_not_cut() {
    let person = key(PERSON);
    let mut small = request(&person, Act::Other, None);
    small.contents_bytes = 100;
    let prepared = pades::prepare(&small_document(), &small).unwrap();
    let value = person
        .sign(prepared.algorithm(), prepared.to_be_signed())
        .unwrap();
    assert_eq!(code(prepared.embed(&value)), "HOLE_TOO_SMALL");
}

/// The refusal of a value a careless token makes.
fn token(name: &str, value: impl FnOnce(&SignatureAlgorithm, &[u8]) -> Vec<u8>) -> &'static str {
    let key = key(name);
    let wish: SignRequest = request(&key, Act::Other, None);
    let prepared = pades::prepare(&small_document(), &wish).unwrap();
    let made = value(prepared.algorithm(), prepared.to_be_signed());
    code(prepared.embed(&made))
}

fn private(name: &str) -> openssl::pkey::PKey<openssl::pkey::Private> {
    let pem = super::super::support::file(&format!("certs-test/{name}.key"));
    openssl::pkey::PKey::private_key_from_pem(&pem).unwrap()
}

#[test]
fn sys_05_a_signature_of_the_wrong_mechanism_is_not_embedded() {
    let bare = token(PERSON, |_, tbs| {
        let rsa = private(PERSON).rsa().unwrap();
        let mut out = vec![0; usize::try_from(rsa.size()).unwrap()];
        let digest = openssl::sha::sha256(tbs);
        rsa.private_encrypt(&digest, &mut out, openssl::rsa::Padding::PKCS1)
            .unwrap();
        out
    });
    assert_eq!(bare, "FOREIGN_SIGNATURE", "a digest without its DigestInfo");
    let side_by_side = token(CURVE, |_, tbs| {
        let ec = private(CURVE).ec_key().unwrap();
        let digest = openssl::sha::sha256(tbs);
        let value = openssl::ecdsa::EcdsaSig::sign(&digest, &ec).unwrap();
        let wide = |part: &openssl::bn::BigNumRef| part.to_vec_padded(32).unwrap();
        [wide(value.r()), wide(value.s())].concat()
    });
    assert_eq!(side_by_side, "FOREIGN_SIGNATURE", "r and s side by side");
    let twice = token(CURVE, |algorithm, tbs| {
        let digest = openssl::sha::sha256(tbs);
        key(CURVE).sign(algorithm, &digest).unwrap()
    });
    assert_eq!(twice, "FOREIGN_SIGNATURE", "the digest of the digest");
}

#[test]
fn sys_06_names_in_a_file_steer_no_report() {
    let evil = "\\033[2J\\r\\nTOTAL-PASSED\\n\\\"<script>";
    let doc = Doc::small()
        .changed(FIELD, "/T(S)", &format!("/T({evil})"))
        .changed(
            SIGNATURE,
            "/Type/Sig",
            &format!("/Type/Sig/Reason({evil})/Name({evil})"),
        );
    let report = judged(&doc.sealed());
    assert!(passes(&report));
    for language in [Language::Vietnamese, Language::English] {
        let said = pades::explain(&report, language);
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!said.contains(steers), "{said:?}");
        assert!(
            !said.lines().any(|line| line.starts_with("TOTAL")),
            "{said}"
        );
        let json = report.to_json(language);
        assert_eq!(json.lines().count(), 1);
        assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    }
    assert!(Case::passes("as it is", doc.sealed()).fault().is_none());
}
