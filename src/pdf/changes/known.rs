//! The fields and pages a signed file has, read once and kept up to date from revision to revision,
//! so that a revision costs what it changes and not what the file holds.

use std::collections::{HashMap, HashSet};

use super::kind::Placement;
use crate::pdf::document::View;
use crate::pdf::error::Error;
use crate::pdf::fields::{Visited, form, full_name};
use crate::pdf::object::{Object, ObjectId, text};
use crate::pdf::pages::{page_ids, rectangle};

/// The box of something whose own box cannot be read: it may be anywhere.
pub(super) const EVERYWHERE: [f64; 4] = [-1e9, -1e9, 1e9, 1e9];

/// What kind of field it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum FieldKind {
    Text,
    Choice,
    Button,
    /// A signature field; whether it is signed.
    Signature {
        signed: bool,
    },
    Unknown,
}

/// A field or one of its widgets.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Full name of the field.
    pub(super) name: String,
    pub(super) kind: FieldKind,
    /// Whether the object is a widget only, its field being its parent.
    pub(super) only_widget: bool,
}

/// What stands in the file before a revision.
#[derive(Default)]
pub(super) struct Standing {
    /// Fields and widgets by object number.
    pub(super) fields: HashMap<u32, Known>,
    /// Full names of all fields, those that only group others included.
    pub(super) names: HashSet<String>,
    /// Object numbers of all pages.
    pub(super) pages: HashSet<u32>,
    /// Page and box of every widget; filled when first asked for.
    widgets: Option<Widgets>,
}

/// Widgets by page and pages by widget.
#[derive(Default)]
struct Widgets {
    page: HashMap<u32, Placement>,
    on: HashMap<ObjectId, Vec<(u32, [f64; 4])>>,
}

impl Standing {
    /// What `view` shows.
    pub(super) fn read(view: &View<'_, '_>) -> Result<Self, Error> {
        let mut standing = Self::default();
        let pages = page_ids(view)?;
        standing.pages = pages.iter().map(|id| id.number).collect();
        let Some(form) = form(view)? else {
            return Ok(standing);
        };
        let list = view.value(&form.dictionary, b"Fields")?;
        let mut walk = Walk {
            view,
            visited: Visited::default(),
            standing: &mut standing,
        };
        for item in list.as_array().unwrap_or_default() {
            walk.field(&item.object, &Above::default(), 0)?;
        }
        Ok(standing)
    }

    /// Page and box of a widget as of `view`; `None` when no page shows it.
    pub(super) fn place(
        &mut self,
        view: &View<'_, '_>,
        widget: u32,
    ) -> Result<Option<Placement>, Error> {
        Ok(self.widgets(view)?.page.get(&widget).copied())
    }

    /// The boxes of the widgets on a page.
    pub(super) fn widgets_on(
        &mut self,
        view: &View<'_, '_>,
        page: ObjectId,
    ) -> Result<&[(u32, [f64; 4])], Error> {
        let widgets = self.widgets(view)?;
        Ok(widgets.on.get(&page).map_or(&[][..], Vec::as_slice))
    }

    fn widgets(&mut self, view: &View<'_, '_>) -> Result<&Widgets, Error> {
        if self.widgets.is_none() {
            let mut widgets = Widgets::default();
            for page in page_ids(view)? {
                widgets.read(view, page)?;
            }
            self.widgets = Some(widgets);
        }
        Ok(self.widgets.get_or_insert_default())
    }

    /// Remembers a signature field that a revision added.
    pub(super) fn add(&mut self, number: u32, name: &str) {
        self.names.insert(name.to_owned());
        let known = Known {
            name: name.to_owned(),
            kind: FieldKind::Signature { signed: true },
            only_widget: false,
        };
        self.fields.insert(number, known);
    }
}

impl Widgets {
    fn read(&mut self, view: &View<'_, '_>, page: ObjectId) -> Result<(), Error> {
        let Some(object) = view.load(page)? else {
            return Ok(());
        };
        let list = view.value(object.dictionary()?, b"Annots")?;
        for item in list.as_array().unwrap_or_default() {
            let Some(id) = item.object.as_reference() else {
                continue;
            };
            let Some(widget) = view.load(id)? else {
                continue;
            };
            let Some(dictionary) = widget.object.as_dictionary() else {
                continue;
            };
            if !dictionary.is_name(b"Subtype", b"Widget") {
                continue;
            }
            let rectangle = dictionary
                .get(b"Rect")
                .and_then(|rect| rectangle(view, rect))
                .unwrap_or(EVERYWHERE);
            let place = Placement {
                page,
                rectangle,
                covers: true,
            };
            self.page.insert(id.number, place);
            self.on
                .entry(page)
                .or_default()
                .push((id.number, rectangle));
        }
        Ok(())
    }
}

#[derive(Default, Clone)]
struct Above {
    name: String,
    kind: Option<Object>,
    valued: bool,
}

struct Walk<'w, 'd, 'a> {
    view: &'w View<'d, 'a>,
    visited: Visited,
    standing: &'w mut Standing,
}

impl Walk<'_, '_, '_> {
    fn field(&mut self, item: &Object, above: &Above, depth: usize) -> Result<(), Error> {
        let node = self.visited.enter(self.view, item, depth)?;
        let Some((id, object)) = node else {
            return Ok(());
        };
        let dictionary = object.dictionary()?;
        let mut here = above.clone();
        let part = self.view.value(dictionary, b"T")?;
        if let Some(part) = part.as_string() {
            here.name = full_name(&here.name, &text(part));
            self.standing.names.insert(here.name.clone());
        }
        here.kind = dictionary.get(b"FT").cloned().or(here.kind);
        here.valued |= dictionary.get(b"V").is_some();
        let only_widget = depth > 0 && part.as_string().is_none();
        let known = Known {
            name: here.name.clone(),
            kind: here.kind(),
            only_widget,
        };
        self.standing.fields.insert(id.number, known);
        let kids = self.view.value(dictionary, b"Kids")?;
        for kid in kids.as_array().unwrap_or_default() {
            self.field(&kid.object, &here, depth + 1)?;
        }
        Ok(())
    }
}

impl Above {
    fn kind(&self) -> FieldKind {
        match self.kind.as_ref().and_then(Object::as_name) {
            Some(b"Tx") => FieldKind::Text,
            Some(b"Ch") => FieldKind::Choice,
            Some(b"Btn") => FieldKind::Button,
            Some(b"Sig") => FieldKind::Signature {
                signed: self.valued,
            },
            _ => FieldKind::Unknown,
        }
    }
}
