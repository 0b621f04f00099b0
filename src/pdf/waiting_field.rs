//! An empty signature field that waits for its signature: where it stands, what it locks, and
//! whether it asks for what this program does not do. Source: ISO 32000-2, 12.7.5.5.

use std::rc::Rc;

use super::document::View;
use super::error::Error;
use super::fields::{FieldValue, SignatureField, fields};
use super::indirect::Indirect;
use super::lock::FieldLock;
use super::object::{Dictionary, Object, ObjectId};
use super::pages::{Page, page_ids, page_of, rectangle};

/// A field to be signed.
pub(super) struct WaitingField {
    /// Its full name.
    pub(super) name: String,
    /// The field object.
    pub(super) field: Rc<Indirect>,
    /// Its first widget, often the field object itself.
    pub(super) widget: Option<Rc<Indirect>>,
    /// The page and box (millimetres as seen) of a visible widget.
    pub(super) place: Option<(Page, [f64; 4])>,
    /// What signing it locks.
    pub(super) lock: Option<FieldLock>,
}

fn unusable(code: &'static str, detail: &str) -> Error {
    Error::Unusable {
        code,
        detail: detail.to_owned(),
    }
}

/// The empty signature field called `name`.
///
/// # Errors
/// `FIELD_UNKNOWN`, `FIELD_SIGNED`, `FIELD_LOCK_UNKNOWN`, or `SEED_VALUE_UNMET` when the field
/// demands what a signature of `sub_filter` by this program is not.
pub(super) fn find(
    view: &View<'_, '_>,
    name: &str,
    sub_filter: &str,
) -> Result<WaitingField, Error> {
    let found = fields(view)?.signatures;
    let found = found.into_iter().find(|field| field.name == name);
    let found = found.ok_or_else(|| unusable("FIELD_UNKNOWN", name))?;
    if found.value != FieldValue::Empty {
        return Err(unusable("FIELD_SIGNED", name));
    }
    let dictionary = found.object.dictionary()?;
    check_seed(view, dictionary, sub_filter)?;
    let lock = FieldLock::read(view, dictionary)?;
    let widget = match found.widgets.first() {
        Some(id) => view.load(*id)?,
        None => None,
    };
    let place = widget
        .as_ref()
        .map_or(Ok(None), |widget| place(view, widget))?;
    let SignatureField { name, object, .. } = found;
    Ok(WaitingField {
        name,
        field: object,
        widget,
        place,
        lock,
    })
}

/// Page and box of a widget that can be seen.
fn place(view: &View<'_, '_>, widget: &Rc<Indirect>) -> Result<Option<(Page, [f64; 4])>, Error> {
    let dictionary = widget.dictionary()?;
    let rect = dictionary
        .get(b"Rect")
        .and_then(|rect| rectangle(view, rect));
    let Some([left, bottom, right, top]) = rect else {
        return Ok(None);
    };
    if right - left < 1.0 || top - bottom < 1.0 {
        return Ok(None);
    }
    let page = match dictionary.reference(b"P") {
        Some(id) => Some(id),
        None => page_with(view, widget.id)?,
    };
    let Some(page) = page else {
        return Ok(None);
    };
    let page = page_of(view, page)?;
    let seen = page.as_seen([left, bottom, right, top]);
    Ok(Some((page, seen)))
}

/// The page whose annotations name `widget`.
fn page_with(view: &View<'_, '_>, widget: ObjectId) -> Result<Option<ObjectId>, Error> {
    for id in page_ids(view)? {
        let Some(page) = view.load(id)? else { continue };
        let list = view.value(page.dictionary()?, b"Annots")?;
        let items = list.as_array().unwrap_or_default();
        if items
            .iter()
            .any(|item| item.object.as_reference() == Some(widget))
        {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Seed values that bind the signer: only the ones known to be met are accepted.
/// Source: ISO 32000-2, table 237.
fn check_seed(view: &View<'_, '_>, field: &Dictionary, sub_filter: &str) -> Result<(), Error> {
    const FILTER: i64 = 1;
    const SUB_FILTER: i64 = 1 << 1;
    let seed = view.value(field, b"SV")?;
    let Some(seed) = seed.as_dictionary() else {
        return Ok(());
    };
    let flags = seed.integer(b"Ff").unwrap_or(0);
    if flags & !(FILTER | SUB_FILTER) != 0 || seed.get(b"MDP").is_some() {
        return Err(unusable("SEED_VALUE_UNMET", "/SV"));
    }
    let filter = view.value(seed, b"Filter")?;
    if flags & FILTER != 0 && filter.as_name() != Some(b"Adobe.PPKLite") {
        return Err(unusable("SEED_VALUE_UNMET", "/Filter"));
    }
    let offered = view.value(seed, b"SubFilter")?;
    let offered = offered.as_array().unwrap_or_default();
    let ours = |object: &Object| object.as_name() == Some(sub_filter.as_bytes());
    if flags & SUB_FILTER != 0 && !offered.iter().any(|item| ours(&item.object)) {
        return Err(unusable("SEED_VALUE_UNMET", "/SubFilter"));
    }
    Ok(())
}
