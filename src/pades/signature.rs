//! Judges one signature: its form, its bytes, its certificate, and what came after it.

use std::cmp::Reverse;
use std::rc::Rc;

use super::checks::Checks;
use super::permissions::{self, Permissions};
use super::policy::Policy;
use super::report::{Modifications, Rows, SignatureKind, SignatureReport, StampReport};
use super::signer;
use super::time_proof::{Stamps, Timeline};
use super::times::read_pdf_date;
use crate::cms::timestamp::Token;
use crate::cms::{self, AttributeProfile, SignedData};
use crate::domain::clock::Timestamp;
use crate::pdf::{
    self, Document, Error, Indirect, Object, ObjectId, SignatureDictionary, SubFilter,
};
use crate::pki::algorithm::DigestAlgorithm;
use crate::pki::verdict::{
    Finding, Indication, Params, RowOutcome, RowResult, Severity, SubIndication,
};

/// What every judgement relies on.
pub(super) struct Context<'d, 'a> {
    pub(super) document: &'d Document<'a>,
    pub(super) timeline: &'d Timeline,
    pub(super) policy: &'d Policy,
    pub(super) at: Timestamp,
}

/// A signature before its judgement.
pub(super) struct Case {
    name: String,
    dictionary: Option<SignatureDictionary>,
    signed: Option<Result<SignedData, cms::Error>>,
    /// The content of a document time stamp.
    token: Option<Result<Token, cms::Error>>,
    fault: Option<(&'static str, Params)>,
    field: Option<Rc<Indirect>>,
    permissions: Permissions,
    late_certification: bool,
}

impl Case {
    pub(super) fn regular(name: String, dictionary: SignatureDictionary) -> Self {
        let readable = matches!(dictionary.sub_filter, SubFilter::Cades | SubFilter::Pkcs7);
        let signed = readable.then(|| cms::parse(&dictionary.contents));
        let is_token = dictionary.sub_filter == SubFilter::TimeStamp;
        let token = is_token.then(|| Token::read(&dictionary.contents));
        Self {
            name,
            dictionary: Some(dictionary),
            signed,
            token,
            fault: None,
            field: None,
            permissions: Permissions::default(),
            late_certification: false,
        }
    }

    pub(super) fn broken(name: String, code: &'static str) -> Self {
        Self {
            name,
            dictionary: None,
            signed: None,
            token: None,
            fault: Some((code, Vec::new())),
            field: None,
            permissions: Permissions::default(),
            late_certification: false,
        }
    }

    pub(super) fn faulty(name: String, fault: &Error) -> Self {
        let finding = super::judge::finding_of(fault);
        Self {
            fault: Some((finding.check, finding.params)),
            ..Self::broken(name, "")
        }
    }

    pub(super) fn revision(&self) -> Option<usize> {
        self.dictionary
            .as_ref()
            .map(|dictionary| dictionary.revision)
    }

    /// Hole, end and digest of the bytes the signature covers, if it can be read.
    pub(super) fn covers(&self) -> Option<((u64, u64), u64, DigestAlgorithm)> {
        let dictionary = self.dictionary.as_ref()?;
        let of_token = || Some(self.token.as_ref()?.as_ref().ok()?.imprint_digest());
        let digest = self.signed().map(SignedData::digest_algorithm);
        let hole = (dictionary.hole_start, dictionary.hole_end);
        Some((hole, dictionary.end, digest.or_else(of_token)?))
    }

    /// Name, reason and place exactly as the signature states them; not safe to show.
    pub(super) fn claims(&self) -> Vec<(&'static str, String)> {
        let dictionary = self.dictionary.as_ref();
        let stated = dictionary.and_then(|found| found.dictionary().ok());
        let claim = |key: &'static str| {
            let value = stated?.get(key.as_bytes()).and_then(Object::as_string)?;
            Some((key, pdf::raw_text(value).chars().take(500).collect()))
        };
        let keys = ["Name", "Reason", "Location"].into_iter();
        keys.filter_map(claim).collect()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a `PAdES` signature.
    pub(super) fn is_cades(&self) -> bool {
        let dictionary = self.dictionary.as_ref();
        dictionary.is_some_and(|dictionary| dictionary.sub_filter == SubFilter::Cades)
    }

    /// Whether nothing about its form is broken.
    pub(super) const fn is_sound(&self) -> bool {
        self.fault.is_none()
    }

    /// The signature, or what is wrong with its structure; `None` for a time stamp.
    pub(super) const fn structure(&self) -> Option<&Result<SignedData, cms::Error>> {
        self.signed.as_ref()
    }

