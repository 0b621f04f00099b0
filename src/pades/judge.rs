//! Judges a file: structure first, then each signature, then who signed. Pure: the same bytes,
//! evidence, policy and time give the same report. Source: ETSI EN 319 102-1, 5.3.

use std::collections::HashSet;

use super::authority;
use super::changes::{self, Terms};
use super::digests;
use super::dss_read::Store;
use super::level::Levels;
use super::names;
use super::permissions;
use super::policy::{Policy, Profile};
use super::registry::SignerRegistry;
use super::report::{FileVerdict, Report, SignatureReport};
use super::seen_mark::{self, SeenMark};
use super::signature::{self, Case, Context};
use super::time_proof::Timeline;
use crate::domain::clock::Timestamp;
use crate::domain::digest::{Sha256, Sha256Stream};
use crate::pdf::{
    self, ByteSource, Document, Error, FieldValue, ObjectId, RevisionChanges, SignatureField, View,
};
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::{Finding, Indication, Params, RowResult, Severity, SubIndication};

/// Most signatures judged in one file.
const SIGNATURES: usize = 200;

/// Judges the file `source`, called `name`, with nothing but `evidence`, under `policy`, as of `at`.
///
/// A verdict, never an error: what cannot be read is `UNREADABLE`, or `TOTAL-FAILED` when it once
/// was a signed file.
#[must_use]
pub fn verify(
    source: &dyn ByteSource,
    name: &str,
    evidence: &TrustEvidence,
    policy: &Policy,
    registry: Option<&dyn SignerRegistry>,
    at: Timestamp,
) -> Report {
    let mut report = blank(source, name, evidence, policy, at);
    let mut marks = Vec::new();
    let judged = Document::open(source).and_then(|document| {
        let ground = Ground {
            document: &document,
            evidence,
            policy,
            at,
        };
        let terms = Terms {
            policy,
            registry,
            at,
        };
        judge(&ground, terms, &mut report, &mut marks)
    });
    if let Err(fault) = judged {
        unreadable(source, &fault, &mut report);
    }
    if report.sha256.is_none() {
        report.sha256 = whole_digest(source);
    }
    if policy.demands_authority() {
        authority::judge(&mut report, policy, registry, &marks, at);
    }
    conclude(&mut report);
    report
}

/// The report of a file that nobody read to its end, for the reason `check`: it says `UNREADABLE`.
/// Of the file only size and digest are looked at.
#[must_use]
pub fn unread(
    source: &dyn ByteSource,
    name: &str,
    evidence: &TrustEvidence,
    policy: &Policy,
    at: Timestamp,
    check: &'static str,
) -> Report {
    let mut report = blank(source, name, evidence, policy, at);
    report.sha256 = whole_digest(source);
    report.findings.push(plain_finding(check, Severity::Error));
    report
}

/// Says what was asked, and nothing of the file yet.
fn blank(
    source: &dyn ByteSource,
    name: &str,
    evidence: &TrustEvidence,
    policy: &Policy,
    at: Timestamp,
) -> Report {
    Report {
        name: name.to_owned(),
        sha256: None,
        size_bytes: source.size(),
        pages: 0,
        verdict: FileVerdict::Unreadable,
        sub_indication: None,
        validation_time: at,
        policy: (policy.id().to_owned(), policy.sha256()),
        evidence_sha256: evidence.sha256(),
        signatures: Vec::new(),
        findings: Vec::new(),
    }
}

fn whole_digest(source: &dyn ByteSource) -> Option<Sha256> {
    let mut hash = Sha256Stream::default();
    pdf::stream(source, 0, source.size(), &mut |piece| hash.update(piece)).ok()?;
    Some(hash.finish())
}

/// A file with broken structure was either never a readable PDF or is a signed file that somebody
/// changed: the second is a failure of its signatures.
fn unreadable(source: &dyn ByteSource, fault: &Error, report: &mut Report) {
    report.signatures.clear();
    report.findings.push(finding_of(fault));
    let readable = !matches!(fault, Error::Read { .. } | Error::Encrypted);
    if readable && fault.code() != "NOT_A_PDF" && mentions_signature(source) {
        report.verdict = FileVerdict::Judged(Indication::TotalFailed);
        report.sub_indication = Some(SubIndication::FormatFailure);
    } else {
        report.verdict = FileVerdict::Unreadable;
    }
}

