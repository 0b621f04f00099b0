//! Finds where a text stands on a page, to place a mark beside it, and reads the lines a page or a
//! mark shows. Text in fonts that do not tell their letters, and text in pictures, is not found.

use super::document::View;
use super::error::Error;
use super::object::{Dictionary, ObjectId};
use super::pages::Page;
use super::text_walk::{Letter, Normal, form_letters, page_letters};

/// How far apart base lines of one line of text may be, in millimetres.
const SAME_LINE: f64 = 0.7;

/// The boxes (x, y, width, height in millimetres as the page is seen) of every place where the page
/// shows `wanted`, white space not counted.
///
/// # Errors
/// When the page's content cannot be read.
pub fn find_text(
    view: &View<'_, '_>,
    page: &Page,
    wanted: &str,
    normal: Normal<'_>,
) -> Result<Vec<[f64; 4]>, Error> {
    let mut letters = page_letters(view, page, normal)?;
    Ok(matches(&mut letters, &normal(wanted)))
}

/// Lines of letters from left to right, searched one by one.
fn matches(letters: &mut [Letter], wanted: &str) -> Vec<[f64; 4]> {
    let wanted: Vec<char> = wanted.chars().filter(|c| !c.is_whitespace()).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<[f64; 4]> = Vec::new();
    for line in lines_of(letters) {
        for window in line.windows(wanted.len()) {
            if window
                .iter()
                .map(|letter| letter.text)
                .eq(wanted.iter().copied())
            {
                found.extend(around(window));
            }
        }
    }
    found
}

fn around(letters: &[Letter]) -> Option<[f64; 4]> {
    let [x, y, ..] = letters.first()?.place;
    let [last, _, width, _] = letters.last()?.place;
    let high = letters.iter().map(|one| one.place[3]).fold(0.0, f64::max);
    Some([x, y, last + width - x, high])
}

/// Lines from top to bottom, each with its letters from left to right.
fn lines_of(letters: &mut [Letter]) -> Vec<&[Letter]> {
    letters.sort_by(|one, two| two.place[1].total_cmp(&one.place[1]));
    let same = |one: &Letter, two: &Letter| (one.place[1] - two.place[1]).abs() <= SAME_LINE;
    let lines = letters.chunk_by_mut(same).map(|line| {
        line.sort_by(|one, two| one.place[0].total_cmp(&two.place[0]));
        &*line
    });
    lines.collect()
}

/// Letters of one line that stand together, words apart by one space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The text.
    pub text: String,
    /// The line it stands in, from the top; two columns share their lines.
    pub line: usize,
}

/// Part of a letter's height that is a space, and that separates columns.
const SPACE: f64 = 0.2;
const COLUMN: f64 = 2.2;

/// What a page shows, line by line, and after it what each of its annotations shows.
///
/// # Errors
/// When the page's content cannot be read. An annotation that cannot be read shows nothing.
pub fn page_segments(
    view: &View<'_, '_>,
    page: &Page,
    normal: Normal<'_>,
) -> Result<Vec<Segment>, Error> {
    let mut found = segments(&mut page_letters(view, page, normal)?, 0);
    let listed = view.value(page.object.dictionary()?, b"Annots")?;
    for annotation in listed
        .as_array()
        .unwrap_or_default()
        .iter()
        .take(ANNOTATIONS)
    {
        let Ok(annotation) = view.resolve(&annotation.object) else {
            continue;
        };
        let Some(form) = annotation
            .as_dictionary()
            .and_then(|one| appearance(view, one))
        else {
            continue;
        };
        let first = found.last().map_or(0, |last| last.line.saturating_add(2));
        if let Ok(mut letters) = form_letters(view, form, normal) {
            found.extend(segments(&mut letters, first));
        }
    }
    Ok(found)
}

/// Annotations read on one page.
const ANNOTATIONS: usize = 500;

/// The stream an annotation shows by default.
fn appearance(view: &View<'_, '_>, annotation: &Dictionary) -> Option<ObjectId> {
    view.value(annotation, b"AP")
        .ok()?
        .as_dictionary()?
        .reference(b"N")
}

/// What the appearance of the annotation or field `widget` shows, line by line.
///
/// # Errors
/// When its content cannot be read.
pub fn widget_segments(
    view: &View<'_, '_>,
    widget: &Dictionary,
    normal: Normal<'_>,
) -> Result<Vec<Segment>, Error> {
    let Some(form) = appearance(view, widget) else {
        return Ok(Vec::new());
    };
    Ok(segments(&mut form_letters(view, form, normal)?, 0))
}

fn segments(letters: &mut [Letter], first: usize) -> Vec<Segment> {
    let mut found = Vec::new();
    for (line, letters) in (first..).zip(lines_of(letters)) {
        let mut text = String::new();
        let mut end: Option<f64> = None;
        for letter in letters {
            let [x, _, width, height] = letter.place;
            let gap = end.map_or(0.0, |end| x - end);
            if gap > height * COLUMN {
                found.push(Segment {
                    text: std::mem::take(&mut text),
                    line,
                });
            } else if gap > height * SPACE {
                text.push(' ');
            }
            text.push(letter.text);
            end = Some(x + width);
        }
        found.push(Segment { text, line });
    }
    found
}
