//! Reads every object of a file once: what no signature check touches may still be read by a viewer,
//! and one that repairs what is crooked would show something else than one that does not.
//! Source: ISO 32000-2, 7.3.8 and 7.5.4; the parser differentials of "Shadow Attacks" (NDSS 2021).

use super::document::{Document, View};
use super::error::{Error, malformed};
use super::indirect::Indirect;
use super::object::ObjectId;
use super::xref::Entry;

/// Checks that each entry of each revision leads to its object, whole, and each stream to its
/// `endstream`. The objects are not kept.
///
/// # Errors
/// The first that does not, in order of revisions and of places.
pub fn sweep(document: &Document<'_>) -> Result<(), Error> {
    for (number, revision) in document.revisions().iter().enumerate() {
        let view = document.as_of(number);
        // In order of places: each object stream is inflated once.
        let mut entries: Vec<(u32, Entry)> = revision.entries().collect();
        entries.sort_unstable_by_key(|(_, entry)| match entry {
            Entry::Free => (0, 0),
            Entry::InUse { offset, .. } => (*offset, 0),
            Entry::Compressed { stream, index } => (u64::from(*stream), *index),
        });
        let size = size(&revision.trailer_object().object);
        for (number, entry) in entries {
            if size.is_some_and(|size| i64::from(number) >= size) {
                let expected = "object numbers below /Size";
                return Err(malformed("XREF_MALFORMED", revision.xref_offset, expected));
            }
            check(&view, number, entry)?;
        }
    }
    Ok(())
}

fn size(trailer: &super::object::Object) -> Option<i64> {
    trailer.as_dictionary()?.integer(b"Size")
}

fn check(view: &View<'_, '_>, number: u32, entry: Entry) -> Result<(), Error> {
    let generation = match entry {
        Entry::Free => return Ok(()),
        Entry::InUse { generation, .. } => generation,
        Entry::Compressed { .. } => 0,
    };
    let object: Indirect = view.read(ObjectId { number, generation }, entry)?;
    if object.stream_start.is_some() {
        view.stream_span(&object)?;
    }
    Ok(())
}
