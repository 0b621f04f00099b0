//! What the tests share: the test PKI, the fixtures, signing with them, and a small writer of PDF
//! bytes that knows nothing of the engine it attacks.

pub(crate) mod bytes;

use std::path::{Path, PathBuf};

use lienthong::domain::clock::Timestamp;
use lienthong::domain::digest::Sha256;
use lienthong::keystore::{Signer as _, SoftKey};
use lienthong::pades::{
    self, Act, Mark, OwnerKind, Policy, Report, SignRequest, SignerOwner, SignerRegistry,
};
use lienthong::pki::algorithm::DigestAlgorithm;
use lienthong::pki::trust::TrustEvidence;

/// A path below the package.
pub(crate) fn path(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

/// A file below the package.
pub(crate) fn file(below: &str) -> Vec<u8> {
    std::fs::read(path(below)).unwrap_or_else(|fault| panic!("{below}: {fault}"))
}

/// The PDF documents to be signed.
pub(crate) fn documents() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path("fixtures/pdf")).unwrap();
    let mut found: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|kind| kind == "pdf"));
    found.sort();
    assert!(found.len() >= 11, "fixtures are missing");
    found
}

/// The instant at which the tests sign and judge.
pub(crate) fn now() -> Timestamp {
    "2026-01-05T03:41:07Z".parse().unwrap()
}

/// A key of the test PKI, such as `persons/iadom-leader`.
pub(crate) fn key(name: &str) -> SoftKey {
    let password = String::from_utf8(file("certs-test/password.txt")).unwrap();
    let bytes = file(&format!("certs-test/{name}.p12"));
    SoftKey::from_pkcs12(&bytes, password.trim_end()).unwrap()
}

/// The roots and CRLs of the test PKI.
pub(crate) fn evidence() -> TrustEvidence {
    let mut evidence = TrustEvidence::default();
    evidence
        .add_trust(&file("certs-test/trust/root.crt"))
        .unwrap();
    for list in ["root", "agencies", "persons", "services"] {
        evidence
            .add_revocation(&file(&format!("certs-test/crl/{list}.crl")))
            .unwrap();
    }
    evidence
}

/// A request to sign with `key`.
pub(crate) fn request(key: &SoftKey, act: Act, mark: Option<Mark>) -> SignRequest {
    let algorithm = key.algorithm(DigestAlgorithm::Sha256, false).unwrap();
    let (signer, chain) = (key.certificate().clone(), key.chain().to_vec());
    SignRequest {
        mark,
        ..SignRequest::new(act, algorithm, signer, chain, now())
    }
}

/// `document` signed as `request` says.
pub(crate) fn sign_as(
    document: &[u8],
    key: &SoftKey,
    request: &SignRequest,
) -> Result<Vec<u8>, String> {
    let source = document.to_vec();
    let tail = pades::sign(&source, request, &|algorithm, tbs| {
        key.sign(algorithm, tbs)
            .map_err(|fault| Fault(fault.to_string()))
    });
    let tail = tail.map_err(|Fault(fault)| fault)?;
    let mut signed = source;
    signed.extend_from_slice(&tail.bytes);
    Ok(signed)
}

struct Fault(String);

impl From<pades::Error> for Fault {
    fn from(fault: pades::Error) -> Self {
        Self(fault.code().to_owned())
    }
}

/// `document` signed invisibly with the key `name`.
pub(crate) fn signed(document: &[u8], name: &str) -> Vec<u8> {
    let key = key(name);
    sign_as(document, &key, &request(&key, Act::Other, None)).unwrap()
}

/// The judgement of `bytes` with the test PKI under the standard policy.
pub(crate) fn judged(bytes: &[u8]) -> Report {
    pades::verify(
        &bytes.to_vec(),
        "file.pdf",
        &evidence(),
        &Policy::standard(),
        None,
        now(),
    )
}

/// Verdict and sub-indication in one text.
pub(crate) fn verdict(report: &Report) -> String {
    match report.sub_indication {
        Some(sub) => format!("{}/{sub}", report.verdict),
        None => report.verdict.to_string(),
    }
}

/// A register of three certificates of the test PKI.
pub(crate) struct Register(pub(crate) Vec<(Sha256, SignerOwner)>);

impl Register {
    /// The commune Ia Dom: its leader and its seal; and the seal of another commune.
    pub(crate) fn of_ia_dom() -> Self {
        let owner = |code: &str, kind| SignerOwner::new(code, &format!("Agency {code}"), kind);
        let entry =
            |name: &str, code: &str, kind| (key(name).certificate().sha256(), owner(code, kind));
        Self(vec![
            entry("persons/iadom-leader", "IADOM", OwnerKind::Person),
            entry("agencies/iadom", "IADOM", OwnerKind::Agency),
            entry("agencies/iadok", "IADOK", OwnerKind::Agency),
        ])
    }
}

impl SignerRegistry for Register {
    fn owner(&self, certificate_sha256: &Sha256, _: Timestamp) -> Option<SignerOwner> {
        let found = self
            .0
            .iter()
            .find(|(sha256, _)| sha256 == certificate_sha256);
        found.map(|(_, owner)| owner.clone())
    }
}
