//! The report of one verification on one page for people: verdict, file, signatures, checks, reasons
//! and what the verdict rests on. What does not fit is counted, never dropped silently. The same
//! report gives the same bytes. Source: Circular 15/2025/TT-BKHCN, article 6.

mod tables;

use super::Error;
use super::explain::{advice_key, message, verdict_key};
use super::report::{FileVerdict, Report};
use crate::domain::clock::{rfc3339, vietnam_time};
use crate::domain::language::Language;
use crate::pdf::{Colour, Sheet, Style, Weight};
use crate::phrases;
use crate::pki::verdict::{Indication, RowResult, Severity};

const LEFT: f64 = 18.0;
const RIGHT: f64 = 192.0;
const WIDTH: f64 = RIGHT - LEFT;
/// Where the part about policy and evidence begins.
const BASIS: f64 = 252.0;

const INK: Colour = [0.11, 0.13, 0.17];
const MUTED: Colour = [0.38, 0.42, 0.48];
const RULE: Colour = [0.84, 0.86, 0.89];
const WHITE: Colour = [1.0, 1.0, 1.0];
const GREEN: Colour = [0.07, 0.42, 0.25];
const AMBER: Colour = [0.68, 0.41, 0.0];
const RED: Colour = [0.69, 0.13, 0.11];
const GREY: Colour = [0.36, 0.40, 0.45];

const fn style(weight: Weight, size: f64, colour: Colour) -> Style {
    Style {
        weight,
        size,
        colour,
    }
}

const SMALL: Style = style(Weight::Regular, 8.0, MUTED);
const BODY: Style = style(Weight::Regular, 9.0, INK);
const STRONG: Style = style(Weight::Bold, 9.0, INK);
const HEADING: Style = style(Weight::Bold, 10.5, INK);

/// Prints `report` on one A4 page in `language`.
///
/// # Errors
/// [`Error::Pdf`] when an embedded face cannot be used.
pub fn sheet(report: &Report, language: Language) -> Result<Vec<u8>, Error> {
    let mut page = Page {
        sheet: Sheet::new()?,
        report,
        language,
        y: 24.0,
    };
    page.head();
    page.band();
    page.file();
    page.signatures();
    page.questions();
    page.reasons();
    page.basis();
    let title = format!("{}: {}", page.word("sheet-title"), report.name);
    Ok(page.sheet.write(&title, &language.to_string())?)
}

/// The page and how far down it is written.
struct Page<'a> {
    sheet: Sheet,
    report: &'a Report,
    language: Language,
    y: f64,
}

const fn colour_of(indication: Indication) -> Colour {
    match indication {
        Indication::TotalPassed => GREEN,
        Indication::Indeterminate => AMBER,
        Indication::TotalFailed => RED,
    }
}

