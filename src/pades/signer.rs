//! Judges who signed and when: the signature value, the path of the signer's certificate, and both
//! of them at the time the signature is proven to have existed. Source: ETSI EN 319 102-1, 5.5, 5.6.

use super::policy::Policy;
use super::report::{SignatureReport, StampReport};
use super::signature::{Case, Context, located, refuse_structure, worsen};
use super::time_proof::Stamps;
use crate::cms::timestamp::algorithm_row;
use crate::cms::{AttributeProfile, SignedData};
use crate::domain::clock::{Timestamp, rfc3339};
use crate::pki::algorithm::Used;
use crate::pki::certificate::Certificate;
use crate::pki::past::validate_past;
use crate::pki::path::{PathReport, Purpose, Question, validate};
use crate::pki::poe::Proofs;
use crate::pki::verdict::{Finding, Indication, RowOutcome, RowResult, Severity, SubIndication};

/// Fills integrity, trust, revocation and time of `report`.
pub(super) fn judge(
    report: &mut SignatureReport,
    (case, stamps): (&Case, &Stamps),
    digest: Option<&[u8]>,
    (context, profile): (&Context<'_, '_>, AttributeProfile),
    findings: &mut Vec<Finding>,
) {
    let signed = match case.structure() {
        Some(Ok(signed)) => signed,
        Some(Err(fault)) => return refuse_structure(report, fault),
        None => return,
    };
    findings.extend(located(signed.findings(profile), case.name()));
    describe_stamps(report, (case, stamps), findings);
    let signer = match signed.signer(profile) {
        Ok(signer) => signer,
        Err(fault) => return refuse_structure(report, &fault),
    };
    integrity(report, (signed, &signer), digest);
    let proven = context.timeline.proven(signed.signature());
    report.best_signature_time = proven;
    let mut path = path(context, (signed, &signer), (proven, stamped_at(stamps)));
    if let Some(sub_indication) = path.sub_indication {
        worsen(report, path.indication, sub_indication);
    }
    let algorithm = Used::of(signed.algorithm(), signer.key());
    let catalogue = context.policy.catalogue();
    let row = algorithm_row(
        (algorithm, algorithm.digest),
        catalogue,
        (context.at, proven),
    );
    if let Some((sub_indication, row)) = row {
        if path.trust.result == RowResult::Passed {
            path.trust = row;
        }
        worsen(report, Indication::Indeterminate, sub_indication);
    }
    take_path(report, path, case.name(), findings);
    report.signer = Some(signer);
    accept(report, (context.policy, stamps));
}

fn take_path(
    report: &mut SignatureReport,
    path: PathReport,
    name: &str,
    findings: &mut Vec<Finding>,
) {
    report.rows.trust = path.trust;
    report.rows.revocation = path.revocation;
    report.rows.time = path.time;
    report.chain = path.chain;
    findings.extend(located(path.findings, name));
}

fn integrity(
    report: &mut SignatureReport,
    (signed, signer): (&SignedData, &Certificate),
    digest: Option<&[u8]>,
) {
    let check = match signed.verify(signer, digest.unwrap_or_default()) {
        Ok(check) => check,
        Err(fault) => return refuse_structure(report, &fault),
    };
    let name = signed.digest_algorithm().name().to_owned();
    match check.failure() {
        None => {
            let mut row = RowOutcome::passed("SIGNATURE_INTACT");
            row.params = vec![("algorithm", check.algorithm.to_string()), ("digest", name)];
            report.rows.integrity = row;
        }
        Some((indication, sub_indication, reason)) => {
            report.rows.integrity = RowOutcome::failed(reason, vec![("digest", name)]);
            worsen(report, indication, sub_indication);
        }
    }
}

/// The earliest valid time stamp inside the signature.
fn stamped_at(stamps: &Stamps) -> Option<Timestamp> {
    let valid = stamps.own.iter().filter(|stamp| stamp.report.is_proof());
    valid.filter_map(|stamp| stamp.report.time).min()
}

/// The time stamps inside the signature, for the report; those that prove nothing are noticed.
fn describe_stamps(
    report: &mut SignatureReport,
    (case, stamps): (&Case, &Stamps),
    findings: &mut Vec<Finding>,
) {
    let location = format!("{}: signature time stamp", case.name());
    for stamp in &stamps.own {
        if !stamp.report.is_proof() {
            let row = stamp.report.decided();
            findings.push(Finding {
                check: row.reason,
                severity: Severity::Warning,
                params: row.params,
                location: location.clone(),
            });
        }
        findings.extend(located(stamp.report.findings.clone(), &location));
        report.timestamps.push(StampReport {
            token: stamp.token.clone(),
            report: stamp.report.clone(),
        });
    }
    if stamps.unjudged > 0 {
        findings.push(Finding {
            check: "TIMESTAMPS_NOT_JUDGED",
            severity: Severity::Warning,
            params: vec![("count", stamps.unjudged.to_string())],
            location,
        });
    }
}