pub(super) fn finding_of(fault: &Error) -> Finding {
    let mut params: Params = Vec::new();
    if let Some(offset) = fault.offset() {
        params.push(("offset", offset.to_string()));
    }
    match fault {
        Error::Malformed { expected, .. } => params.push(("expected", (*expected).to_owned())),
        Error::Limit { what, limit } => {
            params.push(("what", (*what).to_owned()));
            params.push(("limit", limit.to_string()));
        }
        Error::Unusable { detail, .. } => params.push(("detail", detail.clone())),
        Error::Read { source, .. } => params.push(("detail", source.to_string())),
        Error::Encrypted => {}
    }
    let location = fault
        .offset()
        .map_or(String::new(), |offset| format!("offset {offset}"));
    Finding {
        check: fault.code(),
        severity: Severity::Error,
        params,
        location,
    }
}

/// Whether the raw bytes speak of a signature.
fn mentions_signature(source: &dyn ByteSource) -> bool {
    const WORD: &[u8] = b"/ByteRange";
    let (mut found, mut carry) = (false, Vec::new());
    let read = pdf::stream(source, 0, source.size(), &mut |piece| {
        if found {
            return;
        }
        carry.extend_from_slice(piece);
        found = carry.windows(WORD.len()).any(|window| window == WORD);
        let keep = carry.len().saturating_sub(WORD.len());
        carry.drain(..keep);
    });
    found || read.is_err()
}

/// A signature dictionary with the fields that hold it, in any revision.
struct Found {
    id: ObjectId,
    names: Vec<String>,
    removed: bool,
}

/// What the judgement of a file rests on.
struct Ground<'d, 'a> {
    document: &'d Document<'a>,
    evidence: &'d TrustEvidence,
    policy: &'d Policy,
    at: Timestamp,
}

fn judge(
    ground: &Ground<'_, '_>,
    terms: Terms<'_>,
    report: &mut Report,
    marks: &mut Vec<SeenMark>,
) -> Result<(), Error> {
    let document = ground.document;
    let view = document.latest();
    let (found, irregular) = signatures(document)?;
    report.pages = pdf::page_ids(&view)?.len();
    if found.is_empty() && irregular.is_empty() {
        report.verdict = FileVerdict::NoSignature;
        if document.trailing_bytes() > 0 {
            report
                .findings
                .push(plain_finding("TRAILING_BYTES", Severity::Warning));
        }
        return Ok(());
    }
    let mut cases: Vec<Case> = found
        .into_iter()
        .map(|found| case(document, &view, found))
        .collect();
    cases.extend(
        irregular
            .into_iter()
            .map(|field| Case::broken(field.name, "FIELD_INVALID")),
    );
    refuse_collisions(&mut cases);
    refuse_trailing_bytes(document, &mut cases);
    let first = cases.iter().filter_map(Case::revision).min();
    let swept = pdf::sweep(document);
    let swept =
        swept.and_then(|()| first.map_or(Ok(()), |first| pdf::check_claims(document, first)));
    if let Err(fault) = &swept {
        report.findings.push(finding_of(fault));
        cases.iter_mut().for_each(|case| case.refuse(fault.code()));
    }
    cases.sort_by_key(Case::order);
    let steps = first.map_or(Ok(Vec::new()), |first| pdf::since(document, first))?;
    refuse_unlisted(&mut cases, &steps);
    check_certifications(document, &view, &mut cases)?;
    let digests = digests::digest_all(document.source(), &cases)?;
    report.sha256 = digests.whole;
    judge_cases(ground, &cases, &digests.of, report);
    names::notice(report, &cases);
    if matches!(
        ground.policy.profile(),
        Some(Profile::Copy | Profile::Enclosure)
    ) {
        marks.extend(cases.iter().map(|case| seen_mark::read(document, case)));
    }
    let (reports, findings) = (&mut report.signatures, &mut report.findings);
    changes::judge(document, (&cases, &steps), terms, reports, findings);
    // Another reader adds nothing where the objects are crooked, and may take long over them.
    if swept.is_ok() {
        structure_findings(document, report)?;
    }
    document.check_cost()
}

