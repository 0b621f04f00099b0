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

/// What levels of the signatures of one file are measured by.
pub(super) struct Levels<'a> {
    timeline: &'a Timeline,
    cases: &'a [Case],
    /// Everything the file holds.
    whole: Held<'a>,
    /// What the newest valid document time stamp covers: its position and what is held before it.
    archived: Option<(usize, Held<'a>)>,
}

impl<'a> Levels<'a> {
    /// Of the file with `cases`.
    pub(super) fn new(timeline: &'a Timeline, cases: &'a [Case], policy: &'a Policy) -> Self {
        let newest = document_stamps(timeline, cases, 0).last();
        let archived = newest.and_then(|(position, _)| {
            let end = cases.get(position)?.end()?;
            Some((position, Held::new(timeline, policy, end)))
        });
        Self {
            timeline,
            cases,
            whole: Held::new(timeline, policy, u64::MAX),
            archived,
        }
    }

    /// The level of the signature at `position`, whose form and value hold.
    pub(super) fn of(&self, position: usize) -> Option<&'static str> {
        let case = self.cases.get(position).filter(|case| case.is_cades())?;
        let signed = case.signed()?;
        if self.timeline.proven(signed.signature()).is_none() {
            return Some("B-B");
        }
        let needed = needed(self.timeline, self.cases, position);
        let holds = |held: &Held<'_>| needed.iter().all(|one| held.suffices(one));
        if needed.is_empty() || !holds(&self.whole) {
            return Some("B-T");
        }
        let archived = self.archived.as_ref();
        let archived = archived.filter(|(stamp, _)| {
            let stamp = self.cases.get(*stamp).and_then(Case::revision);
            stamp > case.revision()
        });
        match archived {
            Some((_, held)) if holds(held) => Some("B-LTA"),
            _ => Some("B-LT"),
        }
    }
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
            document_stamps(timeline, cases, position)
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

/// The valid document time stamps from `position` on, oldest first, with their positions.
fn document_stamps<'c>(
    timeline: &'c Timeline,
    cases: &'c [Case],
    position: usize,
) -> impl Iterator<Item = (usize, (Token, Certificate))> {
    let later = cases.iter().zip(&timeline.stamps).enumerate();
    later
        .skip(position)
        .filter_map(move |(at, (case, stamps))| {
            let report = stamps
                .document
                .as_ref()
                .filter(|report| report.is_proof())?;
            let counts = case.is_sound() && !stamps.out_of_order;
            let token = case.token()?.as_ref().ok().filter(|_| counts)?;
            Some((at, (token.clone(), report.signer.clone()?)))
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
