//! Who is taken for the signer, and when a signature holds.

use super::*;
use crate::cms::testing::{
    CONTENT, attribute, certificate_id, draft, draft_by, signing_certificate,
};
use crate::cms::{assemble, attributes, oids, parse};
use crate::pki::algorithm::{DigestAlgorithm, SignatureScheme};
use crate::pki::der::{self, encode};
use crate::pki::testing::{authority, p256, rsa, sign_with, signer};

#[test]
fn a_sound_signature_holds() {
    assert_eq!(draft().code(), "VALID");
}

#[test]
fn what_is_built_is_read_and_holds_for_every_scheme() {
    use {DigestAlgorithm as D, SignatureScheme as S};
    let rsa = signer("RSA").key(rsa(2048)).make();
    let ec = signer("EC").make();
    let ed = openssl::pkey::PKey::generate_ed25519().unwrap();
    let ed = signer("Ed").key(ed).make();
    let schemes = [
        (&rsa, S::RsaPkcs1),
        (&rsa, S::RsaPss),
        (&ec, S::Ecdsa),
        (&ed, S::Ed25519),
    ];
    for (entity, scheme) in schemes {
        for digest in [D::Sha256, D::Sha384, D::Sha512] {
            let algorithm = SignatureAlgorithm::new(scheme, digest);
            let digest = algorithm.digest();
            let certificate = &entity.certificate;
            let made = attributes(&digest.of(CONTENT), digest, certificate);
            let value = sign_with(entity, &algorithm, made.der());
            let der = assemble(&made, &algorithm, &value, certificate, &[]).unwrap();
            let data = parse(&der).unwrap();
            let found = data.signer(AttributeProfile::Cades).unwrap();
            let check = data.verify(&found, &digest.of(CONTENT)).unwrap();
            assert_eq!(check.failure(), None, "{algorithm}");
            assert_eq!(check.algorithm, algorithm);
            assert!(data.findings(AttributeProfile::Cades).is_empty());
        }
    }
}

#[test]
fn attributes_and_signature_must_use_one_digest() {
    let entity = signer("Signer").make();
    let digest = DigestAlgorithm::Sha256;
    let made = attributes(&digest.of(CONTENT), digest, &entity.certificate);
    let other = SignatureAlgorithm::new(SignatureScheme::Ecdsa, DigestAlgorithm::Sha384);
    let fault = assemble(&made, &other, &[], &entity.certificate, &[]).unwrap_err();
    assert_eq!(fault.code(), "ALGORITHM_MISMATCH");
}

#[test]
fn changed_content_is_a_hash_failure() {
    let der = draft().der();
    let data = parse(&der).unwrap();
    let signer = data.signer(AttributeProfile::Cades).unwrap();
    let check = data
        .verify(&signer, &DigestAlgorithm::Sha256.of(b"changed"))
        .unwrap();
    let failure = (
        Indication::TotalFailed,
        SubIndication::HashFailure,
        "HASH_MISMATCH",
    );
    assert_eq!(check.failure(), Some(failure));
}

#[test]
fn a_signature_by_another_key_is_a_crypto_failure() {
    let mut draft = draft();
    draft.signer.key = p256();
    let failure = draft.check().unwrap().failure();
    let expected = (
        Indication::TotalFailed,
        SubIndication::SigCryptoFailure,
        "SIGNATURE_INVALID",
    );
    assert_eq!(failure, Some(expected));
}

#[test]
fn a_changed_attribute_breaks_the_signature() {
    let mut der = draft().plus(attribute(&[42], &[&[2, 1, 5]])).der();
    let place = der
        .windows(5)
        .position(|part| part == [0x31, 3, 2, 1, 5])
        .unwrap();
    der[place + 4] = 6;
    let data = parse(&der).unwrap();
    let signer = data.signer(AttributeProfile::Cades).unwrap();
    let check = data
        .verify(&signer, &DigestAlgorithm::Sha256.of(CONTENT))
        .unwrap();
    assert_eq!(
        check.failure().map(|(.., reason)| reason),
        Some("SIGNATURE_INVALID")
    );
}

#[test]
fn attributes_out_of_order_are_verified_as_received_and_noticed() {
    let mut draft = draft();
    draft.attributes.as_mut().unwrap().reverse();
    assert_eq!(draft.code(), "VALID");
    let findings = parse(&draft.der())
        .unwrap()
        .findings(AttributeProfile::Cades);
    assert_eq!(findings[0].check, "SIGNED_ATTRIBUTES_NOT_SORTED");
}

#[test]
fn only_the_older_profile_may_leave_the_signing_certificate_out() {
    let draft = draft().instead(2, &[]);
    assert_eq!(draft.code(), "NO_SIGNING_CERTIFICATE_ATTRIBUTE");
    let expected = (
        Indication::Indeterminate,
        SubIndication::SigConstraintsFailure,
    );
    assert_eq!(draft.check().unwrap_err().verdict(), expected);
    let data = parse(&draft.der()).unwrap();
    let signer = data.signer(AttributeProfile::Pkcs7).unwrap();
    assert_eq!(signer, draft.signer.certificate);
    let findings = data.findings(AttributeProfile::Pkcs7);
    assert_eq!(findings[0].check, "SIGNING_CERTIFICATE_ABSENT");
}

