//! What is proven to have existed since when. Document time stamps are judged from the newest to the
//! oldest, because each proves the existence of everything before it: signatures, older time stamps,
//! and the validation data among the bytes it covers. Then the time stamps inside the signatures.
//! Times that only a signer claims prove nothing. Source: ETSI EN 319 102-1, 5.6.2.3 and 5.6.3.

use std::collections::BTreeSet;

use super::dss_read::Store;
use super::policy::Policy;
use super::signature::Case;
use crate::cms::AttributeProfile;
use crate::cms::timestamp::{Judging, Token, TokenReport, judge};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::pki::poe::Proofs;
use crate::pki::trust::TrustEvidence;

/// Most time stamps judged inside one signature.
const MAX_TOKENS: usize = 4;

/// A time stamp inside a signature.
pub(super) struct Stamp {
    /// `None` if it could not be read.
    pub(super) token: Option<Token>,
    pub(super) report: TokenReport,
}

/// The time stamps of one case.
#[derive(Default)]
pub(super) struct Stamps {
    /// The judgement of a document time stamp.
    pub(super) document: Option<TokenReport>,
    /// Those inside a signature.
    pub(super) own: Vec<Stamp>,
    /// Those inside a signature that were too many to be judged.
    pub(super) unjudged: usize,
    /// A time stamp is older than another it covers.
    pub(super) out_of_order: bool,
}

/// Everything known about times and evidence in one file.
pub(super) struct Timeline {
    /// The caller's evidence and that of the file.
    pub(super) evidence: TrustEvidence,
    pub(super) store: Store,
    pub(super) proofs: Proofs,
    pub(super) at: Timestamp,
    /// One for each case, in the same order.
    pub(super) stamps: Vec<Stamps>,
}

/// The cases in signing order, each with the digest of the bytes it covers.
pub(super) type Digested<'c> = [(&'c Case, Option<&'c [u8]>)];

impl Timeline {
    /// Judges every time stamp of a file at `at`.
    pub(super) fn build(
        cases: &Digested<'_>,
        (evidence, store): (&TrustEvidence, Store),
        policy: &Policy,
        at: Timestamp,
    ) -> Self {
        let mut evidence = evidence.clone();
        store.add_to(&mut evidence, u64::MAX);
        let mut timeline = Self {
            evidence,
            store,
            proofs: Proofs::default(),
            at,
            stamps: Vec::new(),
        };
        timeline.judge_all(cases, policy, &BTreeSet::new());
        let contradicted = out_of_order(cases, &timeline.stamps);
        if !contradicted.is_empty() {
            // A time stamp that contradicts another proves nothing about anything.
            timeline.judge_all(cases, policy, &contradicted);
            for (position, stamps) in timeline.stamps.iter_mut().enumerate() {
                stamps.out_of_order = contradicted.contains(&position);
            }
        }
        timeline
    }

    /// The earliest proof that the signature `value` existed, if it lies before the present.
    pub(super) fn proven(&self, value: &[u8]) -> Option<Timestamp> {
        let proven = self.proofs.earliest(&Sha256::of(value));
        proven.filter(|proven| *proven <= self.at)
    }

    fn judge_all(
        &mut self,
        cases: &Digested<'_>,
        policy: &Policy,
        without_proof: &BTreeSet<usize>,
    ) {
        self.proofs = Proofs::default();
        self.stamps = cases.iter().map(|_| Stamps::default()).collect();
        for (position, (case, digest)) in cases.iter().enumerate().rev() {
            let Some(token) = case.token() else { continue };
            let report = match token {
                Ok(token) => judge(token, digest.unwrap_or_default(), &self.judging(policy)),
                Err(fault) => TokenReport::unreadable(fault),
            };
            let proof = report.time.filter(|_| report.is_proof() && case.is_sound());
            if let (Some(time), false) = (proof, without_proof.contains(&position)) {
                self.prove_before(cases, position, time);
            }
            if let Some(stamps) = self.stamps.get_mut(position) {
                stamps.document = Some(report);
            }
        }
        for (position, (case, _)) in cases.iter().enumerate() {
            let (own, unjudged) = self.inside(case, policy);
            if !without_proof.contains(&position) {
                self.prove_inside(case, &own);
            }
            if let Some(stamps) = self.stamps.get_mut(position) {
                (stamps.own, stamps.unjudged) = (own, unjudged);
            }
        }
    }

