//! How far an annotation can draw: its rectangle is a promise that readers keep only when they draw
//! its own appearance. Source: ISO 32000-2, 12.5.2, 12.5.4 and 12.5.6.

use crate::pdf::document::View;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::pages::rectangle;
use crate::pdf::painted::{Box4, EVERYWHERE, union, widened};

/// Entries with points that are drawn.
const POINTS: [&[u8]; 5] = [b"QuadPoints", b"L", b"Vertices", b"InkList", b"CL"];
/// Kinds of lines whose ends and corners reach further than their width.
const LINES: [&[u8]; 4] = [b"Line", b"PolyLine", b"Polygon", b"Ink"];
/// Kinds that mark letters: readers round their corners out of the box.
const MARKS: [&[u8]; 5] = [
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
    b"Caret",
];
/// How many widths a line's ending or pointed corner reaches.
const ENDING: f64 = 10.0;
/// Side of the largest icon a reader draws for a note.
const ICON: f64 = 32.0;
/// How far a cloudy border swells for one step of its intensity.
const CLOUD: f64 = 12.0;

/// The box around everything an annotation may draw; everywhere when its measures cannot be read.
pub(super) fn reach(view: &View<'_, '_>, annotation: &Dictionary) -> Box4 {
    known_reach(view, annotation).unwrap_or(EVERYWHERE)
}

fn known_reach(view: &View<'_, '_>, annotation: &Dictionary) -> Option<Box4> {
    let kind = annotation.get(b"Subtype").and_then(Object::as_name)?;
    let mut place = rectangle(view, annotation.get(b"Rect")?)?;
    let width = border(view, annotation)?;
    if kind == b"Text" {
        let [left, _, _, top] = place;
        place = union(place, [left - ICON, top - ICON, left + ICON, top + ICON]);
    }
    for key in POINTS {
        let points = view.value(annotation, key).ok()?;
        if points != Object::Null {
            let mut numbers = Vec::new();
            collect(view, &points, &mut numbers, 0)?;
            for pair in numbers.chunks(2) {
                let &[x, y] = pair else { return None };
                place = union(place, [x, y, x, y]);
            }
        }
    }
    let mut more = width;
    if LINES.contains(&kind) {
        more = width * ENDING;
    }
    if MARKS.contains(&kind) {
        let [left, bottom, right, top] = place;
        more = width.max((top - bottom).min(right - left) * 0.5);
    }
    for (key, each) in [(b"LL".as_slice(), 1.0), (b"BE", CLOUD)] {
        more += each * length(view, annotation, key)?;
    }
    let whole = widened(place, more);
    whole.iter().all(|side| side.is_finite()).then_some(whole)
}

/// The width of its border, 1 when it says none.
fn border(view: &View<'_, '_>, annotation: &Dictionary) -> Option<f64> {
    let style = view.value(annotation, b"BS").ok()?;
    let array = view.value(annotation, b"Border").ok()?;
    let mut width = 1.0_f64;
    if let Some(style) = style.as_dictionary() {
        let own = view.value(style, b"W").ok()?;
        if own != Object::Null {
            width = width.max(own.as_number()?.abs());
        }
    } else if style != Object::Null {
        return None;
    }
    if array != Object::Null {
        let own = array.as_array()?.get(2)?;
        width = width.max(view.resolve(&own.object).ok()?.as_number()?.abs());
    }
    Some(width)
}

/// The length of leader lines, or the intensity of a cloudy border; 0 without.
fn length(view: &View<'_, '_>, annotation: &Dictionary, key: &[u8]) -> Option<f64> {
    match view.value(annotation, key).ok()? {
        Object::Null => Some(0.0),
        Object::Dictionary(effect) => match view.value(&effect, b"I").ok()? {
            Object::Null => Some(0.0),
            intensity => intensity.as_number().map(f64::abs),
        },
        number => number.as_number().map(f64::abs),
    }
}

/// All numbers of an array and of the arrays in it.
fn collect(view: &View<'_, '_>, object: &Object, into: &mut Vec<f64>, depth: usize) -> Option<()> {
    let items = object.as_array().filter(|_| depth < 3)?;
    for item in items {
        match view.resolve(&item.object).ok()? {
            nested @ Object::Array(_) => collect(view, &nested, into, depth.saturating_add(1))?,
            number => into.push(number.as_number()?),
        }
    }
    Some(())
}
