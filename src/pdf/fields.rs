//! Form fields, above all signature fields, as a revision shows them.
//! Source: ISO 32000-2, 12.7.4 and 12.7.5.5.

use std::collections::HashSet;
use std::rc::Rc;

use super::document::View;
use super::error::{Error, malformed};
use super::indirect::Indirect;
use super::limits;
use super::object::{Dictionary, Item, Object, ObjectId, text};

/// What stands under `/V` of a signature field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldValue {
    /// Nothing: the field waits for a signature.
    Empty,
    /// A signature dictionary.
    Signature(ObjectId),
    /// Something that is not a reference to a dictionary.
    Irregular,
}

/// A signature field.
#[derive(Debug, Clone)]
pub struct SignatureField {
    /// The field object.
    pub id: ObjectId,
    /// Its full name, partial names joined by points.
    pub name: String,
    /// The field object itself.
    pub object: Rc<Indirect>,
    /// What it holds.
    pub value: FieldValue,
    /// The widget annotations that show it: the field itself or its kids.
    pub widgets: Vec<ObjectId>,
}

/// The fields of a form.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// Signature fields in the order of the form.
    pub signatures: Vec<SignatureField>,
    /// Full names of all end fields.
    pub names: HashSet<String>,
    /// References in `/Fields`.
    pub top_level: usize,
}

/// The interactive form: its dictionary and where it is kept.
pub struct Form {
    /// The object that holds the dictionary: the form itself or the catalog.
    pub home: Rc<Indirect>,
    /// The dictionary.
    pub dictionary: Dictionary,
    /// Whether it stands inside the catalog.
    pub in_catalog: bool,
}

/// The interactive form, if the file has one.
///
/// # Errors
/// When `/AcroForm` is neither a dictionary nor a reference to one.
pub fn form(view: &View<'_, '_>) -> Result<Option<Form>, Error> {
    let catalog = view.catalog()?;
    let wrong = malformed(
        "STRUCTURE",
        catalog.offset(),
        "a dictionary under /AcroForm",
    );
    match catalog.dictionary()?.get(b"AcroForm") {
        None => Ok(None),
        Some(Object::Dictionary(dictionary)) => {
            let dictionary = dictionary.clone();
            Ok(Some(Form {
                home: catalog,
                dictionary,
                in_catalog: true,
            }))
        }
        Some(Object::Reference(id)) => {
            let Some(home) = view.load(*id)? else {
                return Ok(None);
            };
            let dictionary = home.dictionary()?.clone();
            Ok(Some(Form {
                home,
                dictionary,
                in_catalog: false,
            }))
        }
        Some(_) => Err(wrong),
    }
}

/// All fields as of the view.
///
/// # Errors
/// When the field tree has circles, gaps or too many fields.
pub fn fields(view: &View<'_, '_>) -> Result<Fields, Error> {
    let Some(form) = form(view)? else {
        return Ok(Fields::default());
    };
    let list = view.value(&form.dictionary, b"Fields")?;
    let items = list.as_array().unwrap_or_default();
    let mut walk = Walk {
        view,
        visited: Visited::default(),
        fields: Fields::default(),
    };
    walk.fields.top_level = items.len();
    for item in items {
        walk.field(item, &Above::default(), 0)?;
    }
    Ok(walk.fields)
}

/// The nodes of a field tree met so far.
#[derive(Default)]
pub(super) struct Visited(HashSet<ObjectId>);

impl Visited {
    /// The node `item` refers to and its number, `depth` levels below the form; `None` where the
    /// file has no such object.
    ///
    /// # Errors
    /// When it was met before, is too deep, is no reference, or is one too many.
    pub(super) fn enter(
        &mut self,
        view: &View<'_, '_>,
        item: &Object,
        depth: usize,
    ) -> Result<Option<(ObjectId, Rc<Indirect>)>, Error> {
        let wrong = |expected| malformed("FIELD_INVALID", 0, expected);
        let id = item.as_reference().ok_or(wrong("references to fields"))?;
        if depth > limits::TREE_DEPTH || !self.0.insert(id) {
            return Err(wrong("a field tree without circles"));
        }
        if self.0.len() > limits::FIELDS {
            let limit = u64::try_from(limits::FIELDS).unwrap_or(u64::MAX);
            return Err(Error::Limit {
                what: "form fields",
                limit,
            });
        }
        Ok(view.load(id)?.map(|object| (id, object)))
    }
}

/// The name of a field called `part` below the one called `above`. Source: ISO 32000-2, 12.7.4.2.
pub(super) fn full_name(above: &str, part: &str) -> String {
    if above.is_empty() {
        part.to_owned()
    } else {
        format!("{above}.{part}")
    }
}

#[derive(Default, Clone)]
struct Above {
    name: String,
    kind: Option<Object>,
    value: Option<Object>,
}

struct Walk<'w, 'd, 'a> {
    view: &'w View<'d, 'a>,
    visited: Visited,
    fields: Fields,
}

impl Walk<'_, '_, '_> {
    fn field(&mut self, item: &Item, above: &Above, depth: usize) -> Result<(), Error> {
        let node = self.visited.enter(self.view, &item.object, depth)?;
        let Some((id, object)) = node else {
            return Ok(());
        };
        let dictionary = object.dictionary()?;
        let mut here = above.clone();
        if let Some(part) = self.view.value(dictionary, b"T")?.as_string() {
            here.name = full_name(&here.name, &text(part));
        }
        here.kind = dictionary.get(b"FT").cloned().or(here.kind);
        here.value = dictionary.get(b"V").cloned().or(here.value);
        let kids = self.view.value(dictionary, b"Kids")?;
        let kids = kids.as_array().unwrap_or_default();
        if !kids.is_empty() && !self.only_widgets(kids)? {
            for kid in kids {
                self.field(kid, &here, depth + 1)?;
            }
            return Ok(());
        }
        self.end_field(id, &object, here, kids);
        Ok(())
    }

    fn only_widgets(&self, kids: &[Item]) -> Result<bool, Error> {
        for kid in kids {
            let Object::Dictionary(kid) = self.view.resolve(&kid.object)? else {
                continue;
            };
            if kid.get(b"T").is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn end_field(&mut self, id: ObjectId, object: &Rc<Indirect>, here: Above, kids: &[Item]) {
        self.fields.names.insert(here.name.clone());
        if here.kind.as_ref().and_then(Object::as_name) != Some(b"Sig") {
            return;
        }
        let value = match here.value {
            None => FieldValue::Empty,
            Some(Object::Reference(id)) => FieldValue::Signature(id),
            Some(_) => FieldValue::Irregular,
        };
        let own = object
            .object
            .as_dictionary()
            .is_some_and(|d| d.is_name(b"Subtype", b"Widget"));
        let kids = kids.iter().filter_map(|kid| kid.object.as_reference());
        let widgets = own.then_some(id).into_iter().chain(kids).collect();
        let object = Rc::clone(object);
        self.fields.signatures.push(SignatureField {
            id,
            name: here.name,
            object,
            value,
            widgets,
        });
    }
}
