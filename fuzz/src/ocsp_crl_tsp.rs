//! The bytes are an OCSP answer, a revocation list or a time stamp. A certificate is never found
//! unrevoked by an answer that does not carry what its issuer signed, and no time is proved by a
//! token that the time-stamping authority did not sign.

use std::sync::LazyLock;

use lienthong::cms::timestamp::Token;
use lienthong::cms::{AttributeProfile, SignedData};
use lienthong::pki::certificate::{Certificate, read_certificates};
use lienthong::pki::der::{self, Reader};
use lienthong::pki::path::{Purpose, validate_path};
use lienthong::pki::trust::TrustEvidence;
use lienthong::pki::verdict::Indication;

use super::genuine::{self, at, holds};

/// Everything about the signer but whether it is revoked.
static WITHOUT: LazyLock<TrustEvidence> = LazyLock::new(|| {
    let mut evidence = TrustEvidence::default();
    evidence.add_trust(genuine::ROOT).unwrap();
    evidence.add_trust(genuine::PERSONS_CA).unwrap();
    evidence.add_revocation(genuine::ROOT_CRL).unwrap();
    evidence
});

static LEADER: LazyLock<Certificate> =
    LazyLock::new(|| read_certificates(genuine::LEADER).unwrap().remove(0));

/// What was signed in the genuine answer and in the genuine list.
static SAID: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let response = (|| {
        let mut outer = der::only("answer", genuine::OCSP, der::SEQUENCE)?;
        outer.element()?;
        let mut bytes = outer.enter(der::context(0))?.enter(der::SEQUENCE)?;
        bytes.element()?;
        let basic = bytes.element()?.value;
        let mut basic = der::only("answer", basic, der::SEQUENCE)?;
        Ok::<_, lienthong::pki::Error>(basic.element()?.raw.to_vec())
    })();
    let mut outer = Reader::new("list", genuine::PERSONS_CRL);
    let mut outer = outer.enter(der::SEQUENCE).unwrap();
    [response.unwrap(), outer.element().unwrap().raw.to_vec()]
});

/// Attacks with `bytes`.
pub fn check(bytes: &[u8]) {
    let mut evidence = WITHOUT.clone();
    if evidence.add_revocation(bytes).is_ok() {
        let report = validate_path(&LEADER, &[], &evidence, Purpose::DocumentSigning, at());
        if report.indication == Indication::TotalPassed {
            let lists = evidence.crls.iter().map(|list| list.der());
            let answers = evidence.ocsp.iter().map(|answer| answer.der());
            let mut given = lists.chain(answers);
            assert!(given.any(|one| SAID.iter().any(|said| holds(one, said))));
        }
    }
    if let Ok(token) = Token::read(bytes) {
        let again = Token::read(bytes).unwrap();
        assert_eq!(
            (token.time(), token.imprint()),
            (again.time(), again.imprint())
        );
        if proves(token.signed_data()) {
            let genuine = Token::read(genuine::TOKEN).unwrap();
            assert_eq!(
                token.signed_data().content(),
                genuine.signed_data().content()
            );
        }
    }
}

/// Whether an authority of the test PKI signed this.
fn proves(data: &SignedData) -> bool {
    let Ok(signer) = data.signer_among(AttributeProfile::Cades, &[]) else {
        return false;
    };
    let digest = data.digest_algorithm().of(data.content());
    let check = data.verify(&signer, &digest);
    let purpose = Purpose::TimeStamping;
    check.is_ok_and(|check| check.failure().is_none())
        && validate_path(
            &signer,
            data.certificates(),
            &genuine::EVIDENCE,
            purpose,
            at(),
        )
        .indication
            == Indication::TotalPassed
}
