//! Which annotations may come after a certification that permits annotations: kinds that comment
//! and neither act nor hide. Source: ISO 32000-2, 12.5.6; "Breaking the Specification: PDF
//! Certification" (IEEE S&P 2021).

use super::form::flags_are_plain;
use super::kind::{Kind, Modification, Placement};
use super::pages::page_number;
use super::step::Step;
use crate::pdf::error::Error;
use crate::pdf::object::{Object, ObjectId};
use crate::pdf::pages::rectangle;

/// Kinds that leave what lies below readable when they draw no picture of their own.
const MARKUP: [&[u8]; 6] = [
    b"Text",
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
    b"Caret",
];
/// Kinds that draw.
const DRAWN: [&[u8]; 8] = [
    b"FreeText",
    b"Line",
    b"Square",
    b"Circle",
    b"Polygon",
    b"PolyLine",
    b"Ink",
    b"Stamp",
];
/// Keys without actions, links, windows, layers, files and rich text.
const KEYS: [&[u8]; 30] = [
    b"Type",
    b"Subtype",
    b"Rect",
    b"Contents",
    b"P",
    b"NM",
    b"M",
    b"F",
    b"AP",
    b"C",
    b"CA",
    b"T",
    b"CreationDate",
    b"Subj",
    b"QuadPoints",
    b"Border",
    b"BS",
    b"BE",
    b"IC",
    b"L",
    b"LE",
    b"LL",
    b"InkList",
    b"Vertices",
    b"DA",
    b"Q",
    b"RD",
    b"Name",
    b"Open",
    b"Lang",
];

impl Step<'_, '_, '_> {
    /// Whether the new object is a harmless annotation of the page; records it then.
    pub(super) fn annotation(
        &mut self,
        id: ObjectId,
        page: &str,
        path: &str,
    ) -> Result<bool, Error> {
        let Some(object) = self.new.load(id)? else {
            return Ok(false);
        };
        let Some(annotation) = object.object.as_dictionary() else {
            return Ok(false);
        };
        let kind = annotation.get(b"Subtype").and_then(Object::as_name);
        let kind = kind.filter(|kind| MARKUP.contains(kind) || DRAWN.contains(kind));
        let place = annotation
            .get(b"Rect")
            .and_then(|rect| rectangle(&self.new, rect));
        let place = place.filter(|[left, bottom, right, top]| left < right && bottom < top);
        let (Some(kind), Some(place)) = (kind, place) else {
            return Ok(false);
        };
        let typed = annotation
            .get(b"Type")
            .is_none_or(|name| name.as_name() == Some(b"Annot"));
        let harmless = typed
            && object.stream_start.is_none()
            && annotation.iter().all(|(key, _)| KEYS.contains(&key))
            && flags_are_plain(annotation.get(b"F"))
            && self.is_own_page(annotation, page)
            && self.appearance_is_new(annotation.get(b"AP"))?;
        if !harmless {
            return Ok(false);
        }
        let covers = annotation.get(b"AP").is_some() || DRAWN.contains(&kind);
        let place = Placement {
            page: page_number(page),
            rectangle: place,
            covers,
        };
        self.record(Modification {
            place: Some(place),
            ..self.change(Kind::Annotation, id.number, path)
        });
        let body = Object::Dictionary(annotation.clone());
        self.allow_below(Kind::Annotation, (&body, path), &[b"P"])?;
        Ok(true)
    }
}
