//! The wire shape of a report, schema `lienthong.verification/1` (`docs/SIGNATURES.md`,
//! `docs/verification.schema.json`): one line of JSON. Keys may be added, never renamed.

use serde::Serialize;

use super::checks::{self, Check};
use super::explain::message;
use super::permissions::Lock;
use super::report::{
    ChangeReport, Modifications, Owned, Report, SignatureKind, SignatureReport, StampReport,
};
use crate::cms::timestamp::Token;
use crate::domain::clock::rfc3339;
use crate::domain::language::Language;
use crate::pki::certificate::Certificate;
use crate::pki::verdict::{Finding, RowOutcome, SubIndication};

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
            engine: WireEngine {
                name: "lienthong",
                version: env!("CARGO_PKG_VERSION"),
            },
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
                .map(|one| wire_signature(one, &self.checks(one), language))
                .collect(),
            findings: self
                .findings
                .iter()
                .map(|one| wire_finding(one, language))
                .collect(),
            limits_hit: self.limits_hit(),
        }
    }
}

/// Wire shape.
#[derive(Serialize)]
struct WireReport<'a> {
    schema: &'static str,
    engine: WireEngine,
    file: WireFile<'a>,
    verdict: String,
    sub_indication: Option<&'static str>,
    validation_time: String,
    policy: WirePolicy<'a>,
    evidence_sha256: String,
    signatures: Vec<WireSignature<'a>>,
    findings: Vec<WireFinding<'a>>,
    limits_hit: Vec<&'static str>,
}

/// What judged.
#[derive(Serialize)]
struct WireEngine {
    name: &'static str,
    version: &'static str,
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
    owner: Option<WireOwner<'a>>,
    claimed_time: Option<String>,
    best_signature_time: Option<String>,
    time_source: &'static str,
    revision: Option<usize>,
    byte_range: Option<[u64; 4]>,
    digest: Option<WireDigest>,
    covers_whole_document: bool,
    modifications: &'static str,
    modifications_count: usize,
    modifications_list: Vec<WireChange<'a>>,
    docmdp: Option<u8>,
    fieldmdp: Vec<WireLock<'a>>,
    rows: WireRows,
    checks: Vec<WireCheck>,
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

/// Whom the register names for the signer's certificate, at the time it was asked about.
#[derive(Serialize)]
struct WireOwner<'a> {
    agency_code: &'a str,
    agency_name: &'a str,
    kind: &'static str,
    asked_at: String,
    successors: &'a [String],
}

/// The digest of the bytes a signature covers.
#[derive(Serialize)]
struct WireDigest {
    algorithm: &'static str,
    value: String,
}

/// A lock on form fields.
#[derive(Serialize)]
struct WireLock<'a> {
    action: &'static str,
    fields: &'a [String],
}

#[derive(Serialize)]
struct WireCheck {
    id: &'static str,
    step: &'static str,
    result: String,
    reason: &'static str,
    message: String,
    object: Option<String>,
    offset: Option<u64>,
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

/// What was noticed, with its words.
#[derive(Serialize)]
pub(super) struct WireFinding<'a> {
    check: &'static str,
    severity: String,
    message: String,
    #[serde(rename = "where")]
    place: &'a str,
}

fn wire_signature<'a>(
    one: &'a SignatureReport,
    checks: &[Check],
    language: Language,
) -> WireSignature<'a> {
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
        owner: one.owner.as_ref().map(wire_owner),
        time_source: match proven {
            Some(_) => "timestamp",
            None => "claimed",
        },
        best_signature_time: proven.or_else(|| claimed_time.clone()),
        claimed_time,
        revision: one.revision,
        byte_range: one.byte_range,
        digest: one
            .signed_digest
            .as_ref()
            .map(|(algorithm, value)| WireDigest {
                algorithm,
                value: hex::encode(value),
            }),
        covers_whole_document: one.covers_whole_document,
        modifications: match one.modifications {
            Modifications::None => "none",
            Modifications::Allowed => "allowed",
            Modifications::Disallowed => "disallowed",
        },
        modifications_count: one.modifications_count,
        modifications_list: one.modifications_list.iter().map(wire_change).collect(),
        docmdp: one.permissions.certified,
        fieldmdp: one.permissions.locks.iter().map(wire_lock).collect(),
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
        checks: checks
            .iter()
            .map(|check| wire_check(check, language))
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

fn wire_owner(owned: &Owned) -> WireOwner<'_> {
    let owner = &owned.owner;
    WireOwner {
        agency_code: &owner.agency_code,
        agency_name: &owner.agency_name,
        kind: owner.kind.as_str(),
        asked_at: rfc3339(owned.asked_at),
        successors: &owner.successors,
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

fn wire_lock(lock: &Lock) -> WireLock<'_> {
    let (action, fields): (_, &[String]) = match lock {
        Lock::All => ("All", &[]),
        Lock::Include(fields) => ("Include", fields),
        Lock::Exclude(fields) => ("Exclude", fields),
    };
    WireLock { action, fields }
}

fn wire_check(check: &Check, language: Language) -> WireCheck {
    let outcome = &check.outcome;
    let (object, offset) = checks::place(&outcome.params);
    WireCheck {
        id: check.kind.id(),
        step: check.kind.step(),
        result: outcome.result.to_string(),
        reason: outcome.reason,
        message: message(language, outcome.reason, &outcome.params),
        object: object.map(str::to_owned),
        offset,
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

/// A finding as every report writes it.
pub(super) fn wire_finding(finding: &Finding, language: Language) -> WireFinding<'_> {
    WireFinding {
        check: finding.check,
        severity: finding.severity.to_string(),
        message: message(language, finding.check, &finding.params),
        place: &finding.location,
    }
}
