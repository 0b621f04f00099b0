//! The text state and the room that shown letters take. Source: ISO 32000-2, 9.3 and 9.4.

use std::rc::Rc;

use lopdf::Object as Operand;

use super::font::PaintedFont;
use super::plane::{Box4, Matrix, UNIT, boxed, multiply, union};

/// Height of small letters as part of the font's size.
const SMALL: f64 = 0.6;

/// The text state.
#[derive(Clone)]
pub(super) struct TextState {
    pub(super) font: Option<Rc<PaintedFont>>,
    pub(super) size: f64,
    pub(super) spacing: f64,
    pub(super) word_spacing: f64,
    /// `Tz` in whole.
    pub(super) stretch: f64,
    pub(super) rise: f64,
    pub(super) leading: f64,
    /// Whether letters are filled in a visible way.
    pub(super) visible: bool,
}

impl Default for TextState {
    fn default() -> Self {
        Self {
            font: None,
            size: 0.0,
            spacing: 0.0,
            word_spacing: 0.0,
            stretch: 1.0,
            rise: 0.0,
            leading: 0.0,
            visible: true,
        }
    }
}

/// Where text goes on.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    pub(super) text: Matrix,
    line: Matrix,
}

impl Default for Cursor {
    fn default() -> Self {
        Self::at(UNIT)
    }
}

impl Cursor {
    pub(super) const fn at(line: Matrix) -> Self {
        Self { text: line, line }
    }

    pub(super) fn advance(&mut self, x: f64, y: f64) {
        *self = Self::at(multiply([1.0, 0.0, 0.0, 1.0, x, y], self.line));
    }
}

/// What showing strings gave.
pub(super) struct Line {
    /// The room they take, and the part of it that letters without ascent take.
    pub(super) place: Box4,
    pub(super) core: Box4,
    pub(super) text: String,
    pub(super) untold: bool,
    /// Where the next letter begins.
    pub(super) end: f64,
}

/// Shows a string or an array of strings and kerns; `None` when where cannot be told.
pub(super) fn line(state: &TextState, shown: &Operand, whole: Matrix) -> Option<Line> {
    let font = state.font.as_ref()?;
    let one = [shown.clone()];
    let parts = match shown {
        Operand::Array(parts) => parts.as_slice(),
        Operand::String(..) => one.as_slice(),
        _ => return None,
    };
    let (mut x, mut ends) = (0.0_f64, [0.0_f64, 0.0]);
    let (mut text, mut untold) = (String::new(), false);
    for part in parts {
        match part {
            Operand::String(bytes, _) => {
                for letter in font.letters(bytes) {
                    let [least, most] = ends;
                    let after = x + letter.width * state.size * state.stretch;
                    ends = [least.min(x).min(after), most.max(x).max(after)];
                    let word = if letter.is_space {
                        state.word_spacing
                    } else {
                        0.0
                    };
                    x = after + (state.spacing + word) * state.stretch;
                    match letter.text {
                        Some(letter) => text.push_str(&letter),
                        None => untold = true,
                    }
                }
            }
            other => {
                let kern = f64::from(other.as_float().ok()?);
                x -= kern / 1000.0 * state.size * state.stretch;
            }
        }
    }
    let [least, most] = ends;
    let core = [least, state.rise, most, state.rise + SMALL * state.size];
    let [left, bottom, right, top] = font.room.map(|part| part * state.size);
    let wide = state.stretch;
    let room = [
        least + left.min(right) * wide,
        state.rise + bottom.min(top),
        most + left.max(right) * wide,
        state.rise + bottom.max(top),
    ];
    let core = boxed(whole, core);
    let place = union(core, boxed(whole, room));
    let known = place.iter().all(|side| side.is_finite()) && x.is_finite();
    known.then_some(Line {
        place,
        core,
        text,
        untold,
        end: x,
    })
}
