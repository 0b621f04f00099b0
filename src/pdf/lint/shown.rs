//! Notices about what is seen on pages: annotations over text or over each other, signature fields
//! that look signed, fields that show something else than their value.

use super::Notice;
use crate::pdf::changes::{FieldKind, Shows, inherited, shows};
use crate::pdf::document::View;
use crate::pdf::error::Error;
use crate::pdf::object::{Object, ObjectId};
use crate::pdf::page_text::PageTexts;
use crate::pdf::pages::{page_ids, rectangle};

/// Kinds that show nothing of their own.
const UNSEEN: [&[u8]; 2] = [b"Link", b"Popup"];

type Box4 = [f64; 4];

/// Looks at every annotation of every page.
pub(super) fn lint(view: &View<'_, '_>, found: &mut Vec<Notice>) -> Result<(), Error> {
    let mut texts = PageTexts::default();
    for (at, page) in page_ids(view)?.into_iter().enumerate() {
        let Some(object) = view.load(page)? else {
            continue;
        };
        let list = view.value(object.dictionary()?, b"Annots")?;
        let mut seen: Vec<(u32, Box4)> = Vec::new();
        for item in list.as_array().unwrap_or_default() {
            annotation(
                view,
                (page, at.saturating_add(1)),
                &item.object,
                (&mut texts, &mut seen),
                found,
            )?;
        }
    }
    Ok(())
}

fn annotation(
    view: &View<'_, '_>,
    (page, number): (ObjectId, usize),
    item: &Object,
    (texts, seen): (&mut PageTexts, &mut Vec<(u32, Box4)>),
    found: &mut Vec<Notice>,
) -> Result<(), Error> {
    let object = item.as_reference().map(|id| view.load(id)).transpose()?;
    let Some(object) = object.flatten() else {
        return Ok(());
    };
    let Some(dictionary) = object.object.as_dictionary() else {
        return Ok(());
    };
    let (id, offset) = (object.id.number, object.offset());
    let notice = |code| Notice::new(code, id, offset).on(number);
    let place = dictionary
        .get(b"Rect")
        .and_then(|rect| rectangle(view, rect));
    let place = place.filter(|[left, bottom, right, top]| left < right && bottom < top);
    let signature = inherited(view, dictionary, b"FT")?.as_name() == Some(b"Sig");
    let value = inherited(view, dictionary, b"V")?;
    let appearance = dictionary.get(b"AP").is_some();
    if signature && value == Object::Null && appearance && place.is_some() {
        found.push(notice("LOOKS_SIGNED"));
    }
    let kind = match inherited(view, dictionary, b"FT")?.as_name() {
        Some(b"Tx") => Some(FieldKind::Text),
        Some(b"Ch") => Some(FieldKind::Choice),
        _ => None,
    };
    if let Some(kind) = kind
        && value != Object::Null
        && shows(view, dictionary, (kind, &value))? == Shows::Other
    {
        found.push(notice("VALUE_NOT_SHOWN"));
    }
    let unseen = dictionary.get(b"Subtype").and_then(Object::as_name);
    let unseen = unseen.is_some_and(|kind| UNSEEN.contains(&kind));
    let Some(place) = place.filter(|_| !unseen && !signature) else {
        return Ok(());
    };
    if appearance && texts.covers_letters(view, page, place) {
        found.push(notice("ANNOTATION_OVER_CONTENT"));
    }
    let overlaps = |other: &&(u32, Box4)| {
        let ([l, b, r, t], [left, bottom, right, top]) = (place, other.1);
        l + 2.0 < right && left + 2.0 < r && b + 2.0 < top && bottom + 2.0 < t
    };
    if !texts.spend(seen.len())
        && let Some((other, _)) = seen.iter().find(overlaps)
    {
        found.push(notice("ANNOTATIONS_OVERLAP").saying(other));
    }
    seen.push((id, place));
    Ok(())
}
