//! The way from a certificate up to a trusted root, and what it is worth. Several ways may exist
//! (cross-signed and re-keyed CAs): the first that holds is taken; if none does, the best of them is
//! reported. Source: RFC 5280, 6.1; ETSI EN 319 102-1, 5.2.6.

use super::budget::{Budget, MAX_PATH_LENGTH};
use super::certificate::Certificate;
use super::revocation::Check;
use super::rules::{self, Fault};
use super::trust::TrustEvidence;
use super::verdict::{Finding, Indication, RowOutcome, SubIndication};
use crate::domain::clock::Timestamp;

/// What the leaf is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signing documents: keyUsage must allow signatures; extended key usage, if there is any, must
    /// name documents or mail.
    DocumentSigning,
    /// Time stamping: sole and critical extended key usage (RFC 3161, 2.3).
    TimeStamping,
    /// Signing OCSP responses.
    OcspSigning,
    /// Any signature.
    AnySigning,
}

/// What the validation of a path came to.
#[derive(Debug, Clone)]
pub struct PathReport {
    /// The verdict.
    pub indication: Indication,
    /// Why it is not `TOTAL-PASSED`.
    pub sub_indication: Option<SubIndication>,
    /// Leaf first, anchor last; without a path to an anchor, as far as one could be followed.
    pub chain: Vec<Certificate>,
    /// Path to a trusted root, form, algorithms, keys and usage.
    pub trust: RowOutcome,
    /// Revocation of every certificate below the anchor.
    pub revocation: RowOutcome,
    /// Validity periods.
    pub time: RowOutcome,
    /// What was noticed and decides nothing.
    pub findings: Vec<Finding>,
    reason: &'static str,
}

impl PathReport {
    /// The stable reason of the row that decided; `VALID` if everything held.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        self.reason
    }
}

/// Judges `leaf` at the instant `at` for `purpose`, by paths over `bag` (certificates received with
/// the signature) and `evidence`.
///
/// The same arguments give the same report: nothing is fetched, and effort is bounded by a fixed
/// budget which, when used up, gives `INDETERMINATE` with reason `BUDGET_EXCEEDED`.
#[must_use]
pub fn validate_path(
    leaf: &Certificate,
    bag: &[Certificate],
    evidence: &TrustEvidence,
    purpose: Purpose,
    at: Timestamp,
) -> PathReport {
    let mut search = Search {
        bag,
        evidence,
        purpose,
        at,
        budget: Budget::new(),
        best: None,
        farthest: Vec::new(),
        too_long: false,
    };
    search.follow(&mut vec![leaf.clone()]);
    match search.best.take() {
        Some(report) if report.indication == Indication::TotalPassed => report,
        _ if search.budget.is_exceeded() => search.without_path("BUDGET_EXCEEDED"),
        Some(report) => report,
        None if search.too_long => search.without_path("PATH_TOO_LONG"),
        None => search.without_path("NO_PATH_TO_TRUSTED_ROOT"),
    }
}

struct Search<'a> {
    bag: &'a [Certificate],
    evidence: &'a TrustEvidence,
    purpose: Purpose,
    at: Timestamp,
    budget: Budget,
    best: Option<PathReport>,
    farthest: Vec<Certificate>,
    too_long: bool,
}

impl<'a> Search<'a> {
    /// Follows every way up from the last certificate of `path`; true when one passed.
    fn follow(&mut self, path: &mut Vec<Certificate>) -> bool {
        let Some(current) = path.last().cloned() else {
            return false;
        };
        if path.len() > self.farthest.len() {
            self.farthest.clone_from(path);
        }
        if self.evidence.anchors.contains(&current) {
            return self.judge(path);
        }
        if path.len() == MAX_PATH_LENGTH {
            self.too_long = true;
            return false;
        }
        for candidate in self.issuers_of(&current) {
            if !self.budget.candidate() {
                return false;
            }
            let repeats = |earlier: &Certificate| {
                earlier.subject_der() == candidate.subject_der()
                    && earlier.public_key_der() == candidate.public_key_der()
            };
            if path.iter().any(repeats) || !self.links(&current, candidate) {
                continue;
            }
            path.push(candidate.clone());
            let passed = self.follow(path);
            path.pop();
            if passed {
                return true;
            }
        }
        false
    }

