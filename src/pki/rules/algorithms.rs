//! The algorithms of a path against a table with dates: how each certificate was signed, and with
//! what key. Source: ETSI EN 319 102-1, 5.2.8; ETSI TS 119 312.

use super::{Fault, about};
use crate::domain::clock::{Timestamp, rfc3339};
use crate::pki::algorithm::{Catalogue, Standing, Used};
use crate::pki::certificate::Certificate;
use crate::pki::verdict::{Finding, Severity, SubIndication};

/// How `issuer` signed `certificate`; `None` when the algorithm is refused anyway.
pub(in crate::pki) fn used(certificate: &Certificate, issuer: &Certificate) -> Option<Used> {
    let algorithm = certificate.algorithm().ok()?;
    Some(Used::of(&algorithm, issuer.key()))
}

/// The first certificate below the anchor whose signature rests on an algorithm that is not relied
/// on at `at`. The leaf's own key is judged with the signature it made.
pub(in crate::pki) fn check(
    chain: &[Certificate],
    catalogue: &Catalogue,
    at: Timestamp,
) -> Option<Fault> {
    pairs(chain).find_map(|(certificate, used)| {
        let standing = catalogue.judge(&used, at);
        (!standing.is_good()).then(|| fault(certificate, &used, standing))
    })
}

/// Says which end lies nearest, if there is one ahead.
pub(in crate::pki) fn notice(
    chain: &[Certificate],
    catalogue: &Catalogue,
    at: Timestamp,
) -> Option<Finding> {
    let ahead = pairs(chain).filter_map(|(certificate, used)| {
        let standing = catalogue.judge(&used, at);
        let end = standing.end().filter(|_| standing.is_good())?;
        Some((end, certificate, used))
    });
    let (end, certificate, used) = ahead.min_by_key(|(end, ..)| *end)?;
    let mut params = about(certificate, used.describe());
    params.push(("until", rfc3339(end)));
    Some(Finding {
        check: "ALGORITHM_ENDS",
        severity: Severity::Warning,
        params,
        location: certificate.subject().to_owned(),
    })
}

/// The fault of `certificate` having been signed with what is not relied on.
pub(in crate::pki) fn fault(certificate: &Certificate, used: &Used, standing: Standing) -> Fault {
    let sub_indication = SubIndication::CryptoConstraintsFailureNoPoe;
    let mut params = about(certificate, used.describe());
    let reason = match standing.end() {
        Some(end) => {
            params.push(("until", rfc3339(end)));
            "ALGORITHM_ENDED"
        }
        None => "ALGORITHM_NOT_LISTED",
    };
    Fault::found(sub_indication, reason, params)
}

fn pairs(chain: &[Certificate]) -> impl Iterator<Item = (&Certificate, Used)> {
    let issuers = chain.iter().skip(1);
    let pairs = chain.iter().zip(issuers);
    pairs.filter_map(|(certificate, issuer)| Some((certificate, used(certificate, issuer)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::path::{Freshness, Purpose, Question, validate};
    use crate::pki::testing::{at, response, signer};
    use crate::pki::testing_world::world;

    #[test]
    fn an_appointment_signed_with_an_ended_algorithm_is_not_believed() {
        let mut world = world();
        world.evidence.crls.truncate(1);
        let leaf = signer("Leaf").under(&world.ca).make();
        let mut responder = signer("Responder")
            .under(&world.ca)
            .with("extendedKeyUsage", "OCSPSigning")
            .with("1.3.6.1.5.5.7.48.1.5", "DER:0500");
        responder.digest = openssl::hash::MessageDigest::sha384();
        let responder = responder.make();
        world.evidence.ocsp = vec![response(&leaf, &world.ca, &responder).make()];
        let judge = |day: &str| {
            let table = format!(
                r#"{{"schema":"lienthong-algorithms/1","name":"own","curves":[{{"name":"P-256"}}],
                "digests":[{{"name":"SHA-256"}},{{"name":"SHA-384","until":"{day}"}}],
                "schemes":[{{"name":"ECDSA","keys":[{{"from_bits":256}}]}}]}}"#
            );
            let question = Question {
                leaf: &leaf.certificate,
                bag: &[],
                evidence: &world.evidence,
                purpose: Purpose::DocumentSigning,
                at: at("2026-01-01"),
                freshness: Freshness::NextUpdate,
                catalogue: &Catalogue::from_json(table.as_bytes()).unwrap(),
            };
            validate(&question).revocation
        };
        assert_eq!(judge("2026-06-01").reason, "GOOD");
        let refused = ("refused", "ALGORITHM_ENDED".to_owned());
        assert!(judge("2025-06-01").params.contains(&refused));
    }
}
