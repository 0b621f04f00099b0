//! Finds where a text stands on a page, to place a mark beside it. Reads the text a viewer would
//! let people search: through `/ToUnicode`, else through Latin encodings. Text inside other streams
//! the page draws and in fonts without either is not found. Only a proposal, never part of a
//! judgement.
//! Source: ISO 32000-2, 9.4, 9.6, 9.7 and 9.10.

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::content::{Content, Operation};

use super::document::View;
use super::error::Error;
use super::object::Object;
use super::page_text::content;
use super::pages::{Page, inherited};
use super::text_font::TextFont;

type Matrix = [f64; 6];

const UNIT: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
/// Letters looked at on one page.
const LETTERS: usize = 200_000;
/// How far apart base lines of one line of text may be, in millimetres.
const SAME_LINE: f64 = 0.7;

/// A letter, white space left out, and its box as the page is seen: x, y, width, height in mm.
struct Letter {
    text: char,
    place: [f64; 4],
}

/// The boxes (x, y, width, height in millimetres as the page is seen) of every place where the page
/// shows `wanted`, white space not counted.
///
/// # Errors
/// When the page's content cannot be read.
pub fn find_text(
    view: &View<'_, '_>,
    page: &Page,
    wanted: &str,
    normal: &dyn Fn(&str) -> String,
) -> Result<Vec<[f64; 4]>, Error> {
    let content = content(view, page)?;
    let operations = Content::decode(&content).map_err(|fault| Error::Unusable {
        code: "STREAM_MALFORMED",
        detail: fault.to_string(),
    })?;
    let resources = inherited(view, &page.object, b"Resources")?;
    let fonts = match resources.as_dictionary() {
        Some(resources) => view.value(resources, b"Font")?,
        None => Object::Null,
    };
    let mut walk = Walk::new(view, page, fonts, normal);
    for operation in &operations.operations {
        walk.step(operation);
    }
    Ok(matches(&mut walk.letters, &normal(wanted)))
}

/// Lines of letters from left to right, searched one by one.
fn matches(letters: &mut [Letter], wanted: &str) -> Vec<[f64; 4]> {
    let wanted: Vec<char> = wanted.chars().filter(|c| !c.is_whitespace()).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    letters.sort_by(|one, two| two.place[1].total_cmp(&one.place[1]));
    let same = |one: &Letter, two: &Letter| (one.place[1] - two.place[1]).abs() <= SAME_LINE;
    let mut found: Vec<[f64; 4]> = Vec::new();
    for line in letters.chunk_by_mut(same) {
        line.sort_by(|one, two| one.place[0].total_cmp(&two.place[0]));
        for window in line.windows(wanted.len()) {
            if window
                .iter()
                .map(|letter| letter.text)
                .eq(wanted.iter().copied())
            {
                found.extend(around(window));
            }
        }
    }
    found
}

fn around(letters: &[Letter]) -> Option<[f64; 4]> {
    let [x, y, ..] = letters.first()?.place;
    let [last, _, width, _] = letters.last()?.place;
    let high = letters.iter().map(|one| one.place[3]).fold(0.0, f64::max);
    Some([x, y, last + width - x, high])
}

struct Walk<'w, 'd, 'a> {
    view: &'w View<'d, 'a>,
    page: &'w Page,
    fonts: Object,
    known: HashMap<Vec<u8>, Option<Rc<TextFont>>>,
    normal: &'w dyn Fn(&str) -> String,
    ctm: Matrix,
    saved: Vec<(Matrix, Shown)>,
    text: Matrix,
    line: Matrix,
    shown: Shown,
    letters: Vec<Letter>,
}

/// The text state. Source: ISO 32000-2, 9.3.
#[derive(Clone, Default)]
struct Shown {
    font: Option<Rc<TextFont>>,
    size: f64,
    spacing: f64,
    word_spacing: f64,
    /// `Tz` less one hundred, in hundredths.
    stretch: f64,
    rise: f64,
    leading: f64,
}

impl<'w, 'd, 'a> Walk<'w, 'd, 'a> {
    fn new(
        view: &'w View<'d, 'a>,
        page: &'w Page,
        fonts: Object,
        normal: &'w dyn Fn(&str) -> String,
    ) -> Self {
        Self {
            view,
            page,
            fonts,
            known: HashMap::new(),
            normal,
            ctm: UNIT,
            saved: Vec::new(),
            text: UNIT,
            line: UNIT,
            shown: Shown::default(),
            letters: Vec::new(),
        }
    }

