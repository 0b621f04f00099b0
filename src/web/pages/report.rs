//! A verdict in rows: never one green tick. Reads the engine's report (`lienthong.verification/1`).

use askama::Template;
use askama::filters::HtmlSafe;
use serde::Deserialize;

use super::frame::Frame;
use super::show::{self, Badge};
use crate::domain::clock::Timestamp;
use crate::domain::language::Language;
use crate::phrases;

/// The rows in the order they are shown.
const ROWS: [&str; 7] = [
    "integrity",
    "trust",
    "revocation",
    "time",
    "coverage",
    "changes",
    "authority",
];

/// Wire shape, as far as it is shown.
#[derive(Deserialize)]
struct WireReport {
    file: WireFile,
    verdict: String,
    sub_indication: Option<String>,
    validation_time: String,
    policy: WirePolicy,
    signatures: Vec<WireSignature>,
    #[serde(default)]
    findings: Vec<WireFinding>,
}

/// Wire shape.
#[derive(Deserialize)]
struct WireFile {
    name: String,
    sha256: Option<String>,
    size_bytes: u64,
}

/// Wire shape.
#[derive(Deserialize)]
struct WirePolicy {
    id: String,
}

/// Wire shape.
#[derive(Deserialize)]
struct WireSignature {
    field: String,
    indication: String,
    level: Option<String>,
    signer: Option<WireSigner>,
    claimed_time: Option<String>,
    rows: std::collections::HashMap<String, WireRow>,
}

/// Wire shape.
#[derive(Deserialize)]
struct WireSigner {
    common_name: Option<String>,
    organization: Option<String>,
    subject: String,
    issuer: String,
    serial: String,
}

/// Wire shape.
#[derive(Deserialize)]
struct WireRow {
    result: String,
    reason: String,
    message: String,
}

/// Wire shape.
#[derive(Deserialize)]
struct WireFinding {
    check: String,
    severity: String,
    message: String,
}

/// A verdict as pages show it.
#[derive(Template)]
#[template(path = "pages/verdict.html")]
pub(super) struct Verdict {
    language: Language,
    badge: Badge,
    sentence: String,
    sub_indication: Option<String>,
    file_name: String,
    sha256: String,
    size: String,
    judged_at: String,
    policy: String,
    signatures: Vec<Signature>,
    findings: Vec<Finding>,
}

/// The template escapes every value.
impl HtmlSafe for Verdict {}

struct Signature {
    title: String,
    badge: Badge,
    field: String,
    organization: Option<String>,
    issuer: Option<String>,
    serial: Option<String>,
    claimed_at: Option<String>,
    level: Option<String>,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    badge: Badge,
    message: Message,
}

struct Finding {
    badge: Badge,
    message: Message,
}

/// A sentence and its language, where it is not the page's.
struct Message {
    text: String,
    language: Option<&'static str>,
}

impl Verdict {
    fn say(&self, key: &str) -> String {
        phrases::text(self.language, key, &[])
    }
}

/// Reads a report; one that cannot be read is shown as not decided, never as passed.
pub(super) fn read(frame: &Frame, json: &str) -> Verdict {
    let language = frame.language;
    let Ok(wire) = serde_json::from_str::<WireReport>(json) else {
        return unreadable(language);
    };
    let judged_at = wire.validation_time.parse().map(show::when);
    Verdict {
        language,
        badge: show::verdict(language, Some(&wire.verdict)),
        sentence: sentence(language, &wire.verdict),
        sub_indication: wire.sub_indication,
        file_name: wire.file.name,
        sha256: wire.file.sha256.unwrap_or_default(),
        size: show::size(wire.file.size_bytes),
        judged_at: judged_at.unwrap_or(wire.validation_time),
        policy: wire.policy.id,
        signatures: wire
            .signatures
            .into_iter()
            .map(|one| signature(language, one))
            .collect(),
        findings: wire
            .findings
            .into_iter()
            .map(|one| finding(language, one))
            .collect(),
    }
}

fn unreadable(language: Language) -> Verdict {
    Verdict {
        language,
        badge: show::verdict(language, Some("INDETERMINATE")),
        sentence: phrases::text(language, "pages-report-unreadable", &[]),
        sub_indication: None,
        file_name: String::new(),
        sha256: String::new(),
        size: String::new(),
        judged_at: String::new(),
        policy: String::new(),
        signatures: Vec::new(),
        findings: Vec::new(),
    }
}

fn sentence(language: Language, verdict: &str) -> String {
    let key = match verdict {
        "TOTAL-PASSED" => "pages-sentence-passed",
        "TOTAL-FAILED" => "pages-sentence-failed",
        "NO-SIGNATURE" => "pages-sentence-none",
        "UNREADABLE" => "pages-sentence-unreadable",
        _ => "pages-sentence-indeterminate",
    };
    phrases::text(language, key, &[])
}

fn signature(language: Language, mut wire: WireSignature) -> Signature {
    let rows = ROWS.into_iter().map(|name| {
        let found = wire.rows.remove(name);
        row(language, name, found)
    });
    let rows = rows.collect();
    let unknown = || phrases::text(language, "pages-signer-unknown", &[]);
    let claimed = wire.claimed_time.as_deref().map(|text| {
        let at: Result<Timestamp, _> = text.parse();
        at.map_or_else(|_| text.to_owned(), show::when)
    });
    let signer = wire.signer.as_ref();
    let name = signer.map(|one| one.common_name.clone().unwrap_or(one.subject.clone()));
    Signature {
        title: name.unwrap_or_else(unknown),
        badge: show::verdict(language, Some(&wire.indication)),
        organization: signer.and_then(|one| one.organization.clone()),
        issuer: signer.map(|one| one.issuer.clone()),
        serial: signer.map(|one| one.serial.clone()),
        field: wire.field,
        claimed_at: claimed,
        level: wire.level,
        rows,
    }
}

