//! Walks through content streams and notes a box around everything they paint. Every operator is
//! known or the content counts as unread. Source: ISO 32000-2, Annex A.

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::Object as Operand;
use lopdf::content::{Content, Operation};

use super::font::PaintedFont;
use super::letters::{Cursor, TextState, line};
use super::path::Path;
use super::plane::{
    Box4, EVERYWHERE, Matrix, UNIT, boxed, intersection, multiply, stretch, union, widened,
};
use super::{Nature, Painted, Spot};
use crate::pdf::document::View;
use crate::pdf::filter;
use crate::pdf::object::{Dictionary, Object, ObjectId};
use crate::pdf::page_text::LARGEST;

/// Things noted on one page, states saved and operators read.
const SPOTS: usize = 200_000;
const SAVED: usize = 1_024;
const OPERATIONS: usize = 2_000_000;
/// Forms drawn on one page, and how deep one may lie in another.
const FORMS: usize = 500;
const DEPTH: usize = 8;
/// Light of the palest letters that count as seen.
const PALE: f64 = 0.9;

/// The graphics state.
#[derive(Clone)]
struct State {
    ctm: Matrix,
    clip: Box4,
    width: f64,
    /// Whether a pattern fills or strokes.
    pattern: bool,
    /// Whether the filling colour can hardly be told from paper.
    pale: bool,
    text: TextState,
}

pub(super) struct Walk<'w, 'd, 'a> {
    pub(super) view: &'w View<'d, 'a>,
    pub(super) found: Painted,
    resources: Object,
    state: State,
    saved: Vec<State>,
    cursor: Cursor,
    path: Path,
    clipping: bool,
    /// Whether the procedure of a glyph is being read.
    pub(super) in_glyph: bool,
    fonts: HashMap<Vec<u8>, Option<Rc<PaintedFont>>>,
    forms: usize,
    depth: usize,
    operations: usize,
}

impl<'w, 'd, 'a> Walk<'w, 'd, 'a> {
    pub(super) fn new(view: &'w View<'d, 'a>) -> Self {
        let state = State {
            ctm: UNIT,
            clip: EVERYWHERE,
            width: 1.0,
            pattern: false,
            pale: false,
            text: TextState::default(),
        };
        Self {
            view,
            found: Painted::default(),
            resources: Object::Null,
            state,
            saved: Vec::new(),
            cursor: Cursor::default(),
            path: Path::default(),
            clipping: false,
            in_glyph: false,
            fonts: HashMap::new(),
            forms: 0,
            depth: 0,
            operations: 0,
        }
    }

    /// Walks through `content`, which uses `resources`.
    pub(super) fn run(&mut self, content: &[u8], resources: Object) {
        let Ok(operations) = Content::decode_strict(content) else {
            self.found.unread = true;
            return;
        };
        let outer = (
            std::mem::replace(&mut self.resources, resources),
            std::mem::take(&mut self.fonts),
            std::mem::take(&mut self.saved),
        );
        for operation in &operations.operations {
            self.operations = self.operations.saturating_add(1);
            self.found.unread |= self.operations > OPERATIONS;
            if self.found.unread {
                break;
            }
            self.found.unread |= self.step(operation).is_none();
        }
        (self.resources, self.fonts, self.saved) = outer;
    }

    /// What the form `id` draws; the state stays as it was.
    pub(super) fn form(&mut self, id: ObjectId) {
        self.found.unread |= self.try_form(id).is_none();
    }

    fn try_form(&mut self, id: ObjectId) -> Option<()> {
        let form = self.view.load(id).ok()??;
        let dictionary = form.dictionary().ok()?;
        match dictionary.get(b"Subtype")?.as_name()? {
            b"Image" => return self.picture([0.0, 0.0, 1.0, 1.0]),
            b"Form" if self.forms < FORMS && self.depth < DEPTH => {}
            _ => return None,
        }
        let data = self.view.stream_data(&form).ok()?;
        let plain = filter::decode(dictionary, data, form.offset()).ok()?;
        if plain.len() > LARGEST {
            return None;
        }
        let outer = (
            self.state.clone(),
            self.cursor,
            std::mem::take(&mut self.path),
        );
        if let Some(matrix) = self.numbers(dictionary, b"Matrix")? {
            self.state.ctm = multiply(Matrix::try_from(matrix).ok()?, self.state.ctm);
        }
        let sides: Vec<f64> = self.numbers(dictionary, b"BBox")??;
        let &[a, b, c, d] = sides.as_slice() else {
            return None;
        };
        let place = boxed(self.state.ctm, [a.min(c), b.min(d), a.max(c), b.max(d)]);
        self.state.clip = intersection(self.state.clip, place);
        if self.depth == 0 {
            self.found.bounds = place;
        }
        let own = self.view.value(dictionary, b"Resources").ok()?;
        let resources = match own.as_dictionary() {
            Some(_) => own,
            None => self.resources.clone(),
        };
        self.forms = self.forms.saturating_add(1);
        self.depth = self.depth.saturating_add(1);
        self.run(&plain, resources);
        self.depth = self.depth.saturating_sub(1);
        (self.state, self.cursor, self.path) = outer;
        Some(())
    }

