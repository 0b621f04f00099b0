//! Certificates are read strictly.

use openssl::bn::BigNum;

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

#[test]
fn an_ed25519_signature_has_one_form_only() {
    // S and S + L give the same equation; only S below L is a signature (RFC 8032, 5.1.7).
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let key = PKey::generate_ed25519().unwrap();
    let entity = signer("Signer").key(key).make();
    let algorithm = SignatureAlgorithm::new(
        SignatureScheme::Ed25519,
        crate::pki::algorithm::DigestAlgorithm::Sha512,
    );
    let signature = crate::pki::testing::sign_with(&entity, &algorithm, b"tbs");
    let mut other = signature.clone();
    let mut carry = 0_u16;
    for (octet, add) in other[32..].iter_mut().zip(L) {
        carry += u16::from(*octet) + u16::from(add);
        *octet = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    let verify = |signature: &[u8]| {
        let certificate = &entity.certificate;
        certificate.verify_signature(&algorithm, b"tbs", signature)
    };
    assert_eq!(verify(&signature), Ok(true));
    assert_eq!(verify(&other), Ok(false));
}

#[test]
fn huge_keys_are_not_used() {
    let number = |bits: usize, last: u8| {
        let mut octets = vec![0xff; bits / 8];
        octets[bits / 8 - 1] = last;
        BigNum::from_slice(&octets).unwrap()
    };
    let exponent = BigNum::from_u32(65_537).unwrap();
    let huge = [
        (number(16_384, 0x0d), exponent),
        (number(2_048, 0x0d), number(2_040, 0x0d)),
    ];
    let own = signer("Signer").key(rsa(2048)).make();
    let template = &own.certificate;
    for (modulus, exponent) in huge {
        let key = openssl::rsa::Rsa::from_public_components(modulus, exponent).unwrap();
        let spki = key.public_key_to_der().unwrap();
        let key = key::read(&spki).unwrap();
        assert!(key.is_oversized);
        let algorithm = template.algorithm().unwrap();
        let certificate = crate::pki::testing::with_key(template, &spki, &own);
        let verified = certificate.verify_signature(&algorithm, b"tbs", &[1; 2_048]);
        assert_eq!(verified, Ok(false));
        assert!(!certificate.is_self_signed());
    }
}

#[test]
fn keys_for_pss_alone_verify_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let said = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa-pss", "-nodes", "-sha256"])
        .args(["-pkeyopt", "rsa_keygen_bits:2048", "-subj", "/CN=PSS"])
        .args([
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            "rsa_pss_saltlen:32",
        ])
        .args([
            "-outform",
            "DER",
            "-keyout",
            &path("key.pem"),
            "-out",
            &path("pss.crt"),
        ])
        .output()
        .unwrap();
    assert!(said.status.success(), "{said:?}");
    let certificate = Certificate::from_der(&std::fs::read(path("pss.crt")).unwrap()).unwrap();
    assert_eq!(certificate.key().bits, 2048);
    assert!(certificate.is_signed_by(&certificate));
    let key = std::fs::read(path("key.pem")).unwrap();
    let key = PKey::private_key_from_pem(&key).unwrap();
    let plain = openssl::rsa::Rsa::private_key_from_der(&plain_rsa(&key)).unwrap();
    let plain = PKey::from_rsa(plain).unwrap();
    let mut old =
        openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &plain).unwrap();
    let old = old.sign_oneshot_to_vec(b"tbs").unwrap();
    let algorithm = SignatureAlgorithm::new(
        SignatureScheme::RsaPkcs1,
        crate::pki::algorithm::DigestAlgorithm::Sha256,
    );
    assert_eq!(
        certificate.verify_signature(&algorithm, b"tbs", &old),
        Ok(false)
    );
}

/// The `RSAPrivateKey` inside a PKCS#8 key.
fn plain_rsa(key: &PKey<openssl::pkey::Private>) -> Vec<u8> {
    let outer = key.private_key_to_pkcs8().unwrap();
    let mut fields = der::only("key", &outer, der::SEQUENCE).unwrap();
    fields.required(der::INTEGER).unwrap();
    fields.required(der::SEQUENCE).unwrap();
    fields.required(der::OCTET_STRING).unwrap().value.to_vec()
}

#[test]
fn signatures_on_brainpool_curves_verify() {
    use openssl::nid::Nid;
    let algorithm = ecdsa();
    for (nid, kind) in [
        (Nid::BRAINPOOL_P256R1, KeyAlgorithm::EcBrainpool256),
        (Nid::BRAINPOOL_P384R1, KeyAlgorithm::EcBrainpool384),
        (Nid::BRAINPOOL_P512R1, KeyAlgorithm::EcBrainpool512),
    ] {
        let group = openssl::ec::EcGroup::from_curve_name(nid).unwrap();
        let key = openssl::ec::EcKey::generate(&group).unwrap();
        let key = PKey::from_ec_key(key).unwrap();
        let entity = signer("Signer").key(key).make();
        assert_eq!(entity.certificate.key().algorithm, kind);
        let signature = entity.sign(b"tbs");
        let verified = entity
            .certificate
            .verify_signature(&algorithm, b"tbs", &signature);
        assert_eq!(verified, Ok(true));
    }
}