/// Judges every time stamp first and then, knowing what they prove, every signature.
fn judge_cases(
    ground: &Ground<'_, '_>,
    cases: &[Case],
    digests: &[Option<Vec<u8>>],
    report: &mut Report,
) {
    let digests = digests.iter().map(Option::as_deref);
    let digested: Vec<_> = cases.iter().zip(digests).collect();
    let store = Store::read(&ground.document.latest());
    report.findings.extend(store.findings.iter().cloned());
    let evidence = (ground.evidence, store);
    let timeline = Timeline::build(&digested, evidence, ground.policy, ground.at);
    let context = Context {
        document: ground.document,
        timeline: &timeline,
        policy: ground.policy,
        at: ground.at,
    };
    let levels = Levels::new(&timeline, cases, ground.policy);
    let findings = &mut report.findings;
    for (position, ((case, digest), stamps)) in digested.iter().zip(&timeline.stamps).enumerate() {
        let mut one = signature::judge(&context, (case, stamps), *digest, findings);
        if one.rows.integrity.result == RowResult::Passed {
            one.level = levels.of(position);
        }
        report.signatures.push(one);
    }
}

fn plain_finding(check: &'static str, severity: Severity) -> Finding {
    Finding {
        check,
        severity,
        params: Vec::new(),
        location: String::new(),
    }
}

/// Every signature any revision shows, so that removing one does not hide it.
fn signatures(document: &Document<'_>) -> Result<(Vec<Found>, Vec<SignatureField>), Error> {
    let mut found: Vec<Found> = Vec::new();
    let mut irregular = Vec::new();
    let latest = document.revisions().len().saturating_sub(1);
    let mut present = HashSet::new();
    for revision in (0..=latest).rev() {
        let view = document.as_of(revision);
        for field in pdf::fields(&view)?.signatures {
            let id = match field.value {
                FieldValue::Empty => continue,
                FieldValue::Irregular if revision == latest => {
                    irregular.push(field);
                    continue;
                }
                FieldValue::Irregular => continue,
                FieldValue::Signature(id) => id,
            };
            if revision == latest {
                present.insert(id);
            }
            match found.iter_mut().find(|one| one.id == id) {
                Some(known) if known.names.contains(&field.name) => {}
                Some(known) => known.names.push(field.name),
                None => {
                    let removed = !present.contains(&id);
                    found.push(Found {
                        id,
                        names: vec![field.name],
                        removed,
                    });
                }
            }
        }
        if found.len() > SIGNATURES {
            let limit = u64::try_from(SIGNATURES).unwrap_or(u64::MAX);
            return Err(Error::Limit {
                what: "signatures",
                limit,
            });
        }
    }
    Ok((found, irregular))
}

/// Reads one signature and compares it with what its own revision says of it.
fn case(document: &Document<'_>, view: &View<'_, '_>, found: Found) -> Case {
    let name = found.names.join(", ");
    if found.removed {
        return Case::broken(name, "SIGNATURE_REMOVED");
    }
    let dictionary = match pdf::signature(view, found.id) {
        Ok(dictionary) => dictionary,
        Err(fault) => return Case::faulty(name, &fault),
    };
    let signed = document.as_of(dictionary.revision);
    let same = signed.load(found.id).ok().flatten().is_some_and(|old| {
        old.offset() == dictionary.object.offset() && old.object == dictionary.object.object
    });
    if !same {
        return Case::broken(name, "SIGNATURE_REPLACED");
    }
    let holds = |field: &SignatureField| {
        field.value == FieldValue::Signature(found.id) && found.names.contains(&field.name)
    };
    let fields = pdf::fields(&signed).unwrap_or_default().signatures;
    let Some(field) = fields.into_iter().find(holds) else {
        return Case::broken(name, "FIELD_NOT_IN_REVISION");
    };
    Case::regular(name, dictionary).of_field(Some(field.object))
}

