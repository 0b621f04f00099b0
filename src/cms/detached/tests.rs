//! Detached signatures are made and judged, and OpenSSL agrees.

use std::convert::Infallible;
use std::process::{Command, Output};

use super::*;
use crate::pki::algorithm::{DigestAlgorithm, SignatureScheme};
use crate::pki::testing::{
    Entity, at, authority, fixture, fixture_certificate, fixture_evidence, list, rsa, sign_with,
    signer,
};

const CONTENT: &[u8] = br#"{"kind":"arrived","schema":"lienthong.receipt/1"}"#;
const DAY: &str = "2026-01-01";

fn signed(entity: &Entity, algorithm: &SignatureAlgorithm, chain: &[Certificate]) -> Vec<u8> {
    let key = |tbs: &[u8]| Ok::<_, Infallible>(sign_with(entity, algorithm, tbs));
    sign(CONTENT, algorithm, &entity.certificate, chain, &key).unwrap()
}

fn ecdsa() -> SignatureAlgorithm {
    SignatureAlgorithm::new(SignatureScheme::Ecdsa, DigestAlgorithm::Sha256)
}

/// The signing entity of a hub of the test PKI.
fn hub() -> (Entity, SignatureAlgorithm) {
    let certificate = fixture_certificate("hubs/province.sign.crt");
    let key =
        openssl::pkey::PKey::private_key_from_pem(&fixture("hubs/province.sign.key")).unwrap();
    let scheme = match key.id() {
        openssl::pkey::Id::RSA => SignatureScheme::RsaPkcs1,
        _ => SignatureScheme::Ecdsa,
    };
    let algorithm = SignatureAlgorithm::new(scheme, DigestAlgorithm::Sha256);
    (Entity { certificate, key }, algorithm)
}

fn hub_signature() -> Vec<u8> {
    let (entity, algorithm) = hub();
    signed(
        &entity,
        &algorithm,
        &[fixture_certificate("ca/services.crt")],
    )
}

#[test]
fn a_receipt_signed_by_a_hub_passes() {
    let report = verify(CONTENT, &hub_signature(), &fixture_evidence(), at(DAY)).unwrap();
    assert_eq!(report.indication, Indication::TotalPassed, "{report:#?}");
    assert_eq!((report.sub_indication, report.reason), (None, "VALID"));
    assert_eq!(report.signer, hub().0.certificate);
}

#[test]
fn a_changed_receipt_fails() {
    let report = verify(b"{}", &hub_signature(), &fixture_evidence(), at(DAY)).unwrap();
    assert_eq!(report.indication, Indication::TotalFailed);
    assert_eq!(report.sub_indication, Some(SubIndication::HashFailure));
    assert_eq!(report.reason, "HASH_MISMATCH");
}

#[test]
fn a_sound_signature_of_a_stranger_does_not_pass() {
    let stranger = signer("Stranger").make();
    let der = signed(&stranger, &ecdsa(), &[]);
    let report = verify(CONTENT, &der, &fixture_evidence(), at(DAY)).unwrap();
    assert_eq!(report.check.failure(), None);
    assert_eq!(
        report.sub_indication,
        Some(SubIndication::NoCertificateChainFound)
    );
    assert_eq!(report.reason, "NO_PATH_TO_TRUSTED_ROOT");
}

#[test]
fn what_the_key_says_comes_through() {
    let key = |_: &[u8]| Err(std::io::Error::other("the token was pulled"));
    let certificate = signer("Signer").make().certificate;
    let fault = sign(CONTENT, &ecdsa(), &certificate, &[], &key).unwrap_err();
    assert!(matches!(fault, SignError::Key(_)));
    assert_eq!(fault.to_string(), "the token was pulled");
}

