//! Keys are read, refused for a reason, and sign.

use openssl::pkey::Id;

use super::*;
use crate::pki::testing::{Entity, authority, fixture, fixture_certificate, p256, rsa, signer};

fn password() -> String {
    String::from_utf8(fixture("password.txt")).unwrap()
}

fn refused(made: Result<SoftKey, Error>) -> Error {
    made.map(|key| key.certificate().subject().to_owned())
        .unwrap_err()
}

fn x509(certificate: &Certificate) -> openssl::x509::X509 {
    openssl::x509::X509::from_der(certificate.der()).unwrap()
}

fn pkcs12(key: Option<&PKey<Private>>, certificate: Option<&Certificate>, rounds: u32) -> Vec<u8> {
    let mut builder = Pkcs12::builder();
    if let Some(key) = key {
        builder.pkey(key);
    }
    if let Some(certificate) = certificate {
        builder.cert(&x509(certificate));
    }
    builder.key_iter(rounds).mac_iter(rounds);
    builder.build2("secret").unwrap().to_der().unwrap()
}

fn pem(entity: &Entity) -> (Vec<u8>, Vec<u8>) {
    let key = entity.key.private_key_to_pem_pkcs8().unwrap();
    (x509(&entity.certificate).to_pem().unwrap(), key)
}

#[test]
fn the_key_of_an_agency_is_opened_with_its_chain() {
    let key = SoftKey::from_pkcs12(&fixture("agencies/gialai.p12"), &password()).unwrap();
    assert_eq!(
        *key.certificate(),
        fixture_certificate("agencies/gialai.crt")
    );
    assert_eq!(key.chain(), [fixture_certificate("ca/agencies.crt")]);
}

#[test]
fn a_file_without_the_issuer_gives_an_empty_chain() {
    let key = SoftKey::from_pkcs12(&fixture("bad/no-issuer.p12"), &password()).unwrap();
    assert!(key.chain().is_empty());
}

#[test]
fn a_wrong_password_is_told_apart() {
    let file = fixture("agencies/gialai.p12");
    assert_eq!(
        refused(SoftKey::from_pkcs12(&file, "wrong")),
        Error::WrongPassword
    );
    assert_eq!(
        refused(SoftKey::from_pkcs12(&file, "")),
        Error::WrongPassword
    );
}

#[test]
fn a_file_without_key_or_certificate_is_told_apart() {
    let entity = signer("Leaf").make();
    let no_key = pkcs12(None, Some(&entity.certificate), 2048);
    assert_eq!(
        refused(SoftKey::from_pkcs12(&no_key, "secret")),
        Error::NoKey
    );
    let no_certificate = pkcs12(Some(&entity.key), None, 2048);
    assert_eq!(
        refused(SoftKey::from_pkcs12(&no_certificate, "secret")),
        Error::NoCertificate
    );
    assert_eq!(refused(SoftKey::from_pem(b"", b"")), Error::NoKey);
}

#[test]
fn a_key_must_belong_to_the_certificate() {
    let (certificate, _) = pem(&signer("Leaf").make());
    let (_, key) = pem(&signer("Other").make());
    let expected = Error::KeyDoesNotMatchCertificate {
        subject: "CN=Leaf".to_owned(),
    };
    assert_eq!(refused(SoftKey::from_pem(&certificate, &key)), expected);
}

#[test]
fn weak_and_unknown_kinds_of_key_are_refused() {
    let weak = refused(SoftKey::from_pkcs12(
        &fixture("bad/weak-rsa1024.p12"),
        &password(),
    ));
    assert!(weak.to_string().contains("Rsa with 1024 bits"), "{weak}");
    let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::SECP256K1).unwrap();
    let key = PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap();
    let (certificate, key) = pem(&signer("Leaf").key(key).make());
    let other = refused(SoftKey::from_pem(&certificate, &key));
    assert!(matches!(other, Error::UnsupportedKey { .. }), "{other}");
}

#[test]
fn too_many_rounds_are_refused_before_they_are_run() {
    let entity = signer("Leaf").make();
    let mut file = pkcs12(Some(&entity.key), Some(&entity.certificate), 0x1234);
    let rounds: Vec<usize> = (0..file.len())
        .filter(|place| file[*place..].starts_with(&[2, 2, 0x12, 0x34]))
        .collect();
    assert_eq!(rounds.len(), 3, "key, certificate and code of the file");
    let limit = iterations::MAX_ITERATIONS;
    assert!(SoftKey::from_pkcs12(&file, "secret").is_ok());
    // The same file with one of the numbers made negative, which is read as without end.
    for place in rounds {
        file[place + 2] = 0x92;
        let found = u64::MAX;
        let expected = Error::TooManyIterations { found, limit };
        assert_eq!(refused(SoftKey::from_pkcs12(&file, "secret")), expected);
        file[place + 2] = 0x12;
    }
}