/// Two signatures over the same revision cannot both have been made.
fn refuse_collisions(cases: &mut [Case]) {
    let revisions: Vec<_> = cases.iter().filter_map(Case::revision).collect();
    for case in cases {
        let own = case.revision();
        if own.is_some() && revisions.iter().filter(|one| Some(**one) == own).count() > 1 {
            case.refuse("RANGE_COLLISION");
        }
    }
}

/// The file ends with its last revision, and a signature of that one covers its last line end too.
/// After a later revision that nobody signed one more line end may stand, as some programs write it.
fn refuse_trailing_bytes(document: &Document<'_>, cases: &mut [Case]) {
    let size = document.source().size();
    let last = document.revisions().len().saturating_sub(1);
    let trailing = document
        .revisions()
        .last()
        .is_none_or(|revision| !is_over(document.source(), revision.end));
    for case in cases {
        if trailing || (case.revision() == Some(last) && case.end() != Some(size)) {
            case.refuse("TRAILING_BYTES");
        }
    }
}

/// Whether nothing, or nothing but one line end, follows `end`.
fn is_over(source: &dyn ByteSource, end: u64) -> bool {
    let mut rest = Vec::new();
    let size = source.size();
    match size.checked_sub(end) {
        Some(0) => true,
        Some(1 | 2) => {
            let read = pdf::stream(source, end, size, &mut |piece| {
                rest.extend_from_slice(piece)
            });
            read.is_ok() && matches!(rest.as_slice(), b"\n" | b"\r" | b"\r\n")
        }
        _ => false,
    }
}

/// A signature dictionary that came with a revision must be one that this revision signs.
fn refuse_unlisted(cases: &mut [Case], steps: &[RevisionChanges]) {
    for step in steps {
        for id in &step.signatures {
            let elsewhere =
                |case: &&mut Case| case.id() == Some(*id) && case.revision() != Some(step.revision);
            cases
                .iter_mut()
                .filter(elsewhere)
                .for_each(|case| case.refuse("REVISION_END"));
        }
    }
}

/// One certification at most, and the first signature of the file.
fn check_certifications(
    document: &Document<'_>,
    view: &View<'_, '_>,
    cases: &mut [Case],
) -> Result<(), Error> {
    for case in cases.iter_mut() {
        case.read_permissions(document)?;
    }
    let certified: Vec<usize> = (0..cases.len())
        .filter(|at| cases.get(*at).is_some_and(Case::is_certification))
        .collect();
    let named = permissions::named_certification(view)?;
    for (at, case) in cases.iter_mut().enumerate() {
        if !case.is_certification() {
            continue;
        }
        if certified.len() > 1 {
            case.refuse("TWO_CERTIFICATIONS");
        } else if named != case.id() {
            case.refuse("CERTIFICATION_NOT_NAMED");
        } else if at > 0 {
            case.late_certification();
        }
    }
    if let Some(id) = named
        && !cases
            .iter()
            .any(|case| case.is_certification() && case.id() == Some(id))
        && let Some(first) = cases.first_mut()
    {
        first.refuse("CERTIFICATION_NOT_NAMED");
    }
    Ok(())
}

/// The second reader's opinion.
fn structure_findings(document: &Document<'_>, report: &mut Report) -> Result<(), Error> {
    let Some(found) = pdf::disagreement(document, report.pages)? else {
        return Ok(());
    };
    let params = vec![("own", found.own), ("other", found.other)];
    let location = "structure".to_owned();
    let (check, severity) = ("READERS_DISAGREE", Severity::Error);
    report.findings.push(Finding {
        check,
        severity,
        params,
        location,
    });
    for signature in &mut report.signatures {
        signature::doubt(signature, "READERS_DISAGREE", SubIndication::FormatFailure);
    }
    Ok(())
}

/// The verdict of the file is the worst of its signatures.
fn conclude(report: &mut Report) {
    let worst: Option<&SignatureReport> =
        report
            .signatures
            .iter()
            .fold(None, |worst, one| match worst {
                Some(known) if known.indication >= one.indication => worst,
                _ => Some(one),
            });
    if let Some(worst) = worst {
        report.verdict = FileVerdict::Judged(worst.indication);
        report.sub_indication = worst.sub_indication;
    }
}
