//! A signature field with a hole for the signature, written as one update: the signature
//! dictionary, its widget on a page, the form and, for a certification, the permissions.
//! Source: ISO 32000-2, 12.7.5.5 and 12.8; ETSI EN 319 142-1, 5.3.

use std::rc::Rc;

use super::append::{Update, extend_array, rewrite, text_string};
use super::document::{Document, View};
use super::error::{Error, malformed};
use super::fields::{Form, fields, form};
use super::indirect::Indirect;
use super::lock::FieldLock;
use super::mark::{Mark, numbers};
use super::object::{Object, ObjectId};
use super::pages::{Page, PageChoice, page};
use super::source::ByteSource as _;
use super::waiting_field::{self, WaitingField};

/// What the signature dictionary says.
#[derive(Debug, Clone)]
pub struct SlotRequest<'a> {
    /// Value of `/SubFilter`.
    pub sub_filter: &'static str,
    /// Value of `/M`, already in PDF form (`D:…`); empty for none (a time stamp says its time itself).
    pub claimed_time: String,
    /// Value of `/Name`.
    pub name: Option<&'a str>,
    /// Value of `/Reason`.
    pub reason: Option<&'a str>,
    /// Bytes the signature may take.
    pub contents_bytes: usize,
    /// `/P` of a `DocMDP` certification: 1, 2 or 3.
    pub certify: Option<u8>,
    /// Form fields that are locked by the signature.
    pub lock: Option<&'a FieldLock>,
    /// Full name of an empty signature field to be signed; without it a new field is made.
    pub field: Option<&'a str>,
    /// What is seen on a page; without it a new field is invisible.
    pub mark: Option<&'a Mark>,
}

/// An update that waits for its signature.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The bytes to append, `/ByteRange` filled in, the hole full of zeros.
    pub tail: Vec<u8>,
    /// Size of the unchanged file.
    pub base: u64,
    /// Byte of the whole file where the hole begins (`<`).
    pub hole_start: u64,
    /// The byte after the hole (`>`).
    pub hole_end: u64,
    /// Full name of the field.
    pub field: String,
}

impl Slot {
    /// Size of the whole file with the update.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.base.saturating_add(self.tail.as_slice().size())
    }

    /// The update with `signature` in its hole.
    ///
    /// # Errors
    /// When the signature is longer than the hole.
    pub fn fill(mut self, signature: &[u8]) -> Result<Vec<u8>, Error> {
        let wrong = Error::Unusable {
            code: "HOLE_TOO_SMALL",
            detail: signature.len().to_string(),
        };
        let start = self.hole_start.saturating_sub(self.base).saturating_add(1);
        let end = self.hole_end.saturating_sub(self.base).saturating_sub(1);
        let hole = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let hole = hole.and_then(|(start, end)| self.tail.get_mut(start..end));
        let place = hole.and_then(|hole| hole.get_mut(..signature.len().saturating_mul(2)));
        match place.map(|place| hex::encode_to_slice(signature, place)) {
            Some(Ok(())) => Ok(self.tail),
            _ => Err(wrong),
        }
    }
}

/// Width of a number in `/ByteRange`, blanks included.
const NUMBER_WIDTH: usize = 20;

/// Builds the update that adds a signature field, or fills an empty one, and leaves a hole.
///
/// # Errors
/// When the file is malformed, holds an XFA form, has no such page or empty field, the field asks
/// for what this signature is not, or the mark cannot be used.
pub fn slot(document: &Document<'_>, request: &SlotRequest<'_>) -> Result<Slot, Error> {
    let view = document.latest();
    let mut update = Update::new(document)?;
    let form = form(&view)?;
    refuse_xfa(form.as_ref())?;
    let dictionary = update.allocate();
    let certified = request.certify.map(|_| dictionary);
    let (name, lock) = match request.field {
        None => {
            let name = new_field(&mut update, &view, form, (request, dictionary, certified))?;
            (name, request.lock.cloned())
        }
        Some(wanted) => {
            let waiting = waiting_field::find(&view, wanted, request.sub_filter)?;
            let lock = waiting.lock.clone().or(request.lock.cloned());
            fill_field(&mut update, &view, &waiting, (request, dictionary))?;
            enlist(&mut update, &view, form, (None, certified))?;
            (waiting.name, lock)
        }
    };
    let (body, marks) = signature_body(request, lock.as_ref(), view.catalog()?.id);
    update.put(dictionary, body);
    let appended = update.finish()?;
    let body = appended
        .bodies
        .iter()
        .find(|(id, _)| *id == dictionary)
        .map(|(_, at)| *at);
    let body = body.ok_or(malformed("SIGNATURE_DICTIONARY", 0, "the new dictionary"))?;
    open_hole(document, appended.bytes, body, marks, name)
}

