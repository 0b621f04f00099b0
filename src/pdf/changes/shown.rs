//! What a field shows against what it holds. Only an appearance that is read whole can be compared:
//! letters told by their fonts, on a plain ground, in a frame.
//! Source: ISO 32000-2, 12.5.5 and 12.7.4; "Shadow Attacks" (NDSS 2021).

use super::known::FieldKind;
use crate::pdf::document::View;
use crate::pdf::error::Error;
use crate::pdf::limits;
use crate::pdf::object::{Dictionary, Object, ObjectId, text};
use crate::pdf::painted::{Box4, Nature, Painted, spans};

/// What an appearance shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Shows {
    /// Its field's value, or there is none.
    Value,
    /// Another text.
    Other,
    /// What cannot be compared.
    Unread,
}

/// What the appearances of a widget show, its field's value being `value`.
pub(in crate::pdf) fn shows(
    view: &View<'_, '_>,
    widget: &Dictionary,
    (kind, value): (FieldKind, &Object),
) -> Result<Shows, Error> {
    let appearance = view.value(widget, b"AP")?;
    let Some(appearance) = appearance.as_dictionary() else {
        return Ok(match appearance {
            Object::Null => Shows::Value,
            _ => Shows::Unread,
        });
    };
    let Some(value) = said(view, widget, kind, value)? else {
        return Ok(Shows::Unread);
    };
    for (_, item) in appearance.iter() {
        let Some(id) = item.object.as_reference() else {
            return Ok(Shows::Unread);
        };
        match stream_shows(view, id, &value)? {
            Shows::Value => {}
            other => return Ok(other),
        }
    }
    Ok(Shows::Value)
}

fn stream_shows(view: &View<'_, '_>, id: ObjectId, value: &str) -> Result<Shows, Error> {
    let Some(stream) = view.load(id)? else {
        return Ok(Shows::Unread);
    };
    let layered = stream.dictionary()?.get(b"OC").is_some();
    if stream.stream_start.is_none() || layered {
        return Ok(Shows::Unread);
    }
    let painted = Painted::of_form(view, id);
    let told = letters(&painted.text) == letters(value);
    Ok(match (is_plain(&painted), told) {
        (true, true) => Shows::Value,
        (_, false) if !painted.unread && !painted.untold => Shows::Other,
        _ => Shows::Unread,
    })
}

/// Whether nothing but visible letters on a ground or in a frame is painted.
fn is_plain(painted: &Painted) -> bool {
    let mut written = false;
    let mut fine = !painted.unread && !painted.untold;
    let bounds = painted.bounds;
    for spot in &painted.spots {
        match spot.nature {
            Nature::Letters => written = true,
            Nature::Frame(_) => fine &= !written && spans(spot.place, bounds),
            Nature::Path => fine &= !written && fills(spot.place, bounds),
            Nature::Picture => fine = false,
        }
    }
    fine
}

/// Whether something takes nearly all the width and all the height of a box.
fn fills([l, b, r, t]: Box4, [left, bottom, right, top]: Box4) -> bool {
    r - l >= (right - left) * 0.9 && t - b >= (top - bottom) * 0.8
}

/// The letters of a text, white space left out.
fn letters(text: &str) -> Vec<char> {
    let blank = |c: &char| c.is_whitespace() || *c == '\u{FEFF}';
    text.chars().filter(|c| !blank(c)).collect()
}

/// The text that shows a value: of a choice what its options show.
fn said(
    view: &View<'_, '_>,
    widget: &Dictionary,
    kind: FieldKind,
    value: &Object,
) -> Result<Option<String>, Error> {
    let Some(values) = texts(view, value)? else {
        return Ok(None);
    };
    if kind != FieldKind::Choice {
        return Ok(Some(values.concat()));
    }
    let options = options(view, widget)?;
    let shown = values.iter().map(|value| {
        let option = options.iter().find(|(export, _)| export == value);
        option.map_or(value.as_str(), |(_, shown)| shown.as_str())
    });
    Ok(Some(shown.collect()))
}

/// The texts of a value; `None` when it is something else.
pub(super) fn texts(view: &View<'_, '_>, value: &Object) -> Result<Option<Vec<String>>, Error> {
    Ok(match value {
        Object::Null => Some(Vec::new()),
        Object::String(value) => Some(vec![text(value)]),
        Object::Name(value) => Some(vec![text(value)]),
        Object::Array(items) => {
            let mut all = Vec::new();
            for item in items {
                match view.resolve(&item.object)? {
                    Object::String(value) => all.push(text(&value)),
                    _ => return Ok(None),
                }
            }
            Some(all)
        }
        _ => None,
    })
}

/// What the options of a choice mean and what they show.
pub(super) fn options(
    view: &View<'_, '_>,
    field: &Dictionary,
) -> Result<Vec<(String, String)>, Error> {
    let listed = inherited(view, field, b"Opt")?;
    let mut all = Vec::new();
    for item in listed.as_array().unwrap_or_default() {
        let option = view.resolve(&item.object)?;
        let texts = texts(view, &option)?.unwrap_or_default();
        all.push(match texts.as_slice() {
            [both] => (both.clone(), both.clone()),
            [export, shown] => (export.clone(), shown.clone()),
            _ => (String::new(), String::new()),
        });
    }
    Ok(all)
}

/// The value of `key` of a field or of the fields above it.
pub(in crate::pdf) fn inherited(
    view: &View<'_, '_>,
    field: &Dictionary,
    key: &[u8],
) -> Result<Object, Error> {
    let mut here = field.clone();
    for _ in 0..limits::TREE_DEPTH {
        let value = view.value(&here, key)?;
        if value != Object::Null {
            return Ok(value);
        }
        match view.value(&here, b"Parent")? {
            Object::Dictionary(parent) => here = parent,
            _ => break,
        }
    }
    Ok(Object::Null)
}
