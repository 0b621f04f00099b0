//! Who signed, by the register, and whether that makes the file what the policy wants it to be.
//! Source: Decree 30/2020/NĐ-CP, articles 5(1) and 17(2).

use super::policy::Policy;
use super::profile;
use super::registry::{self, OwnerKind, SignerOwner, SignerRegistry};
use super::report::{FileVerdict, Owned, Report, SignatureKind, SignatureReport};
use super::seen_mark::SeenMark;
use super::signature::worsen;
use super::standing;
use crate::domain::clock::Timestamp;
use crate::pki::verdict::{Finding, Indication, RowOutcome, RowResult, Severity, SubIndication};

/// Fills the authority rows and the verdicts that follow from them.
pub(super) fn judge(
    report: &mut Report,
    policy: &Policy,
    registry: Option<&dyn SignerRegistry>,
    marks: &[SeenMark],
    at: Timestamp,
) {
    let mut owners = Vec::new();
    for signature in &mut report.signatures {
        let owner = registry.and_then(|registry| registry::owner_of(registry, signature, at));
        if signature.kind != SignatureKind::Timestamp {
            let row = row(policy, registry.is_some(), signature, owner.as_ref());
            set(signature, row);
        }
        if let Some(owner) = &owner {
            if let Some(row) = standing::doubt(owner, signature, at) {
                set(signature, row);
            }
            signature.owner = Some(Owned {
                owner: owner.clone(),
                asked_at: registry::asked_at(signature, at),
            });
        }
        owners.push(owner);
    }
    standing::notice(report, at);
    let signed = profile::signed(report, &owners, marks);
    let lack = profile::lack(&signed, policy);
    let notices = profile::notices(&signed, policy);
    report.findings.extend(notices);
    if let Some(row) = lack {
        report.findings.push(Finding {
            check: row.reason,
            severity: Severity::Error,
            params: row.params.clone(),
            location: "signatures".to_owned(),
        });
        if let Some(last) = report.signatures.last_mut() {
            set(last, row);
        } else if report.verdict == FileVerdict::NoSignature {
            report.sub_indication = None;
        }
    }
}

fn set(signature: &mut SignatureReport, row: RowOutcome) {
    if row.result != RowResult::Passed {
        worsen(
            signature,
            Indication::Indeterminate,
            SubIndication::SigConstraintsFailure,
        );
    }
    if signature.rows.authority.result != RowResult::Failed {
        signature.rows.authority = row;
    }
}

fn row(
    policy: &Policy,
    has_registry: bool,
    signature: &SignatureReport,
    owner: Option<&SignerOwner>,
) -> RowOutcome {
    if !has_registry {
        return RowOutcome::indeterminate("REGISTRY_MISSING", Vec::new());
    }
    let Some(owner) = owner else {
        let signer = signature
            .signer
            .as_ref()
            .map_or("", |signer| signer.subject());
        return RowOutcome::indeterminate("SIGNER_UNKNOWN", vec![("signer", signer.to_owned())]);
    };
    let mut params = vec![
        ("code", owner.agency_code.clone()),
        ("agency", owner.agency_name.clone()),
    ];
    let (result, reason) = match owner.kind {
        OwnerKind::Person => (RowResult::Passed, "SIGNED_BY_PERSON"),
        OwnerKind::Agency => match policy.expectation() {
            Some(expectation) if expectation.agency_code != owner.agency_code => {
                params.push(("expected", expectation.agency_code.clone()));
                (RowResult::Failed, "SIGNER_MISMATCH")
            }
            _ => (RowResult::Passed, "SIGNED_BY_AGENCY"),
        },
    };
    RowOutcome {
        result,
        reason,
        params,
    }
}
