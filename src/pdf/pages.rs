//! The pages: their ids in order, and how a page is seen (crop box, rotation, unit).
//! Source: ISO 32000-2, 7.7.3.

use std::collections::HashSet;
use std::rc::Rc;

use super::document::View;
use super::error::{Error, malformed};
use super::indirect::Indirect;
use super::limits;
use super::object::{Object, ObjectId};

/// Which page is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageChoice {
    /// The first page.
    First,
    /// The last page.
    Last,
    /// The page of this number, from 1.
    Number(u32),
}

/// A page and how it is seen.
pub struct Page {
    /// The page object.
    pub object: Rc<Indirect>,
    /// Visible box in user space: left, bottom, right, top.
    pub visible: [f64; 4],
    /// Clockwise rotation when shown: 0, 90, 180 or 270.
    pub rotation: u16,
    /// Points of one unit of user space.
    pub user_unit: f64,
}

/// Points in a millimetre.
pub const POINTS_PER_MM: f64 = 72.0 / 25.4;

/// The ids of all pages in order.
///
/// # Errors
/// When the page tree has circles, strangers or too many pages.
pub fn page_ids(view: &View<'_, '_>) -> Result<Vec<ObjectId>, Error> {
    let catalog = view.catalog()?;
    let wrong = malformed("STRUCTURE", catalog.offset(), "a page tree");
    let root = catalog.dictionary()?.reference(b"Pages").ok_or(wrong)?;
    let mut walk = Walk {
        view,
        seen: HashSet::new(),
        found: Vec::new(),
    };
    walk.node(root, 0)?;
    Ok(walk.found)
}

struct Walk<'w, 'd, 'a> {
    view: &'w View<'d, 'a>,
    seen: HashSet<ObjectId>,
    found: Vec<ObjectId>,
}

impl Walk<'_, '_, '_> {
    fn node(&mut self, id: ObjectId, depth: usize) -> Result<(), Error> {
        let wrong = |expected| malformed("STRUCTURE", 0, expected);
        if depth > limits::TREE_DEPTH || !self.seen.insert(id) {
            return Err(wrong("a page tree without circles"));
        }
        if self.found.len() >= limits::PAGES {
            let limit = u64::try_from(limits::PAGES).unwrap_or(u64::MAX);
            return Err(Error::Limit {
                what: "pages",
                limit,
            });
        }
        let object = self
            .view
            .load(id)?
            .ok_or(wrong("a page tree without gaps"))?;
        let dictionary = object.dictionary()?;
        let kids = self.view.value(dictionary, b"Kids")?;
        let Object::Array(kids) = kids else {
            self.found.push(id);
            return Ok(());
        };
        for kid in kids {
            let kid = kid
                .object
                .as_reference()
                .ok_or(wrong("references to pages"))?;
            self.node(kid, depth + 1)?;
        }
        Ok(())
    }
}

/// The page `choice`.
///
/// # Errors
/// `PAGE_UNKNOWN` when the file has no such page, and when the page tree is malformed.
pub fn page(view: &View<'_, '_>, choice: PageChoice) -> Result<Page, Error> {
    let ids = page_ids(view)?;
    let found = match choice {
        PageChoice::First => ids.first(),
        PageChoice::Last => ids.last(),
        PageChoice::Number(number) => {
            let at = usize::try_from(number)
                .ok()
                .and_then(|number| number.checked_sub(1));
            at.and_then(|at| ids.get(at))
        }
    };
    let detail = || format!("page {choice:?} of {}", ids.len());
    let id = found.ok_or_else(|| Error::Unusable {
        code: "PAGE_UNKNOWN",
        detail: detail(),
    })?;
    page_of(view, *id)
}

