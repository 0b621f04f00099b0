//! Algorithms are read as written, weak and unknown ones refused.

use super::*;

const NULL: &[u8] = &[5, 0];

fn identifier(oid: &str, parameters: &[u8]) -> Vec<u8> {
    der::encode(der::SEQUENCE, &[&der::oid(&id(oid)), parameters])
}

fn parameters_fault(identifier: &[u8]) -> &'static str {
    match SignatureAlgorithm::read(identifier) {
        Err(AlgorithmRefusal::Parameters { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_algorithm_is_read_back_as_written() {
    use {DigestAlgorithm as D, SignatureScheme as S};
    for scheme in [S::RsaPkcs1, S::RsaPss, S::Ecdsa, S::Ed25519] {
        for digest in [D::Sha256, D::Sha384, D::Sha512] {
            let algorithm = SignatureAlgorithm::new(scheme, digest);
            assert_eq!(SignatureAlgorithm::read(&algorithm.to_der()), Ok(algorithm));
            assert_eq!(DigestAlgorithm::read(&digest.to_der()), Ok(digest));
        }
    }
}

#[test]
fn weak_algorithms_are_refused_by_name() {
    let read = |oid| SignatureAlgorithm::read(&identifier(oid, NULL));
    assert_eq!(
        read("1.2.840.113549.1.1.5"),
        Err(AlgorithmRefusal::Weak("SHA-1 with RSA"))
    );
    assert_eq!(
        read("1.2.840.113549.1.1.4"),
        Err(AlgorithmRefusal::Weak("MD5 with RSA"))
    );
    let digest = DigestAlgorithm::read(&identifier("1.3.14.3.2.26", NULL));
    assert_eq!(digest, Err(AlgorithmRefusal::Weak("SHA-1")));
}

#[test]
fn unknown_algorithms_are_refused_with_their_identifier() {
    let read = SignatureAlgorithm::read(&identifier("1.2.3.4", &[]));
    assert_eq!(read, Err(AlgorithmRefusal::Unknown("1.2.3.4".to_owned())));
}

#[test]
fn parameters_must_be_what_the_standard_says() {
    let ecdsa = identifier("1.2.840.10045.4.3.2", NULL);
    assert_eq!(parameters_fault(&ecdsa), "they must be absent");
    let rsa = identifier("1.2.840.113549.1.1.11", &[4, 0]);
    assert_eq!(parameters_fault(&rsa), "they must be NULL or absent");
    assert_eq!(parameters_fault(&[0x30, 0]), "not an AlgorithmIdentifier");
    assert!(SignatureAlgorithm::read(&identifier("1.2.840.113549.1.1.11", &[])).is_ok());
}

#[test]
fn plain_rsa_takes_the_digest_of_the_message() {
    let rsa = identifier("1.2.840.113549.1.1.1", NULL);
    let read = SignatureAlgorithm::read_in_cms(&rsa, DigestAlgorithm::Sha384).unwrap();
    assert_eq!(read.digest(), DigestAlgorithm::Sha384);
    assert!(matches!(
        SignatureAlgorithm::read(&rsa),
        Err(AlgorithmRefusal::Unknown(_))
    ));
}

fn pss(parts: &[Vec<u8>]) -> Vec<u8> {
    identifier(
        "1.2.840.113549.1.1.10",
        &der::encode(der::SEQUENCE, &[&parts.concat()]),
    )
}

fn parts() -> Vec<Vec<u8>> {
    let hash = identifier("2.16.840.1.101.3.4.2.1", NULL);
    let mask = identifier("1.2.840.113549.1.1.8", &hash);
    [(0, hash), (1, mask), (2, vec![2, 1, 20])]
        .map(|(number, part)| der::encode(der::context(number), &[&part]))
        .to_vec()
}

#[test]
fn the_salt_of_pss_may_have_any_length() {
    assert_eq!(
        SignatureAlgorithm::read(&pss(&parts()))
            .unwrap()
            .salt_bytes(),
        20
    );
}

#[test]
fn nothing_of_the_pss_parameters_may_be_left_out() {
    let missing = "hash, mask generation and salt must be written out";
    for left_out in 0..3 {
        let mut parts = parts();
        parts.remove(left_out);
        assert_eq!(parameters_fault(&pss(&parts)), missing);
    }
    assert_eq!(
        parameters_fault(&identifier("1.2.840.113549.1.1.10", &[])),
        "not RSASSA-PSS-params"
    );
}

#[test]
fn pss_parameters_must_not_contradict_each_other() {
    let mut other_mask = parts();
    let hash = identifier("2.16.840.1.101.3.4.2.3", NULL);
    let mask = identifier("1.2.840.113549.1.1.8", &hash);
    other_mask[1] = der::encode(der::context(1), &[&mask]);
    let fault = "the mask must be MGF1 over the same digest";
    assert_eq!(parameters_fault(&pss(&other_mask)), fault);
    let mut trailer = parts();
    trailer.push(der::encode(der::context(3), &[&[2, 1, 2]]));
    assert_eq!(
        parameters_fault(&pss(&trailer)),
        "the trailer field must be 1"
    );
    let mut salt = parts();
    salt[2] = der::encode(der::context(2), &[&[2, 1, 0xff]]);
    assert_eq!(
        parameters_fault(&pss(&salt)),
        "the salt length is not usable"
    );
}

#[test]
fn digests_are_those_of_the_standard() {
    let abc = |digest: DigestAlgorithm| hex::encode(digest.of(b"abc"));
    assert!(abc(DigestAlgorithm::Sha256).starts_with("ba7816bf8f01cfea"));
    assert!(abc(DigestAlgorithm::Sha384).starts_with("cb00753f45a35e8b"));
    assert!(abc(DigestAlgorithm::Sha512).starts_with("ddaf35a193617aba"));
}