    fn judging<'a>(&'a self, policy: &'a Policy) -> Judging<'a> {
        Judging {
            evidence: &self.evidence,
            catalogue: policy.catalogue(),
            at: self.at,
            proofs: &self.proofs,
        }
    }

    /// Everything the document time stamp at `position` covers existed at `time`.
    fn prove_before(&mut self, cases: &Digested<'_>, position: usize, time: Timestamp) {
        let Some((case, _)) = cases.get(position) else {
            return;
        };
        let (Some(revision), Some(end)) = (case.revision(), case.end()) else {
            return;
        };
        let covered = |(_, last): &(Sha256, u64)| *last <= end;
        for (object, _) in self.store.objects().filter(covered) {
            self.proofs.add(object, time);
        }
        let earlier = |case: &Case| case.revision().is_some_and(|other| other < revision);
        for (case, _) in cases.iter().filter(|(case, _)| earlier(case)) {
            if let Some(Ok(token)) = case.token() {
                self.prove_token(token, time);
            }
            let Some(signed) = case.signed() else {
                continue;
            };
            self.proofs.add(Sha256::of(signed.signature()), time);
            for certificate in signed.certificates() {
                self.proofs.add(certificate.sha256(), time);
            }
            for token in signed.timestamps().iter().take(MAX_TOKENS) {
                if let Ok(token) = Token::read(token) {
                    self.prove_token(&token, time);
                }
            }
        }
    }

    fn prove_token(&mut self, token: &Token, time: Timestamp) {
        self.proofs.add(token.sha256(), time);
        for certificate in token.signed_data().certificates() {
            self.proofs.add(certificate.sha256(), time);
        }
    }

    /// Judges the time stamps inside a signature, and counts those left out.
    fn inside(&self, case: &Case, policy: &Policy) -> (Vec<Stamp>, usize) {
        let Some(signed) = case.signed() else {
            return (Vec::new(), 0);
        };
        let tokens = signed.timestamps();
        let judged = tokens.iter().take(MAX_TOKENS).map(|der| {
            let token = Token::read(der);
            let report = match &token {
                Ok(token) => {
                    let digest = token.imprint_digest().of(signed.signature());
                    judge(token, &digest, &self.judging(policy))
                }
                Err(fault) => TokenReport::unreadable(fault),
            };
            let token = token.ok();
            Stamp { token, report }
        });
        let unjudged = tokens.len().saturating_sub(MAX_TOKENS);
        (judged.collect(), unjudged)
    }

    /// A time stamp over a signature value proves it, and the certificate its attributes name.
    fn prove_inside(&mut self, case: &Case, own: &[Stamp]) {
        let valid = own.iter().filter(|stamp| stamp.report.is_proof());
        let time = valid.filter_map(|stamp| stamp.report.time).min();
        let (Some(time), Some(signed)) = (time, case.signed()) else {
            return;
        };
        self.proofs.add(Sha256::of(signed.signature()), time);
        let Ok(signer) = signed.signer(AttributeProfile::Cades) else {
            return;
        };
        let check = signed.verify(&signer, signed.message_digest());
        if check.is_ok_and(|check| check.failure().is_none()) {
            self.proofs.add(signer.sha256(), time);
        }
    }
}

/// The cases whose valid time stamps contradict those of other revisions: one that covers another
/// cannot be older.
fn out_of_order(cases: &Digested<'_>, stamps: &[Stamps]) -> BTreeSet<usize> {
    let mut valid: Vec<(usize, usize, &Token)> = Vec::new();
    for (position, ((case, _), stamps)) in cases.iter().zip(stamps).enumerate() {
        let Some(revision) = case.revision() else {
            continue;
        };
        if let (Some(Ok(token)), Some(report)) = (case.token(), &stamps.document)
            && report.is_proof()
        {
            valid.push((position, revision, token));
        }
        let own = stamps.own.iter().filter(|stamp| stamp.report.is_proof());
        valid.extend(own.filter_map(|stamp| Some((position, revision, stamp.token.as_ref()?))));
    }
    let mut found = BTreeSet::new();
    for (earlier, before, one) in &valid {
        for (later, after, other) in &valid {
            if before < after && other.is_before(one) {
                found.extend([*earlier, *later]);
            }
        }
    }
    found
}
