//! The baseline level a signature has reached, by what is there and valid. Source: ETSI EN 319
//! 142-1, clause 6: B-T adds a proof of time, B-LT everything needed to judge signer and time stamps
//! inside the file, B-LTA a document time stamp over that.

use std::collections::BTreeSet;

use super::policy::Policy;
use super::signature::Case;
use super::time_proof::Timeline;
use crate::cms::AttributeProfile;
use crate::cms::timestamp::Token;
use crate::domain::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::pki::path::{Freshness, Purpose, Question, validate};
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::{Indication, SubIndication};

/// Most instants at which the file's own material is tried.
const MAX_INSTANTS: usize = 16;

/// The level of the signature at `position`, whose form and value hold.
pub(super) fn level(
    timeline: &Timeline,
    cases: &[Case],
    position: usize,
    policy: &Policy,
) -> Option<&'static str> {
    let case = cases.get(position).filter(|case| case.is_cades())?;
    let signed = case.signed()?;
    if timeline.proven(signed.signature()).is_none() {
        return Some("B-B");
    }
    let needed = needed(timeline, cases, position);
    let complete = |end| {
        let held = Held::new(timeline, policy, end);
        needed.iter().all(|one| held.suffices(one))
    };
    if needed.is_empty() || !complete(u64::MAX) {
        return Some("B-T");
    }
    let mut archived = covering(timeline, cases, position).filter_map(|(case, _)| case.end());
    if archived.any(complete) {
        return Some("B-LTA");
    }
    Some("B-LT")
}

/// A certificate that must be judged by what the file holds.
struct Needed {
    leaf: Certificate,
    bag: Vec<Certificate>,
    purpose: Purpose,
}

/// The signer and the authorities of the time stamps that prove the signature's time.
fn needed(timeline: &Timeline, cases: &[Case], position: usize) -> Vec<Needed> {
    let mut needed = Vec::new();
    let signed = cases.get(position).and_then(|case| case.signed());
    if let Some(signed) = signed
        && let Ok(leaf) = signed.signer(AttributeProfile::Cades)
    {
        needed.push(Needed {
            leaf,
            bag: signed.certificates().to_vec(),
            purpose: Purpose::DocumentSigning,
        });
    }
    let stamps = timeline.stamps.get(position);
    let own = stamps
        .map(|stamps| stamps.own.as_slice())
        .unwrap_or_default();
    let own = own.iter().filter(|stamp| stamp.report.is_proof());
    let mut tokens: Vec<_> = own
        .filter_map(|stamp| Some((stamp.token.clone()?, stamp.report.signer.clone()?)))
        .collect();
    if tokens.is_empty() {
        tokens.extend(
            covering(timeline, cases, position)
                .take(1)
                .map(|(_, of)| of),
        );
    }
    needed.extend(tokens.into_iter().map(|(token, leaf)| Needed {
        leaf,
        bag: token.signed_data().certificates().to_vec(),
        purpose: Purpose::TimeStamping,
    }));
    needed
}

/// The valid document time stamps that cover the signature, oldest first.
fn covering<'c>(
    timeline: &'c Timeline,
    cases: &'c [Case],
    position: usize,
) -> impl Iterator<Item = (&'c Case, (Token, Certificate))> {
    let own = cases.get(position).and_then(|case| case.revision());
    let later = cases.iter().zip(&timeline.stamps).skip(position);
    later.filter_map(move |(case, stamps)| {
        let report = stamps
            .document
            .as_ref()
            .filter(|report| report.is_proof())?;
        let covers = case.is_sound() && !stamps.out_of_order && case.revision() > own;
        let token = case.token()?.as_ref().ok().filter(|_| covers)?;
        Some((case, (token.clone(), report.signer.clone()?)))
    })
}

/// What the file itself holds, with nothing of the caller's but the anchors.
struct Held<'a> {
    evidence: TrustEvidence,
    instants: Vec<Timestamp>,
    policy: &'a Policy,
}

impl<'a> Held<'a> {
    fn new(timeline: &Timeline, policy: &'a Policy, end: u64) -> Self {
        let mut evidence = TrustEvidence {
            intermediates: Vec::new(),
            crls: Vec::new(),
            ocsp: Vec::new(),
            ..timeline.evidence.clone()
        };
        timeline.store.add_to(&mut evidence, end);
        let lists = evidence.crls.iter().map(|crl| crl.this_update());
        let responses = evidence.ocsp.iter().map(|one| one.produced_at());
        let instants: BTreeSet<_> = lists
            .chain(responses)
            .chain([timeline.at])
            .filter(|instant| *instant <= timeline.at)
            .collect();
        let instants = instants.into_iter().rev().take(MAX_INSTANTS).collect();
        Self {
            evidence,
            instants,
            policy,
        }
    }

    /// Whether the file decides about a certificate at one of the instants its data is from.
    fn suffices(&self, needed: &Needed) -> bool {
        self.instants.iter().any(|at| {
            let report = validate(&Question {
                leaf: &needed.leaf,
                bag: &needed.bag,
                evidence: &self.evidence,
                purpose: needed.purpose,
                at: *at,
                freshness: Freshness::NextUpdate,
                catalogue: self.policy.catalogue(),
            });
            let revoked = [SubIndication::RevokedNoPoe, SubIndication::RevokedCaNoPoe];
            report.indication == Indication::TotalPassed
                || report
                    .sub_indication
                    .is_some_and(|sub| revoked.contains(&sub))
        })
    }
}