/// `openssl cms -verify` on `der` against the certificates of `anchor`.
fn openssl_says(der: &[u8], content: &[u8], anchor: &Certificate) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let pem = openssl::x509::X509::from_der(anchor.der())
        .unwrap()
        .to_pem()
        .unwrap();
    std::fs::write(path("root.pem"), pem).unwrap();
    std::fs::write(path("receipt.json"), content).unwrap();
    std::fs::write(path("receipt.p7s"), der).unwrap();
    Command::new("openssl")
        .current_dir(folder.path())
        .args([
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "DER",
            "-in",
            "receipt.p7s",
        ])
        .args([
            "-content",
            "receipt.json",
            "-CAfile",
            "root.pem",
            "-out",
            "out",
        ])
        .output()
        .unwrap()
}

#[test]
fn openssl_verifies_the_receipt_of_a_hub() {
    let root = fixture_certificate("ca/root.crt");
    let good = openssl_says(&hub_signature(), CONTENT, &root);
    assert!(good.status.success(), "{good:?}");
    let changed = openssl_says(&hub_signature(), b"{}", &root);
    assert!(!changed.status.success(), "{changed:?}");
}

#[test]
fn openssl_verifies_rsa_pss_and_ecdsa() {
    let root = authority("Root").make();
    let rsa = signer("RSA").key(rsa(2048)).under(&root).make();
    let ec = signer("EC").under(&root).make();
    // Ed25519 is left out: OpenSSL 3.0 does not verify it in CMS.
    let schemes = [
        (&rsa, SignatureScheme::RsaPkcs1),
        (&rsa, SignatureScheme::RsaPss),
        (&ec, SignatureScheme::Ecdsa),
    ];
    for (entity, scheme) in schemes {
        let algorithm = SignatureAlgorithm::new(scheme, DigestAlgorithm::Sha256);
        let said = openssl_says(&signed(entity, &algorithm, &[]), CONTENT, &root.certificate);
        assert!(said.status.success(), "{algorithm}: {said:?}");
    }
}

#[test]
fn signatures_of_openssl_are_verified_and_their_forms_told_apart() {
    let root = authority("Root").make();
    let leaf = signer("Leaf").key(rsa(2048)).under(&root).make();
    let evidence = TrustEvidence {
        anchors: vec![root.certificate.clone()],
        crls: vec![list(&root).make()],
        ..TrustEvidence::default()
    };
    let said = |options: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let pem = openssl::x509::X509::from_der(leaf.certificate.der()).unwrap();
        std::fs::write(path("leaf.pem"), pem.to_pem().unwrap()).unwrap();
        std::fs::write(
            path("leaf.key"),
            leaf.key.private_key_to_pem_pkcs8().unwrap(),
        )
        .unwrap();
        std::fs::write(path("content"), CONTENT).unwrap();
        let made = Command::new("openssl")
            .current_dir(folder.path())
            .args([
                "cms", "-sign", "-binary", "-outform", "DER", "-in", "content",
            ])
            .args([
                "-signer",
                "leaf.pem",
                "-inkey",
                "leaf.key",
                "-out",
                "signature",
            ])
            .args(options)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        verify(
            CONTENT,
            &std::fs::read(path("signature")).unwrap(),
            &evidence,
            at(DAY),
        )
    };
    let passes = |options: &[&str]| {
        let report = said(options).unwrap();
        assert_eq!(
            report.indication,
            Indication::TotalPassed,
            "{options:?} {report:#?}"
        );
    };
    passes(&["-cades"]);
    passes(&["-cades", "-md", "sha512"]);
    passes(&["-cades", "-keyopt", "rsa_padding_mode:pss"]);
    let code = |options: &[&str]| said(options).unwrap_err().code();
    assert_eq!(code(&[]), "NO_SIGNING_CERTIFICATE_ATTRIBUTE");
    assert_eq!(code(&["-noattr"]), "CMS_NO_SIGNED_ATTRIBUTES");
    assert_eq!(code(&["-cades", "-nodetach"]), "CMS_CONTENT_PRESENT");
    assert_eq!(code(&["-cades", "-md", "sha1"]), "WEAK_ALGORITHM");
    assert_eq!(code(&["-cades", "-nocerts"]), "SIGNER_NOT_FOUND");
}
