//! What an update may do to the form: add signed signature fields at its end.
//! Source: ISO 32000-2, 12.7.3 and 12.7.5.5.

use super::equal::differing;
use super::kind::{Kind, Modification, Placement};
use super::known::{EVERYWHERE, FieldKind};
use super::step::Step;
use super::usage::Usage;
use crate::pdf::error::Error;
use crate::pdf::object::{Dictionary, Item, Object, ObjectId, text};
use crate::pdf::pages::rectangle;

/// Keys a new signature field and its widget may have. No actions, no kids, no parent. What those of
/// [`SIDE_KEYS`] may say is checked.
const FIELD_KEYS: [&[u8]; 20] = [
    b"Type", b"Subtype", b"FT", b"T", b"TU", b"V", b"F", b"Ff", b"Rect", b"P", b"AP", b"MK", b"DA",
    b"Lock", b"SV", b"M", b"NM", b"Border", b"AS", b"BS",
];
/// Keys that other programs write beside them and that show nothing of the signature: the value again
/// as the one of a reset form (LibreOffice), how a press on it looks, the place of a text it has not,
/// its number in the structure, the colour of a border.
const SIDE_KEYS: [&[u8]; 5] = [b"DV", b"H", b"Q", b"StructParent", b"C"];
/// Fonts of the default resources that `PDFBox` and others add: they are in every reader.
const FONTS: [&[u8]; 12] = [
    b"Helvetica",
    b"Helvetica-Bold",
    b"Helvetica-Oblique",
    b"Helvetica-BoldOblique",
    b"Times-Roman",
    b"Times-Bold",
    b"Times-Italic",
    b"Times-BoldItalic",
    b"Courier",
    b"Courier-Bold",
    b"Courier-Oblique",
    b"Courier-BoldOblique",
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
            let mut fine = flags_kept(old, new);
            for key in &differing {
                fine &= match key.as_slice() {
                    b"Fields" | b"SigFlags" => true,
                    key => self.defaults_come(key, old, new)?,
                };
            }
            if !fine {
                self.refuse("FORM_CHANGED", home, path);
                return Ok(());
            }
        }
        self.field_list((home, &format!("{way}/Fields")), old, new)
    }

    /// Whether a default of the form that was not there before may come: nothing may use it. Only texts
    /// and choices do, so that the form must have signature fields only, and notes without a picture,
    /// which may find a font by a name that led nowhere: so the fonts are the readers' own letters.
    fn defaults_come(
        &mut self,
        key: &[u8],
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<bool, Error> {
        let mut fields = self.course.standing.fields.values();
        let unused = fields.all(|field| matches!(field.kind, FieldKind::Signature { .. }));
        let added = new.get(key).filter(|_| unused && old.get(key).is_none());
        match (key, added) {
            (b"DA", Some(Object::String(text))) => {
                Ok(text.iter().all(|byte| matches!(byte, b' '..=b'~')))
            }
            (b"DR", Some(resources)) if self.are_plain_fonts(resources)? => {
                let path = "/Root/AcroForm/DR";
                self.allow_below(Kind::Listing, (resources, path), &[])?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Whether resources are standard fonts and nothing else.
    fn are_plain_fonts(&self, resources: &Object) -> Result<bool, Error> {
        let resources = self.new.resolve(resources)?;
        let Some(resources) = resources.as_dictionary() else {
            return Ok(false);
        };
        let fonts = self.new.value(resources, b"Font")?;
        let (Some(fonts), 1) = (fonts.as_dictionary(), resources.iter().count()) else {
            return Ok(false);
        };
        for (name, item) in fonts.iter() {
            let font = self.new.resolve(&item.object)?;
            if !font
                .as_dictionary()
                .is_some_and(|font| is_plain_font(name, font))
            {
                return Ok(false);
            }
        }
        Ok(true)
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
            && field
                .iter()
                .all(|(key, _)| FIELD_KEYS.contains(&key) || is_plain_side(key, field))
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
        self.allow_below(kind, (&field_object, path), &[b"P", b"V", b"DV"])
    }

    /// Where a new signature field is seen; `None` for one without an area.
    fn shown(&self, field: &Dictionary) -> Option<Placement> {
        let [left, bottom, right, top] =
            rectangle(&self.new, field.get(b"Rect")?).unwrap_or(EVERYWHERE);
        let page = field.reference(b"P").unwrap_or(ObjectId::new(0));
        (right > left && top > bottom).then_some(Placement {
            page,
            rectangle: [left, bottom, right, top],
            covers: [&b"AP"[..], b"MK", b"C"]
                .iter()
                .any(|key| field.get(key).is_some()),
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

/// Whether a key of [`SIDE_KEYS`] says what it may.
fn is_plain_side(key: &[u8], field: &Dictionary) -> bool {
    let value = field.get(key).filter(|_| SIDE_KEYS.contains(&key));
    match (key, value) {
        (b"DV", Some(value)) => field.get(b"V") == Some(value),
        (b"H", Some(Object::Name(mode))) => {
            matches!(mode.as_ref(), b"N" | b"I" | b"O" | b"P" | b"T")
        }
        (b"Q", Some(Object::Integer(place))) => (0..=2).contains(place),
        (b"StructParent", Some(Object::Integer(number))) => *number >= 0,
        (b"C", Some(Object::Array(parts))) => {
            let numbers = parts.iter().all(|part| part.object.as_number().is_some());
            numbers && matches!(parts.len(), 0 | 1 | 3 | 4)
        }
        _ => false,
    }
}

/// Whether a font is one of the readers' own, under no name of another.
fn is_plain_font(name: &[u8], font: &Dictionary) -> bool {
    const KEYS: [&[u8]; 5] = [b"Type", b"Subtype", b"BaseFont", b"Encoding", b"Name"];
    let base = font.get(b"BaseFont").and_then(Object::as_name);
    let ticks = name == b"ZaDb" && base == Some(b"ZapfDingbats") && font.get(b"Encoding").is_none();
    let letters = base.is_some_and(|base| FONTS.contains(&base))
        && font
            .get(b"Encoding")
            .is_none_or(|encoding| encoding.as_name() == Some(b"WinAnsiEncoding"));
    font.is_name(b"Type", b"Font")
        && font.is_name(b"Subtype", b"Type1")
        && font.iter().all(|(key, _)| KEYS.contains(&key))
        && font
            .get(b"Name")
            .is_none_or(|name| name.as_name().is_some())
        && (ticks || letters)
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