    /// Certificates whose name is the issuer of `current`: anchors first, then those whose key
    /// identifier fits.
    fn issuers_of(&self, current: &Certificate) -> Vec<&'a Certificate> {
        let named = |certificate: &&Certificate| certificate.subject_der() == current.issuer_der();
        let anchors = self.evidence.anchors.iter();
        let others = self.evidence.intermediates.iter().chain(self.bag);
        let mut found: Vec<&Certificate> = Vec::new();
        for certificate in anchors.chain(others).filter(named) {
            if !found.contains(&certificate) {
                found.push(certificate);
            }
        }
        let wanted = &current.extensions().authority_key_id;
        found.sort_by_key(|certificate| {
            let fits = wanted.is_some() && certificate.extensions().subject_key_id == *wanted;
            (!self.evidence.anchors.contains(certificate), !fits)
        });
        found
    }

    /// Whether `issuer` signed `certificate`. A signature with an algorithm that is refused is not
    /// checked: the path is followed in order to say so, and can never pass.
    fn links(&mut self, certificate: &Certificate, issuer: &Certificate) -> bool {
        certificate.algorithm().is_err()
            || (self.budget.signature() && certificate.is_signed_by(issuer))
    }

    /// Judges a path that reached an anchor; true when it passed.
    fn judge(&mut self, path: &[Certificate]) -> bool {
        let trust = rules::check_chain(path, self.purpose);
        let time = rules::check_time(path, self.at);
        let mut check = Check {
            evidence: self.evidence,
            at: self.at,
            budget: &mut self.budget,
        };
        let revocation = check.chain(path);
        let report = report(path, trust, time, revocation);
        let passed = report.indication == Indication::TotalPassed;
        if self
            .best
            .as_ref()
            .is_none_or(|best| report.indication < best.indication)
        {
            self.best = Some(report);
        }
        passed
    }

    fn without_path(self, reason: &'static str) -> PathReport {
        let top = self.farthest.last();
        let issuer = top
            .map_or("", |certificate| certificate.issuer())
            .to_owned();
        let sub_indication = match reason {
            "NO_PATH_TO_TRUSTED_ROOT" => SubIndication::NoCertificateChainFound,
            _ => SubIndication::CertificateChainGeneralFailure,
        };
        let params = vec![("issuer", issuer)];
        let trust = Fault::undecided(sub_indication, reason, params);
        let time = rules::check_time(&self.farthest, self.at);
        report(
            &self.farthest,
            Some(trust),
            time,
            Ok(RowOutcome::not_checked()),
        )
    }
}

/// Brings the rows together: the worst indication counts; among equals form and usage come first,
/// then a revocation, then time, then missing data.
fn report(
    chain: &[Certificate],
    trust: Option<Fault>,
    time: Option<Fault>,
    revocation: Result<RowOutcome, Fault>,
) -> PathReport {
    let revoked = revocation.as_ref().err();
    let (certain, open) = match revoked {
        Some(fault) if fault.sub_indication != SubIndication::TryLater => (revoked, None),
        other => (None, other),
    };
    let faults = [trust.as_ref(), certain, time.as_ref(), open];
    let worst = faults
        .into_iter()
        .flatten()
        .rev()
        .max_by_key(|fault| fault.indication);
    PathReport {
        indication: worst.map_or(Indication::TotalPassed, |fault| fault.indication),
        sub_indication: worst.map(|fault| fault.sub_indication),
        reason: worst.map_or("VALID", |fault| fault.row.reason),
        chain: chain.to_vec(),
        findings: rules::notice(chain),
        trust: trust.map_or_else(|| RowOutcome::passed("TRUSTED_PATH"), |fault| fault.row),
        time: time.map_or_else(|| RowOutcome::passed("WITHIN_VALIDITY"), |fault| fault.row),
        revocation: revocation.unwrap_or_else(|fault| fault.row),
    }
}

#[cfg(test)]
mod tests;
