//! A signature field with a hole for the signature, written as one update: the signature
//! dictionary, its widget on a page, the form and, for a certification, the permissions.
//! Source: ISO 32000-2, 12.7.5.5 and 12.8; ETSI EN 319 142-1, 5.3.

use std::rc::Rc;

use super::append::{Update, extend_array, rewrite, text_string};
use super::document::{Document, View};
use super::error::{Error, malformed};
use super::fields::{Form, fields, form};
use super::indirect::Indirect;
use super::mark::{Mark, numbers};
use super::object::{Object, ObjectId};
use super::pages::{Page, PageChoice, page};
use super::source::ByteSource as _;

/// What the signature dictionary says.
#[derive(Debug, Clone)]
pub struct SlotRequest<'a> {
    /// Value of `/SubFilter`.
    pub sub_filter: &'static str,
    /// Value of `/M`, already in PDF form (`D:…`).
    pub claimed_time: String,
    /// Value of `/Name`.
    pub name: Option<&'a str>,
    /// Value of `/Reason`.
    pub reason: Option<&'a str>,
    /// Bytes the signature may take.
    pub contents_bytes: usize,
    /// `/P` of a `DocMDP` certification: 1, 2 or 3.
    pub certify: Option<u8>,
    /// What is seen on a page; without it the field is invisible.
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
    /// Name of the new field.
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
        let digits = hex::encode(signature);
        let wrong = Error::Unusable {
            code: "HOLE_TOO_SMALL",
            detail: signature.len().to_string(),
        };
        let start = self.hole_start.saturating_sub(self.base).saturating_add(1);
        let end = self.hole_end.saturating_sub(self.base).saturating_sub(1);
        let hole = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let hole = hole.and_then(|(start, end)| self.tail.get_mut(start..end));
        match hole.and_then(|hole| hole.get_mut(..digits.len())) {
            Some(place) => place.copy_from_slice(digits.as_bytes()),
            None => return Err(wrong),
        }
        Ok(self.tail)
    }
}

/// Width of a number in `/ByteRange`, blanks included.
const NUMBER_WIDTH: usize = 20;

/// Builds the update that adds a signature field.
///
/// # Errors
/// When the file is malformed, holds an XFA form, has no such page, or the mark cannot be used.
pub fn slot(document: &Document<'_>, request: &SlotRequest<'_>) -> Result<Slot, Error> {
    let view = document.latest();
    let mut update = Update::new(document)?;
    let form = form(&view)?;
    if form
        .as_ref()
        .is_some_and(|form| form.dictionary.get(b"XFA").is_some())
    {
        let detail = "the file holds an XFA form".to_owned();
        return Err(Error::Unusable {
            code: "XFA_FORM",
            detail,
        });
    }
    let choice = request.mark.map_or(PageChoice::First, |mark| mark.page);
    let page = page(&view, choice)?;
    let dictionary = update.allocate();
    let field = update.allocate();
    let names = fields(&view)?.names;
    let mut numbers = 1..;
    let name = numbers.find_map(|number: u32| {
        let name = format!("Signature{number}");
        (!names.contains(&name)).then_some(name)
    });
    let name = name.unwrap_or_default();
    let widget = widget(&mut update, (request, &page), &name, dictionary)?;
    update.put(field, widget);
    annotate(&mut update, &view, &page, field)?;
    enlist(
        &mut update,
        &view,
        form,
        (field, request.certify.map(|_| dictionary)),
    )?;
    let (body, marks) = signature_body(request);
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

/// Places inside the dictionary's body: the number field of `/ByteRange` and the hole.
struct Marks {
    range: usize,
    hole: usize,
    hole_end: usize,
}

fn signature_body(request: &SlotRequest<'_>) -> (Vec<u8>, Marks) {
    let mut body = format!(
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/{}",
        request.sub_filter
    );
    body.push_str(&format!("\n/M({})", request.claimed_time));
    if let Some(name) = request.name {
        body.push_str(&format!("\n/Name{}", text_string(name)));
    }
    if let Some(reason) = request.reason {
        body.push_str(&format!("\n/Reason{}", text_string(reason)));
    }
    if let Some(permission) = request.certify {
        body.push_str(&format!(
            "\n/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams\
             <</Type/TransformParams/P {permission}/V/1.2>>>>]"
        ));
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
    (request, page): (&SlotRequest<'_>, &Page),
    name: &str,
    dictionary: ObjectId,
) -> Result<Vec<u8>, Error> {
    let (rect, appearance) = match request.mark {
        Some(mark) => {
            let rect = mark.rectangle(page)?;
            let id = mark.write(update, page)?;
            (numbers(&rect), format!("/AP<</N {id}>>"))
        }
        None => ("0 0 0 0".to_owned(), String::new()),
    };
    let page = page.object.id;
    // Flags: print and locked.
    let widget = format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T{}/V {dictionary}/P {page}/F 132/Rect[{rect}]\
         {appearance}>>",
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
    (field, certified): (ObjectId, Option<ObjectId>),
) -> Result<(), Error> {
    let catalog = view.catalog()?;
    let mut changes: Vec<(&str, Vec<u8>)> = Vec::new();
    if let Some(dictionary) = certified {
        changes.push(("Perms", format!("<</DocMDP {dictionary}>>").into_bytes()));
    }
    match form {
        None => {
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
    field: ObjectId,
) -> Result<Option<Vec<u8>>, Error> {
    let mut changes = Vec::new();
    if form.dictionary.integer(b"SigFlags") != Some(3) {
        changes.push(("SigFlags", b"3".to_vec()));
    }
    match form.dictionary.item(b"Fields") {
        None => changes.push(("Fields", format!("[{field}]").into_bytes())),
        Some(item) => match array_object(view, &item.object)? {
            Some(array) => update.put(array.id, extend_array(array.raw_body(), field)),
            None if item.object.as_array().is_some() => {
                changes.push(("Fields", extend_array(form.home.raw_item(item), field)));
            }
            None => {
                return Err(malformed(
                    "STRUCTURE",
                    form.home.offset(),
                    "an array under /Fields",
                ));
            }
        },
    }
    let body = || rewrite(&form.home, &form.dictionary, &changes);
    Ok((!changes.is_empty()).then(body))
}