fn refuse_xfa(form: Option<&Form>) -> Result<(), Error> {
    if form.is_none_or(|form| form.dictionary.get(b"XFA").is_none()) {
        return Ok(());
    }
    let detail = "the file holds an XFA form".to_owned();
    Err(Error::Unusable {
        code: "XFA_FORM",
        detail,
    })
}

/// Adds a field with its widget and gives its name, the first of `Signature1`, `Signature2`… that
/// is free.
fn new_field(
    update: &mut Update<'_, '_>,
    view: &View<'_, '_>,
    form: Option<Form>,
    (request, dictionary, certified): (&SlotRequest<'_>, ObjectId, Option<ObjectId>),
) -> Result<String, Error> {
    let choice = request.mark.map_or(PageChoice::First, |mark| mark.page);
    let page = page(view, choice)?;
    let names = fields(view)?.names;
    let mut numbers = 1..;
    let name = numbers.find_map(|number: u32| {
        let name = format!("Signature{number}");
        (!names.contains(&name)).then_some(name)
    });
    let name = name.unwrap_or_default();
    let field = update.allocate();
    let widget = widget(update, view, (request, &page), &name, dictionary)?;
    update.put(field, widget);
    annotate(update, view, &page, field)?;
    enlist(update, view, form, (Some(field), certified))?;
    Ok(name)
}

/// Puts the signature into a field that waits for it; the mark takes the place the field has.
fn fill_field(
    update: &mut Update<'_, '_>,
    view: &View<'_, '_>,
    waiting: &WaitingField,
    (request, dictionary): (&SlotRequest<'_>, ObjectId),
) -> Result<(), Error> {
    let value = ("V", dictionary.to_string().into_bytes());
    let mut shown = Vec::new();
    if let (Some(mark), Some((page, rect_mm))) = (request.mark, &waiting.place) {
        let mark = mark.moved(*rect_mm);
        let id = mark.write(update, view, page)?;
        shown.push(("AP", format!("<</N {id}>>").into_bytes()));
    }
    let (field, widget) = (&waiting.field, &waiting.widget);
    match widget.as_ref().filter(|widget| widget.id != field.id) {
        None => shown.insert(0, value),
        Some(widget) => {
            update.put(field.id, rewrite(field, field.dictionary()?, &[value]));
            if !shown.is_empty() {
                update.put(widget.id, rewrite(widget, widget.dictionary()?, &shown));
            }
            return Ok(());
        }
    }
    update.put(field.id, rewrite(field, field.dictionary()?, &shown));
    Ok(())
}

/// Places inside the dictionary's body: the number field of `/ByteRange` and the hole.
struct Marks {
    range: usize,
    hole: usize,
    hole_end: usize,
}

fn signature_body(
    request: &SlotRequest<'_>,
    lock: Option<&FieldLock>,
    catalog: ObjectId,
) -> (Vec<u8>, Marks) {
    let mut body = String::with_capacity(request.contents_bytes.saturating_mul(2) + 1_024);
    let kind = match request.sub_filter {
        "ETSI.RFC3161" => "DocTimeStamp",
        _ => "Sig",
    };
    body.push_str(&format!(
        "<</Type/{kind}/Filter/Adobe.PPKLite/SubFilter/{}",
        request.sub_filter
    ));
    if !request.claimed_time.is_empty() {
        body.push_str(&format!("\n/M({})", request.claimed_time));
    }
    if let Some(name) = request.name {
        body.push_str(&format!("\n/Name{}", text_string(name)));
    }
    if let Some(reason) = request.reason {
        body.push_str(&format!("\n/Reason{}", text_string(reason)));
    }
    let certify = request.certify.map(|permission| {
        format!(
            "<</Type/SigRef/TransformMethod/DocMDP/TransformParams\
             <</Type/TransformParams/P {permission}/V/1.2>>>>"
        )
    });
    let lock = lock.map(|lock| {
        format!(
            "<</Type/SigRef/TransformMethod/FieldMDP/Data {catalog}/TransformParams\
             <</Type/TransformParams{}/V/1.2>>>>",
            lock.entries()
        )
    });
    if certify.is_some() || lock.is_some() {
        let (certify, lock) = (certify.unwrap_or_default(), lock.unwrap_or_default());
        body.push_str(&format!("\n/Reference[{certify}{lock}]"));
    }
    body.push_str("\n/ByteRange[0 ");
    let range = body.len();
    body.push_str(&" ".repeat(NUMBER_WIDTH * 3));
    body.push_str("]\n/Contents");
    let hole = body.len();
    body.push('<');
    body.push_str(&"0".repeat(request.contents_bytes.saturating_mul(2)));
    body.push('>');
    let hole_end = body.len();
    body.push_str("\n>>");
    (
        body.into_bytes(),
        Marks {
            range,
            hole,
            hole_end,
        },
    )
}

fn open_hole(
    document: &Document<'_>,
    mut tail: Vec<u8>,
    body: u64,
    marks: Marks,
    field: String,
) -> Result<Slot, Error> {
    let base = document.source().size();
    let at = |place: usize| body.saturating_add(u64::try_from(place).unwrap_or(0));
    let (hole_start, hole_end) = (at(marks.hole), at(marks.hole_end));
    let size = base.saturating_add(tail.as_slice().size());
    let numbers = [hole_start, hole_end, size.saturating_sub(hole_end)];
    let text: String = numbers
        .iter()
        .map(|n| format!("{n:<width$}", width = NUMBER_WIDTH))
        .collect();
    let start = usize::try_from(at(marks.range).saturating_sub(base)).unwrap_or(usize::MAX);
    let place = tail.get_mut(start..start.saturating_add(text.len()));
    let wrong = malformed("BYTE_RANGE_INVALID", body, "room for /ByteRange");
    place.ok_or(wrong)?.copy_from_slice(text.as_bytes());
    Ok(Slot {
        tail,
        base,
        hole_start,
        hole_end,
        field,
    })
}

fn widget(
    update: &mut Update<'_, '_>,
    view: &View<'_, '_>,
    (request, page): (&SlotRequest<'_>, &Page),
    name: &str,
    dictionary: ObjectId,
) -> Result<Vec<u8>, Error> {
    let (rect, mut extra) = match request.mark {
        Some(mark) => {
            let rect = mark.rectangle(page)?;
            let id = mark.write(update, view, page)?;
            (numbers(&rect), format!("/AP<</N {id}>>"))
        }
        None => ("0 0 0 0".to_owned(), String::new()),
    };
    if let Some(lock) = request.lock {
        let id = update.add(format!("<</Type/SigFieldLock{}>>", lock.entries()).into_bytes());
        extra.push_str(&format!("/Lock {id}"));
    }
    let page = page.object.id;
    // Flags: print and locked.
    let widget = format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T{}/V {dictionary}/P {page}/F 132/Rect[{rect}]\
         {extra}>>",
        text_string(name)
    );
    Ok(widget.into_bytes())
}

/// Adds the widget to the page's annotations, touching the array's own object when it has one.
fn annotate(
    update: &mut Update<'_, '_>,
    view: &View<'_, '_>,
    page: &Page,
    widget: ObjectId,
) -> Result<(), Error> {
    let dictionary = page.object.dictionary()?;
    let new = match dictionary.item(b"Annots") {
        None => format!("[{widget}]").into_bytes(),
        Some(item) => match (&item.object, array_object(view, &item.object)?) {
            (_, Some(array)) => {
                update.put(array.id, extend_array(array.raw_body(), widget));
                return Ok(());
            }
            (Object::Array(_), None) => extend_array(page.object.raw_item(item), widget),
            _ => {
                return Err(malformed(
                    "STRUCTURE",
                    page.object.offset(),
                    "an array under /Annots",
                ));
            }
        },
    };
    update.put(
        page.object.id,
        rewrite(&page.object, dictionary, &[("Annots", new)]),
    );
    Ok(())
}

/// The object of an array given as a reference.
fn array_object(view: &View<'_, '_>, object: &Object) -> Result<Option<Rc<Indirect>>, Error> {
    let Some(id) = object.as_reference() else {
        return Ok(None);
    };
    let found = view
        .load(id)?
        .filter(|found| found.object.as_array().is_some());
    found
        .map(Some)
        .ok_or(malformed("STRUCTURE", 0, "an array behind the reference"))
}

/// Puts the field into the form and, for a certification, the permission into the catalog.
fn enlist(
    update: &mut Update<'_, '_>,
    view: &View<'_, '_>,
    form: Option<Form>,
    (field, certified): (Option<ObjectId>, Option<ObjectId>),
) -> Result<(), Error> {
    let catalog = view.catalog()?;
    let mut changes: Vec<(&str, Vec<u8>)> = Vec::new();
    if let Some(dictionary) = certified {
        changes.push(("Perms", format!("<</DocMDP {dictionary}>>").into_bytes()));
    }
    match form {
        None => {
            let field = field.map_or(String::new(), |field| field.to_string());
            let form = update.add(format!("<</Fields[{field}]/SigFlags 3>>").into_bytes());
            changes.push(("AcroForm", form.to_string().into_bytes()));
        }
        Some(form) => {
            if let Some(body) = enlist_in(update, view, &form, field)? {
                if form.in_catalog {
                    changes.push(("AcroForm", body));
                } else {
                    update.put(form.home.id, body);
                }
            }
        }
    }
    if !changes.is_empty() {
        update.put(
            catalog.id,
            rewrite(&catalog, catalog.dictionary()?, &changes),
        );
    }
    Ok(())
}

/// The form's new dictionary, or `None` when only the array of fields had to change.
fn enlist_in(
    update: &mut Update<'_, '_>,
    view: &View<'_, '_>,
    form: &Form,
    field: Option<ObjectId>,
) -> Result<Option<Vec<u8>>, Error> {
    let mut changes = Vec::new();
    if form.dictionary.integer(b"SigFlags") != Some(3) {
        changes.push(("SigFlags", b"3".to_vec()));
    }
    if let Some(field) = field {
        changes.extend(enlist_field(update, view, form, field)?);
    }
    let body = || rewrite(&form.home, &form.dictionary, &changes);
    Ok((!changes.is_empty()).then(body))
}

/// The form's new `/Fields`, or `None` when the array is an object of its own, which is extended.
fn enlist_field(
    update: &mut Update<'_, '_>,
    view: &View<'_, '_>,
    form: &Form,
    field: ObjectId,
) -> Result<Option<(&'static str, Vec<u8>)>, Error> {
    let Some(item) = form.dictionary.item(b"Fields") else {
        return Ok(Some(("Fields", format!("[{field}]").into_bytes())));
    };
    match array_object(view, &item.object)? {
        Some(array) => {
            update.put(array.id, extend_array(array.raw_body(), field));
            Ok(None)
        }
        None if item.object.as_array().is_some() => {
            let extended = extend_array(form.home.raw_item(item), field);
            Ok(Some(("Fields", extended)))
        }
        None => Err(malformed(
            "STRUCTURE",
            form.home.offset(),
            "an array under /Fields",
        )),
    }
}
