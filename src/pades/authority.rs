//! Who signed, by the register, and whether that makes the file an original: a person first, then
//! the issuing agency over everything. Source: Decree 30/2020/NĐ-CP, articles 5(1) and 17(2).

use super::policy::Policy;
use super::registry::{self, OwnerKind, SignerOwner, SignerRegistry};
use super::report::{FileVerdict, Modifications, Owned, Report, SignatureKind, SignatureReport};
use super::signature::worsen;
use super::standing;
use crate::domain::clock::Timestamp;
use crate::pki::verdict::{
    Finding, Indication, Params, RowOutcome, RowResult, Severity, SubIndication,
};

/// Fills the authority rows and the verdicts that follow from them.
pub(super) fn judge(
    report: &mut Report,
    policy: &Policy,
    registry: Option<&dyn SignerRegistry>,
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
    if let Some(code) = missing(report, policy, &owners) {
        let params = expected(policy);
        let finding = Finding {
            check: code,
            severity: Severity::Error,
            params: params.clone(),
            location: "signatures".to_owned(),
        };
        report.findings.push(finding);
        if let Some(last) = report.signatures.last_mut() {
            set(last, RowOutcome::failed(code, params));
        } else if report.verdict == FileVerdict::NoSignature {
            report.sub_indication = None;
        }
    }
}

fn expected(policy: &Policy) -> Params {
    let code = policy
        .expectation()
        .map_or("*", |expected| expected.agency_code.as_str());
    vec![("expected", code.to_owned())]
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

/// The first thing an original lacks.
fn missing(
    report: &Report,
    policy: &Policy,
    owners: &[Option<SignerOwner>],
) -> Option<&'static str> {
    let signed: Vec<_> = report
        .signatures
        .iter()
        .zip(owners)
        .filter(|(signature, _)| signature.kind != SignatureKind::Timestamp)
        .collect();
    let is_issuer = |owner: &SignerOwner| {
        let named = policy
            .expectation()
            .is_none_or(|e| e.agency_code == owner.agency_code);
        owner.kind == OwnerKind::Agency && named
    };
    let agency = signed
        .iter()
        .rposition(|(_, owner)| owner.as_ref().is_some_and(is_issuer));
    let Some(agency) = agency else {
        return Some("AGENCY_SIGNATURE_MISSING");
    };
    let before = signed.get(..agency).unwrap_or_default();
    let person = |owner: &SignerOwner| owner.kind == OwnerKind::Person;
    if !before
        .iter()
        .any(|(_, owner)| owner.as_ref().is_some_and(person))
    {
        return Some("PERSON_SIGNATURE_MISSING");
    }
    let (last, _) = signed.get(agency)?;
    let covers =
        agency.saturating_add(1) == signed.len() && last.modifications != Modifications::Disallowed;
    (!covers).then_some("AGENCY_SIGNATURE_NOT_LAST")
}
