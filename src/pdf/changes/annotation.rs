//! Which annotations may come after a certification that permits annotations: kinds that comment
//! and neither act nor hide. Source: ISO 32000-2, 12.5.6; "Breaking the Specification: PDF
//! Certification" (IEEE S&P 2021).

use super::form::flags_are_plain;
use super::kind::{Kind, Modification, Placement};
use super::pages::page_number;
use super::reach::reach;
use super::step::Step;
use crate::pdf::error::Error;
use crate::pdf::object::{Object, ObjectId};
use crate::pdf::pages::rectangle;
use crate::pdf::painted::{Box4, overlap};

/// Kinds that comment.
const KINDS: [&[u8]; 14] = [
    b"Text",
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
    b"Caret",
    b"FreeText",
    b"Line",
    b"Square",
    b"Circle",
    b"Polygon",
    b"PolyLine",
    b"Ink",
    b"Stamp",
];
/// How near an annotation may come to another one.
const NEAR: f64 = 0.25;
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
        (page, path): (&str, &str),
        others: &[(u32, Box4)],
    ) -> Result<bool, Error> {
        let Some(object) = self.new.load(id)? else {
            return Ok(false);
        };
        let Some(annotation) = object.object.as_dictionary() else {
            return Ok(false);
        };
        let kind = annotation.get(b"Subtype").and_then(Object::as_name);
        let kind = kind.filter(|kind| KINDS.contains(kind));
        let place = annotation
            .get(b"Rect")
            .and_then(|rect| rectangle(&self.new, rect));
        let place = place.filter(|[left, bottom, right, top]| left < right && bottom < top);
        if kind.is_none() || place.is_none() {
            return Ok(false);
        }
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
        let (shown, reach) = (page_number(page), reach(&self.new, annotation));
        let meets = |other: &(u32, Box4)| other.0 != id.number && overlap(other.1, reach, -NEAR);
        let new = self.new;
        let covers = others.iter().any(meets)
            || self.course.painted.spend(others.len())
            || self.course.painted.touched(&new, shown, reach);
        let place = Placement {
            page: shown,
            rectangle: reach,
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

    /// The boxes of everything a list of annotations may draw; windows that pop up draw nothing on
    /// the page.
    pub(super) fn reaches(&self, list: &Object) -> Result<Vec<(u32, Box4)>, Error> {
        let mut found = Vec::new();
        for item in list.as_array().unwrap_or_default() {
            let number = item.object.as_reference().map_or(0, |id| id.number);
            let annotation = self.new.resolve(&item.object)?;
            let Some(annotation) = annotation.as_dictionary() else {
                continue;
            };
            let place = annotation.get(b"Rect");
            let place = place.and_then(|place| rectangle(&self.new, place));
            let empty =
                place.is_some_and(|[left, bottom, right, top]| left >= right || bottom >= top);
            let widget = annotation.is_name(b"Subtype", b"Widget");
            let unseen = annotation.is_name(b"Subtype", b"Popup") || (empty && widget);
            if !unseen {
                found.push((number, reach(&self.new, annotation)));
            }
        }
        Ok(found)
    }
}
