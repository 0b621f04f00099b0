//! Whether the agency a certificate belongs to existed when it signed, and what became of it since.
//! A document keeps its value when its agency is merged, dissolved or renamed; nobody can sign for
//! an agency that is gone. Source: `docs/decisions/0018-profiles-of-documents.md`.

use std::collections::BTreeSet;

use super::registry::{SignerOwner, asked_at};
use super::report::{Owned, Report, SignatureReport};
use crate::domain::clock::{Date, Timestamp, vietnam_date};
use crate::pki::verdict::{Finding, Params, RowOutcome, Severity};

/// Why `signature` was not made by an agency that existed; `None` when it was.
///
/// A time stamp proves that a signature is not younger than it says. One without a time stamp may be
/// older than the day it is judged on, so a closed agency is then a doubt and no certainty, unless
/// the signer claims to have signed after the closing.
pub(super) fn doubt(
    owner: &SignerOwner,
    signature: &SignatureReport,
    at: Timestamp,
) -> Option<RowOutcome> {
    let days = owner.agency_days;
    let asked = vietnam_date(asked_at(signature, at));
    if let Some(from) = days.from.filter(|from| asked < *from) {
        let mut params = agency(owner);
        params.push(("date", from.to_string()));
        return Some(RowOutcome::failed("AGENCY_NOT_YET_FOUNDED", params));
    }
    let closed = days.to.filter(|_| days.ended_before(asked))?;
    let params = closing(owner, closed);
    let claimed = signature.claimed_time.map(vietnam_date);
    let is_late = claimed.is_some_and(|claimed| days.ended_before(claimed));
    Some(match signature.best_signature_time.is_some() || is_late {
        true => RowOutcome::failed("AGENCY_CLOSED", params),
        false => RowOutcome::indeterminate("AGENCY_CLOSED_NO_PROOF", params),
    })
}

/// Notes what became of the agencies that signed, each once.
pub(super) fn notice(report: &mut Report, at: Timestamp) {
    let today = vietnam_date(at);
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for signature in &report.signatures {
        let Some(Owned { owner, .. }) = &signature.owner else {
            continue;
        };
        if !known.insert(owner.agency_code.clone()) {
            continue;
        }
        let gone = owner.agency_days.to.filter(|last| *last < today);
        let said = match (gone, &owner.renamed_to) {
            (Some(last), _) if owner.successors.is_empty() => {
                Some(("AGENCY_DISSOLVED", closing(owner, last)))
            }
            (Some(last), _) => Some(("AGENCY_SUCCEEDED", closing(owner, last))),
            (None, Some(name)) => {
                let mut params = agency(owner);
                params.push(("name", name.clone()));
                Some(("AGENCY_RENAMED", params))
            }
            (None, None) => None,
        };
        found.extend(said.map(|(check, params)| Finding {
            check,
            severity: Severity::Warning,
            params,
            location: signature.field.clone(),
        }));
    }
    report.findings.extend(found);
}

fn agency(owner: &SignerOwner) -> Params {
    vec![
        ("code", owner.agency_code.clone()),
        ("agency", owner.agency_name.clone()),
    ]
}

fn closing(owner: &SignerOwner, last: Date) -> Params {
    let mut params = agency(owner);
    params.push(("date", last.to_string()));
    let successors = match owner.successors.as_slice() {
        [] => "–".to_owned(),
        some => some.join("; "),
    };
    params.push(("successors", successors));
    params
}
