//! What a file is, before anything is done with it.

use super::Error;
use crate::pdf::{self, ByteSource, Document};

/// What a look at a file showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inspected {
    /// Pages.
    pub pages: usize,
    /// Signature fields.
    pub signatures: usize,
}

/// Looks at a file: its revisions, page tree and form are read strictly, nothing is judged.
///
/// # Errors
/// [`Error::Pdf`] for anything that cannot be signed: not a PDF, empty, damaged, encrypted.
pub fn inspect(source: &dyn ByteSource) -> Result<Inspected, Error> {
    let document = Document::open(source)?;
    let view = document.latest();
    let pages = pdf::page_ids(&view)?.len();
    Ok(Inspected {
        pages,
        signatures: pdf::fields(&view)?.signatures.len(),
    })
}