#[test]
fn old_encryption_is_told_apart_from_damage() {
    let entity = signer("Leaf").make();
    let made = {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (certificate, key) = pem(&entity);
        std::fs::write(path("leaf.pem"), [certificate, key].concat()).unwrap();
        let said = std::process::Command::new("openssl")
            .current_dir(folder.path())
            .args([
                "pkcs12",
                "-export",
                "-legacy",
                "-certpbe",
                "PBE-SHA1-RC2-40",
            ])
            .args([
                "-in",
                "leaf.pem",
                "-passout",
                "pass:secret",
                "-out",
                "old.p12",
            ])
            .output()
            .unwrap();
        assert!(said.status.success(), "{said:?}");
        std::fs::read(path("old.p12")).unwrap()
    };
    assert_eq!(
        refused(SoftKey::from_pkcs12(&made, "secret")),
        Error::UnsupportedEncryption
    );
    let file = fixture("agencies/gialai.p12");
    let cut = refused(SoftKey::from_pkcs12(&file[..file.len() / 2], &password()));
    assert!(
        matches!(
            cut,
            Error::Unreadable {
                expected: "PKCS#12 file",
                ..
            }
        ),
        "{cut}"
    );
    let large = refused(SoftKey::from_pkcs12(&vec![0; MAX_KEY_FILE_BYTES + 1], ""));
    assert!(matches!(large, Error::TooLarge { .. }), "{large}");
}

#[test]
fn an_encrypted_or_damaged_pem_key_is_told_apart() {
    let entity = signer("Leaf").make();
    let (certificate, key) = pem(&entity);
    let cipher = openssl::symm::Cipher::aes_256_cbc();
    let locked = entity
        .key
        .private_key_to_pem_pkcs8_passphrase(cipher, b"secret")
        .unwrap();
    assert_eq!(
        refused(SoftKey::from_pem(&certificate, &locked)),
        Error::EncryptedPem
    );
    let text = String::from_utf8(key).unwrap().replace('M', "?");
    let damaged = refused(SoftKey::from_pem(&certificate, text.as_bytes()));
    assert!(matches!(damaged, Error::Unreadable { .. }), "{damaged}");
    let no_certificate = refused(SoftKey::from_pem(b"nothing", &pem(&entity).1));
    assert!(
        matches!(no_certificate, Error::Certificate(_)),
        "{no_certificate}"
    );
}

#[test]
fn the_chain_starts_with_the_issuing_authority_and_leaves_the_root_out() {
    let root = authority("Root").make();
    let upper = authority("Upper").under(&root).make();
    let lower = authority("Lower").under(&upper).make();
    let leaf = signer("Leaf").under(&lower).make();
    let (_, key) = pem(&leaf);
    let bundle: Vec<u8> = [&root, &upper, &leaf, &lower]
        .iter()
        .flat_map(|entity| pem(entity).0)
        .collect();
    let key = SoftKey::from_pem(&bundle, &key).unwrap();
    assert_eq!(*key.certificate(), leaf.certificate);
    assert_eq!(key.chain(), [lower.certificate, upper.certificate]);
}

#[test]
fn every_kind_of_key_signs_so_that_its_certificate_verifies() {
    let ed = PKey::generate_ed25519().unwrap();
    assert_eq!(ed.id(), Id::ED25519);
    for (key, pss) in [
        (rsa(2048), false),
        (rsa(2048), true),
        (p256(), false),
        (ed, false),
    ] {
        let (certificate, key) = pem(&signer("Leaf").key(key).make());
        let key = SoftKey::from_pem(&certificate, &key).unwrap();
        let algorithm = key.algorithm(DigestAlgorithm::Sha384, pss).unwrap();
        let signature = key.sign(&algorithm, b"text").unwrap();
        let verified = key
            .certificate()
            .verify_signature(&algorithm, b"text", &signature);
        assert_eq!(verified, Ok(true), "{algorithm}");
    }
}

#[test]
fn a_key_does_not_sign_what_does_not_fit_it() {
    let (certificate, key) = pem(&signer("Leaf").make());
    let key = SoftKey::from_pem(&certificate, &key).unwrap();
    let pss = key.algorithm(DigestAlgorithm::Sha256, true).unwrap_err();
    assert!(matches!(pss, Error::UnsupportedKey { .. }), "{pss}");
    let rsa = SignatureAlgorithm::new(SignatureScheme::RsaPkcs1, DigestAlgorithm::Sha256);
    assert!(matches!(
        key.sign(&rsa, b"text"),
        Err(Error::Signing { .. })
    ));
}
