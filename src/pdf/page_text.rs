//! Where the text of a page stands, roughly: enough to find free places and to warn of a box over
//! letters. Never part of a judgement. Source: ISO 32000-2, 9.4 and 8.3.4.

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::content::{Content, Operation};

use super::document::View;
use super::error::Error;
use super::limits;
use super::object::{Object, ObjectId};
use super::pages::{Page, page_of};

type Matrix = [f64; 6];

const UNIT: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
/// Content streams larger than this are not searched.
pub(super) const LARGEST: usize = 8 << 20;
/// Pieces of text noted on one page.
const PIECES: usize = 100_000;
/// Width of a letter as part of the font's size, on average.
const LETTER: f64 = 0.45;

/// A piece of text in the page's user space.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    /// Where its first letter stands.
    pub(super) x: f64,
    /// Its base line.
    pub(super) y: f64,
    /// Estimated width.
    pub(super) width: f64,
    /// Size of its font.
    pub(super) size: f64,
}

/// What a page shows.
#[derive(Debug, Default)]
pub(super) struct PageText {
    /// Its pieces of text.
    pub(super) pieces: Vec<Piece>,
    /// Whether it also shows what was not looked into: pictures, forms, turned text.
    pub(super) opaque: bool,
}

/// Reads the text of a page.
///
/// # Errors
/// When its content cannot be read or is too long.
pub(super) fn page_text(view: &View<'_, '_>, page: &Page) -> Result<PageText, Error> {
    let content = content(view, page)?;
    let operations = Content::decode(&content).map_err(|fault| Error::Unusable {
        code: "STREAM_MALFORMED",
        detail: fault.to_string(),
    })?;
    let mut state = State {
        ctm: UNIT,
        saved: Vec::new(),
        text: UNIT,
        line: UNIT,
        leading: 0.0,
        size: 0.0,
        found: PageText::default(),
    };
    for operation in &operations.operations {
        state.step(operation);
    }
    Ok(state.found)
}

pub(super) fn content(view: &View<'_, '_>, page: &Page) -> Result<Vec<u8>, Error> {
    let entry = page
        .object
        .dictionary()?
        .get(b"Contents")
        .cloned()
        .unwrap_or(Object::Null);
    let parts = match view.resolve(&entry)? {
        Object::Array(items) => items.into_iter().map(|item| item.object).collect(),
        _ => vec![entry],
    };
    let mut all = Vec::new();
    for part in parts {
        let Some(stream) = part
            .as_reference()
            .map(|id| view.load(id))
            .transpose()?
            .flatten()
        else {
            continue;
        };
        all.extend(view.plain_data(&stream)?);
        all.push(b'\n');
        if all.len() > LARGEST {
            let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX);
            return Err(Error::Limit {
                what: "bytes of page content",
                limit,
            });
        }
    }
    Ok(all)
}

struct State {
    ctm: Matrix,
    saved: Vec<Matrix>,
    text: Matrix,
    line: Matrix,
    leading: f64,
    size: f64,
    found: PageText,
}

impl State {
    fn step(&mut self, operation: &Operation) {
        let number = |at: usize| {
            let operand = operation
                .operands
                .get(at)
                .and_then(|operand| operand.as_float().ok());
            operand.map_or(0.0, f64::from)
        };
        let matrix = || {
            [
                number(0),
                number(1),
                number(2),
                number(3),
                number(4),
                number(5),
            ]
        };
        match operation.operator.as_str() {
            "q" if self.saved.len() < 64 => self.saved.push(self.ctm),
            "Q" => self.ctm = self.saved.pop().unwrap_or(self.ctm),
            "cm" => self.ctm = multiply(matrix(), self.ctm),
            "BT" => self.begin(UNIT),
            "Tm" => self.begin(matrix()),
            "Tf" => self.size = number(1),
            "TL" => self.leading = number(0),
            "Td" => self.advance(number(0), number(1)),
            "TD" => {
                self.leading = -number(1);
                self.advance(number(0), number(1));
            }
            "T*" => self.advance(0.0, -self.leading),
            "Tj" | "TJ" => self.show(operation),
            "'" | "\"" => {
                self.advance(0.0, -self.leading);
                self.show(operation);
            }
            "Do" | "BI" | "sh" => self.found.opaque = true,
            _ => {}
        }
    }

