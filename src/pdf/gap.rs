//! Finds the free place for a handwritten signature: the gap between the signer's title and name
//! in the right half of a page. Only a proposal for a mark, never part of a judgement.
//! Source: Decree 30/2020/NĐ-CP, Annex I (boxes 7b and 7c).

use super::document::View;
use super::page_text::{Piece, page_text};
use super::pages::Page;

/// Heights of a gap that can hold a signature, in millimetres.
const HEIGHTS: std::ops::RangeInclusive<f64> = 20.0..=46.0;
/// Where the signer's block begins, as part of the page's width.
const BLOCK: f64 = 0.45;

/// Bottom and top of the lowest such gap in millimetres as the page is seen: from above the name's
/// letters to below the title's. `None` when the page shows none or its text cannot be read.
#[must_use]
pub fn signature_gap(view: &View<'_, '_>, page: &Page) -> Option<[f64; 2]> {
    let pieces = page_text(view, page).ok()?.pieces;
    let seen = |piece: &Piece| {
        let [x, y, _, _] = page.as_seen([piece.x, piece.y, piece.x, piece.y]);
        (x, y)
    };
    let points: Vec<(f64, f64)> = pieces.iter().map(seen).collect();
    lowest_gap(&points, page.size_mm())
}

fn lowest_gap(points: &[(f64, f64)], [width, height]: [f64; 2]) -> Option<[f64; 2]> {
    let on_page = |(x, y): &&(f64, f64)| (0.0..=width).contains(x) && (0.0..=height).contains(y);
    let points: Vec<_> = points.iter().filter(on_page).copied().collect();
    let block = points.iter().filter(|(x, _)| *x >= width * BLOCK);
    let mut rows: Vec<f64> = block.map(|(_, y)| *y).collect();
    rows.sort_by(f64::total_cmp);
    rows.dedup_by(|one, two| (*one - *two).abs() < 0.3);
    for pair in rows.windows(2) {
        let [name, title] = pair else { continue };
        let alone = |y: f64| {
            !points
                .iter()
                .any(|(x, at)| *x < width * BLOCK && (at - y).abs() < 0.3)
        };
        if HEIGHTS.contains(&(title - name)) && alone(*name) {
            // Letters rise about 4 mm above their line and reach 1.5 mm below it.
            return Some([name + 5.0, title - 2.0]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_between_title_and_name_is_found() {
        let body = [(30.0, 200.0), (120.0, 200.0)];
        let block = [
            (30.0, 180.0),
            (125.0, 181.0),
            (140.0, 175.0),
            (138.0, 145.0),
        ];
        let footer = [(70.0, 20.0), (110.0, 20.0)];
        let points: Vec<_> = body.into_iter().chain(block).chain(footer).collect();
        assert_eq!(lowest_gap(&points, [210.0, 297.0]), Some([150.0, 173.0]));
        assert_eq!(lowest_gap(&body, [210.0, 297.0]), None);
    }
}
