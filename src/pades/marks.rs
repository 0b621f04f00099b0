//! Where marks go when nobody says otherwise. Source: Decree 30/2020/NĐ-CP, Annex I.

use super::Error;
use super::times::printed_time;
use crate::domain::clock::Timestamp;
use crate::domain::text::composed;
use crate::pdf::{
    self, ByteSource, Document, FieldValue, Image, Mark, MarkContent, Page, PageChoice, Text, View,
};

/// Centre line of the signer's block as part of the page's width.
const BLOCK_CENTRE: f64 = 0.7257;

/// How many pages at the end are searched for the signer's block; appendices may follow it.
const SEARCHED_PAGES: usize = 20;

/// The person's handwritten signature: a blue picture between title and name, on the last page that
/// has such a gap. Where none is found, in the right half at the foot of the last page.
///
/// # Errors
/// When the file has no readable pages.
pub fn approve(source: &dyn ByteSource, image: Image) -> Result<Mark, Error> {
    let document = Document::open(source)?;
    let (page, _, rect_mm) = person_place(&document.latest(), image.aspect())?;
    Ok(Mark {
        page,
        rect_mm,
        content: MarkContent::Image(image),
    })
}

/// Page and box for a person's mark of these proportions.
fn person_place(view: &View<'_, '_>, aspect: f64) -> Result<(PageChoice, Page, [f64; 4]), Error> {
    let ids = pdf::page_ids(view)?;
    for (at, id) in ids.iter().enumerate().rev().take(SEARCHED_PAGES) {
        let page = pdf::page_of(view, *id)?;
        if let Some(gap) = pdf::signature_gap(view, &page) {
            let number = u32::try_from(at.saturating_add(1)).unwrap_or(u32::MAX);
            let rect = person_box(&page, aspect, gap);
            return Ok((PageChoice::Number(number), page, rect));
        }
    }
    let page = pdf::page(view, PageChoice::Last)?;
    let foot = page.size_mm()[1] * 0.16;
    let rect = person_box(&page, aspect, [foot, foot + 25.0]);
    Ok((PageChoice::Last, page, rect))
}

fn person_box(page: &Page, aspect: f64, [bottom, top]: [f64; 2]) -> [f64; 4] {
    let width = (50.0 / aspect).min(top - bottom).min(25.0) * aspect;
    let height = width / aspect;
    let x = page.size_mm()[0] * BLOCK_CENTRE - width / 2.0;
    inside(
        [x, bottom.midpoint(top) - height / 2.0, width, height],
        page,
    )
}

/// The agency's red seal in its real size, over the left third of the person's mark.
///
/// The real size is the PNG's own (`pHYs`), else a diameter of 36 mm. Without a visible person's
/// mark the seal goes where it would lie beside the default one.
///
/// # Errors
/// When the file's pages or fields cannot be read.
pub fn issue(source: &dyn ByteSource, image: Image) -> Result<Mark, Error> {
    let [width, height] = image
        .size_mm()
        .unwrap_or([36.0 * image.aspect().min(1.0), 36.0]);
    let document = Document::open(source)?;
    let person = person_mark(&document)?;
    let (number, page, [x, y, wide, high]) = match person {
        Some(found) => found,
        None => person_place(&document.latest(), 2.4)?,
    };
    let left = x + wide / 3.0 - width;
    let rect_mm = inside([left, y + high / 2.0 - height / 2.0, width, height], &page);
    Ok(Mark {
        page: number,
        rect_mm,
        content: MarkContent::Image(image),
    })
}

/// Text at the top right corner of the first page: on appendices the number of the main document,
/// on copies the form of copy and the agency; the signing time `at` as last line.
///
/// # Errors
/// `TEXT_UNUSABLE` when the font lacks a letter.
pub fn corner_lines(mut lines: Vec<String>, at: Timestamp) -> Result<Text, Error> {
    lines.push(printed_time(at));
    Ok(Text::lines(&lines)?)
}

