//! Tokens that are right, and tokens wrong in one place each.

use super::*;
use crate::cms::oids;
use crate::cms::testing::{
    Draft, certificate_id, content_type, draft_by, message_digest, signing_certificate,
};
use crate::pki::algorithm::Catalogue;
use crate::pki::der::{self, encode};
use crate::pki::poe::Proofs;
use crate::pki::testing::{self, Entity, at, extension, list, signer, time};
use crate::pki::testing_world::{World, world};
use crate::pki::verdict::RowOutcome;

const STAMPED: &[u8] = b"signature value";
const NOW: &str = "2026-06-01";

/// The parts of a `TSTInfo`, each replaceable.
struct Info {
    version: u8,
    imprint: Vec<u8>,
    time: String,
    rest: Vec<u8>,
}

fn info() -> Info {
    let digest = DigestAlgorithm::Sha256;
    let imprint = encode(der::OCTET_STRING, &[&digest.of(STAMPED)]);
    Info {
        version: 1,
        imprint: encode(der::SEQUENCE, &[&digest.to_der(), &imprint]),
        time: "20260101120000Z".to_owned(),
        rest: Vec::new(),
    }
}

impl Info {
    fn der(&self) -> Vec<u8> {
        let parts: [&[u8]; 6] = [
            &[der::INTEGER, 1, self.version],
            &[der::OID, 2, 0x2a, 3],
            &self.imprint,
            &[der::INTEGER, 1, 7],
            &time(&self.time),
            &self.rest,
        ];
        encode(der::SEQUENCE, &parts)
    }

    fn by(&self, authority: &Entity) -> Draft {
        let info = self.der();
        let id = certificate_id(&authority.certificate, &[]);
        let mut draft = draft_by(authority.clone()).with(vec![
            content_type(oids::TST_INFO),
            message_digest(&DigestAlgorithm::Sha256.of(&info)),
            signing_certificate(&[id]),
        ]);
        draft.content_type = oids::TST_INFO.to_vec();
        draft.content = encode(der::context(0), &[&encode(der::OCTET_STRING, &[&info])]);
        draft
    }
}

fn authority_of(world: &World) -> testing::Draft<'_> {
    let usage = "critical,timeStamping";
    signer("TSA")
        .with("extendedKeyUsage", usage)
        .under(&world.ca)
}

fn judged(world: &World, token: &Draft, proofs: &Proofs) -> TokenReport {
    judged_der(world, &token.der(), proofs)
}

/// Each making of a token gives another signature; this judges the very one.
fn judged_der(world: &World, der: &[u8], proofs: &Proofs) -> TokenReport {
    let judging = Judging {
        evidence: &world.evidence,
        catalogue: Catalogue::built_in(),
        at: at(NOW),
        proofs,
    };
    match Token::read(der) {
        Ok(token) => judge(&token, &DigestAlgorithm::Sha256.of(STAMPED), &judging),
        Err(fault) => TokenReport::unreadable(&fault),
    }
}

fn verdict(report: &TokenReport) -> (String, &'static str) {
    let RowOutcome { reason, .. } = report.decided();
    match report.sub_indication {
        Some(sub) => (format!("{}/{sub}", report.indication), reason),
        None => (report.indication.to_string(), reason),
    }
}

fn assert_info(info: &Info, expected: &str, reason: &str) {
    let world = world();
    let token = info.by(&authority_of(&world).make());
    let report = judged(&world, &token, &Proofs::default());
    assert_eq!(verdict(&report), (expected.to_owned(), reason));
}