#[test]
fn the_older_signing_certificate_is_accepted_and_noticed() {
    let draft = draft();
    let hash = openssl::sha::sha1(draft.signer.certificate.der());
    let id = encode(der::SEQUENCE, &[&encode(der::OCTET_STRING, &[&hash])]);
    let list = encode(der::SEQUENCE, &[&encode(der::SEQUENCE, &[&id])]);
    let draft = draft.instead(2, &[attribute(oids::SIGNING_CERTIFICATE, &[&list])]);
    assert_eq!(draft.code(), "VALID");
    let findings = parse(&draft.der())
        .unwrap()
        .findings(AttributeProfile::Cades);
    assert!(
        findings
            .iter()
            .any(|finding| finding.check == "SIGNING_CERTIFICATE_SHA1")
    );
}

#[test]
fn another_certificate_for_the_same_key_is_not_the_signer() {
    let mut draft = draft();
    let twin = signer("Signer").key(draft.signer.key.clone());
    let mut twin = twin;
    twin.until = "20390101000000Z".to_owned();
    draft.certificates = vec![twin.make().certificate.der().to_vec()];
    assert_eq!(draft.code(), "SIGNING_CERTIFICATE_MISMATCH");
}

#[test]
fn a_second_entry_of_the_signing_certificate_names_nobody() {
    let draft = draft();
    let other = signer("Other").make().certificate;
    let ids = [
        certificate_id(&other, &[]),
        certificate_id(&draft.signer.certificate, &[]),
    ];
    assert_eq!(
        draft.instead(2, &[signing_certificate(&ids)]).code(),
        "SIGNING_CERTIFICATE_MISMATCH"
    );
}

#[test]
fn issuer_and_serial_of_the_signing_certificate_are_compared() {
    let issuer_serial = |issuer: &Certificate, serial: u8| {
        let name = encode(der::context(4), &[issuer.subject_der()]);
        let names = encode(der::SEQUENCE, &[&name]);
        encode(der::SEQUENCE, &[&names, &[der::INTEGER, 1, serial]])
    };
    let draft = draft();
    let own = draft.signer.certificate.clone();
    let wrong = signing_certificate(&[certificate_id(&own, &issuer_serial(&own, 5))]);
    assert_eq!(
        draft.instead(2, &[wrong]).code(),
        "SIGNING_CERTIFICATE_MISMATCH"
    );
}

#[test]
fn a_signer_whose_certificate_is_missing_is_not_found() {
    let mut draft = draft();
    draft.certificates = vec![signer("Other").make().certificate.der().to_vec()];
    assert_eq!(draft.code(), "SIGNER_NOT_FOUND");
}

#[test]
fn without_a_signed_name_two_certificates_leave_the_signer_open() {
    let mut draft = draft().instead(2, &[]);
    let mut twin = signer("Signer").key(draft.signer.key.clone());
    twin.until = "20390101000000Z".to_owned();
    draft
        .certificates
        .push(twin.make().certificate.der().to_vec());
    let fault = parse(&draft.der())
        .unwrap()
        .signer(AttributeProfile::Pkcs7)
        .unwrap_err();
    assert_eq!(fault.code(), "AMBIGUOUS_SIGNER");
    draft.certificates.remove(1);
    draft.certificates.push(draft.certificates[0].clone());
    assert!(
        parse(&draft.der())
            .unwrap()
            .signer(AttributeProfile::Pkcs7)
            .is_ok()
    );
}

#[test]
fn a_signer_may_be_named_by_key_identifier() {
    let entity = authority("Signer").make();
    let mut draft = draft_by(entity);
    let id = draft.signer.certificate.subject_key_id().unwrap().to_vec();
    draft.version = vec![3];
    draft.sid = encode(0x80, &[&id]);
    assert_eq!(draft.code(), "VALID");
    draft.sid = encode(0x80, &[&[1, 2, 3]]);
    assert_eq!(draft.code(), "SIGNER_NOT_FOUND");
}

#[test]
fn a_signing_time_is_read_and_in_cades_noticed() {
    let time = encode(der::UTC_TIME, &[b"260105034107Z"]);
    let draft = draft().plus(attribute(oids::SIGNING_TIME, &[&time]));
    assert_eq!(draft.code(), "VALID");
    let data = parse(&draft.der()).unwrap();
    assert_eq!(
        data.signing_time().unwrap().to_string(),
        "2026-01-05T03:41:07Z"
    );
    let noticed = |profile| {
        let findings = data.findings(profile);
        findings
            .iter()
            .any(|finding| finding.check == "SIGNING_TIME_IN_CADES")
    };
    assert!(noticed(AttributeProfile::Cades) && !noticed(AttributeProfile::Pkcs7));
}

#[test]
fn no_single_changed_byte_is_overlooked() {
    let draft = draft();
    let der = draft.der();
    let digest = DigestAlgorithm::Sha256.of(CONTENT);
    let holds = |bytes: &[u8]| {
        let Ok(data) = parse(bytes) else { return false };
        let Ok(signer) = data.signer(AttributeProfile::Cades) else {
            return false;
        };
        data.verify(&signer, &digest)
            .is_ok_and(|check| check.failure().is_none())
    };
    assert!(holds(&der));
    for place in 0..der.len() {
        for flip in [1, 2, 4, 8, 16, 32, 64, 128] {
            let mut changed = der.clone();
            changed[place] ^= flip;
            assert!(!holds(&changed), "byte {place} changed by {flip}");
        }
    }
}
