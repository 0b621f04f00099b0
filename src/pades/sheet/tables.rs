//! The two tables of a sheet: the signatures, and the seven questions asked of each.

use super::{
    AMBER, BODY, GREEN, GREY, LEFT, Page, RED, RIGHT, RULE, SMALL, STRONG, WIDTH, colour_of, style,
};
use crate::domain::clock::vietnam_time;
use crate::pades::explain::indication_key;
use crate::pades::report::{SignatureKind, SignatureReport};
use crate::pdf::{Colour, Weight};
use crate::pki::verdict::RowResult;

/// Most signatures listed.
const LISTED: usize = 5;
/// Where the columns of the table of signatures begin.
const COLUMNS: [f64; 4] = [LEFT, LEFT + 8.0, LEFT + 86.0, LEFT + 138.0];
/// Width of a column of marks.
const MARK: f64 = 16.0;

/// The colour of a result.
pub(super) const fn mark_colour(result: RowResult) -> Colour {
    match result {
        RowResult::Passed => GREEN,
        RowResult::Failed => RED,
        RowResult::Indeterminate => AMBER,
        RowResult::NotChecked => GREY,
    }
}

const fn kind_key(kind: SignatureKind) -> &'static str {
    match kind {
        SignatureKind::Approval => "verdict-kind-approval",
        SignatureKind::Certification => "verdict-kind-certification",
        SignatureKind::Timestamp => "verdict-kind-timestamp",
    }
}