    /// The numbers of an array, `Some(None)` when there is no such entry.
    #[expect(clippy::option_option, reason = "no array is not a wrong array")]
    fn numbers(&self, dictionary: &Dictionary, key: &[u8]) -> Option<Option<Vec<f64>>> {
        let array = self.view.value(dictionary, key).ok()?;
        if array == Object::Null {
            return Some(None);
        }
        let number = |item: &Object| self.view.resolve(item).ok()?.as_number();
        let items = array.as_array()?.iter().map(|item| number(&item.object));
        items.collect::<Option<Vec<f64>>>().map(Some)
    }

    /// The box around a glyph of a Type 3 font in its own space, `Some(None)` when it is empty.
    #[expect(clippy::option_option, reason = "an empty glyph is not an unread one")]
    pub(super) fn glyph(&mut self, id: ObjectId, own: &Object) -> Option<Option<Box4>> {
        let procedure = self.view.load(id).ok()??;
        let dictionary = procedure.dictionary().ok()?;
        let data = self.view.stream_data(&procedure).ok()?;
        let plain = filter::decode(dictionary, data, procedure.offset()).ok()?;
        if plain.len() > LARGEST || self.depth >= DEPTH {
            return None;
        }
        let resources = match own.as_dictionary() {
            Some(_) => own.clone(),
            None => self.resources.clone(),
        };
        let mut walk = Walk::new(self.view);
        walk.in_glyph = true;
        walk.depth = self.depth.saturating_add(1);
        walk.operations = self.operations;
        walk.forms = self.forms;
        walk.run(&plain, resources);
        (self.operations, self.forms) = (walk.operations, walk.forms);
        let spots = walk.found.spots.iter().map(|spot| spot.place);
        (!walk.found.unread).then(|| spots.reduce(union))
    }

    /// One operator; `None` when it cannot be understood.
    fn step(&mut self, operation: &Operation) -> Option<()> {
        let operands = operation.operands.as_slice();
        let numbers: Option<Vec<f64>> = operands
            .iter()
            .map(|one| one.as_float().ok().map(f64::from))
            .collect();
        let finite = |numbers: &Vec<f64>| numbers.iter().all(|one| one.is_finite());
        let numbers = numbers.filter(finite);
        let operator = operation.operator.as_str();
        match (operator, numbers.as_deref()) {
            ("m" | "l" | "c" | "v" | "y" | "h" | "re", Some(numbers)) => {
                let fine = self.path.len() < SPOTS;
                let fine = fine && self.path.step(operator, numbers, self.state.ctm);
                fine.then_some(())
            }
            ("n" | "S" | "s" | "f" | "F" | "f*" | "B" | "B*" | "b" | "b*", Some([])) => {
                self.paint(operator)
            }
            ("W" | "W*", Some([])) => {
                self.clipping = true;
                Some(())
            }
            ("Do", None) => self.draw(operands),
            ("BI", _) => {
                let [Operand::Stream(_)] = operands else {
                    return None;
                };
                self.picture([0.0, 0.0, 1.0, 1.0])
            }
            ("sh", None) => self.note(self.state.clip, self.state.clip, Nature::Picture),
            ("d0" | "d1", Some(_)) => self.in_glyph.then_some(()),
            ("MP" | "DP" | "BMC" | "BDC" | "EMC" | "BX" | "EX", _) => Some(()),
            _ => self
                .graphics(operator, numbers.as_deref(), operands)
                .or_else(|| self.text(operator, numbers.as_deref(), operands)),
        }
    }

