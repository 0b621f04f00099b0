//! The honest world the attacks start from: a signed document, its certificates, an OCSP answer and
//! a time stamp of the test PKI, and the instant at which all of them are good.

use std::sync::LazyLock;

use lienthong::domain::clock::Timestamp;
use lienthong::pades::{self, Act, Policy, Report, SignRequest};
use lienthong::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm, SignatureScheme};
use lienthong::pki::certificate::Certificate;
use lienthong::pki::trust::TrustEvidence;
use openssl::hash::MessageDigest;
use openssl::pkcs12::Pkcs12;
use openssl::sign::Signer;

use super::write;

/// The root of the test PKI.
pub const ROOT: &[u8] = include_bytes!("../../certs-test/trust/root.crt");
/// The CA of the signer.
pub const PERSONS_CA: &[u8] = include_bytes!("../../certs-test/ca/persons.crt");
/// The CA of the time-stamping authority.
pub const SERVICES_CA: &[u8] = include_bytes!("../../certs-test/ca/services.crt");
/// The certificate of the signer.
pub const LEADER: &[u8] = include_bytes!("../../certs-test/persons/iadom-leader.crt");
/// Revocation list of the root.
pub const ROOT_CRL: &[u8] = include_bytes!("../../certs-test/crl/root.crl");
/// Revocation list of the signer's CA.
pub const PERSONS_CRL: &[u8] = include_bytes!("../../certs-test/crl/persons.crl");
/// Revocation list of the time-stamping authority's CA.
pub const SERVICES_CRL: &[u8] = include_bytes!("../../certs-test/crl/services.crl");
/// "good" about the signer, from the responder of its CA.
pub const OCSP: &[u8] = include_bytes!("../genuine/ocsp.der");
/// A time stamp over `so van ban`.
pub const TOKEN: &[u8] = include_bytes!("../genuine/token.der");

const LEADER_P12: &[u8] = include_bytes!("../../certs-test/persons/iadom-leader.p12");
const REVOKED_P12: &[u8] = include_bytes!("../../certs-test/bad/revoked.p12");
const PASSWORD: &str = include_str!("../../certs-test/password.txt");

/// When everything genuine is good.
pub fn at() -> Timestamp {
    "2026-11-21T07:00:00Z".parse().unwrap()
}

/// What makes the signed document pass.
pub static EVIDENCE: LazyLock<TrustEvidence> = LazyLock::new(|| {
    let mut evidence = TrustEvidence::default();
    for file in [ROOT, PERSONS_CA, SERVICES_CA] {
        evidence.add_trust(file).unwrap();
    }
    for file in [ROOT_CRL, PERSONS_CRL, SERVICES_CRL] {
        evidence.add_revocation(file).unwrap();
    }
    evidence
});

/// A small document, signed by the leader.
pub static SIGNED: LazyLock<Vec<u8>> = LazyLock::new(|| signed(LEADER_P12));

/// The same document, signed with a revoked certificate.
pub static REVOKED: LazyLock<Vec<u8>> = LazyLock::new(|| signed(REVOKED_P12));

fn signed(p12: &[u8]) -> Vec<u8> {
    let opened = Pkcs12::from_der(p12)
        .unwrap()
        .parse2(PASSWORD.trim_end())
        .unwrap();
    let (key, certificate) = (opened.pkey.unwrap(), opened.cert.unwrap());
    let algorithm = SignatureAlgorithm::new(SignatureScheme::RsaPkcs1, DigestAlgorithm::Sha256);
    let signer = Certificate::from_der(&certificate.to_der().unwrap()).unwrap();
    let claimed = "2026-01-05T03:41:07Z".parse().unwrap();
    let request = SignRequest::new(Act::Other, algorithm, signer, Vec::new(), claimed);
    let mut whole = write::small_document();
    let tail = pades::sign(&whole, &request, &|_, bytes| {
        let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
        Ok::<_, pades::Error>(signer.sign_oneshot_to_vec(bytes).unwrap())
    });
    whole.extend_from_slice(&tail.unwrap().bytes);
    whole
}

/// The judgement of `bytes` with the genuine evidence.
pub fn judged(bytes: &[u8]) -> Report {
    let source = bytes.to_vec();
    pades::verify(&source, "a.pdf", &EVIDENCE, &Policy::standard(), None, at())
}

/// Whether `part` stands in `whole`.
pub fn holds(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}
