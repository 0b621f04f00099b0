//! Judges what later revisions did by what each signature permits: its certification, its locks, the
//! policy, and whether the signature that made a change is itself sound.
//! Source: ISO 32000-2, 12.8.2; ETSI EN 319 102-1, 5.2.8.

use std::collections::HashMap;

use super::noticed::{Notices, params};
use super::permissions::Permissions;
use super::policy::Policy;
use super::registry::{self, OwnerKind, SignerRegistry};
use super::report::{ChangeReport, Modifications, SignatureKind, SignatureReport};
use super::signature::{Case, doubt, worsen};
use crate::domain::clock::Timestamp;
use crate::pdf::{
    self, ChangeKind, Document, Level, Modification, ObjectId, PaintedPages, Placement,
    RevisionChanges,
};
use crate::pki::verdict::{Finding, Indication, RowOutcome, RowResult, SubIndication};

/// Changes listed for one signature.
const LISTED: usize = 50;
/// Largest mark in the agency manner, width and height in millimetres: a seal and some room.
const MARK_MM: [f64; 2] = [65.0, 50.0];
/// Where the signer's block begins, as part of the page's width.
const BLOCK: f64 = 0.45;

/// What the judgement relies on beside the file.
#[derive(Clone, Copy)]
pub(super) struct Terms<'t> {
    pub(super) policy: &'t Policy,
    pub(super) registry: Option<&'t dyn SignerRegistry>,
    pub(super) at: Timestamp,
}

/// What one signature permits.
struct Permitted<'c> {
    revision: usize,
    level: Level,
    certified: bool,
    permissions: &'c Permissions,
    /// Whether the policy's harder rule holds: the agency has signed.
    sealed: bool,
    trusted: bool,
}

/// How sound a signature is that made a change.
#[derive(Clone, Copy)]
struct Maker {
    broken: bool,
    trusted: bool,
}

struct Course<'c, 'd, 'a> {
    document: &'d Document<'a>,
    agency: bool,
    makers: HashMap<ObjectId, Maker>,
    /// Whether a mark covers content, by revision and object.
    covered: HashMap<(usize, u32), bool>,
    painted: PaintedPages,
    /// Pages and boxes of marks already seen.
    marks: Vec<Placement>,
    steps: &'c [RevisionChanges],
}

/// Fills the rows about changes of all `reports`, one for each of `cases`.
pub(super) fn judge(
    document: &Document<'_>,
    (cases, steps): (&[Case], &[RevisionChanges]),
    terms: Terms<'_>,
    reports: &mut [SignatureReport],
    findings: &mut Vec<Finding>,
) {
    let sealed_from = sealed_from(reports, terms);
    let makers = cases.iter().zip(reports.iter());
    let makers = makers.filter_map(|(case, report)| Some((case.id()?, Maker::of(report))));
    let mut course = Course {
        document,
        agency: terms.policy.demands_authority(),
        makers: makers.collect(),
        covered: HashMap::new(),
        painted: PaintedPages::default(),
        marks: Vec::new(),
        steps,
    };
    let mut strictest: Option<u8> = None;
    let mut notices = Notices::new(document, findings);
    for (at, (case, report)) in cases.iter().zip(reports).enumerate() {
        let Some(revision) = case.revision() else {
            continue;
        };
        let permissions = case.permissions();
        let weakened = permissions
            .locked
            .is_some_and(|own| strictest.is_some_and(|p| own > p));
        for own in [permissions.certified, permissions.locked]
            .into_iter()
            .flatten()
        {
            strictest = Some(strictest.map_or(own, |known| known.min(own)));
        }
        let permitted = Permitted {
            revision,
            level: match strictest {
                Some(1) => Level::LongTerm,
                None | Some(2) => Level::FormFilling,
                Some(_) => Level::Annotations,
            },
            certified: strictest.is_some(),
            permissions,
            sealed: sealed_from.is_some_and(|from| at >= from),
            trusted: report.rows.trust.result == RowResult::Passed,
        };
        let judged = course.judge(&permitted);
        notices.take(&judged);
        conclude(report, &judged);
        if weakened {
            weaken(report);
        }
    }
}

