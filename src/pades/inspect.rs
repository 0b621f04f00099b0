//! What a file is, before anything is done with it.

use super::Error;
use crate::domain::secrecy;
use crate::domain::text::composed;
use crate::pdf::{self, ByteSource, Document, Page, View};

/// What a look at a file showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inspected {
    /// Pages.
    pub pages: usize,
    /// Signature fields.
    pub signatures: usize,
    /// The secrecy marking on the first page, if it shows one that can be read.
    pub marking: Option<&'static str>,
}

/// Looks at a file: its revisions, page tree and form are read strictly, nothing is judged.
///
/// # Errors
/// [`Error::Pdf`] for anything that cannot be signed: not a PDF, empty, damaged, encrypted.
pub fn inspect(source: &dyn ByteSource) -> Result<Inspected, Error> {
    let document = Document::open(source)?;
    let view = document.latest();
    let pages = pdf::page_ids(&view)?;
    let first = pages.first().and_then(|id| pdf::page_of(&view, *id).ok());
    Ok(Inspected {
        pages: pages.len(),
        signatures: pdf::fields(&view)?.signatures.len(),
        marking: first.and_then(|page| marking(&view, &page)),
    })
}

/// The secrecy marking on the first page of a file, if it shows one that can be read.
#[must_use]
pub fn secrecy_marking(source: &dyn ByteSource) -> Option<&'static str> {
    let document = Document::open(source).ok()?;
    let view = document.latest();
    let first = *pdf::page_ids(&view).ok()?.first()?;
    marking(&view, &pdf::page_of(&view, first).ok()?)
}

/// The secrecy marking `page` shows. A page whose text cannot be read shows none, like a picture.
fn marking(view: &View<'_, '_>, page: &Page) -> Option<&'static str> {
    let segments = pdf::page_segments(view, page, &composed).ok()?;
    let segments: Vec<(usize, &str)> = segments
        .iter()
        .map(|segment| (segment.line, segment.text.as_str()))
        .collect();
    secrecy::page_marking(&segments)
}
