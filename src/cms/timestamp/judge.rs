//! What a token is worth: whether the authority signed it, for these bytes, with a certificate that
//! may, and whether that certificate is believed. Source: ETSI EN 319 102-1, 5.4; RFC 3161, 2.2.

use super::Token;
use crate::cms::{AttributeProfile, Error};
use crate::domain::clock::{SignedDuration, Timestamp, rfc3339};
use crate::pki::algorithm::{Catalogue, DigestAlgorithm, Used};
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::past::validate_past;
use crate::pki::path::{Freshness, PathReport, Purpose, Question, validate};
use crate::pki::poe::Proofs;
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::{Finding, Indication, RowOutcome, RowResult, SubIndication};

/// What the judgement of a token relies on.
#[derive(Debug, Clone, Copy)]
pub struct Judging<'a> {
    /// What may be relied on.
    pub evidence: &'a TrustEvidence,
    /// Until when algorithms are relied on.
    pub catalogue: &'a Catalogue,
    /// The present.
    pub at: Timestamp,
    /// Since when the token, certificates and data about revocation are known to exist.
    pub proofs: &'a Proofs,
}

/// What a token is worth.
#[derive(Debug, Clone)]
pub struct TokenReport {
    /// The verdict.
    pub indication: Indication,
    /// Why it is not `TOTAL-PASSED`.
    pub sub_indication: Option<SubIndication>,
    /// The instant stated; a proof only if the token passed.
    pub time: Option<Timestamp>,
    /// How far it may be off.
    pub accuracy: SignedDuration,
    /// The certificate of the authority, once identified.
    pub signer: Option<Certificate>,
    /// Leaf first, as far up as could be followed.
    pub chain: Vec<Certificate>,
    /// Signature, imprint, name of the authority.
    pub integrity: RowOutcome,
    /// Path, algorithms, usage.
    pub trust: RowOutcome,
    /// Revocation of every certificate below the anchor.
    pub revocation: RowOutcome,
    /// Validity periods, at the instant stated and now.
    pub validity: RowOutcome,
    /// What was noticed and decides nothing.
    pub findings: Vec<Finding>,
}

impl TokenReport {
    /// A report about a token that could not be read.
    #[must_use]
    pub fn unreadable(fault: &Error) -> Self {
        let mut report = Self::blank();
        report.refuse(fault);
        report
    }

    /// Whether the token proves that what it is over existed at its instant.
    #[must_use]
    pub fn is_proof(&self) -> bool {
        self.indication == Indication::TotalPassed
    }

    /// The row that decided: its stable reason, `VALID` if everything held, and its values.
    #[must_use]
    pub fn decided(&self) -> RowOutcome {
        let rows = [
            &self.integrity,
            &self.trust,
            &self.validity,
            &self.revocation,
        ];
        let first = |result| rows.into_iter().find(|row| row.result == result);
        first(RowResult::Failed)
            .or_else(|| first(RowResult::Indeterminate))
            .map_or_else(|| RowOutcome::passed("VALID"), Clone::clone)
    }

    const fn blank() -> Self {
        Self {
            indication: Indication::TotalPassed,
            sub_indication: None,
            time: None,
            accuracy: SignedDuration::ZERO,
            signer: None,
            chain: Vec::new(),
            integrity: RowOutcome::not_checked(),
            trust: RowOutcome::not_checked(),
            revocation: RowOutcome::not_checked(),
            validity: RowOutcome::not_checked(),
            findings: Vec::new(),
        }
    }

    /// Takes the worse verdict; among equals the earlier one stays.
    fn worsen(&mut self, indication: Indication, sub_indication: SubIndication) {
        if indication > self.indication {
            self.indication = indication;
            self.sub_indication = Some(sub_indication);
        }
    }

    fn refuse(&mut self, fault: &Error) {
        let (indication, sub_indication) = fault.verdict();
        self.integrity = fault.row();
        self.worsen(indication, sub_indication);
    }

    fn fail(&mut self, sub_indication: SubIndication, reason: &'static str) {
        self.integrity = RowOutcome::failed(reason, Vec::new());
        self.worsen(Indication::TotalFailed, sub_indication);
    }
}

/// Judges `token` over something whose digest, with [`Token::imprint_digest`], is `digest`.
///
/// The authority's certificate is judged as of the present, and where that does not pass and the
/// token is proven to have existed earlier, as of that proof (past validation).
#[must_use]
pub fn judge(token: &Token, digest: &[u8], judging: &Judging<'_>) -> TokenReport {
    let mut report = TokenReport::blank();
    report.time = Some(token.time());
    report.accuracy = token.accuracy();
    let data = token.signed_data();
    report.findings = data.findings(AttributeProfile::Pkcs7);
    let others = &judging.evidence.intermediates;
    let signer = match data.signer_among(AttributeProfile::Cades, others) {
        Ok(signer) => signer,
        Err(fault) => {
            report.refuse(&fault);
            return report;
        }
    };
    integrity(&mut report, token, digest, &signer);
    let question = Question {
        leaf: &signer,
        bag: data.certificates(),
        evidence: judging.evidence,
        purpose: Purpose::TimeStamping,
        at: judging.at,
        freshness: Freshness::NextUpdate,
        catalogue: judging.catalogue,
    };
    let proven = judging.proofs.earliest(&token.sha256());
    let proven = proven.filter(|proven| *proven < judging.at);
    take_path(&mut report, path(&question, judging.proofs, proven));
    algorithms(&mut report, token, &signer, (judging, proven));
    moment(&mut report, &signer, (token.time(), judging.at));
    report.signer = Some(signer);
    report
}

