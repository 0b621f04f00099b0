//! What an update may do to the form: add signed signature fields at its end.
//! Source: ISO 32000-2, 12.7.3 and 12.7.5.5.

use super::equal::differing;
use super::kind::{Kind, Modification, Placement};
use super::known::EVERYWHERE;
use super::step::Step;
use super::usage::Usage;
use crate::pdf::error::Error;
use crate::pdf::object::{Dictionary, Item, Object, ObjectId, text};
use crate::pdf::pages::rectangle;

/// Keys a new signature field and its widget may have. No actions, no kids, no parent.
const FIELD_KEYS: [&[u8]; 20] = [
    b"Type", b"Subtype", b"FT", b"T", b"TU", b"V", b"F", b"Ff", b"Rect", b"P", b"AP", b"MK", b"DA",
    b"Lock", b"SV", b"M", b"NM", b"Border", b"AS", b"BS",
];
/// Flags a visible signature may have: print, read only, locked, locked contents.
const WIDGET_FLAGS: i64 = 4 | 64 | 128 | 512;

impl Step<'_, '_, '_> {
    pub(super) fn form(
        &mut self,
        catalog: u32,
        before: &Dictionary,
        after: &Dictionary,
    ) -> Result<(), Error> {
        let path = "/Root/AcroForm";
        let (old_form, new_form) = (before.get(b"AcroForm"), after.get(b"AcroForm"));
        let held = new_form.and_then(Object::as_reference);
        let (home, way) = held.map_or((catalog, "/AcroForm"), |id| (id.number, ""));
        if old_form != new_form && held.is_some_and(|id| !self.fresh(id.number)) {
            self.refuse("FORM_CHANGED", catalog, path);
            return Ok(());
        }
        if old_form.is_none() && new_form.is_none() {
            return Ok(());
        }
        let empty = Object::Dictionary(Dictionary::default());
        let old_value = match self.old.value(before, b"AcroForm")? {
            Object::Null => empty,
            other => other,
        };
        let new_value = self.new.value(after, b"AcroForm")?;
        let (Some(old), Some(new)) = (old_value.as_dictionary(), new_value.as_dictionary()) else {
            self.refuse("FORM_CHANGED", home, path);
            return Ok(());
        };
        if self.touched(home) {
            let own = |usage: &Usage| usage.holder == catalog && &*usage.path == "/AcroForm";
            if held.is_some() && !self.allow_replaced((Kind::Listing, home, path), &own)? {
                return Ok(());
            }
            let differing = differing(old, new);
            let may = |key: &Vec<u8>| matches!(key.as_slice(), b"Fields" | b"SigFlags");
            if !differing.iter().all(may) || !flags_kept(old, new) {
                self.refuse("FORM_CHANGED", home, path);
                return Ok(());
            }
        }
        self.field_list((home, &format!("{way}/Fields")), old, new)
    }

    fn field_list(
        &mut self,
        (home, way): (u32, &str),
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<(), Error> {
        let path = "/Root/AcroForm/Fields";
        let list = new.get(b"Fields").and_then(Object::as_reference);
        if list.is_none_or(|id| !self.touched(id.number)) && !self.touched(home) {
            return Ok(());
        }
        if let Some(id) = list {
            let same_place = old.get(b"Fields") == new.get(b"Fields");
            if !same_place && !self.fresh(id.number) {
                self.refuse("FORM_CHANGED", home, path);
                return Ok(());
            }
            let own = |usage: &Usage| usage.holder == home && &*usage.path == way;
            if !self.allow_replaced((Kind::Listing, id.number, path), &own)? {
                return Ok(());
            }
        }
        let (old_list, new_list) = (
            self.old.value(old, b"Fields")?,
            self.new.value(new, b"Fields")?,
        );
        let Some(added) = appended(&old_list, &new_list) else {
            self.refuse("FIELD_REMOVED", home, path);
            return Ok(());
        };
        for item in added {
            self.new_field(item)?;
        }
        Ok(())
    }

    fn new_field(&mut self, item: &Item) -> Result<(), Error> {
        let path = "/Root/AcroForm/Fields[]";
        let id = item.object.as_reference();
        let number = id.map_or(0, |id| id.number);
        let id = id.filter(|id| self.fresh(id.number));
        let object = id.map(|id| self.new.load(id)).transpose()?.flatten();
        let Some(object) = object else {
            self.refuse("FIELD_NOT_NEW", number, path);
            return Ok(());
        };
        let field = object.dictionary()?;
        let name = field.get(b"T").and_then(Object::as_string).map(text);
        let name = name.unwrap_or_default();
        let regular = field.is_name(b"FT", b"Sig")
            && object.stream_start.is_none()
            && field.iter().all(|(key, _)| FIELD_KEYS.contains(&key))
            && field
                .get(b"Type")
                .is_none_or(|kind| kind.as_name() == Some(b"Annot"))
            && !name.is_empty()
            && !name.contains('.')
            && !self.course.standing.names.contains(&name)
            && self.appearance_is_new(field.get(b"AP"))?;
        let Some(value) = field.reference(b"V").filter(|_| regular) else {
            self.refuse("FIELD_NOT_A_SIGNATURE", number, path);
            return Ok(());
        };
        let place = self.shown(field);
        if field.is_name(b"Subtype", b"Widget") {
            self.widgets.insert(object.id);
        }
        self.course.standing.add(number, &name);
        let kind = self.new_signature(value, (&name, path), place)?;
        let field_object = Object::Dictionary(field.clone());
        self.record(Modification {
            field: Some(name),
            place,
            signature: Some(value),
            ..self.change(kind, number, path)
        });
        self.allow_below(kind, (&field_object, path), &[b"P", b"V"])
    }

    /// Where a new signature field is seen; `None` for one without an area.
    fn shown(&self, field: &Dictionary) -> Option<Placement> {
        let [left, bottom, right, top] =
            rectangle(&self.new, field.get(b"Rect")?).unwrap_or(EVERYWHERE);
        let page = field.reference(b"P").unwrap_or(ObjectId::new(0));
        (right > left && top > bottom).then_some(Placement {
            page,
            rectangle: [left, bottom, right, top],
            covers: field.get(b"AP").is_some() || field.get(b"MK").is_some(),
        })
    }

    /// Whether an appearance dictionary leads to new streams only: one that was already there could
    /// have been prepared before the signature.
    pub(super) fn appearance_is_new(&self, appearance: Option<&Object>) -> Result<bool, Error> {
        let Some(appearance) = appearance else {
            return Ok(true);
        };
        let held = appearance.as_reference();
        if held.is_some_and(|id| !self.fresh(id.number)) {
            return Ok(false);
        }
        let value = self.new.resolve(appearance)?;
        let Some(dictionary) = value.as_dictionary() else {
            return Ok(false);
        };
        for (_, item) in dictionary.iter() {
            let Some(id) = item.object.as_reference() else {
                return Ok(false);
            };
            let stream = self.new.load(id)?;
            let stream = stream.is_some_and(|stream| stream.stream_start.is_some());
            if !stream || !self.fresh(id.number) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Records the signature dictionary of a field; tells what kind of signature it is.
    pub(super) fn new_signature(
        &mut self,
        id: ObjectId,
        (name, path): (&str, &str),
        place: Option<Placement>,
    ) -> Result<Kind, Error> {
        let path = format!("{path}/V");
        let object = self.new.load(id)?.filter(|_| self.fresh(id.number));
        let dictionary = object
            .as_ref()
            .filter(|object| object.stream_start.is_none())
            .and_then(|object| object.object.as_dictionary());
        let Some(dictionary) = dictionary else {
            self.refuse("SIGNATURE_NOT_NEW", id.number, &path);
            return Ok(Kind::Refused("SIGNATURE_NOT_NEW"));
        };
        let stamp = dictionary.is_name(b"Type", b"DocTimeStamp")
            && dictionary.is_name(b"SubFilter", b"ETSI.RFC3161");
        let kind = match place {
            _ if self.changes.certification == Some(id) => Kind::Certification,
            None if stamp => Kind::Timestamp,
            _ => Kind::Signature,
        };
        self.changes.signatures.push(id);
        self.record(Modification {
            field: Some(name.to_owned()),
            signature: Some(id),
            ..self.change(kind, id.number, &path)
        });
        let body = Object::Dictionary(dictionary.clone());
        self.allow_below(kind, (&body, &path), &[b"Data"])?;
        Ok(kind)
    }
}

/// Whether `/SigFlags` only gained bits it may have.
fn flags_kept(old: &Dictionary, new: &Dictionary) -> bool {
    let flags = |form: &Dictionary| match form.get(b"SigFlags") {
        None => Some(0),
        Some(flags) => flags.as_integer().filter(|flags| (0..=3).contains(flags)),
    };
    let (Some(before), Some(after)) = (flags(old), flags(new)) else {
        return old.get(b"SigFlags") == new.get(b"SigFlags");
    };
    after & before == before
}

/// Flags of a widget that hides nothing.
pub(super) fn flags_are_plain(flags: Option<&Object>) -> bool {
    flags.is_none_or(|flags| {
        let flags = flags.as_integer();
        flags.is_some_and(|flags| flags & !WIDGET_FLAGS == 0)
    })
}

/// The items `new` has after all items of `old`, or `None` when `old` is not its beginning.
pub(super) fn appended<'x>(old: &Object, new: &'x Object) -> Option<&'x [Item]> {
    items(new)?.strip_prefix(items(old)?)
}

fn items(object: &Object) -> Option<&[Item]> {
    match object {
        Object::Null => Some(&[]),
        other => other.as_array(),
    }
}
