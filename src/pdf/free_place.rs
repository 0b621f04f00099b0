//! Finds a free place for a stamp in the upper half of a page. Only a proposal for a mark, never
//! part of a judgement.

use super::document::View;
use super::page_text::page_text;
use super::pages::Page;

/// How far candidates are apart, in millimetres.
const STEP: f64 = 2.0;
/// Free space kept to the edges of the page and around the stamp, in millimetres.
const EDGE: f64 = 4.0;
const AROUND: f64 = 1.0;

/// Lower left corner (millimetres as seen) of the highest place of the page's upper half, as far
/// left as it goes, where a box of `width` by `height` covers no text. `None` when there is none or
/// the page cannot be read.
#[must_use]
pub fn free_place(view: &View<'_, '_>, page: &Page, [width, height]: [f64; 2]) -> Option<[f64; 2]> {
    let text = page_text(view, page).ok()?;
    let [page_width, page_height] = page.size_mm();
    let mut bottom = page_height - EDGE - height;
    while bottom > page_height / 2.0 {
        let mut left = EDGE;
        while left + width <= page_width - EDGE {
            let (x, y) = (left - AROUND, bottom - AROUND);
            let (wide, high) = (width + 2.0 * AROUND, height + 2.0 * AROUND);
            if !text.touches(page.to_user_space([x, y, wide, high])) {
                return Some([left, bottom]);
            }
            left += STEP;
        }
        bottom -= STEP;
    }
    None
}
