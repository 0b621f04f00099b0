//! A second opinion on the structure of small files: another reader must see as many pages and
//! form fields. Where two readers disagree about a file, nobody knows what was signed.

use super::document::Document;
use super::error::Error;
use super::fields::fields;
use super::source::ByteSource;

/// What a reader sees of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    pages: usize,
    /// References in the form's `/Fields`.
    fields: usize,
}

/// How another reader's opinion differs.
#[derive(Debug)]
pub struct Disagreement {
    /// What this program sees.
    pub own: String,
    /// What the other reader sees, or why it reads nothing.
    pub other: String,
}

/// What another reader sees differently in a document of `pages` pages; `None` when both agree, and
/// for files that get no second opinion.
///
/// # Errors
/// When the form cannot be read by this program.
pub fn disagreement(document: &Document<'_>, pages: usize) -> Result<Option<Disagreement>, Error> {
    let fields = fields(&document.latest())?.top_level;
    let own = Counts { pages, fields };
    let other = match second_opinion(document.source()) {
        Ok(None) => return Ok(None),
        Ok(Some(counts)) if counts == own => return Ok(None),
        Ok(Some(counts)) => format!("{counts:?}"),
        Err(fault) => fault.to_string(),
    };
    let own = format!("{own:?}");
    Ok(Some(Disagreement { own, other }))
}

/// Files above this size get no second opinion.
pub(super) const LARGEST: u64 = 20 << 20;

/// Whether a file of `size` bytes gets a second opinion.
#[must_use]
pub const fn gets_second_opinion(size: u64) -> bool {
    size <= LARGEST
}

/// What the other reader sees; `None` for a file above [`LARGEST`].
///
/// # Errors
/// `SECOND_READER_FAILED` when it cannot read the file.
fn second_opinion(source: &dyn ByteSource) -> Result<Option<Counts>, Error> {
    let size = source.size();
    if !gets_second_opinion(size) {
        return Ok(None);
    }
    let read;
    let bytes = match source.in_memory() {
        Some(bytes) => bytes,
        None => {
            read = super::source::window(source, 0, size)?;
            &read
        }
    };
    let failed = |detail: String| Error::Unusable {
        code: "SECOND_READER_FAILED",
        detail,
    };
    let load = |strict| {
        let max_decompressed_size = Some(super::limits::INFLATED_BYTES);
        let options = lopdf::LoadOptions {
            strict,
            max_decompressed_size,
            ..Default::default()
        };
        lopdf::Document::load_mem_with_options(bytes, options)
    };
    let document = match load(true) {
        Ok(document) => document,
        Err(_) => load(false).map_err(|fault| failed(fault.to_string()))?,
    };
    if document.xref_recovery.is_some() {
        return Err(failed("the other reader had to repair the file".to_owned()));
    }
    let fields = || {
        let form = document
            .catalog()
            .ok()?
            .get_deref(b"AcroForm", &document)
            .ok()?;
        let fields = form.as_dict().ok()?.get_deref(b"Fields", &document).ok()?;
        Some(fields.as_array().ok()?.len())
    };
    Ok(Some(Counts {
        pages: document.get_pages().len(),
        fields: fields().unwrap_or(0),
    }))
}
