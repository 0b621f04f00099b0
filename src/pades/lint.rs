//! A look at a file before its first signature: what could later be used to make the signed file say
//! something else. Warnings for people, never a verdict.

use serde::Serialize;

use super::explain::message;
use super::judge::finding_of;
use super::wire::{WireFinding, wire_finding};
use crate::domain::language::Language;
use crate::pdf::{self, ByteSource, Document, Error, Notice};
use crate::pki::verdict::{Finding, Severity};

/// What was noticed about a file.
#[derive(Debug, Clone)]
pub struct LintReport {
    /// Whether the file could be read as a PDF.
    pub readable: bool,
    /// What was noticed, in a fixed order; empty for a clean file.
    pub findings: Vec<Finding>,
}

/// Looks at `source` before it is signed. Pure and never an error: what cannot be read is a finding.
#[must_use]
pub fn lint(source: &dyn ByteSource) -> LintReport {
    let noticed = Document::open(source).and_then(|document| pdf::lint(&document));
    match noticed {
        Ok(notices) => LintReport {
            readable: true,
            findings: notices.into_iter().map(finding).collect(),
        },
        Err(fault) => unreadable(source, &fault),
    }
}

fn unreadable(source: &dyn ByteSource, fault: &Error) -> LintReport {
    let mut findings = vec![finding_of(fault)];
    if let Ok(Some(at)) = pdf::late_header(source) {
        findings.push(Finding {
            check: "HEADER_NOT_FIRST",
            severity: Severity::Warning,
            params: vec![("offset", at.to_string())],
            location: format!("offset {at}"),
        });
    }
    LintReport {
        readable: false,
        findings,
    }
}

fn finding(notice: Notice) -> Finding {
    let mut location = match notice.object {
        0 => String::new(),
        object => format!("object {object}, offset {}", notice.offset),
    };
    if notice.page > 0 {
        location.push_str(&format!(", page {}", notice.page));
    }
    Finding {
        check: notice.code,
        severity: Severity::Warning,
        params: vec![
            ("object", notice.object.to_string()),
            ("offset", notice.offset.to_string()),
            ("page", notice.page.to_string()),
            ("detail", notice.detail),
        ],
        location,
    }
}

/// Wire shape.
#[derive(Serialize)]
struct WireReport<'a> {
    schema: &'static str,
    file: &'a str,
    size_bytes: u64,
    readable: bool,
    clean: bool,
    findings: Vec<WireFinding<'a>>,
}

impl LintReport {
    /// Whether nothing was noticed.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// The findings in words, one for each.
    #[must_use]
    pub fn sentences(&self, language: Language) -> Vec<String> {
        let said = |one: &Finding| message(language, one.check, &one.params);
        self.findings.iter().map(said).collect()
    }

    /// One line of JSON, schema `lienthong.lint/1`, for the file called `name`.
    #[must_use]
    pub fn to_json(&self, name: &str, size_bytes: u64, language: Language) -> String {
        let findings = self.findings.iter().map(|one| wire_finding(one, language));
        let report = WireReport {
            schema: "lienthong.lint/1",
            file: name,
            size_bytes,
            readable: self.readable,
            clean: self.is_clean(),
            findings: findings.collect(),
        };
        // Plain structs of strings and numbers always serialise.
        serde_json::to_string(&report).unwrap_or_default()
    }
}