impl Page<'_> {
    pub(super) fn signatures(&mut self) {
        let report = self.report;
        if report.signatures.is_empty() {
            return;
        }
        self.heading("sheet-signatures");
        let heads = ["", "sheet-signer", "sheet-time", "sheet-result"];
        for (x, key) in COLUMNS.into_iter().zip(heads) {
            if !key.is_empty() {
                let text = self.word(key);
                self.sheet.text(SMALL, [x, self.y], &text);
            }
        }
        self.y += 5.2;
        for (at, signature) in report.signatures.iter().take(LISTED).enumerate() {
            self.signature(at, signature);
        }
        self.and_more(report.signatures.len());
        self.y += 3.0;
    }

    fn and_more(&mut self, all: usize) {
        if all > LISTED {
            let count = all.saturating_sub(LISTED).to_string();
            let more = self.said("sheet-more", &[("count", &count)]);
            self.sheet.text(SMALL, [LEFT + 8.0, self.y], &more);
            self.y += 4.8;
        }
    }

    fn signature(&mut self, at: usize, signature: &SignatureReport) {
        let [number, signer, time, result] = COLUMNS;
        let (first, second) = (self.y, self.y + 4.0);
        let ordinal = at.saturating_add(1).to_string();
        self.sheet.text(STRONG, [number, first], &ordinal);
        let (name, below) = self.names(signature);
        let room = time - signer - 4.0;
        let name = self.sheet.fitted(STRONG, &name, room);
        self.sheet.text(STRONG, [signer, first], &name);
        let below = self.sheet.fitted(SMALL, &below, room);
        self.sheet.text(SMALL, [signer, second], &below);
        let (instant, source) = self.times(signature);
        self.sheet.text(BODY, [time, first], &instant);
        self.sheet.text(SMALL, [time, second], &source);
        let verdict = self.word(indication_key(signature.indication));
        let strong = style(Weight::Bold, 9.0, colour_of(signature.indication));
        self.sheet.text(strong, [result, first], &verdict);
        let kind = self.word(kind_key(signature.kind));
        let kind = match signature.level {
            Some(level) => format!("{kind} · {level}"),
            None => kind,
        };
        let kind = self.sheet.fitted(SMALL, &kind, RIGHT - result);
        self.sheet.text(SMALL, [result, second], &kind);
        self.y += 9.2;
    }

    /// The signer's name, and organisation and field below it.
    fn names(&self, signature: &SignatureReport) -> (String, String) {
        let Some(signer) = &signature.signer else {
            return (self.word("sheet-unknown-signer"), signature.field.clone());
        };
        let name = signer.common_name().unwrap_or(signer.subject()).to_owned();
        let below = match signer.organization() {
            Some(organization) => format!("{organization} · {}", signature.field),
            None => signature.field.clone(),
        };
        (name, below)
    }

    fn times(&self, signature: &SignatureReport) -> (String, String) {
        let (at, key) = match (signature.best_signature_time, signature.claimed_time) {
            (Some(proven), _) => (proven, "sheet-time-proven"),
            (None, Some(claimed)) => (claimed, "sheet-time-claimed"),
            (None, None) => return ("–".to_owned(), String::new()),
        };
        (vietnam_time(at), self.word(key))
    }

    /// A line for each question, a mark for each signature.
    pub(super) fn questions(&mut self) {
        let report = self.report;
        let shown: Vec<_> = report.signatures.iter().take(LISTED).collect();
        let Some(first) = shown.first() else { return };
        self.heading("sheet-checks");
        let columns = f64::from(u32::try_from(shown.len()).unwrap_or(0));
        let start = RIGHT - columns * MARK;
        for (at, _) in (0_u32..).zip(&shown) {
            let x = start + (f64::from(at) + 0.5) * MARK;
            let number = at.saturating_add(1).to_string();
            let half = self.sheet.width(STRONG, &number) / 2.0;
            self.sheet.text(STRONG, [x - half, self.y - 1.6], &number);
        }
        self.y += 2.6;
        let names = first.rows.named().map(|(name, _)| name);
        for (row, name) in names.into_iter().enumerate() {
            let label = self.word(&format!("sheet-question-{name}"));
            let label = self
                .sheet
                .fitted(BODY, &label, WIDTH - columns * MARK - 3.0);
            self.sheet.text(BODY, [LEFT, self.y], &label);
            for (at, signature) in (0_u32..).zip(&shown) {
                let x = start + (f64::from(at) + 0.5) * MARK;
                if let Some((_, outcome)) = signature.rows.named().get(row) {
                    self.mark([x, self.y - 1.1], outcome.result);
                }
            }
            self.sheet
                .stroke(&[[LEFT, self.y + 1.7], [RIGHT, self.y + 1.7]], 0.1, RULE);
            self.y += 5.3;
        }
        self.legend();
        self.y += 8.0;
    }

    /// What the marks mean.
    fn legend(&mut self) {
        let results = [
            (RowResult::Passed, "sheet-mark-passed"),
            (RowResult::Failed, "sheet-mark-failed"),
            (RowResult::Indeterminate, "sheet-mark-indeterminate"),
            (RowResult::NotChecked, "sheet-mark-not-checked"),
        ];
        let mut x = LEFT + 1.6;
        for (result, key) in results {
            self.mark([x, self.y - 0.4], result);
            let text = self.word(key);
            self.sheet.text(SMALL, [x + 3.4, self.y + 0.6], &text);
            x += 10.0 + self.sheet.width(SMALL, &text);
        }
    }

    /// A tick, a cross, a rhombus or a dash about the point.
    fn mark(&mut self, [x, y]: [f64; 2], result: RowResult) {
        let colour = mark_colour(result);
        let near = |points: &[[f64; 2]]| -> Vec<[f64; 2]> {
            points.iter().map(|[dx, dy]| [x + dx, y + dy]).collect()
        };
        let lines: Vec<Vec<[f64; 2]>> = match result {
            RowResult::Passed => vec![near(&[[-1.5, 0.1], [-0.4, 1.2], [1.6, -1.3]])],
            RowResult::Failed => vec![
                near(&[[-1.2, -1.2], [1.2, 1.2]]),
                near(&[[-1.2, 1.2], [1.2, -1.2]]),
            ],
            RowResult::Indeterminate => vec![near(&[
                [0.0, -1.4],
                [1.4, 0.0],
                [0.0, 1.4],
                [-1.4, 0.0],
                [0.0, -1.4],
            ])],
            RowResult::NotChecked => vec![near(&[[-1.1, 0.0], [1.1, 0.0]])],
        };
        for line in lines {
            self.sheet.stroke(&line, 0.55, colour);
        }
    }
}