    /// The signature, if it can be read.
    pub(super) fn signed(&self) -> Option<&SignedData> {
        self.signed.as_ref()?.as_ref().ok()
    }

    /// The token of a document time stamp, or what is wrong with it.
    pub(super) const fn token(&self) -> Option<&Result<Token, cms::Error>> {
        self.token.as_ref()
    }

    pub(super) fn end(&self) -> Option<u64> {
        self.dictionary.as_ref().map(|dictionary| dictionary.end)
    }

    pub(super) fn id(&self) -> Option<ObjectId> {
        self.dictionary.as_ref().map(|dictionary| dictionary.id)
    }

    /// Signing order; what has no place comes last.
    pub(super) fn order(&self) -> (usize, String) {
        (self.revision().unwrap_or(usize::MAX), self.name.clone())
    }

    pub(super) fn refuse(&mut self, code: &'static str) {
        if self.fault.is_none() {
            self.fault = Some((code, Vec::new()));
        }
    }

    pub(super) const fn is_certification(&self) -> bool {
        self.permissions.certified.is_some()
    }

    pub(super) const fn late_certification(&mut self) {
        self.late_certification = true;
    }

    /// The case of a signature whose field is known.
    pub(super) fn of_field(self, field: Option<Rc<Indirect>>) -> Self {
        Self { field, ..self }
    }