/// The page whose object is `id`.
///
/// # Errors
/// When it is no page or has no usable box.
pub fn page_of(view: &View<'_, '_>, id: ObjectId) -> Result<Page, Error> {
    let wrong = |expected| malformed("STRUCTURE", 0, expected);
    let object = view.load(id)?.ok_or(wrong("a page object"))?;
    let media = rectangle(view, &inherited(view, &object, b"MediaBox")?);
    let media = media.ok_or(wrong("a /MediaBox of four numbers"))?;
    let crop = rectangle(view, &inherited(view, &object, b"CropBox")?).unwrap_or(media);
    let [left, bottom, right, top] = media;
    let visible = [
        crop[0].max(left),
        crop[1].max(bottom),
        crop[2].min(right),
        crop[3].min(top),
    ];
    let visible = if visible[0] < visible[2] && visible[1] < visible[3] {
        visible
    } else {
        media
    };
    let turns = inherited(view, &object, b"Rotate")?
        .as_integer()
        .unwrap_or(0);
    let rotation = u16::try_from(turns.rem_euclid(360)).unwrap_or(0);
    if !rotation.is_multiple_of(90) {
        return Err(wrong("a /Rotate of quarter turns"));
    }
    let unit = view
        .value(object.dictionary()?, b"UserUnit")?
        .as_number()
        .unwrap_or(1.0);
    let user_unit = if unit > 0.0 { unit } else { 1.0 };
    Ok(Page {
        object,
        visible,
        rotation,
        user_unit,
    })
}

pub(super) fn inherited(
    view: &View<'_, '_>,
    page: &Rc<Indirect>,
    key: &[u8],
) -> Result<Object, Error> {
    let mut node = Rc::clone(page);
    for _ in 0..limits::TREE_DEPTH {
        let value = view.value(node.dictionary()?, key)?;
        if value != Object::Null {
            return Ok(value);
        }
        let Some(parent) = node.dictionary()?.reference(b"Parent") else {
            break;
        };
        let Some(parent) = view.load(parent)? else {
            break;
        };
        node = parent;
    }
    Ok(Object::Null)
}

/// Left, bottom, right, top of a rectangle, its corners put in order.
#[must_use]
pub fn rectangle(view: &View<'_, '_>, object: &Object) -> Option<[f64; 4]> {
    let number = |at: usize| {
        let item = object.as_array()?.get(at)?;
        view.resolve(&item.object).ok()?.as_number()
    };
    let (a, b, c, d) = (number(0)?, number(1)?, number(2)?, number(3)?);
    Some([a.min(c), b.min(d), a.max(c), b.max(d)])
}

impl Page {
    /// Width and height in millimetres as the page is seen.
    #[must_use]
    pub fn size_mm(&self) -> [f64; 2] {
        let [left, bottom, right, top] = self.visible;
        let scale = self.user_unit / POINTS_PER_MM;
        let (width, height) = ((right - left) * scale, (top - bottom) * scale);
        if self.rotation.is_multiple_of(180) {
            [width, height]
        } else {
            [height, width]
        }
    }

    /// The rectangle in user space (left, bottom, right, top) of a rectangle given as seen: x, y,
    /// width and height in millimetres from the lower left corner.
    #[must_use]
    pub fn to_user_space(&self, [x, y, width, height]: [f64; 4]) -> [f64; 4] {
        let [left, bottom, right, top] = self.visible;
        let scale = POINTS_PER_MM / self.user_unit;
        let (x1, y1, x2, y2) = (
            x * scale,
            y * scale,
            (x + width) * scale,
            (y + height) * scale,
        );
        match self.rotation {
            90 => [right - y2, bottom + x1, right - y1, bottom + x2],
            180 => [right - x2, top - y2, right - x1, top - y1],
            270 => [left + y1, top - x2, left + y2, top - x1],
            _ => [left + x1, bottom + y1, left + x2, bottom + y2],
        }
    }

    /// The inverse of [`Page::to_user_space`].
    #[must_use]
    pub fn as_seen(&self, [x1, y1, x2, y2]: [f64; 4]) -> [f64; 4] {
        let [left, bottom, right, top] = self.visible;
        let scale = self.user_unit / POINTS_PER_MM;
        let [x, y, to_x, to_y] = match self.rotation {
            90 => [y1 - bottom, right - x2, y2 - bottom, right - x1],
            180 => [right - x2, top - y2, right - x1, top - y1],
            270 => [top - y2, x1 - left, top - y1, x2 - left],
            _ => [x1 - left, y1 - bottom, x2 - left, y2 - bottom],
        };
        [x * scale, y * scale, (to_x - x) * scale, (to_y - y) * scale]
    }
}
