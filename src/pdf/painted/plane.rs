//! Points, boxes and matrices of a plane. Source: ISO 32000-2, 8.3.

/// Left, bottom, right and top.
pub(in crate::pdf) type Box4 = [f64; 4];
/// A transformation as ISO 32000-2 writes it.
pub(super) type Matrix = [f64; 6];

/// The transformation that changes nothing.
pub(super) const UNIT: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
/// The box of something that may be anywhere.
pub(in crate::pdf) const EVERYWHERE: Box4 = [-1e9, -1e9, 1e9, 1e9];

/// Where a point comes to lie.
pub(super) fn apply([a, b, c, d, e, f]: Matrix, (x, y): (f64, f64)) -> (f64, f64) {
    (a * x + c * y + e, b * x + d * y + f)
}

/// `first` applied before `second`.
pub(super) fn multiply(first: Matrix, second: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = first;
    let [g, h, i, j, _, _] = second;
    let (x, y) = apply(second, (e, f));
    [
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        x,
        y,
    ]
}

/// The box around a transformed box.
pub(super) fn boxed(matrix: Matrix, [left, bottom, right, top]: Box4) -> Box4 {
    let corners = [(left, bottom), (right, bottom), (right, top), (left, top)];
    let moved = corners.map(|corner| apply(matrix, corner));
    moved.into_iter().fold(
        [
            f64::INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NEG_INFINITY,
        ],
        |[l, b, r, t], (x, y)| [l.min(x), b.min(y), r.max(x), t.max(y)],
    )
}

/// The box around both.
pub(in crate::pdf) fn union([l, b, r, t]: Box4, [left, bottom, right, top]: Box4) -> Box4 {
    [l.min(left), b.min(bottom), r.max(right), t.max(top)]
}

/// What both share; left of right or bottom above top when nothing.
pub(super) fn intersection([l, b, r, t]: Box4, [left, bottom, right, top]: Box4) -> Box4 {
    [l.max(left), b.max(bottom), r.min(right), t.min(top)]
}

/// The box with `by` more on each side.
pub(in crate::pdf) fn widened([l, b, r, t]: Box4, by: f64) -> Box4 {
    [l - by, b - by, r + by, t + by]
}

/// Whether two boxes share more than `border` of each other.
pub(in crate::pdf) fn overlap(
    [l, b, r, t]: Box4,
    [left, bottom, right, top]: Box4,
    border: f64,
) -> bool {
    l + border < right && left + border < r && b + border < top && bottom + border < t
}

/// How much longer a length can become at most.
pub(super) fn stretch([a, b, c, d, _, _]: Matrix) -> f64 {
    (a.abs() + c.abs()).max(b.abs() + d.abs())
}
