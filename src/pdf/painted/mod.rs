//! Everything a page paints, as boxes that are never too small: letters, paths, pictures, shadings and
//! what forms draw. What cannot be read counts as painted everywhere. Decides what an annotation, a
//! mark or a field can hide. Source: ISO 32000-2, 8 and 9.
//!
//! Files in reading order: `plane`, `path`, `font`, `letters`, `walk`.

mod font;
mod letters;
mod path;
mod plane;
mod walk;

use std::collections::HashMap;
use std::rc::Rc;

use super::document::View;
use super::error::Error;
use super::limits;
use super::object::ObjectId;
use super::page_text::content;
use super::pages::{inherited, page_of};
pub(in crate::pdf) use plane::{Box4, EVERYWHERE, overlap, union, widened};
use walk::Walk;

/// How near two things may come before one touches the other, in units of the page.
const NEAR: f64 = 0.25;
/// Sides of a plain area on which something may be drawn without its being taken for a sign.
const GROUND: f64 = 72.0;
/// How far the box of a field or mark may reach into what stands beside it.
const BORDER: f64 = 1.0;

/// What a painted thing is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::pdf) enum Nature {
    Letters,
    /// A rectangle or a line along an axis in one plain colour; its inside, border left out.
    Frame(Box4),
    Path,
    Picture,
}

/// One painted thing.
#[derive(Debug, Clone, Copy)]
pub(in crate::pdf) struct Spot {
    /// A box around it.
    pub(in crate::pdf) place: Box4,
    /// The part that carries meaning: letters without the room above and below them.
    pub(in crate::pdf) core: Box4,
    pub(in crate::pdf) nature: Nature,
}

/// Everything some content paints.
#[derive(Debug, Default)]
pub(in crate::pdf) struct Painted {
    pub(in crate::pdf) spots: Vec<Spot>,
    /// Whether something was not read, which may have painted anything.
    pub(in crate::pdf) unread: bool,
    /// The letters shown, as far as fonts tell them.
    pub(in crate::pdf) text: String,
    /// The box of the form, for a form.
    pub(in crate::pdf) bounds: Box4,
    /// Whether letters were shown that no font tells, or that cannot be seen.
    pub(in crate::pdf) untold: bool,
}

impl Painted {
    /// What a page paints, its annotations left out.
    fn of_page(view: &View<'_, '_>, page: ObjectId) -> Result<Self, Error> {
        let page = page_of(view, page)?;
        let resources = inherited(view, &page.object, b"Resources")?;
        let mut walk = Walk::new(view);
        walk.run(&content(view, &page)?, resources);
        Ok(walk.found)
    }

    /// What the form `id` paints, in its own space.
    pub(in crate::pdf) fn of_form(view: &View<'_, '_>, id: ObjectId) -> Self {
        let mut walk = Walk::new(view);
        walk.form(id);
        walk.found
    }

    /// Whether a box touches anything painted, a large plain ground left out.
    fn touched(&self, reach: Box4) -> bool {
        let hit = |spot: &Spot| {
            overlap(spot.place, reach, -NEAR)
                && !matches!(spot.nature, Nature::Frame(inside) if is_ground(inside, reach))
        };
        self.unread || self.spots.iter().any(hit)
    }

    /// Whether a box lies over content: letters, pictures, drawings; not its own frame and not a
    /// rule across it.
    fn covered(&self, place: Box4) -> bool {
        let hit = |spot: &Spot| {
            overlap(spot.core, place, BORDER)
                && !matches!(spot.nature, Nature::Frame(_) if spans(spot.place, place))
        };
        self.unread || self.spots.iter().any(hit)
    }
}

/// Whether `inside` is a large plain area with `reach` in it.
fn is_ground(inside: Box4, reach: Box4) -> bool {
    let ([l, b, r, t], [left, bottom, right, top]) = (inside, reach);
    r - l >= GROUND && t - b >= GROUND && l < left && right < r && b < bottom && top < t
}

/// Whether something reaches from side to side of `place`, or from bottom to top.
pub(in crate::pdf) fn spans([l, b, r, t]: Box4, place: Box4) -> bool {
    let [left, bottom, right, top] = place;
    let (wide, high) = ((right - left) * 0.05, (top - bottom) * 0.1);
    (l <= left + wide && right - wide <= r) || (b <= bottom + high && top - high <= t)
}

/// What the pages asked for so far paint, and the effort spent on comparing.
#[derive(Debug, Default)]
pub struct PaintedPages {
    pages: HashMap<ObjectId, Rc<Painted>>,
    spent: usize,
}

impl PaintedPages {
    /// Whether a box of a page's user space lies over content of the page, or might.
    pub fn covered(&mut self, view: &View<'_, '_>, page: ObjectId, place: [f64; 4]) -> bool {
        let painted = self.page(view, page);
        self.spend(painted.spots.len()) || painted.covered(place)
    }

    /// Whether a box of a page's user space touches anything the page paints, or might.
    pub fn touched(&mut self, view: &View<'_, '_>, page: ObjectId, reach: [f64; 4]) -> bool {
        let painted = self.page(view, page);
        self.spend(painted.spots.len()) || painted.touched(reach)
    }

    fn page(&mut self, view: &View<'_, '_>, page: ObjectId) -> Rc<Painted> {
        let known = self.pages.get(&page).cloned();
        known.unwrap_or_else(|| {
            let unread = |_| Painted {
                unread: true,
                ..Painted::default()
            };
            let painted = Rc::new(Painted::of_page(view, page).unwrap_or_else(unread));
            self.pages.insert(page, Rc::clone(&painted));
            painted
        })
    }

    /// Counts comparisons; `true` when there were too many to go on.
    pub(in crate::pdf) fn spend(&mut self, comparisons: usize) -> bool {
        self.spent = self.spent.saturating_add(comparisons);
        self.spent > limits::OVERLAPS
    }
}
