//! Walks through content streams and notes every letter they show with its place, as far as a viewer
//! would let people search it: through `/ToUnicode`, else through Latin encodings. Forms that the
//! content draws are walked through too. Bounded: what lies beyond a bound is not noted.
//! Source: ISO 32000-2, 8.10, 9.3, 9.4, 9.6, 9.7 and 9.10.

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::content::{Content, Operation};

use super::document::View;
use super::error::Error;
use super::object::{Object, ObjectId};
use super::page_text::{LARGEST, content};
use super::pages::{Page, inherited};
use super::text_font::TextFont;

type Matrix = [f64; 6];

const UNIT: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
/// Letters looked at on one page.
const LETTERS: usize = 200_000;
/// Forms drawn on one page, and how deep one may lie in another.
const FORMS: usize = 500;
const DEPTH: usize = 8;

/// A letter, white space left out, and its box as the page is seen: x, y, width, height in mm.
pub(super) struct Letter {
    pub(super) text: char,
    pub(super) place: [f64; 4],
}

/// How text is made comparable.
pub(super) type Normal<'n> = &'n dyn Fn(&str) -> String;

/// The letters a page shows.
///
/// # Errors
/// When the page's content cannot be read.
pub(super) fn page_letters(
    view: &View<'_, '_>,
    page: &Page,
    normal: Normal<'_>,
) -> Result<Vec<Letter>, Error> {
    let content = content(view, page)?;
    let resources = inherited(view, &page.object, b"Resources")?;
    let mut walk = Walk::new(view, Some(page), normal);
    walk.run(&content, resources)?;
    Ok(walk.letters)
}

/// The letters the form `id` shows, placed in its own space.
///
/// # Errors
/// When it is no form or cannot be read.
pub(super) fn form_letters(
    view: &View<'_, '_>,
    id: ObjectId,
    normal: Normal<'_>,
) -> Result<Vec<Letter>, Error> {
    let mut walk = Walk::new(view, None, normal);
    walk.form(id)?;
    Ok(walk.letters)
}

fn operations(content: &[u8]) -> Result<Content, Error> {
    Content::decode(content).map_err(|fault| Error::Unusable {
        code: "STREAM_MALFORMED",
        detail: fault.to_string(),
    })
}

struct Walk<'w, 'd, 'a> {
    view: &'w View<'d, 'a>,
    page: Option<&'w Page>,
    resources: Object,
    fonts: Object,
    forms: usize,
    /// The forms around what is read now.
    within: Vec<ObjectId>,
    known: HashMap<Vec<u8>, Option<Rc<TextFont>>>,
    normal: Normal<'w>,
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
    fn new(view: &'w View<'d, 'a>, page: Option<&'w Page>, normal: Normal<'w>) -> Self {
        Self {
            view,
            page,
            resources: Object::Null,
            fonts: Object::Null,
            forms: 0,
            within: Vec::new(),
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

    /// Walks through `content`, which uses `resources`.
    fn run(&mut self, content: &[u8], resources: Object) -> Result<(), Error> {
        let fonts = match resources.as_dictionary() {
            Some(resources) => self.view.value(resources, b"Font")?,
            None => Object::Null,
        };
        let outer = (
            std::mem::replace(&mut self.resources, resources),
            std::mem::replace(&mut self.fonts, fonts),
            std::mem::take(&mut self.known),
        );
        for operation in &operations(content)?.operations {
            self.step(operation);
        }
        (self.resources, self.fonts, self.known) = outer;
        Ok(())
    }

    /// What the content draws by name, if it is a form. One that cannot be read shows nothing.
    fn draw(&mut self, operation: &Operation) {
        let name = operation
            .operands
            .first()
            .and_then(|one| one.as_name().ok());
        let found = name.and_then(|name| {
            let resources = self.resources.as_dictionary()?;
            let drawn = self.view.value(resources, b"XObject").ok()?;
            drawn.as_dictionary()?.reference(name)
        });
        let within = self.forms < FORMS && self.within.len() < DEPTH;
        // A form that draws itself shows nothing more.
        let Some(id) = found.filter(|id| within && !self.within.contains(id)) else {
            return;
        };
        let outer = (self.ctm, self.shown.clone(), self.text, self.line);
        let saved = std::mem::take(&mut self.saved);
        drop(self.form(id));
        (self.ctm, self.shown, self.text, self.line) = outer;
        self.saved = saved;
    }

    fn form(&mut self, id: ObjectId) -> Result<(), Error> {
        let Some(form) = self.view.load(id)? else {
            return Ok(());
        };
        let dictionary = form.dictionary()?;
        if !dictionary.is_name(b"Subtype", b"Form") {
            return Ok(());
        }
        let plain = self.view.plain_data(&form)?;
        if plain.len() > LARGEST {
            return Ok(());
        }
        let matrix = self.view.value(dictionary, b"Matrix")?;
        let matrix: Option<Vec<f64>> = matrix.as_array().and_then(|six| {
            let numbers = six.iter().map(|one| one.object.as_number());
            numbers.collect()
        });
        if let Some(matrix) = matrix.and_then(|six| Matrix::try_from(six).ok()) {
            self.ctm = multiply(matrix, self.ctm);
        }
        let own = self.view.value(dictionary, b"Resources")?;
        let resources = match own.as_dictionary() {
            Some(_) => own,
            None => self.resources.clone(),
        };
        self.forms = self.forms.saturating_add(1);
        self.within.push(id);
        let walked = self.run(&plain, resources);
        self.within.pop();
        walked
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
            "Do" => self.draw(operation),
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
        let (view, fonts, normal) = (self.view, &self.fonts, self.normal);
        let font = self.known.entry(name).or_insert_with_key(|name| {
            let font = fonts.as_dictionary()?.get(name)?;
            let font = TextFont::read(view, font).ok()?;
            Some(Rc::new(font.comparable(normal)))
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
        let [a, b, _, _, e, f] = &mut self.text;
        (*e, *f) = (*a * x + *e, *b * x + *f);
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
        let mut letters = text.chars().filter(|c| !c.is_whitespace());
        let (rise, size) = (self.shown.rise, self.shown.size);
        let whole = multiply(self.text, self.ctm);
        let (x1, y1) = apply(whole, 0.0, rise);
        let (x2, y2) = apply(whole, width * (1.0 + self.shown.stretch), rise + size * 0.7);
        let user = [x1.min(x2), y1.min(y2), x1.max(x2), y1.max(y2)];
        let mut place = match self.page {
            Some(page) => page.as_seen(user),
            None => boxed(user),
        };
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

/// A box of an own space as x, y, width and height in millimetres.
fn boxed([left, bottom, right, top]: [f64; 4]) -> [f64; 4] {
    const MM: f64 = 25.4 / 72.0;
    [left, bottom, right - left, top - bottom].map(|points| points * MM)
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
