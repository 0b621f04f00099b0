//! The way from a certificate up to a trusted root, and what it is worth. Several ways may exist
//! (cross-signed and re-keyed CAs): the first that holds is taken; if none does, the best of them is
//! reported. Source: RFC 5280, 6.1; ETSI EN 319 102-1, 5.2.6.

use super::algorithm::Catalogue;
use super::certificate::Certificate;
use super::revocation::Check;
use super::rules::{self, Fault, algorithms};
use super::trust::TrustEvidence;
use super::verdict::{Finding, Indication, RowOutcome, SubIndication};
use crate::domain::clock::Timestamp;

mod search;

pub use super::freshness::Freshness;
pub(super) use search::best_path;

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
    /// The instant the path was judged at: the one asked about, or the one validation in the past
    /// slid back to.
    pub control_time: Timestamp,
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

/// What is asked about a certificate.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The certificate.
    pub leaf: &'a Certificate,
    /// Certificates received with the signature; not trusted.
    pub bag: &'a [Certificate],
    /// What may be relied on.
    pub evidence: &'a TrustEvidence,
    /// What the certificate is to be used for.
    pub purpose: Purpose,
    /// The instant judged (the control time).
    pub at: Timestamp,
    /// How new data about revocation must be.
    pub freshness: Freshness,
    /// Until when algorithms are relied on.
    pub catalogue: &'a Catalogue,
}

/// Judges `leaf` at the instant `at` for `purpose`, by paths over `bag` (certificates received with
/// the signature) and `evidence`, with the built-in table of algorithms and data about revocation
/// whose nextUpdate has not passed. As [`validate`].
#[must_use]
pub fn validate_path(
    leaf: &Certificate,
    bag: &[Certificate],
    evidence: &TrustEvidence,
    purpose: Purpose,
    at: Timestamp,
) -> PathReport {
    validate(&Question {
        leaf,
        bag,
        evidence,
        purpose,
        at,
        freshness: Freshness::NextUpdate,
        catalogue: Catalogue::built_in(),
    })
}

/// Judges a certificate at one instant.
///
/// The same question gives the same report: nothing is fetched, and effort is bounded by a fixed
/// budget which, when used up, gives `INDETERMINATE` with reason `BUDGET_EXCEEDED`.
#[must_use]
pub fn validate(question: &Question<'_>) -> PathReport {
    let at = question.at;
    let judged = best_path(question, &mut |path, budget| {
        let mut check = Check::new(question, Some(question.freshness), budget);
        let rows = Rows {
            trust: rules::check_chain(path, question.purpose, &question.evidence.policies)
                .or_else(|| rules::check_window(path, question.evidence, at)),
            algorithms: algorithms::check(path, question.catalogue, at),
            time: rules::check_time(path, at),
            revocation: check.chain(path),
        };
        let mut report = rows.into_report(path, at);
        let notice = algorithms::notice(path, question.catalogue, at);
        report.findings.extend(notice);
        report
    });
    judged.unwrap_or_else(|(reason, farthest)| without_path(reason, &farthest, at))
}

/// The report when no path reached an anchor.
pub(super) fn without_path(
    reason: &'static str,
    farthest: &[Certificate],
    at: Timestamp,
) -> PathReport {
    let top = farthest.last();
    let issuer = top.map_or("", |certificate| certificate.issuer());
    let sub_indication = match reason {
        "NO_PATH_TO_TRUSTED_ROOT" => SubIndication::NoCertificateChainFound,
        _ => SubIndication::CertificateChainGeneralFailure,
    };
    let params = vec![("issuer", issuer.to_owned())];
    let rows = Rows {
        trust: Some(Fault::undecided(sub_indication, reason, params)),
        algorithms: None,
        time: rules::check_time(farthest, at),
        revocation: Ok(RowOutcome::not_checked()),
    };
    rows.into_report(farthest, at)
}

/// What was found, not yet weighed.
pub(super) struct Rows {
    pub(super) trust: Option<Fault>,
    pub(super) algorithms: Option<Fault>,
    pub(super) time: Option<Fault>,
    pub(super) revocation: Result<RowOutcome, Fault>,
}

impl Rows {
    /// Brings the rows together: the worst indication counts; among equals form and usage come
    /// first, then a revocation, then algorithms and time, then missing data.
    pub(super) fn into_report(
        mut self,
        chain: &[Certificate],
        control_time: Timestamp,
    ) -> PathReport {
        // A signer's certificate that expired but is known not to be revoked is told apart
        // (EN 319 102-1, 5.2.6.4).
        if let (Some(time), Ok(row)) = (&mut self.time, &self.revocation)
            && time.row.reason == "EXPIRED"
            && row.reason == "GOOD"
        {
            time.sub_indication = SubIndication::OutOfBoundsNotRevoked;
        }
        let revoked = self.revocation.as_ref().err();
        let (certain, open) = match revoked {
            Some(fault) if fault.sub_indication != SubIndication::TryLater => (revoked, None),
            other => (None, other),
        };
        let (trust, algorithms) = (self.trust.as_ref(), self.algorithms.as_ref());
        let faults = [trust, certain, algorithms, self.time.as_ref(), open];
        let worst = faults
            .into_iter()
            .flatten()
            .rev()
            .max_by_key(|fault| fault.indication);
        let passed = |fault: Option<Fault>, reason| {
            fault.map_or_else(|| RowOutcome::passed(reason), |fault| fault.row)
        };
        PathReport {
            indication: worst.map_or(Indication::TotalPassed, |fault| fault.indication),
            sub_indication: worst.map(|fault| fault.sub_indication),
            reason: worst.map_or("VALID", |fault| fault.row.reason),
            chain: chain.to_vec(),
            control_time,
            findings: rules::notice(chain),
            trust: passed(self.trust.or(self.algorithms), "TRUSTED_PATH"),
            time: passed(self.time, "WITHIN_VALIDITY"),
            revocation: self.revocation.unwrap_or_else(|fault| fault.row),
        }
    }
}

#[cfg(test)]
mod suite;
#[cfg(test)]
mod tests;