/// The stamp of arrival: the agency, "ĐẾN", the arrival number and date.
/// Source: Decree 30/2020/NĐ-CP, Annex IV (paper stamp); the electronic one is practice.
///
/// # Errors
/// As [`corner_lines`].
pub fn arrival_stamp(agency: &str, number: &str, date: &str) -> Result<Text, Error> {
    let lines = [format!("Số: {number}"), format!("Ngày: {date}")];
    Ok(Text::stamp(&agency.to_uppercase(), "ĐẾN", &lines)?)
}

/// Puts `text` at the top right corner of the first page, in its own size where the page allows.
///
/// # Errors
/// When the file has no readable first page.
pub fn corner(source: &dyn ByteSource, text: Text) -> Result<Mark, Error> {
    let document = Document::open(source)?;
    let page = pdf::page(&document.latest(), PageChoice::First)?;
    let [page_width, page_height] = page.size_mm();
    let [width, height] = text.size_mm();
    let width = width.min(page_width - 20.0);
    let (left, bottom) = (page_width - 10.0 - width, page_height - 5.0 - height);
    let rect_mm = inside([left, bottom, width, height], &page);
    Ok(Mark {
        page: PageChoice::First,
        rect_mm,
        content: MarkContent::Text(text),
    })
}

/// Puts a stamp of arrival into the highest free place of the first page's upper half, as far left as
/// it goes, down to six tenths of its size; where no place is free, at the top left corner.
///
/// # Errors
/// As [`corner`].
pub fn arrival(source: &dyn ByteSource, text: Text) -> Result<Mark, Error> {
    let document = Document::open(source)?;
    let view = document.latest();
    let page = pdf::page(&view, PageChoice::First)?;
    let [_, page_height] = page.size_mm();
    let sizes = [1.0, 0.9, 0.8, 0.7, 0.6].map(|scale| text.size_mm().map(|side| side * scale));
    let fits = |size: &[f64; 2]| Some((pdf::free_place(&view, &page, *size)?, *size));
    let found = sizes.iter().find_map(fits);
    let [width, height] = found.map_or(text.size_mm(), |(_, size)| size);
    let corner = [8.0, page_height - 5.0 - height];
    let [left, bottom] = found.map_or(corner, |(place, _)| place);
    Ok(Mark {
        page: PageChoice::First,
        rect_mm: inside([left, bottom, width, height], &page),
        content: MarkContent::Text(text),
    })
}

/// Text of the document a mark is placed beside.
#[derive(Debug, Clone, Copy)]
pub struct Anchor<'a> {
    /// The text; white space in it does not count.
    pub text: &'a str,
    /// Where the mark goes.
    pub side: Side,
    /// The only page searched, from 1; `None` searches all.
    pub page: Option<u32>,
}

/// Where a mark stands beside a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Above it, centred.
    Above,
    /// Below it, centred.
    Below,
    /// Before it, at the same height.
    Left,
    /// After it, at the same height.
    Right,
    /// Over it, centred.
    Over,
}

/// Pages searched for a text.
const PAGES: usize = 500;

/// Puts `content` beside a text that is found exactly once, in `size` (millimetres) or its own.
///
/// # Errors
/// `ANCHOR_NOT_FOUND`, `ANCHOR_AMBIGUOUS`, `PAGE_UNKNOWN`, or when the pages cannot be read.
pub fn near(
    source: &dyn ByteSource,
    anchor: &Anchor<'_>,
    content: MarkContent,
    size: Option<[f64; 2]>,
) -> Result<Mark, Error> {
    let document = Document::open(source)?;
    let view = document.latest();
    let mut found = Vec::new();
    let pages = match anchor.page {
        Some(number) => vec![(number, pdf::page(&view, PageChoice::Number(number))?)],
        None => all_pages(&view)?,
    };
    for (number, page) in pages {
        let boxes = pdf::find_text(&view, &page, anchor.text, &composed)?;
        found.extend(boxes.into_iter().map(|place| (number, place)));
    }
    let unusable = |code, detail| pdf::Error::Unusable { code, detail };
    let (number, place) = match found.as_slice() {
        [one] => *one,
        [] => return Err(unusable("ANCHOR_NOT_FOUND", anchor.text.to_owned()).into()),
        several => {
            let pages: Vec<String> = several.iter().map(|(page, _)| page.to_string()).collect();
            return Err(unusable("ANCHOR_AMBIGUOUS", pages.join(", ")).into());
        }
    };
    let choice = PageChoice::Number(number);
    let page = pdf::page(&view, choice)?;
    let size = size.unwrap_or_else(|| own_size(&content));
    Ok(Mark {
        page: choice,
        rect_mm: inside(beside(place, anchor.side, size), &page),
        content,
    })
}