    /// What the signature allows to happen after it.
    pub(super) const fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    pub(super) fn read_permissions(&mut self, document: &Document<'_>) -> Result<(), Error> {
        if let Some(dictionary) = &self.dictionary {
            let view = document.as_of(dictionary.revision);
            let field = self
                .field
                .as_ref()
                .and_then(|field| field.object.as_dictionary());
            self.permissions = permissions::permissions(&view, dictionary, field)?;
        }
        Ok(())
    }
}

/// Judges `case`; `digest` is that of its two stretches.
pub(super) fn judge(
    context: &Context<'_, '_>,
    (case, stamps): (&Case, &Stamps),
    digest: Option<&[u8]>,
    findings: &mut Vec<Finding>,
) -> SignatureReport {
    let mut report = blank(case);
    if let Some((code, params)) = &case.fault {
        fail_format(&mut report, code);
        report.rows.coverage.params.clone_from(params);
    }
    let Some(dictionary) = &case.dictionary else {
        return report;
    };
    describe(&mut report, case, dictionary, context, findings);
    report.byte_range = Some(dictionary.byte_range());
    let algorithm = case.covers().map(|(_, _, algorithm)| algorithm.name());
    report.signed_digest = algorithm.zip(digest.map(<[u8]>::to_vec));
    if case.fault.is_none() {
        report.rows.coverage = coverage(context, dictionary, &report);
    }
    match dictionary.sub_filter {
        SubFilter::Cades | SubFilter::Pkcs7 => {
            let profile = match dictionary.sub_filter {
                SubFilter::Cades => AttributeProfile::Cades,
                _ => AttributeProfile::Pkcs7,
            };
            let subject = (case, stamps);
            signer::judge(&mut report, subject, digest, (context, profile), findings);
        }
        SubFilter::TimeStamp => document_stamp(&mut report, (case, stamps), findings),
        SubFilter::Legacy => {
            let row = RowOutcome::indeterminate("LEGACY_SUBFILTER", Vec::new());
            report.rows.integrity = row;
            worsen(
                &mut report,
                Indication::Indeterminate,
                SubIndication::CryptoConstraintsFailure,
            );
        }
    }
    if case.late_certification {
        doubt(
            &mut report,
            "CERTIFICATION_NOT_FIRST",
            SubIndication::SigConstraintsFailure,
        );
    }
    report
}

fn blank(case: &Case) -> SignatureReport {
    let kind = match &case.dictionary {
        Some(dictionary) if dictionary.sub_filter == SubFilter::TimeStamp => {
            SignatureKind::Timestamp
        }
        _ if case.is_certification() => SignatureKind::Certification,
        _ => SignatureKind::Approval,
    };
    let row = RowOutcome::not_checked;
    SignatureReport {
        field: case.name.clone(),
        kind,
        indication: Indication::TotalPassed,
        sub_indication: None,
        level: None,
        signer: None,
        owner: None,
        claimed_time: None,
        best_signature_time: None,
        chain: Vec::new(),
        timestamps: Vec::new(),
        covers_whole_document: false,
        modifications: Modifications::Disallowed,
        modifications_list: Vec::new(),
        modifications_count: 0,
        byte_range: None,
        revision: case.revision().map(|at| at.saturating_add(1)),
        signed_digest: None,
        signature_value: case.signed().map(|signed| signed.signature().to_vec()),
        permissions: case.permissions.clone(),
        checks: Checks::default(),
        rows: Rows {
            integrity: row(),
            trust: row(),
            revocation: row(),
            time: row(),
            coverage: row(),
            changes: row(),
            authority: row(),
        },
    }
}

fn describe(
    report: &mut SignatureReport,
    case: &Case,
    dictionary: &SignatureDictionary,
    context: &Context<'_, '_>,
    findings: &mut Vec<Finding>,
) {
    let mut notice = |check, severity| {
        findings.push(Finding {
            check,
            severity,
            params: Vec::new(),
            location: case.name.clone(),
        });
    };
    let claimed = dictionary
        .dictionary()
        .ok()
        .and_then(|d| d.get(b"M").cloned());
    let text = claimed.as_ref().and_then(Object::as_string).map(pdf::text);
    report.claimed_time = text.and_then(|text| read_pdf_date(&text));
    report.covers_whole_document = dictionary.end == context.document.source().size();
    if report
        .claimed_time
        .is_some_and(|claimed| claimed > context.at)
    {
        notice("CLAIMED_TIME_IN_FUTURE", Severity::Warning);
    }
    if dictionary.spaced {
        notice("CONTENTS_SPACED", Severity::Warning);
    }
}

fn coverage(
    context: &Context<'_, '_>,
    dictionary: &SignatureDictionary,
    report: &SignatureReport,
) -> RowOutcome {
    if report.covers_whole_document {
        return RowOutcome::passed("COVERS_WHOLE_DOCUMENT");
    }
    let number = |at: usize| at.saturating_add(1).to_string();
    let last = context.document.revisions().len().saturating_sub(1);
    let params = vec![
        ("revision", number(dictionary.revision)),
        ("last", number(last)),
    ];
    RowOutcome {
        result: RowResult::Passed,
        reason: "COVERS_REVISION",
        params,
    }
}

/// A document time stamp, as it was judged with all the others.
fn document_stamp(
    report: &mut SignatureReport,
    (case, stamps): (&Case, &Stamps),
    findings: &mut Vec<Finding>,
) {
    let Some(judged) = stamps.document.clone() else {
        return;
    };
    if let Some(sub_indication) = judged.sub_indication {
        worsen(report, judged.indication, sub_indication);
    }
    report.best_signature_time = judged.time.filter(|_| judged.is_proof());
    findings.extend(located(judged.findings.clone(), &case.name));
    report.signer.clone_from(&judged.signer);
    report.chain.clone_from(&judged.chain);
    report.rows.integrity = judged.integrity.clone();
    report.rows.trust = judged.trust.clone();
    report.rows.revocation = judged.revocation.clone();
    report.rows.time = judged.validity.clone();
    if stamps.out_of_order {
        report.rows.time = RowOutcome::indeterminate("TIMESTAMP_ORDER", Vec::new());
        let failure = SubIndication::TimestampOrderFailure;
        worsen(report, Indication::Indeterminate, failure);
    }
    let token = case.token.as_ref().and_then(|token| token.clone().ok());
    report.timestamps.push(StampReport {
        token,
        report: judged,
    });
}

pub(super) fn located(findings: Vec<Finding>, field: &str) -> impl Iterator<Item = Finding> {
    findings.into_iter().map(move |finding| {
        let location = format!("{field}: {}", finding.location);
        Finding {
            location,
            ..finding
        }
    })
}

pub(super) fn refuse_structure(report: &mut SignatureReport, fault: &cms::Error) {
    let (indication, sub_indication) = fault.verdict();
    report.rows.integrity = fault.row();
    worsen(report, indication, sub_indication);
}

/// Takes the worse verdict; among equals the earlier one stays.
pub(super) fn worsen(
    report: &mut SignatureReport,
    indication: Indication,
    sub_indication: SubIndication,
) {
    if Reverse(indication) < Reverse(report.indication) {
        report.indication = indication;
        report.sub_indication = Some(sub_indication);
    }
}

/// Fails a signature for the form of the file.
fn fail_format(report: &mut SignatureReport, code: &'static str) {
    report.rows.coverage = RowOutcome::failed(code, Vec::new());
    worsen(
        report,
        Indication::TotalFailed,
        SubIndication::FormatFailure,
    );
}

/// Leaves a signature undecided for the form of the file.
pub(super) fn doubt(
    report: &mut SignatureReport,
    code: &'static str,
    sub_indication: SubIndication,
) {
    if report.rows.coverage.result != RowResult::Failed {
        report.rows.coverage = RowOutcome::indeterminate(code, Vec::new());
    }
    worsen(report, Indication::Indeterminate, sub_indication);
}