    /// Operators of the graphics state.
    fn graphics(
        &mut self,
        operator: &str,
        numbers: Option<&[f64]>,
        operands: &[Operand],
    ) -> Option<()> {
        match (operator, numbers) {
            ("q", Some([])) if self.saved.len() < SAVED => self.saved.push(self.state.clone()),
            ("Q", Some([])) => self.state = self.saved.pop().unwrap_or_else(|| self.state.clone()),
            ("cm", Some([a, b, c, d, e, f])) => {
                self.state.ctm = multiply([*a, *b, *c, *d, *e, *f], self.state.ctm);
            }
            ("w", Some([width])) => self.state.width = *width,
            ("M", Some([limit])) if *limit <= 10.0 => {}
            ("J" | "j" | "i", Some([_])) | ("d" | "ri", None) => {}
            ("gs", None) => self.state_of(operands)?,
            ("g", Some([gray])) => self.ink(*gray >= PALE),
            ("rg", Some([r, g, b])) => self.ink([r, g, b].iter().all(|part| **part >= PALE)),
            ("k", Some([c, m, y, k])) => {
                self.ink([c, m, y, k].iter().all(|part| **part <= 1.0 - PALE));
            }
            ("G", Some([_])) | ("RG", Some([_, _, _])) | ("K", Some([_, _, _, _])) => {}
            ("cs", None) => self.ink(false),
            ("CS", None) => {}
            ("sc" | "scn", Some(parts)) => {
                self.ink(parts.iter().all(|part| *part >= PALE));
            }
            ("SC" | "SCN", Some(_)) => {}
            ("scn" | "SCN", None) => self.state.pattern = true,
            _ => return None,
        }
        Some(())
    }

    const fn ink(&mut self, pale: bool) {
        self.state.pale = pale;
    }

    /// Operators of text.
    fn text(
        &mut self,
        operator: &str,
        numbers: Option<&[f64]>,
        operands: &[Operand],
    ) -> Option<()> {
        let text = &mut self.state.text;
        match (operator, numbers) {
            ("BT", Some([])) => self.cursor = Cursor::default(),
            ("ET", Some([])) => {}
            ("Tm", Some([a, b, c, d, e, f])) => self.cursor = Cursor::at([*a, *b, *c, *d, *e, *f]),
            ("Tc", Some([by])) => text.spacing = *by,
            ("Tw", Some([by])) => text.word_spacing = *by,
            ("Tz", Some([by])) => text.stretch = by / 100.0,
            ("Ts", Some([by])) => text.rise = *by,
            ("TL", Some([by])) => text.leading = *by,
            ("Tr", Some([mode])) => text.visible = *mode < 3.0,
            ("Td", Some([x, y])) => self.cursor.advance(*x, *y),
            ("TD", Some([x, y])) => {
                text.leading = -*y;
                self.cursor.advance(*x, *y);
            }
            ("T*", Some([])) => self.cursor.advance(0.0, -text.leading),
            ("Tf", None) => return self.font(operands),
            ("Tj" | "TJ", None) => return self.show(operands.first()?),
            ("'", None) => {
                self.cursor.advance(0.0, -text.leading);
                return self.show(operands.first()?);
            }
            ("\"", None) => {
                let [word, letter, shown] = operands else {
                    return None;
                };
                text.word_spacing = f64::from(word.as_float().ok()?);
                text.spacing = f64::from(letter.as_float().ok()?);
                self.cursor.advance(0.0, -text.leading);
                return self.show(shown);
            }
            _ => return None,
        }
        Some(())
    }

    /// What a named graphics state changes; a soft mask could paint with anything.
    fn state_of(&mut self, operands: &[Operand]) -> Option<()> {
        let state = self.named(b"ExtGState", operands)?;
        let state = self.view.resolve(&state).ok()?;
        let state = state.as_dictionary()?;
        let mask = self.view.value(state, b"SMask").ok()?;
        if mask != Object::Null && mask.as_name() != Some(b"None") {
            return None;
        }
        if let Some(width) = state.get(b"LW") {
            self.state.width = self.view.resolve(width).ok()?.as_number()?;
        }
        if let Some(limit) = state.get(b"ML") {
            let limit = self.view.resolve(limit).ok()?.as_number()?;
            (limit <= 10.0).then_some(())?;
        }
        if state.get(b"Font").is_some() {
            let font = self.view.value(state, b"Font").ok()?;
            let [font, size] = font.as_array()? else {
                return None;
            };
            self.state.text.size = self.view.resolve(&size.object).ok()?.as_number()?;
            let font = PaintedFont::read(self, &font.object)?;
            self.state.text.font = Some(Rc::new(font));
        }
        Some(())
    }