fn row(language: Language, name: &str, wire: Option<WireRow>) -> Row {
    let result = wire.as_ref().map_or("", |row| row.result.as_str());
    let (tone, key) = match result.to_ascii_uppercase().as_str() {
        "PASSED" => ("good", "pages-row-passed"),
        "FAILED" => ("bad", "pages-row-failed"),
        "INDETERMINATE" => ("doubt", "pages-row-indeterminate"),
        _ => ("none", "pages-row-not-checked"),
    };
    let none = Message {
        text: String::new(),
        language: None,
    };
    Row {
        name: phrases::text(language, &format!("pages-row-{name}"), &[]),
        badge: show::badge(language, tone, key),
        message: wire.map_or(none, |row| message(language, &row.reason, row.message)),
    }
}

fn finding(language: Language, wire: WireFinding) -> Finding {
    let (tone, key) = match wire.severity.to_ascii_uppercase().as_str() {
        "ERROR" => ("bad", "pages-finding-error"),
        "WARNING" => ("doubt", "pages-finding-warning"),
        _ => ("none", "pages-finding-info"),
    };
    Finding {
        badge: show::badge(language, tone, key),
        message: message(language, &wire.check, wire.message),
    }
}

/// The sentence of a reason in the page's language. Recorded reports hold Vietnamese sentences with
/// their values filled in: on an English page the values are read out of the sentence and filled
/// into the English one. A sentence that does not fit is shown as it was recorded.
fn message(language: Language, reason: &str, recorded: String) -> Message {
    let key = format!("verdict-{}", reason.to_ascii_lowercase().replace('_', "-"));
    let pattern = |language| phrases::text(language, &key, &[]);
    if language == Language::Vietnamese || values(&pattern(language), &recorded).is_some() {
        return Message {
            text: recorded,
            language: None,
        };
    }
    let vietnamese = pattern(Language::Vietnamese);
    let Some(found) = values(&vietnamese, &recorded) else {
        return Message {
            text: recorded,
            language: Some("vi"),
        };
    };
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    Message {
        text: phrases::text(language, &key, &found),
        language: None,
    }
}

/// The values that fill the places `{$name}` of `pattern` so that it becomes `text`.
fn values(pattern: &str, text: &str) -> Option<Vec<(String, String)>> {
    let mut pieces = pattern.split("{$");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut found: Vec<(String, String)> = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        let (name, after) = piece.split_once('}')?;
        let end = match (after.is_empty(), pieces.peek()) {
            (true, None) => rest.len(),
            (true, Some(_)) => return None,
            (false, None) => rest.rfind(after)?,
            (false, Some(_)) => rest.find(after)?,
        };
        let (value, left) = rest.split_at_checked(end)?;
        rest = left.strip_prefix(after)?;
        found.push((name.trim().to_owned(), value.to_owned()));
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"schema":"lienthong.verification/1","file":{"name":"<b>a</b>.pdf",
        "sha256":"00","size_bytes":5,"pages":1},"verdict":"TOTAL-FAILED","sub_indication":"HASH_FAILURE",
        "validation_time":"2025-06-30T01:00:00Z","policy":{"id":"p","sha256":"00"},
        "evidence_sha256":"00","signatures":[{"field":"S1","kind":"approval","indication":"TOTAL-FAILED",
        "level":null,"signer":null,"claimed_time":null,"rows":{"integrity":{"result":"FAILED",
        "reason":"HASH_MISMATCH","message":"sai"}}}],"findings":[]}"#;

    fn verdict(json: &str) -> Verdict {
        read(&Frame::bare(Language::Vietnamese), json)
    }

    #[test]
    fn every_signature_has_seven_rows_even_if_the_report_lacks_some() {
        let verdict = verdict(REPORT);
        let rows = &verdict.signatures[0].rows;
        assert_eq!(rows.len(), 7);
        assert_eq!(rows[0].badge.tone, "bad");
        assert!(rows[1..].iter().all(|row| row.badge.tone == "none"));
    }

    #[test]
    fn a_report_that_cannot_be_read_is_not_a_pass() {
        for json in ["", "{}", "[]", "{\"verdict\":\"TOTAL-PASSED\"}"] {
            assert_eq!(verdict(json).badge.tone, "doubt", "{json}");
        }
    }

    #[test]
    fn values_are_read_out_of_a_sentence() {
        let found = values("Ký bởi {$name} ({$code}).", "Ký bởi UBND (xã) (H21).").unwrap();
        let told: Vec<&str> = found.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(told, ["UBND", "xã) (H21"]);
        assert_eq!(values("Không đổi.", "Không đổi."), Some(Vec::new()));
        assert_eq!(values("Không đổi.", "Không đổi"), None);
        assert_eq!(values("{$a}{$b}", "xy"), None);
    }

    #[test]
    fn a_recorded_sentence_with_values_is_said_in_english() {
        let recorded = phrases::text(
            Language::Vietnamese,
            "verdict-signer-mismatch",
            &[("agency", "S"), ("code", "C"), ("expected", "E")],
        );
        let english = message(Language::English, "SIGNER_MISMATCH", recorded.clone());
        assert_ne!(english.text, recorded);
        assert_eq!(english.language, None);
    }

    #[test]
    fn the_judged_file_cannot_write_html_into_the_page() {
        let html = verdict(REPORT).render().unwrap();
        assert!(!html.contains("<b>a</b>"), "{html}");
    }
}
