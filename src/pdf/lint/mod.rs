//! What in a file could later be used against its first signature: layers, active content, hidden
//! page trees, objects nobody refers to, annotations over text, fields that show something else than
//! they hold. Only noticed, never repaired. Source: "Shadow Attacks" (NDSS 2021), section VI.
//!
//! Files in reading order: `objects`, `shown`.

mod objects;
mod shown;

use super::document::Document;
use super::error::Error;
use super::fields::{FieldValue, fields};
use super::object::Object;
use super::source::{ByteSource, window};

/// Something worth a look before signing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Stable code such as `LAYERS_PRESENT`.
    pub code: &'static str,
    /// The object concerned, 0 for the file as a whole.
    pub object: u32,
    /// The byte where it begins, 0 when it has no place of its own.
    pub offset: u64,
    /// The page it is seen on, from 1; 0 for none.
    pub page: usize,
    /// A count or a name that says more.
    pub detail: String,
}

impl Notice {
    pub(super) fn new(code: &'static str, object: u32, offset: u64) -> Self {
        Self {
            code,
            object,
            offset,
            page: 0,
            detail: String::new(),
        }
    }

    pub(super) fn saying(self, detail: impl ToString) -> Self {
        Self {
            detail: detail.to_string(),
            ..self
        }
    }

    pub(super) fn on(self, page: usize) -> Self {
        Self { page, ..self }
    }
}

/// Notices of one kind that are listed; the rest says the same again.
const OF_ONE_KIND: usize = 20;

/// Everything noticed about `document`, in a fixed order.
///
/// # Errors
/// When an object cannot be read.
pub fn lint(document: &Document<'_>) -> Result<Vec<Notice>, Error> {
    let view = document.latest();
    let mut found = Vec::new();
    let signed = fields(&view)?
        .signatures
        .iter()
        .any(|field| field.value != FieldValue::Empty);
    let revisions = document.revisions().len();
    if revisions > 1 && !signed {
        let notice = Notice::new("EARLIER_UPDATES", 0, 0);
        found.push(notice.saying(revisions.saturating_sub(1)));
    }
    if document.trailing_bytes() > 0 {
        let end = document.revisions().last().map_or(0, |last| last.end);
        found.push(Notice::new("TRAILING_BYTES", 0, end));
    }
    let catalog = view.catalog()?;
    let entries = catalog.dictionary()?;
    if let Some(layers) = entries.get(b"OCProperties") {
        let number = layers
            .as_reference()
            .map_or(catalog.id.number, |id| id.number);
        found.push(Notice::new("LAYERS_PRESENT", number, catalog.offset()));
    }
    let opens = view.value(entries, b"OpenAction")?;
    if opens
        .as_dictionary()
        .is_some_and(|action| !action.is_name(b"S", b"GoTo"))
    {
        let notice = Notice::new("ACTIVE_CONTENT", catalog.id.number, catalog.offset());
        found.push(notice.saying("OpenAction"));
    }
    let form = view.value(entries, b"AcroForm")?;
    let xfa = form.as_dictionary().and_then(|form| form.get(b"XFA"));
    if xfa.is_some_and(|xfa| *xfa != Object::Null) {
        let notice = Notice::new("ACTIVE_CONTENT", catalog.id.number, catalog.offset());
        found.push(notice.saying("XFA"));
    }
    objects::lint(document, &mut found)?;
    shown::lint(&view, &mut found)?;
    Ok(shortened(found))
}

/// At most [`OF_ONE_KIND`] notices of each code.
fn shortened(found: Vec<Notice>) -> Vec<Notice> {
    let mut counts = std::collections::BTreeMap::new();
    let mut kept = found;
    kept.retain(|notice| {
        let count = counts.entry(notice.code).or_insert(0_usize);
        *count = count.saturating_add(1);
        *count <= OF_ONE_KIND
    });
    kept
}

/// Where `%PDF-` stands when it is not at the first byte but soon after it.
///
/// # Errors
/// When the source fails.
pub fn late_header(source: &dyn ByteSource) -> Result<Option<u64>, Error> {
    const WORD: &[u8] = b"%PDF-";
    let bytes = window(source, 0, 1_024)?;
    let at = bytes.windows(WORD.len()).position(|piece| piece == WORD);
    Ok(at
        .filter(|at| *at > 0)
        .and_then(|at| u64::try_from(at).ok()))
}