    /// What the first operand names in a part of the resources.
    fn named(&self, part: &[u8], operands: &[Operand]) -> Option<Object> {
        let [name] = operands else {
            return None;
        };
        let part = self
            .view
            .value(self.resources.as_dictionary()?, part)
            .ok()?;
        part.as_dictionary()?.get(name.as_name().ok()?).cloned()
    }

    fn font(&mut self, operands: &[Operand]) -> Option<()> {
        let [name, size] = operands else {
            return None;
        };
        self.state.text.size = f64::from(size.as_float().ok()?);
        let key = name.as_name().ok()?.to_vec();
        if !self.fonts.contains_key(&key) {
            let named = self.named(b"Font", std::slice::from_ref(name));
            let font = named.and_then(|font| PaintedFont::read(self, &font));
            self.fonts.insert(key.clone(), font.map(Rc::new));
        }
        self.state.text.font = self.fonts.get(&key).cloned().flatten();
        Some(())
    }

    fn show(&mut self, shown: &Operand) -> Option<()> {
        let whole = multiply(self.cursor.text, self.state.ctm);
        let line = line(&self.state.text, shown, whole)?;
        let forward = [1.0, 0.0, 0.0, 1.0, line.end, 0.0];
        self.cursor.text = multiply(forward, self.cursor.text);
        let [left, bottom, right, top] = intersection(line.core, widened(self.state.clip, 1.0));
        let [l, b, r, t] = line.core;
        let cut = left > l || bottom > b || right < r || top < t;
        let seen = self.state.text.visible && !self.state.pale && !self.state.pattern;
        let small = r - l < 0.5 || t - b < 0.5;
        let said = !line.text.trim().is_empty();
        self.found.untold |= line.untold || (said && (cut || small || !seen));
        self.found.text.push_str(&line.text);
        self.note(line.place, line.core, Nature::Letters)
    }

    fn draw(&mut self, operands: &[Operand]) -> Option<()> {
        let drawn = self.named(b"XObject", operands)?;
        let id = drawn.as_reference()?;
        self.try_form(id)
    }

    /// A picture in the unit square of the present space.
    fn picture(&mut self, square: Box4) -> Option<()> {
        let place = boxed(self.state.ctm, square);
        self.note(place, place, Nature::Picture)
    }

    /// Paints the path, or only ends it.
    fn paint(&mut self, operator: &str) -> Option<()> {
        let parts = self.path.take();
        let stroked = matches!(operator, "S" | "s" | "B" | "B*" | "b" | "b*");
        let width = self.state.width.abs() * stretch(self.state.ctm);
        for part in parts.iter().filter(|_| operator != "n") {
            let plain = part.is_frame() && !self.state.pattern;
            let around = match (stroked, plain) {
                (false, _) => 0.0,
                (true, true) => width * 0.75 + 0.5,
                (true, false) => width * 5.0 + 0.5,
            };
            let place = widened(part.place, around);
            let nature = match plain {
                true => Nature::Frame(intersection(widened(part.place, -around), self.state.clip)),
                false if part.is_plain() && !self.state.pattern => Nature::Path,
                false => Nature::Picture,
            };
            self.note(place, widened(part.place, around.min(width)), nature)?;
        }
        if std::mem::take(&mut self.clipping) {
            let boxes = parts.iter().map(|part| part.place);
            if let Some(place) = boxes.reduce(union) {
                self.state.clip = intersection(self.state.clip, place);
            }
        }
        Some(())
    }

    /// Notes what is painted, as far as the clipping path shows it.
    fn note(&mut self, place: Box4, core: Box4, nature: Nature) -> Option<()> {
        let [left, bottom, right, top] = intersection(place, self.state.clip);
        let known = [left, bottom, right, top]
            .iter()
            .all(|side| side.is_finite());
        if !known || self.found.spots.len() >= SPOTS {
            return None;
        }
        if left <= right && bottom <= top {
            self.found.spots.push(Spot {
                place: [left, bottom, right, top],
                core: intersection(core, self.state.clip),
                nature,
            });
        }
        Some(())
    }
}
