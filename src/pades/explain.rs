//! The report in words: one sentence for every reason, in Vietnamese and English.
//! Source: Circular 15/2025/TT-BKHCN, article 6 (the result is shown in Vietnamese).

use super::report::{FileVerdict, Report, SignatureKind, SignatureReport};
use crate::domain::clock::vietnam_time;
use crate::domain::language::Language;
use crate::phrases;
use crate::pki::verdict::{Indication, Params, RowResult, Severity};

/// Finds every phrase once, so that the first report need not.
pub fn warm_up() {
    for language in [Language::Vietnamese, Language::English] {
        // There is no such phrase; now it is known where the others stand.
        let _: bool = phrases::has(language, "");
    }
}

/// The catalogue key of a stable code: `HASH_MISMATCH` becomes `verdict-hash-mismatch`.
#[must_use]
pub fn phrase_key(code: &str) -> String {
    format!("verdict-{}", code.to_ascii_lowercase().replace('_', "-"))
}

/// What the code means, with its values filled in.
#[must_use]
pub fn message(language: Language, code: &str, params: &Params) -> String {
    let arguments: Vec<_> = params
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    phrases::text(language, &phrase_key(code), &arguments)
}

fn word(language: Language, key: &str) -> String {
    phrases::text(language, key, &[])
}

/// The whole report for people: verdict first, then each signature with its rows, then findings.
#[must_use]
pub fn explain(report: &Report, language: Language) -> String {
    let mut lines = vec![format!(
        "{}: {}",
        safe(&report.name),
        headline(report, language)
    )];
    lines.push(format!("  {}", word(language, advice_key(report.verdict))));
    let digest = report
        .sha256
        .map_or_else(String::new, |sha256| sha256.to_string());
    let (pages, size) = (report.pages.to_string(), report.size_bytes.to_string());
    let facts = [
        ("pages", pages.as_str()),
        ("size", size.as_str()),
        ("sha256", digest.as_str()),
    ];
    lines.push(format!(
        "  {}",
        phrases::text(language, "verdict-file-facts", &facts)
    ));
    for (at, signature) in report.signatures.iter().enumerate() {
        lines.push(String::new());
        lines.extend(signature_lines(at, signature, language));
    }
    let noticed: Vec<_> = report.findings.iter().collect();
    if !noticed.is_empty() {
        lines.push(String::new());
        lines.push(format!("  {}", word(language, "verdict-findings")));
    }
    for finding in noticed {
        let mark = match finding.severity {
            Severity::Info => "i",
            Severity::Warning => "!",
            Severity::Error => "✗",
        };
        let said = message(language, finding.check, &finding.params);
        let place = match finding.location.as_str() {
            "" => String::new(),
            place => format!(" [{}]", safe(place)),
        };
        lines.push(format!("    {mark} {}{place}", safe(&said)));
    }
    lines.push(String::new());
    let at = vietnam_time(report.validation_time);
    let facts = [("time", at.as_str()), ("policy", report.policy.0.as_str())];
    lines.push(format!(
        "  {}",
        phrases::text(language, "verdict-judged", &facts)
    ));
    lines.join("\n")
}

use phrases::harmless as safe;

/// The catalogue key of what to do after a verdict.
pub(super) const fn advice_key(verdict: FileVerdict) -> &'static str {
    match verdict {
        FileVerdict::Judged(Indication::TotalPassed) => "verdict-advice-passed",
        FileVerdict::Judged(Indication::Indeterminate) => "verdict-advice-indeterminate",
        FileVerdict::Judged(Indication::TotalFailed) => "verdict-advice-failed",
        FileVerdict::NoSignature => "verdict-advice-none",
        FileVerdict::Unreadable => "verdict-advice-unreadable",
    }
}

/// The verdict in one phrase.
#[must_use]
pub fn headline(report: &Report, language: Language) -> String {
    let said = word(language, verdict_key(report.verdict));
    match report.sub_indication {
        Some(sub) => format!("{said} ({} / {sub})", report.verdict),
        None => format!("{said} ({})", report.verdict),
    }
}

/// The catalogue key of a verdict in one phrase.
#[must_use]
pub const fn verdict_key(verdict: FileVerdict) -> &'static str {
    match verdict {
        FileVerdict::Judged(indication) => indication_key(indication),
        FileVerdict::NoSignature => "verdict-no-signature",
        FileVerdict::Unreadable => "verdict-unreadable",
    }
}

pub(super) const fn indication_key(indication: Indication) -> &'static str {
    match indication {
        Indication::TotalPassed => "verdict-total-passed",
        Indication::Indeterminate => "verdict-indeterminate",
        Indication::TotalFailed => "verdict-total-failed",
    }
}

fn signature_lines(at: usize, signature: &SignatureReport, language: Language) -> Vec<String> {
    let number = at.saturating_add(1).to_string();
    let kind = word(
        language,
        match signature.kind {
            SignatureKind::Approval => "verdict-kind-approval",
            SignatureKind::Certification => "verdict-kind-certification",
            SignatureKind::Timestamp => "verdict-kind-timestamp",
        },
    );
    let verdict = word(language, indication_key(signature.indication));
    let mut lines = vec![format!(
        "  {kind} {number} ({}): {verdict}",
        safe(&signature.field)
    )];
    if let Some(signer) = &signature.signer {
        let name = signer.common_name().unwrap_or(signer.subject());
        let organization = signer
            .organization()
            .map(|o| format!(", {o}"))
            .unwrap_or_default();
        let text = format!("{name}{organization}");
        let text = [("signer", text.as_str())];
        let line = phrases::text(language, "verdict-signed-by", &text);
        lines.push(format!("    {}", safe(&line)));
    }
    if let Some(proven) = signature.best_signature_time {
        let time = vietnam_time(proven);
        let time = [("time", time.as_str())];
        lines.push(format!(
            "    {}",
            phrases::text(language, "verdict-proven-time", &time)
        ));
    }
    if let Some(claimed) = signature.claimed_time {
        let time = vietnam_time(claimed);
        let time = [("time", time.as_str())];
        lines.push(format!(
            "    {}",
            phrases::text(language, "verdict-claimed-time", &time)
        ));
    }
    for (row, outcome) in signature.rows.named() {
        let tick = match outcome.result {
            RowResult::Passed => "✓",
            RowResult::Failed => "✗",
            RowResult::Indeterminate => "?",
            RowResult::NotChecked => "–",
        };
        let label = word(language, &format!("verdict-row-{row}"));
        let said = message(language, outcome.reason, &outcome.params);
        lines.push(format!("    {tick} {label}: {}", safe(&said)));
    }
    lines
}
