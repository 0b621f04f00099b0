//! The report of one verification: values first, wire shape `lienthong.verification/1` second.
//! The same file, evidence, policy and time give the same bytes.

use std::fmt;

use serde::Serialize;

use super::explain::message;
use crate::cms::timestamp::{Token, TokenReport};
use crate::domain::clock::{Timestamp, rfc3339};
use crate::domain::digest::Sha256;
use crate::domain::language::Language;
use crate::pdf::Modification;
use crate::pki::certificate::Certificate;
use crate::pki::verdict::{Finding, Indication, RowOutcome, SubIndication};

/// What was concluded about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileVerdict {
    /// The worst indication of its signatures.
    Judged(Indication),
    /// A readable file without any signature.
    NoSignature,
    /// Not a readable PDF.
    Unreadable,
}

impl fmt::Display for FileVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Judged(indication) => indication.fmt(f),
            Self::NoSignature => f.write_str("NO-SIGNATURE"),
            Self::Unreadable => f.write_str("UNREADABLE"),
        }
    }
}

/// What kind of signature it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureKind {
    /// An ordinary signature.
    Approval,
    /// An author's certification.
    Certification,
    /// A document time stamp.
    Timestamp,
}

/// What later revisions did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modifications {
    /// Nothing followed.
    None,
    /// Only what may follow a signature.
    Allowed,
    /// Something else.
    Disallowed,
}

/// One later change as a signature sees it.
#[derive(Debug, Clone)]
pub struct ChangeReport {
    /// The change.
    pub change: Modification,
    /// Why the signature does not permit it; `None` when it does.
    pub refused: Option<&'static str>,
}

/// The seven questions asked of each signature.
#[derive(Debug, Clone)]
pub struct Rows {
    /// Does the signature belong to these bytes?
    pub integrity: RowOutcome,
    /// Does the certificate lead to a trusted root?
    pub trust: RowOutcome,
    /// Is it unrevoked?
    pub revocation: RowOutcome,
    /// Was it within its validity?
    pub time: RowOutcome,
    /// Which bytes does it cover?
    pub coverage: RowOutcome,
    /// What happened afterwards?
    pub changes: RowOutcome,
    /// Was the signer the one who had to sign?
    pub authority: RowOutcome,
}

impl Rows {
    /// Name and outcome of each row in the order of the report.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, &RowOutcome); 7] {
        [
            ("integrity", &self.integrity),
            ("trust", &self.trust),
            ("revocation", &self.revocation),
            ("time", &self.time),
            ("coverage", &self.coverage),
            ("changes", &self.changes),
            ("authority", &self.authority),
        ]
    }
}

/// A time stamp and its judgement.
#[derive(Debug, Clone)]
pub struct StampReport {
    /// `None` if it could not be read.
    pub token: Option<Token>,
    /// What it is worth.
    pub report: TokenReport,
}

/// The judgement of one signature.
#[derive(Debug, Clone)]
pub struct SignatureReport {
    /// Name of its field.
    pub field: String,
    /// Its kind.
    pub kind: SignatureKind,
    /// The verdict.
    pub indication: Indication,
    /// Why it is not `TOTAL-PASSED`.
    pub sub_indication: Option<SubIndication>,
    /// `PAdES` level, if it is one.
    pub level: Option<&'static str>,
    /// The signer, once identified.
    pub signer: Option<Certificate>,
    /// The time the signer claims; proves nothing.
    pub claimed_time: Option<Timestamp>,
    /// The earliest instant at which the signature is proven to have existed; for a document time
    /// stamp that is valid, the one it states.
    pub best_signature_time: Option<Timestamp>,
    /// The certificates from the signer up to the anchor, as far as they could be followed.
    pub chain: Vec<Certificate>,
    /// The time stamps inside the signature, or the one it is.
    pub timestamps: Vec<StampReport>,
    /// Whether it covers the file to its last byte.
    pub covers_whole_document: bool,
    /// What followed.
    pub modifications: Modifications,
    /// Those changes, at most 50, forbidden ones first.
    pub modifications_list: Vec<ChangeReport>,
    /// How many there are.
    pub modifications_count: usize,
    /// The rows.
    pub rows: Rows,
}

impl SignatureReport {
    /// The reason code of the row that decided a verdict other than `TOTAL-PASSED`.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        use crate::pki::verdict::RowResult::{Failed, Indeterminate};
        let rows = self.rows.named();
        let first = |result| rows.iter().find(|(_, row)| row.result == result);
        first(Failed)
            .or_else(|| first(Indeterminate))
            .map_or("VALID", |(_, row)| row.reason)
    }
}