    const fn begin(&mut self, at: Matrix) {
        self.text = at;
        self.line = at;
    }

    fn advance(&mut self, x: f64, y: f64) {
        self.begin(multiply([1.0, 0.0, 0.0, 1.0, x, y], self.line));
    }

    fn show(&mut self, operation: &Operation) {
        let [a, b, _, d, x, y] = multiply(self.text, self.ctm);
        if b.abs() > a.abs() * 0.01 {
            self.found.opaque = true;
        }
        if self.found.pieces.len() >= PIECES {
            self.found.opaque = true;
            return;
        }
        let letters: u32 = operation.operands.iter().map(letters).sum();
        let width = f64::from(letters) * LETTER * (self.size * a).abs();
        let size = (self.size * d).abs();
        self.found.pieces.push(Piece { x, y, width, size });
    }
}

/// Letters of a shown string; two bytes are one letter where half of them are zero.
fn letters(shown: &lopdf::Object) -> u32 {
    match shown {
        lopdf::Object::String(bytes, _) => {
            let wide = bytes.len().is_multiple_of(2) && bytes.iter().step_by(2).all(|b| *b < 32);
            let count = if wide { bytes.len() / 2 } else { bytes.len() };
            u32::try_from(count).unwrap_or(u32::MAX / 2)
        }
        lopdf::Object::Array(items) => items.iter().map(letters).sum(),
        _ => 0,
    }
}

/// `first` applied before `second`.
fn multiply(first: Matrix, second: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = first;
    let [g, h, i, j, k, l] = second;
    [
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + l,
    ]
}

impl PageText {
    /// Whether a box touches the text: more than a hair of a letter lies inside.
    pub(super) fn touches(&self, [left, bottom, right, top]: [f64; 4]) -> bool {
        self.pieces.iter().any(|piece| {
            let (low, high) = (piece.y, piece.y + piece.size * 0.6);
            piece.x < right - 1.0
                && piece.x + piece.width > left + 1.0
                && low < top - 1.0
                && high > bottom + 1.0
        })
    }
}

/// The texts of the pages asked for so far, and the effort spent on comparing.
#[derive(Default)]
pub(super) struct PageTexts {
    pages: HashMap<ObjectId, Rc<PageText>>,
    spent: usize,
}

impl PageTexts {
    /// Whether a box on a page lies over letters that could be read.
    pub(super) fn covers_letters(
        &mut self,
        view: &View<'_, '_>,
        page: ObjectId,
        rectangle: [f64; 4],
    ) -> bool {
        let text = self.text(view, page);
        self.spend(text.pieces.len()) || text.touches(rectangle)
    }

    fn text(&mut self, view: &View<'_, '_>, page: ObjectId) -> Rc<PageText> {
        let known = self.pages.get(&page).cloned();
        known.unwrap_or_else(|| {
            let read = page_of(view, page).and_then(|page| page_text(view, &page));
            let unread = PageText {
                pieces: Vec::new(),
                opaque: true,
            };
            let text = Rc::new(read.unwrap_or(unread));
            self.pages.insert(page, Rc::clone(&text));
            text
        })
    }

    /// Counts comparisons; `true` when there were too many to go on.
    pub(super) fn spend(&mut self, comparisons: usize) -> bool {
        self.spent = self.spent.saturating_add(comparisons);
        self.spent > limits::OVERLAPS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_touches_the_letters_it_covers() {
        let piece = Piece {
            x: 72.0,
            y: 700.0,
            width: 100.0,
            size: 12.0,
        };
        let text = PageText {
            pieces: vec![piece],
            opaque: false,
        };
        assert!(text.touches([100.0, 690.0, 120.0, 710.0]));
        assert!(text.touches([60.0, 650.0, 80.0, 720.0]));
        assert!(!text.touches([180.0, 690.0, 220.0, 710.0]));
        assert!(!text.touches([100.0, 600.0, 120.0, 690.0]));
    }
}