/// From which signature on the policy allows validation data and signatures only.
fn sealed_from(reports: &[SignatureReport], terms: Terms<'_>) -> Option<usize> {
    if !terms.policy.demands_authority() {
        return None;
    }
    let Some(registry) = terms.registry else {
        return Some(0);
    };
    let by_agency = |report: &SignatureReport| {
        let owner = registry::owner_of(registry, report, terms.at);
        owner.is_some_and(|owner| owner.kind == OwnerKind::Agency)
    };
    reports.iter().rposition(by_agency)
}

impl Maker {
    fn of(report: &SignatureReport) -> Self {
        let integrity = report.rows.integrity.result;
        let broken = matches!(integrity, RowResult::Failed | RowResult::NotChecked)
            || report.rows.coverage.result == RowResult::Failed;
        Self {
            broken,
            trusted: report.rows.trust.result == RowResult::Passed
                || report.kind == SignatureKind::Timestamp,
        }
    }
}

/// A change and why it is not permitted, or `None`.
pub(super) type Judged<'c> = (&'c Modification, Option<&'static str>);

/// What followed a signature.
pub(super) struct Followed<'c> {
    pub(super) changes: Vec<Judged<'c>>,
    /// Permitted marks that lie over content of a page.
    pub(super) covering: Vec<&'c Modification>,
    /// Whether annotations came that are allowed.
    annotated: bool,
    /// Whether any later revision exists.
    any: bool,
}

impl Followed<'_> {
    fn includes(&self, kind: ChangeKind) -> bool {
        self.changes.iter().any(|(one, _)| one.kind == kind)
    }
}