    fn step(&mut self, operation: &Operation) {
        let number = |at: usize| {
            let operand = operation.operands.get(at);
            operand
                .and_then(|one| one.as_float().ok())
                .map_or(0.0, f64::from)
        };
        let matrix = || [0, 1, 2, 3, 4, 5].map(number);
        match operation.operator.as_str() {
            "q" if self.saved.len() < 64 => self.saved.push((self.ctm, self.shown.clone())),
            "Q" => {
                if let Some((ctm, shown)) = self.saved.pop() {
                    (self.ctm, self.shown) = (ctm, shown);
                }
            }
            "cm" => self.ctm = multiply(matrix(), self.ctm),
            "BT" => (self.text, self.line) = (UNIT, UNIT),
            "Tm" => (self.text, self.line) = (matrix(), matrix()),
            "Tf" => self.font(operation, number(1)),
            "Tc" => self.shown.spacing = number(0),
            "Tw" => self.shown.word_spacing = number(0),
            "Tz" => self.shown.stretch = number(0) / 100.0 - 1.0,
            "Ts" => self.shown.rise = number(0),
            "TL" => self.shown.leading = number(0),
            "Td" => self.advance(number(0), number(1)),
            "TD" => {
                self.shown.leading = -number(1);
                self.advance(number(0), number(1));
            }
            "T*" => self.advance(0.0, -self.shown.leading),
            "Tj" | "TJ" => self.show(operation.operands.first()),
            "'" => {
                self.advance(0.0, -self.shown.leading);
                self.show(operation.operands.first());
            }
            "\"" => {
                (self.shown.word_spacing, self.shown.spacing) = (number(0), number(1));
                self.advance(0.0, -self.shown.leading);
                self.show(operation.operands.get(2));
            }
            _ => {}
        }
    }

    fn font(&mut self, operation: &Operation, size: f64) {
        self.shown.size = size;
        let name = operation
            .operands
            .first()
            .and_then(|one| one.as_name().ok());
        let name = name.unwrap_or_default().to_vec();
        let (view, fonts) = (self.view, &self.fonts);
        let font = self.known.entry(name).or_insert_with_key(|name| {
            let font = fonts.as_dictionary()?.get(name)?;
            TextFont::read(view, font).ok().map(Rc::new)
        });
        self.shown.font.clone_from(font);
    }

    fn advance(&mut self, x: f64, y: f64) {
        self.line = multiply([1.0, 0.0, 0.0, 1.0, x, y], self.line);
        self.text = self.line;
    }

    /// A string, or an array of strings and kerns in thousandths.
    fn show(&mut self, operand: Option<&lopdf::Object>) {
        match operand {
            Some(lopdf::Object::String(bytes, _)) => self.string(bytes),
            Some(lopdf::Object::Array(parts)) => {
                for part in parts {
                    match (part, part.as_float()) {
                        (lopdf::Object::String(bytes, _), _) => self.string(bytes),
                        (_, Ok(kern)) => self.move_on(-f64::from(kern) / 1000.0 * self.shown.size),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn move_on(&mut self, width: f64) {
        let x = width * (1.0 + self.shown.stretch);
        self.text = multiply([1.0, 0.0, 0.0, 1.0, x, 0.0], self.text);
    }

    fn string(&mut self, bytes: &[u8]) {
        let Some(font) = self.shown.font.clone() else {
            return;
        };
        for glyph in font.glyphs(bytes) {
            let width = glyph.width * self.shown.size;
            if let Some(text) = glyph.text {
                self.letter(text, width);
            }
            let word = if glyph.is_space {
                self.shown.word_spacing
            } else {
                0.0
            };
            self.move_on(width + self.shown.spacing + word);
        }
    }

    fn letter(&mut self, text: &str, width: f64) {
        let text = (self.normal)(text);
        let mut letters = text.chars().filter(|c| !c.is_whitespace());
        let (rise, size) = (self.shown.rise, self.shown.size);
        let whole = multiply(self.text, self.ctm);
        let (x1, y1) = apply(whole, 0.0, rise);
        let (x2, y2) = apply(whole, width * (1.0 + self.shown.stretch), rise + size * 0.7);
        let user = [x1.min(x2), y1.min(y2), x1.max(x2), y1.max(y2)];
        let mut place = self.page.as_seen(user);
        let count = text.chars().count().max(1);
        place[2] /= f64::from(u32::try_from(count).unwrap_or(1));
        while self.letters.len() < LETTERS
            && let Some(text) = letters.next()
        {
            self.letters.push(Letter { text, place });
            place[0] += place[2];
        }
    }
}

fn apply([a, b, c, d, e, f]: Matrix, x: f64, y: f64) -> (f64, f64) {
    (a * x + c * y + e, b * x + d * y + f)
}

/// `first` applied before `second`.
fn multiply(first: Matrix, second: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = first;
    let (x, y) = apply(second, e, f);
    let [g, h, i, j, _, _] = second;
    [
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        x,
        y,
    ]
}
