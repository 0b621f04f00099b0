//! Finds the free place for a handwritten signature: the gap between the signer's title and name
//! in the right half of a page. Only a proposal for a mark, never part of a judgement.
//! Source: Decree 30/2020/NĐ-CP, Annex I (boxes 7b and 7c).

use lopdf::content::{Content, Operation};

use super::document::View;
use super::error::Error;
use super::filter;
use super::object::Object;
use super::pages::Page;

type Matrix = [f64; 6];

const UNIT: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
/// Content streams larger than this are not searched.
const LARGEST: usize = 8 << 20;
/// Heights of a gap that can hold a signature, in millimetres.
const HEIGHTS: std::ops::RangeInclusive<f64> = 20.0..=46.0;
/// Where the signer's block begins, as part of the page's width.
const BLOCK: f64 = 0.45;

/// Bottom and top of the lowest such gap in millimetres as the page is seen: from above the name's
/// letters to below the title's. `None` when the page shows none or its text cannot be read.
#[must_use]
pub fn signature_gap(view: &View<'_, '_>, page: &Page) -> Option<[f64; 2]> {
    let content = content(view, page).ok()?;
    let operations = Content::decode(&content).ok()?.operations;
    let mut points = Vec::new();
    let mut state = State {
        ctm: UNIT,
        saved: Vec::new(),
        text: UNIT,
        line: UNIT,
        leading: 0.0,
    };
    for operation in &operations {
        state.step(operation, &mut points);
    }
    let seen = |[x, y]: [f64; 2]| {
        let [x, y, _, _] = page.as_seen([x, y, x, y]);
        (x, y)
    };
    let points: Vec<(f64, f64)> = points.into_iter().map(seen).collect();
    lowest_gap(&points, page.size_mm())
}

fn content(view: &View<'_, '_>, page: &Page) -> Result<Vec<u8>, Error> {
    let entry = page
        .object
        .dictionary()?
        .get(b"Contents")
        .cloned()
        .unwrap_or(Object::Null);
    let parts = match view.resolve(&entry)? {
        Object::Array(items) => items.into_iter().map(|item| item.object).collect(),
        _ => vec![entry],
    };
    let mut all = Vec::new();
    for part in parts {
        let Some(stream) = part
            .as_reference()
            .map(|id| view.load(id))
            .transpose()?
            .flatten()
        else {
            continue;
        };
        let data = view.stream_data(&stream)?;
        all.extend(filter::decode(stream.dictionary()?, data, stream.offset())?);
        all.push(b'\n');
        if all.len() > LARGEST {
            let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX);
            return Err(Error::Limit {
                what: "bytes of page content",
                limit,
            });
        }
    }
    Ok(all)
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

struct State {
    ctm: Matrix,
    saved: Vec<Matrix>,
    text: Matrix,
    line: Matrix,
    leading: f64,
}

impl State {
    fn step(&mut self, operation: &Operation, points: &mut Vec<[f64; 2]>) {
        let number = |at: usize| {
            let operand = operation
                .operands
                .get(at)
                .and_then(|operand| operand.as_float().ok());
            operand.map_or(0.0, f64::from)
        };
        let matrix = || {
            [
                number(0),
                number(1),
                number(2),
                number(3),
                number(4),
                number(5),
            ]
        };
        match operation.operator.as_str() {
            "q" if self.saved.len() < 64 => self.saved.push(self.ctm),
            "Q" => self.ctm = self.saved.pop().unwrap_or(self.ctm),
            "cm" => self.ctm = multiply(matrix(), self.ctm),
            "BT" => self.begin(UNIT),
            "Tm" => self.begin(matrix()),
            "TL" => self.leading = number(0),
            "Td" => self.advance(number(0), number(1)),
            "TD" => {
                self.leading = -number(1);
                self.advance(number(0), number(1));
            }
            "T*" => self.advance(0.0, -self.leading),
            "Tj" | "TJ" => self.show(points),
            "'" | "\"" => {
                self.advance(0.0, -self.leading);
                self.show(points);
            }
            _ => {}
        }
    }

    const fn begin(&mut self, at: Matrix) {
        self.text = at;
        self.line = at;
    }

    fn advance(&mut self, x: f64, y: f64) {
        self.begin(multiply([1.0, 0.0, 0.0, 1.0, x, y], self.line));
    }

    fn show(&self, points: &mut Vec<[f64; 2]>) {
        let [_, _, _, _, x, y] = multiply(self.text, self.ctm);
        if points.len() < 100_000 {
            points.push([x, y]);
        }
    }
}

/// `first` applied before `second`.
fn multiply(first: Matrix, second: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = first;
    let [g, h, i, j, k, l] = second;
    [
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + l,
    ]
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