/// The judgement of a file.
#[derive(Debug, Clone)]
pub struct Report {
    /// Name given by the caller; shown, never trusted.
    pub name: String,
    /// Digest of the whole file, `None` when it could not be read to its end.
    pub sha256: Option<Sha256>,
    /// Its size.
    pub size_bytes: u64,
    /// Its pages.
    pub pages: usize,
    /// The verdict.
    pub verdict: FileVerdict,
    /// Why it is not `TOTAL-PASSED`.
    pub sub_indication: Option<SubIndication>,
    /// The instant of the judgement.
    pub validation_time: Timestamp,
    /// Name and digest of the policy.
    pub policy: (String, Sha256),
    /// Digest of the evidence relied on.
    pub evidence_sha256: Sha256,
    /// The signatures in signing order.
    pub signatures: Vec<SignatureReport>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

impl Report {
    /// One line of JSON, schema `lienthong.verification/1`, messages in `language`.
    #[must_use]
    pub fn to_json(&self, language: Language) -> String {
        // Plain structs of strings and numbers always serialise.
        serde_json::to_string(&self.wire(language)).unwrap_or_default()
    }

    fn wire(&self, language: Language) -> WireReport<'_> {
        WireReport {
            schema: "lienthong.verification/1",
            file: WireFile {
                name: &self.name,
                sha256: self.sha256.map(|sha256| sha256.to_string()),
                size_bytes: self.size_bytes,
                pages: self.pages,
            },
            verdict: self.verdict.to_string(),
            sub_indication: self.sub_indication.map(SubIndication::as_str),
            validation_time: rfc3339(self.validation_time),
            policy: WirePolicy {
                id: &self.policy.0,
                sha256: self.policy.1.to_string(),
            },
            evidence_sha256: self.evidence_sha256.to_string(),
            signatures: self
                .signatures
                .iter()
                .map(|one| wire_signature(one, language))
                .collect(),
            findings: self
                .findings
                .iter()
                .map(|one| wire_finding(one, language))
                .collect(),
        }
    }
}

/// Wire shape.
#[derive(Serialize)]
struct WireReport<'a> {
    schema: &'static str,
    file: WireFile<'a>,
    verdict: String,
    sub_indication: Option<&'static str>,
    validation_time: String,
    policy: WirePolicy<'a>,
    evidence_sha256: String,
    signatures: Vec<WireSignature<'a>>,
    findings: Vec<WireFinding<'a>>,
}

#[derive(Serialize)]
struct WireFile<'a> {
    name: &'a str,
    sha256: Option<String>,
    size_bytes: u64,
    pages: usize,
}

#[derive(Serialize)]
struct WirePolicy<'a> {
    id: &'a str,
    sha256: String,
}

#[derive(Serialize)]
struct WireSignature<'a> {
    field: &'a str,
    kind: &'static str,
    indication: String,
    sub_indication: Option<&'static str>,
    level: Option<&'static str>,
    signer: Option<WireSigner<'a>>,
    claimed_time: Option<String>,
    best_signature_time: Option<String>,
    time_source: &'static str,
    covers_whole_document: bool,
    modifications: &'static str,
    modifications_count: usize,
    modifications_list: Vec<WireChange<'a>>,
    rows: WireRows,
    chain: Vec<WireCertificate<'a>>,
    revocation: Vec<WireRevocation<'a>>,
    timestamps: Vec<WireStamp<'a>>,
}

#[derive(Serialize)]
struct WireCertificate<'a> {
    subject: &'a str,
    issuer: &'a str,
    serial: &'a str,
    sha256: String,
    not_before: String,
    not_after: String,
}

/// One piece of data about revocation that was relied on.
#[derive(Serialize)]
struct WireRevocation<'a> {
    source: &'a str,
    this_update: &'a str,
}

#[derive(Serialize)]
struct WireStamp<'a> {
    time: Option<String>,
    accuracy_ms: i64,
    policy: Option<&'a str>,
    serial: Option<&'a str>,
    digest: Option<&'static str>,
    signer: Option<WireSigner<'a>>,
    indication: String,
    sub_indication: Option<&'static str>,
    reason: &'static str,
    message: String,
    chain: Vec<WireCertificate<'a>>,
    revocation: Vec<WireRevocation<'a>>,
}

#[derive(Serialize)]
struct WireSigner<'a> {
    common_name: Option<&'a str>,
    organization: Option<&'a str>,
    subject: &'a str,
    issuer: &'a str,
    serial: &'a str,
    sha256: String,
}

#[derive(Serialize)]
struct WireRow {
    result: String,
    reason: &'static str,
    message: String,
}

#[derive(Serialize)]
struct WireRows {
    integrity: WireRow,
    trust: WireRow,
    revocation: WireRow,
    time: WireRow,
    coverage: WireRow,
    changes: WireRow,
    authority: WireRow,
}

#[derive(Serialize)]
struct WireChange<'a> {
    revision: usize,
    object: u32,
    path: &'a str,
    field: Option<&'a str>,
    kind: &'static str,
    offset: u64,
    allowed_by: Option<&'static str>,
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct WireFinding<'a> {
    check: &'static str,
    severity: String,
    message: String,
    #[serde(rename = "where")]
    place: &'a str,
}