fn all_pages(view: &View<'_, '_>) -> Result<Vec<(u32, Page)>, Error> {
    let mut pages = Vec::new();
    for (number, id) in (1..).zip(pdf::page_ids(view)?.into_iter().take(PAGES)) {
        pages.push((number, pdf::page_of(view, id)?));
    }
    Ok(pages)
}

/// A picture's real size if it tells, else no more than 50 by 25 mm; a text's natural size.
fn own_size(content: &MarkContent) -> [f64; 2] {
    match content {
        MarkContent::Text(text) => text.size_mm(),
        MarkContent::Image(image) => image.size_mm().unwrap_or_else(|| {
            let width = (25.0 * image.aspect()).min(50.0);
            [width, width / image.aspect()]
        }),
    }
}

fn beside([x, y, width, height]: [f64; 4], side: Side, [wide, high]: [f64; 2]) -> [f64; 4] {
    const GAP: f64 = 2.0;
    let (centre, middle) = (x + width / 2.0 - wide / 2.0, y + height / 2.0 - high / 2.0);
    let (left, bottom) = match side {
        Side::Above => (centre, y + height + GAP),
        Side::Below => (centre, y - GAP - high),
        Side::Left => (x - GAP - wide, middle),
        Side::Right => (x + width + GAP, middle),
        Side::Over => (centre, middle),
    };
    [left, bottom, wide, high]
}

/// Page and box of the last visible signature.
fn person_mark(document: &Document<'_>) -> Result<Option<(PageChoice, Page, [f64; 4])>, Error> {
    let view = document.latest();
    let ids = pdf::page_ids(&view)?;
    for field in pdf::fields(&view)?.signatures.iter().rev() {
        if !matches!(field.value, FieldValue::Signature(_)) {
            continue;
        }
        let Some(widget) = field.widgets.first() else {
            continue;
        };
        let Some(widget) = view.load(*widget)? else {
            continue;
        };
        let dictionary = widget.dictionary()?;
        let rect = dictionary
            .get(b"Rect")
            .and_then(|rect| pdf::rectangle(&view, rect));
        let Some([left, bottom, right, top]) = rect else {
            continue;
        };
        let place = dictionary
            .reference(b"P")
            .and_then(|id| ids.iter().position(|one| *one == id));
        let (Some(place), true) = (place, right - left > 1.0 && top - bottom > 1.0) else {
            continue;
        };
        let number = u32::try_from(place.saturating_add(1)).unwrap_or(u32::MAX);
        let choice = PageChoice::Number(number);
        let page = pdf::page(&view, choice)?;
        let seen = page.as_seen([left, bottom, right, top]);
        return Ok(Some((choice, page, seen)));
    }
    Ok(None)
}

/// Moved, and made smaller if it must be, so that it lies on the page.
fn inside([x, y, width, height]: [f64; 4], page: &Page) -> [f64; 4] {
    let [page_width, page_height] = page.size_mm();
    let (width, height) = (width.min(page_width), height.min(page_height));
    [
        x.clamp(0.0, page_width - width),
        y.clamp(0.0, page_height - height),
        width,
        height,
    ]
}
