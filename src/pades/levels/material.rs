//! The data that proves certificates good: the path to a trusted root and, for each certificate
//! below it, one revocation list or OCSP response our own judgement accepts.

use std::cmp::Reverse;

use super::{Error, Subject};
use crate::domain::clock::Timestamp;
use crate::pdf::StoredValues;
use crate::pki::certificate::Certificate;
use crate::pki::crl::Crl;
use crate::pki::ocsp::OcspResponse;
use crate::pki::path::{PathReport, Purpose, validate_path};
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::RowResult;

/// What all of `subjects` need together.
pub(super) fn of_all(
    subjects: &[Subject],
    evidence: &TrustEvidence,
    at: Timestamp,
) -> Result<StoredValues, Error> {
    let mut values = StoredValues::default();
    for subject in subjects {
        of_one(subject, (evidence, at), &mut values)?;
    }
    Ok(values)
}

fn of_one(
    subject: &Subject,
    (evidence, at): (&TrustEvidence, Timestamp),
    values: &mut StoredValues,
) -> Result<(), Error> {
    let path = path(subject, evidence, at)?;
    refuse_revoked(subject, &path)?;
    for certificate in &path.chain {
        keep(&mut values.certificates, certificate.der());
    }
    for (certificate, issuer) in path.chain.iter().zip(path.chain.iter().skip(1)) {
        match proof((certificate, issuer), evidence, at) {
            Some(Proof::Ocsp(response)) => {
                keep(&mut values.ocsp, response.der());
                let responders = response.certificates().iter();
                responders.for_each(|one| keep(&mut values.certificates, one.der()));
            }
            Some(Proof::Crl(list)) => keep(&mut values.crls, list.der()),
            None => {
                let subject = certificate.subject().to_owned();
                return Err(Error::RevocationMissing { subject });
            }
        }
    }
    Ok(())
}

/// What depends on a revoked authority proves nothing from then on, and no renewal mends that. (The
/// certificate of a signer may be revoked: a time stamp can prove that the signature is older.)
fn refuse_revoked(subject: &Subject, path: &PathReport) -> Result<(), Error> {
    let is_stamp = subject.purpose == Purpose::TimeStamping;
    match path.revocation.reason {
        "CA_REVOKED" => {}
        "REVOKED" if is_stamp => {}
        _ => return Ok(()),
    }
    let mut params = path.revocation.params.iter();
    let named = params.find(|(name, _)| *name == "certificate");
    Err(Error::AuthorityRevoked {
        subject: named.map_or_else(String::new, |(_, subject)| subject.clone()),
    })
}

/// The path of a subject; without one nothing else matters.
fn path(subject: &Subject, evidence: &TrustEvidence, at: Timestamp) -> Result<PathReport, Error> {
    let Subject { leaf, bag, purpose } = subject;
    let path = validate_path(leaf, bag, evidence, *purpose, at);
    if path.trust.result == RowResult::Passed {
        return Ok(path);
    }
    Err(Error::PathMissing {
        subject: leaf.subject().to_owned(),
        reason: path.trust.reason,
    })
}

/// Every certificate with its issuer that has a path to a trusted root in `evidence` and about whose
/// revocation nothing acceptable is known: what may be asked for. Certificates without such a path
/// are left out, so that nothing a stranger wrote is ever followed.
#[must_use]
pub fn missing_revocation(
    subjects: &[Subject],
    evidence: &TrustEvidence,
    at: Timestamp,
) -> Vec<(Certificate, Certificate)> {
    let mut missing: Vec<(Certificate, Certificate)> = Vec::new();
    for subject in subjects {
        let Ok(path) = path(subject, evidence, at) else {
            continue;
        };
        for (certificate, issuer) in path.chain.iter().zip(path.chain.iter().skip(1)) {
            let pair = (certificate.clone(), issuer.clone());
            if !missing.contains(&pair) && proof((certificate, issuer), evidence, at).is_none() {
                missing.push(pair);
            }
        }
    }
    missing
}

/// The certificates among `subjects` that have no path to a trusted root in `evidence`: no data about
/// revocation could help them.
#[must_use]
pub fn without_path(
    subjects: &[Subject],
    evidence: &TrustEvidence,
    at: Timestamp,
) -> Vec<Certificate> {
    let pathless = |subject: &&Subject| path(subject, evidence, at).is_err();
    let found = subjects.iter().filter(pathless);
    found.map(|subject| subject.leaf.clone()).collect()
}

fn keep(list: &mut Vec<Vec<u8>>, der: &[u8]) {
    if !list.iter().any(|known| known == der) {
        list.push(der.to_vec());
    }
}

enum Proof {
    Ocsp(OcspResponse),
    Crl(Crl),
}

/// The newest response or, without one, the newest list that alone decides about `certificate`.
fn proof(
    (certificate, issuer): (&Certificate, &Certificate),
    evidence: &TrustEvidence,
    at: Timestamp,
) -> Option<Proof> {
    let decides = |alone: TrustEvidence| {
        let row = validate_path(certificate, &[], &alone, Purpose::AnySigning, at).revocation;
        row.result == RowResult::Passed || row.reason.starts_with("REVOKED")
    };
    let under = || TrustEvidence {
        anchors: vec![issuer.clone()],
        ..TrustEvidence::default()
    };
    let mut responses: Vec<&OcspResponse> = evidence.ocsp.iter().collect();
    responses.sort_by_key(|response| Reverse(response.produced_at()));
    let mut lists: Vec<&Crl> = evidence.crls.iter().collect();
    lists.retain(|list| list.issuer_der() == issuer.subject_der());
    lists.sort_by_key(|list| Reverse(list.this_update()));
    let response = responses.into_iter().find(|response| {
        decides(TrustEvidence {
            ocsp: vec![(*response).clone()],
            ..under()
        })
    });
    let list = || {
        lists.into_iter().find(|list| {
            decides(TrustEvidence {
                crls: vec![(*list).clone()],
                ..under()
            })
        })
    };
    let response = response.cloned().map(Proof::Ocsp);
    response.or_else(|| list().cloned().map(Proof::Crl))
}

/// The values of a security store as evidence under the roots of `trusted`. What cannot be read is
/// left out: what is then missing shows.
pub(super) fn evidence_of(values: &StoredValues, trusted: &TrustEvidence) -> TrustEvidence {
    let read = |ders: &[Vec<u8>]| -> Vec<Certificate> {
        ders.iter()
            .filter_map(|der| Certificate::from_der(der).ok())
            .collect()
    };
    TrustEvidence {
        anchors: trusted.anchors.clone(),
        windows: trusted.windows.clone(),
        policies: trusted.policies.clone(),
        intermediates: read(&values.certificates),
        crls: values
            .crls
            .iter()
            .filter_map(|der| Crl::from_der(der).ok())
            .collect(),
        ocsp: values
            .ocsp
            .iter()
            .filter_map(|der| OcspResponse::from_der(der).ok())
            .collect(),
    }
}