impl<'c> Course<'c, '_, '_> {
    fn judge(&mut self, permitted: &Permitted<'_>) -> Followed<'c> {
        let later = self.steps.iter();
        let later = later.filter(|step| step.revision > permitted.revision);
        let mut followed = Followed {
            changes: Vec::new(),
            covering: Vec::new(),
            annotated: false,
            any: false,
        };
        for step in later {
            followed.any = true;
            for one in &step.modifications {
                let refused = self.refusal(permitted, one);
                followed.annotated |= one.kind == ChangeKind::Annotation && refused.is_none();
                let mark = refused.is_none() && one.kind.is_signature();
                if mark && !self.agency && self.covers(one) {
                    followed.covering.push(one);
                }
                followed.changes.push((one, refused));
            }
        }
        followed
    }

    fn refusal(&mut self, permitted: &Permitted<'_>, one: &Modification) -> Option<&'static str> {
        let level = one.kind.level();
        let locked = |name: &String| permitted.permissions.locks.iter().any(|l| l.holds(name));
        let locked = level > Level::LongTerm && one.field.as_ref().is_some_and(locked);
        let new_mark = one.kind.is_signature() && one.fresh && one.place.is_some();
        if let ChangeKind::Refused(code) = one.kind {
            Some(code)
        } else if one.kind == ChangeKind::Annotation && self.agency {
            Some("CHANGED_BY_ANNOTATION")
        } else if level > permitted.level {
            Some(match permitted.certified {
                true => "FORBIDDEN_BY_CERTIFICATION",
                false => "ANNOTATION_CHANGED",
            })
        } else if one.kind == ChangeKind::Annotation && one.place.is_some_and(|place| place.covers)
        {
            Some("ANNOTATION_OVER_TEXT")
        } else if permitted.certified && new_mark {
            Some("VISIBLE_FIELD_AFTER_CERTIFICATION")
        } else if locked {
            Some("FORBIDDEN_BY_FIELD_LOCK")
        } else if permitted.sealed && level > Level::LongTerm && !one.kind.is_signature() {
            Some("FORBIDDEN_AFTER_AGENCY")
        } else {
            self.unsound(permitted, one)
        }
    }

    /// A change is legal only if the signature that makes it is sound and its mark a mark.
    fn unsound(&mut self, permitted: &Permitted<'_>, one: &Modification) -> Option<&'static str> {
        if !one.kind.is_signature() {
            return None;
        }
        let maker = one.signature.and_then(|id| self.makers.get(&id)).copied();
        let strict = permitted.certified || permitted.sealed;
        match maker {
            _ if one.signature.is_none() => {}
            None | Some(Maker { broken: true, .. }) => return Some("ADDED_SIGNATURE_BROKEN"),
            Some(Maker { trusted: false, .. }) if strict && permitted.trusted => {
                return Some("ADDED_SIGNATURE_UNTRUSTED");
            }
            Some(_) => {}
        }
        let covering = one.place.is_some_and(|place| place.covers);
        if self.agency && covering && !self.is_agency_mark(one) && self.covers(one) {
            return Some("MARK_OVER_CONTENT");
        }
        None
    }

    /// Whether a mark is as large as a seal at most and stands in the signer's block or on another
    /// mark. Source: Decree 30/2020/NĐ-CP, Annex I.
    fn is_agency_mark(&mut self, one: &Modification) -> bool {
        let Some(place) = one.place else { return true };
        let view = self.document.as_of(one.revision);
        let Ok(page) = pdf::page_of(&view, place.page) else {
            return false;
        };
        let [x, _, width, height] = page.as_seen(place.rectangle);
        let small = width <= MARK_MM[0] && height <= MARK_MM[1];
        let in_block = x + width / 2.0 >= page.size_mm()[0] * BLOCK;
        let on_mark = self.marks.iter().any(|known| {
            let ([l, b, r, t], [left, bottom, right, top]) = (known.rectangle, place.rectangle);
            known.page == place.page && l < right && left < r && b < top && bottom < t
        });
        if !self.marks.contains(&place) {
            self.marks.push(place);
        }
        small && (in_block || on_mark)
    }

    /// Whether what is seen of a mark covers content of its page, or might.
    fn covers(&mut self, one: &Modification) -> bool {
        let Some(place) = one.place.filter(|place| place.covers) else {
            return false;
        };
        let key = (one.revision, one.object);
        if let Some(known) = self.covered.get(&key) {
            return *known;
        }
        // What would take too long to look at counts as covering.
        let covers = self.covered.len() >= LISTED
            || self.painted.covered(
                &self.document.as_of(one.revision),
                place.page,
                place.rectangle,
            );
        self.covered.insert(key, covers);
        covers
    }
}

/// Writes the row, the list and the verdict of one signature.
fn conclude(report: &mut SignatureReport, followed: &Followed<'_>) {
    let refused = followed
        .changes
        .iter()
        .filter(|(_, refused)| refused.is_some());
    let count = refused.clone().count();
    let allowed = followed
        .changes
        .iter()
        .filter(|(_, refused)| refused.is_none());
    let listed = refused.clone().chain(allowed).take(LISTED);
    report.modifications_list = listed
        .map(|(one, refused)| ChangeReport {
            change: (*one).clone(),
            refused: *refused,
        })
        .collect();
    report.modifications_count = followed.changes.len();
    if let Some((one, Some(code))) = refused.clone().next() {
        let own_words = !matches!(one.kind, ChangeKind::Refused(_));
        let mut params = params(one);
        params.push(("count", count.to_string()));
        params.push(("rule", (*code).to_owned()));
        let reason = if own_words {
            code
        } else {
            "DISALLOWED_CHANGES"
        };
        report.rows.changes = RowOutcome::failed(reason, params);
        report.modifications = Modifications::Disallowed;
        let (indication, sub) = (Indication::TotalFailed, SubIndication::FormatFailure);
        worsen(report, indication, sub);
        return;
    }
    report.modifications = Modifications::Allowed;
    report.rows.changes = match followed.annotated {
        true => RowOutcome::passed("CHANGED_BY_ANNOTATION"),
        false if !followed.covering.is_empty() => RowOutcome::passed("CONTENT_COVERED_SINCE"),
        false if followed.includes(ChangeKind::FieldFill) => {
            RowOutcome::passed("FORM_FILLED_SINCE")
        }
        false if followed.includes(ChangeKind::Description) => {
            RowOutcome::passed("METADATA_CHANGED_SINCE")
        }
        false if followed.any => RowOutcome::passed("ALLOWED_CHANGES_SINCE"),
        false => {
            report.modifications = Modifications::None;
            RowOutcome::passed("NO_CHANGES_SINCE")
        }
    };
}

/// A lock that permits more than was permitted before it.
fn weaken(report: &mut SignatureReport) {
    let code = "PERMISSION_WEAKENED";
    if report.rows.changes.result == RowResult::Passed {
        report.rows.changes = RowOutcome::indeterminate(code, Vec::new());
    }
    doubt(report, code, SubIndication::SigConstraintsFailure);
}