/// The path now; where only time stands in the way and an earlier time is proven, the path then.
fn path(
    context: &Context<'_, '_>,
    (signed, signer): (&SignedData, &Certificate),
    (proven, stamped): (Option<Timestamp>, Option<Timestamp>),
) -> PathReport {
    let question = Question {
        leaf: signer,
        bag: signed.certificates(),
        evidence: &context.timeline.evidence,
        purpose: Purpose::DocumentSigning,
        at: context.at,
        freshness: context.policy.freshness(proven.unwrap_or(context.at)),
        catalogue: context.policy.catalogue(),
    };
    let now = validate(&question);
    let Some(proven) = proven else { return now };
    if proven < signer.not_before() {
        return before_certificate(now, signer, proven);
    }
    match now.sub_indication {
        Some(sub_indication) if sub_indication.may_be_past() => {
            past(&question, &context.timeline.proofs, proven)
                .unwrap_or_else(|| too_late(now, signer, stamped))
        }
        _ => now,
    }
}

/// The path at the proven time, if it was good then.
fn past(question: &Question<'_>, proofs: &Proofs, proven: Timestamp) -> Option<PathReport> {
    let past = validate_past(question, proofs, proven);
    let mut past = Some(past).filter(|past| past.indication == Indication::TotalPassed)?;
    past.time.reason = "VALID_WHEN_PROVEN";
    past.revocation.reason = "GOOD_WHEN_PROVEN";
    let at = ("best_signature_time", rfc3339(proven));
    past.revocation.params.push(at);
    Some(past)
}

/// The signature is proven to be older than the certificate it was made with.
fn before_certificate(mut now: PathReport, signer: &Certificate, proven: Timestamp) -> PathReport {
    now.indication = Indication::TotalFailed;
    now.sub_indication = Some(SubIndication::NotYetValid);
    let params = vec![
        ("best_signature_time", rfc3339(proven)),
        ("not_before", rfc3339(signer.not_before())),
    ];
    now.time = RowOutcome::failed("PROVEN_BEFORE_CERTIFICATE", params);
    now
}

/// A time stamp that is part of the signature says when it was completed: after the end of the
/// certificate, or after its revocation, it fails for certain.
fn too_late(mut now: PathReport, signer: &Certificate, stamped: Option<Timestamp>) -> PathReport {
    let Some(stamped) = stamped else { return now };
    let time = ("time", rfc3339(stamped));
    let revoked = revoked_at(&now);
    if revoked.is_some_and(|revoked| revoked <= stamped) {
        now.sub_indication = Some(SubIndication::Revoked);
        now.revocation.params.push(time);
        now.revocation = RowOutcome::failed("STAMPED_AFTER_REVOCATION", now.revocation.params);
    } else if stamped > signer.not_after() {
        now.sub_indication = Some(SubIndication::Expired);
        let params = vec![time, ("not_after", rfc3339(signer.not_after()))];
        now.time = RowOutcome::failed("STAMPED_AFTER_EXPIRY", params);
    } else {
        return now;
    }
    now.indication = Indication::TotalFailed;
    now
}

/// When the signer's certificate was revoked, if that is what the path says.
fn revoked_at(path: &PathReport) -> Option<Timestamp> {
    let revoked = path.sub_indication == Some(SubIndication::RevokedNoPoe);
    let mut params = path.revocation.params.iter().filter(|_| revoked);
    let (_, at) = params.find(|(name, _)| *name == "revoked_at")?;
    at.parse().ok()
}

/// What the policy demands of a signature beyond being valid.
fn accept(report: &mut SignatureReport, (policy, stamps): (&Policy, &Stamps)) {
    let undecided = Indication::Indeterminate;
    if stamps.out_of_order {
        report.rows.time = RowOutcome::indeterminate("TIMESTAMP_ORDER", Vec::new());
        worsen(report, undecided, SubIndication::TimestampOrderFailure);
    }
    if policy.demands_timestamp() && report.best_signature_time.is_none() {
        if report.rows.time.result == RowResult::Passed {
            report.rows.time = RowOutcome::indeterminate("TIMESTAMP_REQUIRED", Vec::new());
        }
        worsen(report, undecided, SubIndication::SigConstraintsFailure);
    }
    if let Some((sub_indication, row)) = policy.refuses(&report.chain) {
        report.rows.authority = row;
        worsen(report, undecided, sub_indication);
    }
}