impl Page<'_> {
    fn word(&self, key: &str) -> String {
        phrases::text(self.language, key, &[])
    }

    fn said(&self, key: &str, values: &[(&str, &str)]) -> String {
        phrases::text(self.language, key, values)
    }

    fn head(&mut self) {
        let title = self.word("sheet-title");
        let large = style(Weight::Bold, 16.0, INK);
        self.sheet.text(large, [LEFT, self.y], &title);
        let at = vietnam_time(self.report.validation_time);
        let at = self.said("sheet-judged-at", &[("time", &at)]);
        self.sheet.text(SMALL, [LEFT, self.y + 5.0], &at);
        let name = style(Weight::Bold, 9.0, MUTED);
        self.sheet.text_to(name, [RIGHT, self.y], "lienthong");
        self.y += 10.0;
    }

    /// The verdict, what it is called in the standard, and what to do.
    fn band(&mut self) {
        let colour = match self.report.verdict {
            FileVerdict::Judged(indication) => colour_of(indication),
            FileVerdict::NoSignature | FileVerdict::Unreadable => GREY,
        };
        let key = verdict_key(self.report.verdict);
        let advice = self.word(advice_key(self.report.verdict));
        let plain = style(Weight::Regular, 9.5, WHITE);
        let lines = self.sheet.wrapped(plain, &advice, WIDTH - 14.0, 2);
        let count = f64::from(u32::try_from(lines.len()).unwrap_or(2));
        let height = 16.0 + count * 4.6;
        self.sheet.fill([LEFT, self.y, WIDTH, height], colour);
        let word = self.word(key);
        let large = style(Weight::Bold, 22.0, WHITE);
        self.sheet.text(large, [LEFT + 7.0, self.y + 11.0], &word);
        let standard = match self.report.sub_indication {
            Some(sub) => format!("{} · {sub}", self.report.verdict),
            None => self.report.verdict.to_string(),
        };
        let small = style(Weight::Bold, 8.0, WHITE);
        self.sheet
            .text_to(small, [RIGHT - 7.0, self.y + 10.0], &standard);
        for (at, line) in (0_u32..).zip(&lines) {
            let y = self.y + 17.0 + f64::from(at) * 4.6;
            self.sheet.text(plain, [LEFT + 7.0, y], line);
        }
        self.y += height + 9.0;
    }

    fn heading(&mut self, key: &str) {
        let text = self.word(key);
        self.sheet.text(HEADING, [LEFT, self.y], &text);
        self.rule(self.y + 2.0);
        self.y += 6.8;
    }

    fn rule(&mut self, y: f64) {
        self.sheet.stroke(&[[LEFT, y], [RIGHT, y]], 0.2, RULE);
    }

    fn pair(&mut self, label: &str, value: &str) {
        let label = self.word(label);
        self.sheet.text(SMALL, [LEFT, self.y], &label);
        let value = self.sheet.fitted(BODY, value, WIDTH - 34.0);
        self.sheet.text(BODY, [LEFT + 34.0, self.y], &value);
        self.y += 4.8;
    }

    fn file(&mut self) {
        let report = self.report;
        self.heading("sheet-file");
        self.pair("sheet-name", &report.name);
        let (pages, bytes) = (report.pages.to_string(), report.size_bytes.to_string());
        let size = self.said("sheet-size-value", &[("pages", &pages), ("bytes", &bytes)]);
        self.pair("sheet-size", &size);
        let digest = report.sha256.map_or("–".to_owned(), |sha| sha.to_string());
        self.pair("sheet-digest", &digest);
        self.y += 4.2;
    }

    /// Whatever did not pass, and what was noticed, the gravest first.
    fn reasons(&mut self) {
        let mut said: Vec<(Colour, String)> = Vec::new();
        for wanted in [RowResult::Failed, RowResult::Indeterminate] {
            for signature in &self.report.signatures {
                for (name, row) in signature.rows.named() {
                    if row.result == wanted {
                        let label = self.word(&format!("verdict-row-{name}"));
                        let why = message(self.language, row.reason, &row.params);
                        let colour = tables::mark_colour(wanted);
                        said.push((colour, format!("{} – {label}: {why}", signature.field)));
                    }
                }
            }
        }
        let mut noticed: Vec<_> = self.report.findings.iter().collect();
        noticed.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in noticed {
            let colour = match finding.severity {
                Severity::Error => RED,
                Severity::Warning => AMBER,
                Severity::Info => GREY,
            };
            let why = message(self.language, finding.check, &finding.params);
            said.push((colour, why));
        }
        if said.is_empty() {
            return;
        }
        self.heading("sheet-reasons");
        self.bullets(&said);
    }

    fn bullets(&mut self, said: &[(Colour, String)]) {
        for (at, (colour, text)) in said.iter().enumerate() {
            let left = said.len().saturating_sub(at);
            let lines = self.sheet.wrapped(BODY, text, WIDTH - 5.0, 2);
            let rows = f64::from(u32::try_from(lines.len()).unwrap_or(2));
            // Room for the last line that counts the rest.
            if self.y + rows * 4.3 + 5.0 > BASIS {
                let more = self.said("sheet-more", &[("count", &left.to_string())]);
                self.sheet.text(SMALL, [LEFT + 5.0, self.y], &more);
                return;
            }
            self.sheet.fill([LEFT, self.y - 2.2, 1.8, 1.8], *colour);
            for line in &lines {
                self.sheet.text(BODY, [LEFT + 5.0, self.y], line);
                self.y += 4.3;
            }
            self.y += 0.9;
        }
    }

    /// What the verdict rests on, so that it can be repeated.
    fn basis(&mut self) {
        let report = self.report;
        self.y = BASIS;
        self.heading("sheet-basis");
        let instant = rfc3339(report.validation_time);
        let (policy, digest) = &report.policy;
        self.pair("sheet-policy", &format!("{policy} · {digest}"));
        self.pair("sheet-evidence", &report.evidence_sha256.to_string());
        self.pair("sheet-instant", &instant);
        self.pair(
            "sheet-engine",
            concat!("lienthong ", env!("CARGO_PKG_VERSION")),
        );
        let repeat = self.word("sheet-repeat");
        self.y += 1.0;
        for line in self.sheet.wrapped(SMALL, &repeat, WIDTH, 2) {
            self.sheet.text(SMALL, [LEFT, self.y], &line);
            self.y += 3.8;
        }
    }
}
