//! What an update may do to the form: add signed signature fields, fill waiting ones.

use std::collections::HashSet;

use super::step::{Step, appended, differing};
use crate::pdf::error::Error;
use crate::pdf::fields::{FieldValue, fields};
use crate::pdf::object::{Dictionary, Item, Object, ObjectId};

/// Keys a new signature field and its widget may have. No actions, no kids, no parent.
const FIELD_KEYS: [&[u8]; 20] = [
    b"Type", b"Subtype", b"FT", b"T", b"TU", b"V", b"F", b"Ff", b"Rect", b"P", b"AP", b"AS", b"MK",
    b"DA", b"Lock", b"SV", b"M", b"NM", b"Border", b"BS",
];
/// Keys a signature adds to a field that waited for it.
const FILLED_KEYS: [&[u8]; 7] = [b"V", b"AP", b"AS", b"MK", b"F", b"DA", b"M"];

impl Step<'_, '_> {
    pub(super) fn form(&mut self, before: &Dictionary, after: &Dictionary) -> Result<(), Error> {
        let (old_form, new_form) = (before.get(b"AcroForm"), after.get(b"AcroForm"));
        self.explain_holder(old_form, new_form);
        let home = new_form
            .and_then(Object::as_reference)
            .map_or(0, |id| id.number);
        let empty = Object::Dictionary(Dictionary::default());
        let old_value = self.old.value(before, b"AcroForm")?;
        let old_value = if old_value == Object::Null {
            empty
        } else {
            old_value
        };
        let new_value = self.new.value(after, b"AcroForm")?;
        if new_value == Object::Null && old_form.is_none() {
            return Ok(());
        }
        let (Some(old), Some(new)) = (old_value.as_dictionary(), new_value.as_dictionary()) else {
            self.offend("FORM_CHANGED", home);
            return Ok(());
        };
        let may = |key: &[u8]| matches!(key, b"Fields" | b"SigFlags");
        let flags = new
            .get(b"SigFlags")
            .is_none_or(|flags| matches!(flags.as_integer(), Some(1..=3)));
        if differing(old, new).any(|key| !may(key)) || !flags {
            self.offend("FORM_CHANGED", home);
        }
        self.explain_holder(old.get(b"Fields"), new.get(b"Fields"));
        let (old_list, new_list) = (
            self.old.value(old, b"Fields")?,
            self.new.value(new, b"Fields")?,
        );
        let Some(added) = appended(&old_list, &new_list) else {
            self.offend("FIELD_REMOVED", home);
            return Ok(());
        };
        self.known_fields()?;
        let names = fields(&self.old)?.names;
        for item in added {
            self.new_field(item, &names)?;
        }
        Ok(())
    }

    /// Fields that existed before: only an empty signature field may have been filled.
    fn known_fields(&mut self) -> Result<(), Error> {
        for field in fields(&self.old)?.signatures {
            let number = field.id.number;
            if !self.touched(number) {
                continue;
            }
            let after = self.new.load(field.id)?;
            let Some(after) = after else { continue };
            let (before, after) = (field.object.dictionary()?, after.dictionary()?);
            if before == after {
                continue;
            }
            let may = |key: &[u8]| FILLED_KEYS.contains(&key);
            let value = after.reference(b"V");
            let Some(value) = value.filter(|_| field.value == FieldValue::Empty) else {
                self.offend("FIELD_CHANGED", number);
                continue;
            };
            if differing(before, after).any(|key| !may(key)) {
                self.offend("FIELD_CHANGED", number);
                continue;
            }
            self.explained.insert(number);
            self.changes.filled_field = true;
            self.explain_below(&Object::Dictionary(after.clone()), &[b"P", b"Parent", b"V"])?;
            self.new_signature(value)?;
        }
        Ok(())
    }

    fn new_field(&mut self, item: &Item, names: &HashSet<String>) -> Result<(), Error> {
        let Some(id) = item
            .object
            .as_reference()
            .filter(|id| self.fresh(id.number))
        else {
            self.offend(
                "FIELD_NOT_NEW",
                item.object.as_reference().map_or(0, |id| id.number),
            );
            return Ok(());
        };
        let Some(object) = self.new.load(id)? else {
            self.offend("FIELD_NOT_NEW", id.number);
            return Ok(());
        };
        let field = object.dictionary()?;
        let name = field
            .get(b"T")
            .and_then(Object::as_string)
            .map(crate::pdf::object::text);
        let regular = field.is_name(b"FT", b"Sig")
            && field.iter().all(|(key, _)| FIELD_KEYS.contains(&key))
            && name.is_some_and(|name| !name.contains('.') && !names.contains(&name));
        let value = field.reference(b"V");
        let (true, Some(value)) = (regular, value) else {
            self.offend("FIELD_NOT_A_SIGNATURE", id.number);
            return Ok(());
        };
        self.explained.insert(id.number);
        if field.is_name(b"Subtype", b"Widget") {
            self.widgets.insert(id);
        }
        self.explain_below(&object.object, &[b"P", b"V"])?;
        self.new_signature(value)
    }

    fn new_signature(&mut self, id: ObjectId) -> Result<(), Error> {
        if !self.fresh(id.number) {
            self.offend("SIGNATURE_NOT_NEW", id.number);
            return Ok(());
        }
        let object = self.new.load(id)?.map(|object| object.object.clone());
        let object = object.unwrap_or(Object::Null);
        self.explained.insert(id.number);
        self.explain_below(&object, &[])?;
        self.changes.signatures.push(id);
        Ok(())
    }
}