/// Signature, imprint and name.
fn integrity(report: &mut TokenReport, token: &Token, digest: &[u8], signer: &Certificate) {
    let data = token.signed_data();
    let content = data.digest_algorithm().of(data.content());
    let check = match data.verify(signer, &content) {
        Ok(check) => check,
        Err(fault) => return report.refuse(&fault),
    };
    if let Some((indication, sub_indication, reason)) = check.failure() {
        report.integrity = RowOutcome::failed(reason, Vec::new());
        return report.worsen(indication, sub_indication);
    }
    if token.imprint() != digest {
        return report.fail(SubIndication::HashFailure, "TIMESTAMP_OF_OTHER_DATA");
    }
    if !names(token, signer) {
        report.integrity = RowOutcome::failed("TIMESTAMP_AUTHORITY_NAME", Vec::new());
        return report.worsen(
            Indication::Indeterminate,
            SubIndication::SigConstraintsFailure,
        );
    }
    report.integrity = RowOutcome::passed("TIMESTAMP_INTACT");
    report.integrity.params = vec![
        ("algorithm", check.algorithm.to_string()),
        ("time", rfc3339(token.time())),
    ];
}

/// Whether the name the token gives its authority, if any, is that of `signer`.
fn names(token: &Token, signer: &Certificate) -> bool {
    const DIRECTORY_NAME: u8 = der::context(4);
    let Some(name) = &token.0.info.authority else {
        return true;
    };
    let name = der::only("tsa", name, DIRECTORY_NAME);
    name.is_ok_and(|name| name.rest() == signer.subject_der())
}

/// The present first; where only time stands in the way, the past.
fn path(question: &Question<'_>, proofs: &Proofs, proven: Option<Timestamp>) -> PathReport {
    let now = validate(question);
    let (Some(proven), Some(sub_indication)) = (proven, now.sub_indication) else {
        return now;
    };
    if !sub_indication.may_be_past() {
        return now;
    }
    let past = validate_past(question, proofs, proven);
    match past.indication {
        Indication::TotalPassed => past,
        _ => now,
    }
}

fn take_path(report: &mut TokenReport, path: PathReport) {
    if let Some(sub_indication) = path.sub_indication {
        report.worsen(path.indication, sub_indication);
    }
    report.chain = path.chain;
    report.trust = path.trust;
    report.revocation = path.revocation;
    report.validity = path.time;
    report.findings.extend(path.findings);
}

/// The algorithms of the token itself, at the earliest proof of it.
fn algorithms(
    report: &mut TokenReport,
    token: &Token,
    signer: &Certificate,
    (judging, proven): (&Judging<'_>, Option<Timestamp>),
) {
    let used = Used::of(token.signed_data().algorithm(), signer.key());
    let of_imprint = (used, token.imprint_digest());
    let of_signature = (used, used.digest);
    for (used, digest) in [of_signature, of_imprint] {
        let row = algorithm_row((used, digest), judging.catalogue, (judging.at, proven));
        if let Some((sub_indication, row)) = row {
            report.trust = row;
            report.worsen(Indication::Indeterminate, sub_indication);
        }
    }
}

/// Why an algorithm, with `digest` in place of its own, is not relied on at `at` or, if earlier, when
/// the object made with it is proven to have existed; `None` if it is.
#[must_use]
pub fn algorithm_row(
    (used, digest): (Used, DigestAlgorithm),
    catalogue: &Catalogue,
    (at, proven): (Timestamp, Option<Timestamp>),
) -> Option<(SubIndication, RowOutcome)> {
    let used = Used { digest, ..used };
    let standing = catalogue.judge(&used, proven.unwrap_or(at).min(at));
    if standing.is_good() {
        return None;
    }
    let mut params = vec![("algorithm", used.describe())];
    let end = standing.end();
    params.extend(end.map(|end| ("until", rfc3339(end))));
    let reason = match end {
        Some(_) => "SIGNATURE_ALGORITHM_ENDED",
        None => "SIGNATURE_ALGORITHM_NOT_LISTED",
    };
    let sub_indication = match (proven, end) {
        (None, Some(_)) => SubIndication::CryptoConstraintsFailureNoPoe,
        _ => SubIndication::CryptoConstraintsFailure,
    };
    Some((sub_indication, RowOutcome::failed(reason, params)))
}

/// The instant stated must lie in the certificate's validity and not in the future.
fn moment(report: &mut TokenReport, signer: &Certificate, (time, at): (Timestamp, Timestamp)) {
    let (indication, sub_indication, reason) = if time < signer.not_before() {
        let sub_indication = SubIndication::NotYetValid;
        let reason = "TIMESTAMP_BEFORE_CERTIFICATE";
        (Indication::TotalFailed, sub_indication, reason)
    } else if time > signer.not_after() {
        let sub_indication = SubIndication::Expired;
        let reason = "TIMESTAMP_AFTER_CERTIFICATE";
        (Indication::TotalFailed, sub_indication, reason)
    } else if time > at {
        let reason = "TIMESTAMP_FROM_LATER";
        (Indication::Indeterminate, SubIndication::NoPoe, reason)
    } else {
        return;
    };
    let params = vec![
        ("time", rfc3339(time)),
        ("not_before", rfc3339(signer.not_before())),
        ("not_after", rfc3339(signer.not_after())),
    ];
    report.validity = match indication {
        Indication::TotalFailed => RowOutcome::failed(reason, params),
        _ => RowOutcome::indeterminate(reason, params),
    };
    report.worsen(indication, sub_indication);
}
