//! A verdict as it leaves the jail: what machines act on as values, everything else as text.

use serde::{Deserialize, Serialize};

use super::request::{Forms, Languages};
use crate::domain::language::Language;
use crate::pades::{self, ByteSource, FileVerdict, Report};
use crate::pki::verdict::{Indication, Params, RowOutcome, RowResult};

/// The judgement of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The verdict.
    pub verdict: FileVerdict,
    /// Why it is not `TOTAL-PASSED`, in the words of ETSI.
    pub sub_indication: Option<String>,
    /// The report as one line of JSON, schema `lienthong.verification/1`.
    pub json: String,
    /// The report for people.
    pub text: String,
    /// What speaks against the document for certain, if anything does.
    pub decisive: Option<Decisive>,
    /// The secrecy marking on its first page, if it was looked for and one can be read.
    pub marking: Option<String>,
    /// The ETSI validation report, if it was wanted.
    pub etsi: Option<String>,
    /// The page for people, a PDF, if it was wanted.
    pub sheet: Option<Vec<u8>>,
}

/// What speaks against a document for certain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisive {
    /// The row of the report that failed; `file` when there is no row to fail.
    pub row: String,
    /// The stable code.
    pub reason: String,
    /// The reason in Vietnamese and English.
    pub words: [String; 2],
}

impl Judged {
    /// `report` in the languages and forms wanted.
    #[must_use]
    pub fn of(report: &Report, languages: Languages, forms: Forms) -> Self {
        Self {
            verdict: report.verdict,
            sub_indication: report.sub_indication.map(|sub| sub.as_str().to_owned()),
            json: report.to_json(languages.data),
            text: pades::explain(report, languages.words),
            decisive: decisive(report),
            marking: None,
            etsi: forms.etsi.then(|| pades::etsi(report, languages.data)),
            sheet: forms
                .sheet
                .then(|| pades::sheet(report, languages.words).ok())
                .flatten(),
        }
    }
}

impl Judged {
    /// The same judgement with the marking `document` bears, unless nobody asks for it.
    #[must_use]
    pub(super) fn marked(self, document: &dyn ByteSource, forms: Forms) -> Self {
        if forms.unchecked_marking {
            return self;
        }
        let marking = pades::secrecy_marking(document).map(str::to_owned);
        Self { marking, ..self }
    }
}

/// A file that carries no signature or cannot be read, else the first row that failed.
fn decisive(report: &Report) -> Option<Decisive> {
    match report.verdict {
        FileVerdict::Judged(Indication::TotalPassed) => return None,
        FileVerdict::NoSignature => return Some(of_file("NO_SIGNATURE")),
        FileVerdict::Unreadable => {
            let jailed = report.findings.iter().map(|finding| finding.check);
            let mut jailed = jailed.filter(|check| super::reasons::VERDICTS.contains(check));
            return Some(of_file(jailed.next().unwrap_or("UNREADABLE")));
        }
        FileVerdict::Judged(_) => {}
    }
    let rows = report.signatures.iter().flat_map(|one| one.rows.named());
    let mut failed = rows.filter(|(_, row)| row.result == RowResult::Failed);
    let (name, row) = failed.next().or_else(|| {
        // A verdict that failed without a failed row still fails.
        let first = report.signatures.first()?;
        (report.verdict == FileVerdict::Judged(Indication::TotalFailed))
            .then_some(("integrity", &first.rows.integrity))
    })?;
    Some(of_row(name, row))
}

fn of_file(code: &str) -> Decisive {
    Decisive {
        row: "file".to_owned(),
        reason: code.to_owned(),
        words: in_both(code, &Params::new()),
    }
}

fn of_row(name: &str, row: &RowOutcome) -> Decisive {
    Decisive {
        row: name.to_owned(),
        reason: row.reason.to_owned(),
        words: in_both(row.reason, &row.params),
    }
}

fn in_both(code: &str, params: &Params) -> [String; 2] {
    [Language::Vietnamese, Language::English].map(|language| pades::message(language, code, params))
}
