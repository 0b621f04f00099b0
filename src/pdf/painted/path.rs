//! Paths under construction, in the space of the page. Source: ISO 32000-2, 8.5.2.

use super::plane::{Box4, Matrix, apply, union};

/// Points a rectangle or a line has at most.
const FRAME: usize = 5;

/// One part of a path.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) place: Box4,
    points: usize,
    /// Whether every segment runs along an axis.
    along: bool,
    first: (f64, f64),
    last: (f64, f64),
    /// Whether it only begins where another part ended.
    again: bool,
}

impl Part {
    const fn new((x, y): (f64, f64)) -> Self {
        Self {
            place: [x, y, x, y],
            points: 1,
            along: true,
            first: (x, y),
            last: (x, y),
            again: false,
        }
    }

    const fn again(first: (f64, f64)) -> Self {
        Self {
            again: true,
            ..Self::new(first)
        }
    }

    fn line(&mut self, (x, y): (f64, f64)) {
        let (from_x, from_y) = self.last;
        self.along &= (x - from_x).abs() < 1e-3 || (y - from_y).abs() < 1e-3;
        self.place = union(self.place, [x, y, x, y]);
        self.points = self.points.saturating_add(1);
        self.last = (x, y);
    }

    /// Whether it is a rectangle or a line along an axis.
    pub(super) const fn is_frame(&self) -> bool {
        self.along && self.points <= FRAME
    }

    /// Whether it is drawn with few straight lines.
    pub(super) const fn is_plain(&self) -> bool {
        self.points <= FRAME + 3
    }
}

/// A path.
#[derive(Default)]
pub(super) struct Path {
    pub(super) parts: Vec<Part>,
    open: Option<Part>,
}

impl Path {
    /// Takes one operator that builds paths; `false` when it cannot be understood.
    pub(super) fn step(&mut self, operator: &str, numbers: &[f64], ctm: Matrix) -> bool {
        let at = |x: f64, y: f64| apply(ctm, (x, y));
        match (operator, numbers) {
            ("m", [x, y]) => {
                self.end();
                self.open = Some(Part::new(at(*x, *y)));
                true
            }
            ("l", [x, y]) => self.to(&[at(*x, *y)]),
            ("c", [a, b, c, d, e, f]) => self.to(&[at(*a, *b), at(*c, *d), at(*e, *f)]),
            ("v" | "y", [a, b, c, d]) => self.to(&[at(*a, *b), at(*c, *d), at(*c, *d)]),
            ("h", []) => {
                let again = self.open.map(|open| Part::again(open.first));
                self.end();
                self.open = again;
                true
            }
            ("re", [x, y, width, height]) => {
                self.end();
                let mut part = Part::new(at(*x, *y));
                part.line(at(x + width, *y));
                part.line(at(x + width, y + height));
                part.line(at(*x, y + height));
                self.parts.push(part);
                self.open = Some(Part::again(part.first));
                true
            }
            _ => false,
        }
    }

    fn to(&mut self, points: &[(f64, f64)]) -> bool {
        let Some(open) = self.open.as_mut() else {
            return false;
        };
        points.iter().for_each(|point| open.line(*point));
        // A curve is no frame, whatever its points.
        if points.len() > 1 {
            open.along = false;
            open.points = open.points.max(FRAME + 4);
        }
        true
    }

    fn end(&mut self) {
        let open = self.open.take();
        self.parts
            .extend(open.filter(|part| part.points > 1 || !part.again));
    }

    /// Its parts; a new path begins.
    pub(super) fn take(&mut self) -> Vec<Part> {
        self.end();
        std::mem::take(&mut self.parts)
    }

    /// How many parts it has.
    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }
}