fn wire_signature(one: &SignatureReport, language: Language) -> WireSignature<'_> {
    let row = |outcome: &RowOutcome| WireRow {
        result: outcome.result.to_string(),
        reason: outcome.reason,
        message: message(language, outcome.reason, &outcome.params),
    };
    let claimed_time = one.claimed_time.map(rfc3339);
    let proven = one.best_signature_time.map(rfc3339);
    WireSignature {
        field: &one.field,
        kind: match one.kind {
            SignatureKind::Approval => "approval",
            SignatureKind::Certification => "certification",
            SignatureKind::Timestamp => "timestamp",
        },
        indication: one.indication.to_string(),
        sub_indication: one.sub_indication.map(SubIndication::as_str),
        level: one.level,
        signer: one.signer.as_ref().map(wire_signer),
        time_source: match proven {
            Some(_) => "timestamp",
            None => "claimed",
        },
        best_signature_time: proven.or_else(|| claimed_time.clone()),
        claimed_time,
        covers_whole_document: one.covers_whole_document,
        modifications: match one.modifications {
            Modifications::None => "none",
            Modifications::Allowed => "allowed",
            Modifications::Disallowed => "disallowed",
        },
        modifications_count: one.modifications_count,
        modifications_list: one.modifications_list.iter().map(wire_change).collect(),
        rows: WireRows {
            integrity: row(&one.rows.integrity),
            trust: row(&one.rows.trust),
            revocation: row(&one.rows.revocation),
            time: row(&one.rows.time),
            coverage: row(&one.rows.coverage),
            changes: row(&one.rows.changes),
            authority: row(&one.rows.authority),
        },
        chain: one.chain.iter().map(wire_certificate).collect(),
        revocation: wire_revocation(&one.rows.revocation),
        timestamps: one
            .timestamps
            .iter()
            .map(|stamp| wire_stamp(stamp, language))
            .collect(),
    }
}

fn wire_signer(certificate: &Certificate) -> WireSigner<'_> {
    WireSigner {
        common_name: certificate.common_name(),
        organization: certificate.organization(),
        subject: certificate.subject(),
        issuer: certificate.issuer(),
        serial: certificate.serial_hex(),
        sha256: certificate.sha256().to_string(),
    }
}

fn wire_certificate(certificate: &Certificate) -> WireCertificate<'_> {
    WireCertificate {
        subject: certificate.subject(),
        issuer: certificate.issuer(),
        serial: certificate.serial_hex(),
        sha256: certificate.sha256().to_string(),
        not_before: rfc3339(certificate.not_before()),
        not_after: rfc3339(certificate.not_after()),
    }
}

/// The values of the row name each piece of data by two neighbours: its source and its instant.
fn wire_revocation(row: &RowOutcome) -> Vec<WireRevocation<'_>> {
    let next = row.params.iter().skip(1);
    let pairs = row.params.iter().zip(next);
    let data = pairs.filter(|(source, at)| (source.0, at.0) == ("source", "this_update"));
    data.map(|((_, source), (_, this_update))| WireRevocation {
        source,
        this_update,
    })
    .collect()
}

fn wire_stamp(stamp: &StampReport, language: Language) -> WireStamp<'_> {
    let report = &stamp.report;
    let decided = report.decided();
    let token = stamp.token.as_ref();
    WireStamp {
        time: report.time.map(rfc3339),
        accuracy_ms: i64::try_from(report.accuracy.as_millis()).unwrap_or(i64::MAX),
        policy: token.map(Token::policy),
        serial: token.map(Token::serial_hex),
        digest: token.map(|token| token.imprint_digest().name()),
        signer: report.signer.as_ref().map(wire_signer),
        indication: report.indication.to_string(),
        sub_indication: report.sub_indication.map(SubIndication::as_str),
        reason: decided.reason,
        message: message(language, decided.reason, &decided.params),
        chain: report.chain.iter().map(wire_certificate).collect(),
        revocation: wire_revocation(&report.revocation),
    }
}

fn wire_change(one: &ChangeReport) -> WireChange<'_> {
    WireChange {
        revision: one.change.revision.saturating_add(1),
        object: one.change.object,
        path: &one.change.path,
        field: one.change.field.as_deref(),
        kind: one.change.kind.code(),
        offset: one.change.offset,
        allowed_by: one.refused.is_none().then(|| one.change.kind.allowed_by()),
        reason: one.refused,
    }
}

fn wire_finding(finding: &Finding, language: Language) -> WireFinding<'_> {
    WireFinding {
        check: finding.check,
        severity: finding.severity.to_string(),
        message: message(language, finding.check, &finding.params),
        place: &finding.location,
    }
}
