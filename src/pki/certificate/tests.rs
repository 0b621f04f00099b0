//! Certificates are read strictly.

use super::*;
use crate::pki::testing::{Entity, authority, fixture, fixture_certificate, p256, rsa, signer};

#[test]
fn the_facts_of_a_certificate_are_read() {
    let certificate = fixture_certificate("agencies/gialai.crt");
    assert!(
        certificate.subject().ends_with("C=VN"),
        "{}",
        certificate.subject()
    );
    assert!(
        certificate
            .common_name()
            .is_some_and(|name| name.contains("GIA LAI"))
    );
    assert_eq!(certificate.serial_hex().len(), 16);
    assert_eq!(certificate.not_before().to_string(), "2024-01-01T00:00:00Z");
    assert_eq!(certificate.not_after().to_string(), "2099-01-01T00:00:00Z");
    assert!(!certificate.is_ca() && !certificate.is_self_signed());
    let root = fixture_certificate("ca/root.crt");
    assert_eq!(
        root.key(),
        KeyFacts {
            algorithm: KeyAlgorithm::Rsa,
            bits: 3072
        }
    );
    assert!(root.is_ca() && root.is_self_signed());
}

#[test]
fn bytes_before_and_after_are_refused() {
    let certificate = fixture_certificate("ca/root.crt");
    let after = [certificate.der(), &[0]].concat();
    let before = [&[0], certificate.der()].concat();
    assert!(Certificate::from_der(&after).is_err());
    assert!(Certificate::from_der(&before).is_err());
}

#[test]
fn too_large_a_certificate_is_refused_unread() {
    let large = vec![0x30; MAX_CERTIFICATE_BYTES + 1];
    assert!(matches!(
        Certificate::from_der(&large),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn any_change_of_a_certificate_is_read_or_refused_without_panic() {
    let der = fixture_certificate("agencies/gialai.crt").der().to_vec();
    for place in 0..der.len() {
        let mut changed = der.clone();
        changed[place] ^= 0x81;
        if let Ok(certificate) = Certificate::from_der(&changed) {
            let _ = certificate.is_self_signed();
        }
        let _ = Certificate::from_der(&der[..place]);
    }
}

#[test]
fn a_bundle_is_read_in_order_and_text_between_is_passed_over() {
    let text = [
        b"Root:\n".to_vec(),
        fixture("ca/root.crt"),
        fixture("ca/agencies.crt"),
    ]
    .concat();
    let found = read_certificates(&text).unwrap();
    assert_eq!(
        found,
        ["ca/root.crt", "ca/agencies.crt"].map(fixture_certificate)
    );
}

#[test]
fn a_file_without_certificates_is_refused() {
    let none = read_certificates(b"nothing here").unwrap_err();
    assert!(matches!(none, Error::NothingFound { .. }));
    let key_only = read_certificates(&fixture("agencies/gialai.key")).unwrap_err();
    assert!(matches!(key_only, Error::NothingFound { .. }));
    let open = read_certificates(b"-----BEGIN CERTIFICATE-----\nMAA=\n").unwrap_err();
    assert!(matches!(open, Error::Malformed { .. }));
}

fn ecdsa() -> SignatureAlgorithm {
    use crate::pki::algorithm::DigestAlgorithm;
    SignatureAlgorithm::new(SignatureScheme::Ecdsa, DigestAlgorithm::Sha256)
}

fn verifies(entity: &Entity, signature: &[u8]) -> bool {
    entity
        .certificate
        .verify_signature(&ecdsa(), b"text", signature)
        .unwrap()
}

#[test]
fn a_signature_verifies_over_its_own_bytes_only() {
    let entity = signer("Leaf").make();
    assert!(verifies(&entity, &entity.sign(b"text")));
    assert!(!verifies(&entity, &entity.sign(b"other")));
    assert!(!verifies(&signer("Leaf").make(), &entity.sign(b"text")));
}

#[test]
fn degenerate_ecdsa_signatures_do_not_verify() {
    let entity = signer("Leaf").make();
    let pair = |r: &[u8], s: &[u8]| {
        let parts = [
            der::encode(der::INTEGER, &[r]),
            der::encode(der::INTEGER, &[s]),
        ];
        der::encode(der::SEQUENCE, &[&parts.concat()])
    };
    let good = entity.sign(b"text");
    for bad in [
        pair(&[0], &[0]),
        pair(&[1], &[0]),
        pair(&[0xff], &[0xff]),
        Vec::new(),
    ] {
        assert!(!verifies(&entity, &bad), "{bad:?}");
    }
    assert!(!verifies(&entity, &[good, vec![0]].concat()));
}

#[test]
fn a_key_of_another_kind_verifies_nothing() {
    let entity = signer("Leaf").key(rsa(2048)).make();
    assert!(!verifies(&entity, &signer("Leaf").make().sign(b"text")));
}

#[test]
fn a_forged_pkcs1_padding_does_not_verify() {
    use crate::pki::algorithm::DigestAlgorithm;
    let entity = signer("Leaf").key(rsa(2048)).make();
    let algorithm = SignatureAlgorithm::new(SignatureScheme::RsaPkcs1, DigestAlgorithm::Sha256);
    let private = entity.key.rsa().unwrap();
    let info = |null: &[u8]| {
        let oid = der::oid(&DigestAlgorithm::Sha256.oid());
        let digest = der::encode(der::OCTET_STRING, &[&openssl::sha::sha256(b"text")]);
        let algorithm = der::encode(der::SEQUENCE, &[&oid, null]);
        der::encode(der::SEQUENCE, &[&algorithm, &digest])
    };
    let raw = |padded: &[u8]| {
        let mut out = vec![0; 256];
        private
            .private_encrypt(padded, &mut out, Padding::NONE)
            .unwrap();
        entity
            .certificate
            .verify_signature(&algorithm, b"text", &out)
            .unwrap()
    };
    let pad = |info: &[u8], garbage: usize| {
        let filler = vec![0xff; 256 - 3 - info.len() - garbage];
        [&[0, 1][..], &filler, &[0], info, &vec![7; garbage]].concat()
    };
    assert!(raw(&pad(&info(&[5, 0]), 0)));
    assert!(!raw(&pad(&info(&[5, 0]), 100)), "garbage after the digest");
    assert!(!raw(&pad(&info(&[]), 0)), "the NULL is missing");
}

#[test]
fn self_issued_is_not_self_signed() {
    let old = authority("CA").make();
    let new = authority("CA").key(p256()).under(&old).make();
    assert!(old.certificate.is_self_signed());
    assert!(!new.certificate.is_self_signed() && new.certificate.is_self_issued());
}
