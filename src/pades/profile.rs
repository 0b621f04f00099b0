//! What makes signed files originals, copies or enclosures of an agency, and what one lacks.
//! Source: Decree 30/2020/NĐ-CP, articles 5(1), 17(2), 18(6), 25 and Annex I;
//! `docs/decisions/0018-profiles-of-documents.md`.

use super::policy::{Policy, Profile};
use super::registry::{OwnerKind, SignerOwner};
use super::report::{Modifications, Report, SignatureKind, SignatureReport};
use super::seen_mark::SeenMark;
use crate::domain::document::CopyForm;
use crate::domain::number::DocumentNumber;
use crate::pki::verdict::{Finding, RowOutcome, Severity};

/// A signature that is no time stamp, with its owner and its mark.
pub(super) struct Signed<'r> {
    report: &'r SignatureReport,
    owner: Option<&'r SignerOwner>,
    mark: Option<&'r SeenMark>,
}

/// The signatures of a report that are no time stamps, in signing order.
pub(super) fn signed<'r>(
    report: &'r Report,
    owners: &'r [Option<SignerOwner>],
    marks: &'r [SeenMark],
) -> Vec<Signed<'r>> {
    let all = report.signatures.iter().zip(owners).enumerate();
    all.filter(|(_, (report, _))| report.kind != SignatureKind::Timestamp)
        .map(|(at, (report, owner))| Signed {
            report,
            owner: owner.as_ref(),
            mark: marks.get(at),
        })
        .collect()
}

impl Signed<'_> {
    fn is_of(&self, kind: OwnerKind) -> bool {
        self.owner.is_some_and(|owner| owner.kind == kind)
    }

    /// Whether the agency that is expected made it.
    fn is_of_agency(&self, policy: &Policy) -> bool {
        let expected = policy.expectation().map(|one| &one.agency_code);
        let named = |owner: &SignerOwner| expected.is_none_or(|code| *code == owner.agency_code);
        self.is_of(OwnerKind::Agency) && self.owner.is_some_and(named)
    }
}

/// The first thing `signed` lacks to be what the policy wants; `None` when it is that.
pub(super) fn lack(signed: &[Signed<'_>], policy: &Policy) -> Option<RowOutcome> {
    let profile = policy.profile()?;
    let code = policy
        .expectation()
        .map_or("*", |expected| expected.agency_code.as_str());
    let failed = |reason| RowOutcome::failed(reason, vec![("expected", code.to_owned())]);
    let agency = signed.iter().rposition(|one| one.is_of_agency(policy));
    let Some((at, seal)) = agency.and_then(|at| Some((at, signed.get(at)?))) else {
        return Some(failed(match profile {
            Profile::Copy => "COPY_AGENCY_MISSING",
            _ => "AGENCY_SIGNATURE_MISSING",
        }));
    };
    let before = signed.get(..at).unwrap_or_default();
    let by_person = before.iter().any(|one| one.is_of(OwnerKind::Person));
    if profile == Profile::Original && !by_person {
        return Some(failed("PERSON_SIGNATURE_MISSING"));
    }
    let is_last = at.saturating_add(1) == signed.len();
    if !is_last || seal.report.modifications == Modifications::Disallowed {
        return Some(failed("AGENCY_SIGNATURE_NOT_LAST"));
    }
    match profile {
        Profile::Original => None,
        Profile::Copy if !before.iter().all(|one| one.is_of_agency(policy)) => {
            Some(failed("COPY_SIGNED_BY_OTHERS"))
        }
        Profile::Copy => mark_fault(seal.mark, "COPY_MARK_MISSING", |mark| {
            form_of(mark).is_none().then(|| failed("COPY_MARK_MISSING"))
        }),
        Profile::Enclosure => mark_fault(seal.mark, "ENCLOSURE_MARK_MISSING", |mark| {
            number_fault(mark, policy.main_number())
        }),
    }
}

/// What is wrong with a mark: it is not on the first page, its text cannot be read, or `of_text`.
fn mark_fault(
    mark: Option<&SeenMark>,
    missing: &'static str,
    of_text: impl Fn(&SeenMark) -> Option<RowOutcome>,
) -> Option<RowOutcome> {
    match mark.filter(|mark| mark.on_first_page) {
        None => Some(RowOutcome::failed(missing, Vec::new())),
        Some(mark) if mark.lines.iter().all(|line| line.trim().is_empty()) => {
            Some(RowOutcome::indeterminate("MARK_UNREADABLE", Vec::new()))
        }
        Some(mark) => of_text(mark),
    }
}

/// The form of copy the mark names.
fn form_of(mark: &SeenMark) -> Option<CopyForm> {
    mark.lines.iter().find_map(|line| CopyForm::named_in(line))
}

/// Whether the mark names the number of the main document, `expected` if that is known.
fn number_fault(mark: &SeenMark, expected: Option<&str>) -> Option<RowOutcome> {
    let words = || mark.lines.iter().flat_map(|line| line.split_whitespace());
    let numbers: Vec<&str> = words()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| DocumentNumber::parse(word).is_ok())
        .collect();
    if numbers.is_empty() {
        return Some(RowOutcome::failed("ENCLOSURE_MARK_MISSING", Vec::new()));
    }
    let wanted = expected.and_then(|one| DocumentNumber::parse(one).ok());
    let same = |word: &&str| wanted.is_some() && DocumentNumber::parse(word).ok() == wanted;
    if expected.is_none() || numbers.iter().any(same) {
        return None;
    }
    let params = vec![
        ("number", numbers.join(", ")),
        ("expected", expected.unwrap_or_default().to_owned()),
    ];
    Some(RowOutcome::failed("ENCLOSURE_OF_OTHER_DOCUMENT", params))
}

/// What is odd about a file that lacks nothing.
pub(super) fn notices(signed: &[Signed<'_>], policy: &Policy) -> Vec<Finding> {
    let Some(seal) = signed.iter().rfind(|one| one.is_of_agency(policy)) else {
        return Vec::new();
    };
    let Some(owner) = seal.owner else {
        return Vec::new();
    };
    let note = |check, name: &str| Finding {
        check,
        severity: Severity::Warning,
        params: vec![
            ("agency", owner.agency_name.clone()),
            ("code", owner.agency_code.clone()),
            ("name", name.to_owned()),
        ],
        location: seal.report.field.clone(),
    };
    match policy.profile() {
        Some(Profile::Original) => {
            let people = signed.iter().filter(|one| one.is_of(OwnerKind::Person));
            let mut people = people.filter_map(|one| one.owner);
            let own = people
                .clone()
                .any(|one| one.agency_code == owner.agency_code);
            let other = people.next().filter(|_| !own);
            let found = other.map(|one| note("PERSON_OF_OTHER_AGENCY", &one.agency_name));
            found.into_iter().collect()
        }
        Some(Profile::Copy) => {
            let squeezed = |text: &str| -> String {
                let text = text.to_lowercase();
                text.chars().filter(|c| c.is_alphanumeric()).collect()
            };
            let lines = seal
                .mark
                .map(|mark| mark.lines.concat())
                .unwrap_or_default();
            let named = squeezed(&lines).contains(&squeezed(&owner.agency_name));
            let found = (!named).then(|| note("COPY_MARK_WITHOUT_AGENCY", ""));
            found.into_iter().collect()
        }
        _ => Vec::new(),
    }
}