fn assert_authority(
    change: impl FnOnce(testing::Draft<'_>) -> testing::Draft<'_>,
    expected: &str,
    reason: &str,
) {
    let world = world();
    let token = info().by(&change(authority_of(&world)).make());
    let report = judged(&world, &token, &Proofs::default());
    assert_eq!(verdict(&report), (expected.to_owned(), reason));
}

const FORMAT: &str = "TOTAL-FAILED/FORMAT_FAILURE";

#[test]
fn a_right_token_proves_its_instant() {
    let world = world();
    let token = info().by(&authority_of(&world).make());
    let report = judged(&world, &token, &Proofs::default());
    assert_eq!(verdict(&report), ("TOTAL-PASSED".to_owned(), "VALID"));
    assert_eq!(report.time, Some("2026-01-01T12:00:00Z".parse().unwrap()));
    assert!(report.is_proof());
}

#[test]
fn a_token_copied_from_elsewhere_proves_nothing() {
    let mut other = info();
    let imprint = encode(der::OCTET_STRING, &[&DigestAlgorithm::Sha256.of(b"other")]);
    other.imprint = encode(
        der::SEQUENCE,
        &[&DigestAlgorithm::Sha256.to_der(), &imprint],
    );
    assert_info(
        &other,
        "TOTAL-FAILED/HASH_FAILURE",
        "TIMESTAMP_OF_OTHER_DATA",
    );
}

#[test]
fn a_changed_token_fails() {
    let world = world();
    let mut token = info().by(&authority_of(&world).make());
    let mut other = info();
    other.time = "20200101120000Z".to_owned();
    let content = encode(der::OCTET_STRING, &[&other.der()]);
    token.content = encode(der::context(0), &[&content]);
    let report = judged(&world, &token, &Proofs::default());
    let expected = ("TOTAL-FAILED/HASH_FAILURE".to_owned(), "HASH_MISMATCH");
    assert_eq!(verdict(&report), expected);
}

#[test]
fn an_imprint_of_a_broken_digest_is_refused() {
    let mut weak = info();
    let sha1 = encode(der::SEQUENCE, &[&[6, 5, 0x2b, 0x0e, 3, 2, 0x1a]]);
    let imprint = encode(der::OCTET_STRING, &[&[7; 20]]);
    weak.imprint = encode(der::SEQUENCE, &[&sha1, &imprint]);
    let expected = "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE";
    assert_info(&weak, expected, "WEAK_ALGORITHM");
}

#[test]
fn the_imprint_is_as_long_as_its_digest() {
    let mut short = info();
    let imprint = encode(der::OCTET_STRING, &[b"short"]);
    short.imprint = encode(
        der::SEQUENCE,
        &[&DigestAlgorithm::Sha256.to_der(), &imprint],
    );
    assert_info(&short, FORMAT, "TIMESTAMP_MALFORMED");
}

#[test]
fn another_version_is_refused() {
    let mut other = info();
    other.version = 2;
    assert_info(&other, FORMAT, "CMS_VERSION");
}

#[test]
fn a_critical_extension_is_refused() {
    let mut with = info();
    let plain = extension("1.2.3", false, &[5, 0]);
    with.rest = encode(der::context(1), &[&plain]);
    assert_info(&with, "TOTAL-PASSED", "VALID");
    let critical = extension("1.2.3", true, &[5, 0]);
    with.rest = encode(der::context(1), &[&critical]);
    assert_info(&with, FORMAT, "TIMESTAMP_MALFORMED");
}

#[test]
fn two_signers_are_refused() {
    let world = world();
    let mut token = info().by(&authority_of(&world).make());
    token.signers = 2;
    let report = judged(&world, &token, &Proofs::default());
    assert_eq!(verdict(&report), (FORMAT.to_owned(), "CMS_SIGNER_COUNT"));
}

#[test]
fn the_certificate_of_the_authority_must_be_named() {
    let world = world();
    let token = info().by(&authority_of(&world).make()).instead(2, &[]);
    let report = judged(&world, &token, &Proofs::default());
    let expected = "INDETERMINATE/SIG_CONSTRAINTS_FAILURE".to_owned();
    assert_eq!(
        verdict(&report),
        (expected, "NO_SIGNING_CERTIFICATE_ATTRIBUTE")
    );
}

#[test]
fn the_name_of_the_authority_must_be_that_of_its_certificate() {
    let world = world();
    let authority = authority_of(&world).make();
    let mut named = info();
    let name = |subject: &[u8]| encode(der::context(0), &[&encode(der::context(4), &[subject])]);
    named.rest = name(authority.certificate.subject_der());
    let report = judged(&world, &named.by(&authority), &Proofs::default());
    assert_eq!(verdict(&report).1, "VALID");
    named.rest = name(world.ca.certificate.subject_der());
    let report = judged(&world, &named.by(&authority), &Proofs::default());
    let expected = "INDETERMINATE/SIG_CONSTRAINTS_FAILURE".to_owned();
    assert_eq!(verdict(&report), (expected, "TIMESTAMP_AUTHORITY_NAME"));
}

#[test]
fn only_a_certificate_for_time_stamps_alone_will_do() {
    let usage = "INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE";
    for other in [
        "timeStamping",
        "critical,timeStamping,emailProtection",
        "critical,codeSigning",
    ] {
        let world = world();
        let token = info().by(&authority_of(&world).with("extendedKeyUsage", other).make());
        let report = judged(&world, &token, &Proofs::default());
        assert_eq!(
            verdict(&report),
            (usage.to_owned(), "EXTENDED_KEY_USAGE"),
            "{other}"
        );
    }
    assert_authority(
        |draft| draft.without("extendedKeyUsage"),
        usage,
        "EXTENDED_KEY_USAGE",
    );
}

#[test]
fn an_instant_before_the_certificate_fails() {
    let mut early = info();
    early.time = "20190101000000Z".to_owned();
    let expected = "TOTAL-FAILED/NOT_YET_VALID";
    assert_info(&early, expected, "TIMESTAMP_BEFORE_CERTIFICATE");
}

#[test]
fn an_instant_after_the_certificate_fails() {
    let mut late = info();
    late.time = "20410101000000Z".to_owned();
    assert_info(&late, "TOTAL-FAILED/EXPIRED", "TIMESTAMP_AFTER_CERTIFICATE");
}

#[test]
fn an_instant_after_the_judgement_proves_nothing() {
    let mut late = info();
    late.time = "20260701000000Z".to_owned();
    assert_info(&late, "INDETERMINATE/NO_POE", "TIMESTAMP_FROM_LATER");
}

#[test]
fn a_revoked_authority_proves_nothing() {
    let mut world = world();
    let authority = authority_of(&world).make();
    world.evidence.crls[1] = list(&world.ca).revoking(&authority, 1).make();
    let report = judged(&world, &info().by(&authority), &Proofs::default());
    let expected = "INDETERMINATE/REVOKED_NO_POE".to_owned();
    assert_eq!(verdict(&report), (expected, "REVOKED"));
}

#[test]
fn an_authority_revoked_after_a_proof_of_the_token_is_still_believed() {
    let mut world = world();
    let authority = authority_of(&world).make();
    world.evidence.crls[1] = list(&world.ca).revoking(&authority, 1).make();
    let mut early = info();
    early.time = "20230101000000Z".to_owned();
    let token = early.by(&authority).der();
    let mut proofs = Proofs::default();
    for object in [&authority, &world.ca].map(|entity| entity.certificate.sha256()) {
        proofs.add(object, at("2023-02-01"));
    }
    proofs.add(Token::read(&token).unwrap().sha256(), at("2023-02-01"));
    let report = judged_der(&world, &token, &proofs);
    assert_eq!(verdict(&report), ("TOTAL-PASSED".to_owned(), "VALID"));
    let late = info().by(&authority).der();
    proofs.add(Token::read(&late).unwrap().sha256(), at("2026-02-01"));
    let report = judged_der(&world, &late, &proofs);
    assert_eq!(verdict(&report).1, "REVOKED");
}

#[test]
fn the_padding_of_a_hole_is_no_part_of_the_token() {
    let world = world();
    let der = info().by(&authority_of(&world).make()).der();
    let padded = [&der[..], &[0; 100]].concat();
    let digest = |der: &[u8]| Token::read(der).unwrap().sha256();
    assert_eq!(digest(&padded), Sha256::of(&der));
}

fn token_at(time: &str, rest: &[u8]) -> Token {
    let world = world();
    let mut info = info();
    info.time = time.to_owned();
    info.rest = rest.to_vec();
    Token::read(&info.by(&authority_of(&world).make()).der()).unwrap()
}

#[test]
fn fractions_of_a_second_are_read() {
    let exact: Timestamp = "2026-01-01T12:00:00.25Z".parse().unwrap();
    assert_eq!(token_at("20260101120000.25Z", &[]).time(), exact);
    for wrong in [
        "20260101120000.Z",
        "20260101120000.2",
        "20260101120000.1234567890Z",
    ] {
        let mut info = info();
        info.time = wrong.to_owned();
        assert_info(&info, FORMAT, "TIMESTAMP_MALFORMED");
    }
}

#[test]
fn accuracy_blurs_the_order_of_tokens() {
    let second = encode(der::SEQUENCE, &[&[der::INTEGER, 1, 1]]);
    let mut parts = info();
    parts.rest = encode(
        der::SEQUENCE,
        &[&[der::INTEGER, 1, 1, 0x80, 1, 2, 0x81, 1, 3]],
    );
    let token = token_at("20260101120000Z", &parts.rest);
    assert_eq!(token.accuracy(), SignedDuration::from_micros(1_002_003));
    let early = token_at("20260101120000Z", &second);
    assert!(!early.is_before(&token_at("20260101120002Z", &second)));
    assert!(early.is_before(&token_at("20260101120003Z", &second)));
    let ordered = [&second[..], &[der::BOOLEAN, 1, 0xff]].concat();
    let early = token_at("20260101120000Z", &ordered);
    assert!(early.is_before(&token_at("20260101120001Z", &ordered)));
}

#[test]
fn any_change_of_a_token_is_judged_without_panic() {
    let world = world();
    let der = info().by(&authority_of(&world).make()).der();
    let proofs = Proofs::default();
    let judging = Judging {
        evidence: &world.evidence,
        catalogue: Catalogue::built_in(),
        at: at(NOW),
        proofs: &proofs,
    };
    let digest = DigestAlgorithm::Sha256.of(STAMPED);
    let original = Token::read(&der).unwrap();
    assert!(judge(&original, &digest, &judging).is_proof());
    for place in 0..der.len() {
        let mut changed = der.clone();
        changed[place] ^= 0x41;
        if let Ok(token) = Token::read(&changed)
            && judge(&token, &digest, &judging).is_proof()
        {
            assert_eq!(token.time(), original.time(), "byte {place}");
        }
    }
}
