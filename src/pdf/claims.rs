//! Whether what was appended to a signed file holds anything its cross-reference sections do not
//! list. A reader that repairs files looks for objects wherever they might stand; one planted
//! between the others, in a stream or in a comment would be shown by it and by nobody else.
//! Source: ISO 32000-2, 7.5.6; the parser differentials of "Shadow Attacks" (NDSS 2021).

use std::collections::HashSet;
use std::ops::Range;

use super::document::{Document, View};
use super::error::{Error, malformed};
use super::limits;
use super::parser::is_blank;
use super::source::window;
use super::xref::{self, Entry};

const NOTHING_ELSE: &str = "nothing but the objects the cross-reference lists";

/// Checks every revision after `first`: its bytes are the objects it lists, its cross-reference
/// section and white space, and nothing in them looks like a further object or trailer.
///
/// # Errors
/// `XREF_MALFORMED` at the first byte nobody claims; or an object that cannot be read.
pub fn check_claims(document: &Document<'_>, first: usize) -> Result<(), Error> {
    let later = first.saturating_add(1)..document.revisions().len();
    later.into_iter().try_for_each(|number| {
        let view = document.as_of(number);
        check_streams(&view)?;
        check_bytes(&view)
    })
}

fn unclaimed(offset: u64) -> Error {
    malformed("XREF_MALFORMED", offset, NOTHING_ELSE)
}

/// Every byte of the revision belongs to one object or to the section.
fn check_bytes(view: &View<'_, '_>) -> Result<(), Error> {
    let revision = view.revision()?;
    let mut objects = Vec::new();
    for (number, entry) in revision.entries() {
        // One listed again where it stood before is judged by what it says.
        let Entry::InUse { offset, .. } = entry else {
            continue;
        };
        if offset >= revision.start && offset != revision.xref_offset {
            objects.push(span(view, number, entry, offset)?);
        }
    }
    for object in &objects {
        check_inside(view, object)?;
    }
    objects.push(revision.xref_offset..revision.marker_end);
    objects.sort_unstable_by_key(|object| object.start);
    let mut at = revision.start;
    for object in objects {
        if object.start < at {
            return Err(unclaimed(object.start));
        }
        check_gap(view, at..object.start)?;
        at = object.end;
    }
    check_gap(view, at..revision.end)
}

/// From the first digit of the object to the end of `endobj`.
fn span(view: &View<'_, '_>, number: u32, entry: Entry, offset: u64) -> Result<Range<u64>, Error> {
    let id = super::changes::id_of(number, entry).ok_or(unclaimed(offset))?;
    let object = view.read(id, entry)?;
    let end = match object.stream_start {
        None => offset.saturating_add(u64::try_from(object.raw.len()).unwrap_or(u64::MAX)),
        Some(_) => {
            let (start, length) = view.stream_span(&object)?;
            xref::stream_end(view.document().source(), start, length)?
        }
    };
    Ok(offset..end)
}

fn bytes(view: &View<'_, '_>, range: &Range<u64>) -> Result<Vec<u8>, Error> {
    let length = range.end.saturating_sub(range.start);
    let limit = limits::OBJECT_BYTES;
    if length > limit {
        let what = "bytes of an object added after a signature";
        return Err(Error::Limit { what, limit });
    }
    window(view.document().source(), range.start, length)
}

/// Between objects stands white space only.
fn check_gap(view: &View<'_, '_>, gap: Range<u64>) -> Result<(), Error> {
    let between = bytes(view, &gap)?;
    match between.iter().position(|byte| !is_blank(*byte)) {
        None => Ok(()),
        Some(at) => Err(unclaimed(place(&gap, at))),
    }
}

/// Nothing inside an object could be taken for another.
fn check_inside(view: &View<'_, '_>, object: &Range<u64>) -> Result<(), Error> {
    match planted(&bytes(view, object)?) {
        None => Ok(()),
        Some(at) => Err(unclaimed(place(object, at))),
    }
}

fn place(range: &Range<u64>, at: usize) -> u64 {
    range.start.saturating_add(u64::try_from(at).unwrap_or(0))
}

/// Where a reader that repairs would find another object, a trailer or a `startxref`, in an object
/// that begins with its own header.
fn planted(object: &[u8]) -> Option<usize> {
    let found = |word: &'static [u8]| {
        let places = object.windows(word.len()).enumerate();
        places
            .filter(move |(_, bytes)| *bytes == word)
            .map(|(at, _)| at)
    };
    let header = found(b"obj").filter_map(|at| header_before(object.get(..at)?));
    let trailer = found(b"trailer").filter(|at| {
        let after = object.get(at.saturating_add(7)..).unwrap_or_default();
        after.trim_ascii_start().starts_with(b"<<")
    });
    let header = header.filter(|at| *at > 0);
    header.chain(trailer).chain(found(b"startxref")).min()
}

/// Where `n g` begins that ends `before`.
fn header_before(before: &[u8]) -> Option<usize> {
    let without = |bytes: &'_ [u8], skipped: fn(&u8) -> bool| {
        bytes
            .iter()
            .rposition(|byte| !skipped(byte))
            .map_or(0, |at| at + 1)
    };
    let blank = |byte: &u8| is_blank(*byte);
    let mut end = without(before, blank);
    let mut numbers = 0;
    while numbers < 2 {
        let start = without(before.get(..end)?, u8::is_ascii_digit);
        if start == end {
            return None;
        }
        numbers += 1;
        if numbers == 2 {
            return Some(start);
        }
        end = without(before.get(..start)?, blank);
        if end == start {
            return None;
        }
    }
    None
}

/// Every object of an object stream that came with the revision is listed at its place.
fn check_streams(view: &View<'_, '_>) -> Result<(), Error> {
    let revision = view.revision()?;
    let (mut streams, mut listed) = (HashSet::new(), HashSet::new());
    for (number, entry) in revision.entries() {
        if let Entry::Compressed { stream, index } = entry {
            streams.insert(stream);
            listed.insert((stream, index, number));
        }
    }
    for (number, entry) in revision.entries() {
        if let Entry::InUse { offset, .. } = entry
            && offset >= revision.start
        {
            let id = super::changes::id_of(number, entry).ok_or(unclaimed(offset))?;
            let object = view.read(id, entry)?;
            let dictionary = object.object.as_dictionary();
            if dictionary.is_some_and(|one| one.is_name(b"Type", b"ObjStm")) {
                streams.insert(number);
            }
        }
    }
    for stream in streams {
        for (index, number) in (0_u32..).zip(view.numbers_in(stream)?) {
            if !listed.contains(&(stream, index, number)) {
                return Err(unclaimed(revision.xref_offset));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_repairing_reader_would_take_for_an_object_is_found() {
        for object in [
            "7 0 obj\n<<>>\nstream\n4 0 obj\n<<>>\nendobj\nendstream\nendobj",
            "7 0 obj\n(4\n 0 obj)\nendobj",
            "7 0 obj\n% 4 0obj\n1\nendobj",
            "7 0 obj\n(trailer <</Root 9 0 R>>)\nendobj",
            "7 0 obj\n(startxref 0)\nendobj",
        ] {
            assert!(planted(object.as_bytes()).is_some(), "{object}");
        }
    }

    #[test]
    fn an_ordinary_object_holds_no_other() {
        for object in [
            "7 0 obj\n<</Contents(an object, a trailer and 4 objections)>>\nendobj",
            "17 65535 obj null endobj",
            "7 0 obj [4 0 R 5 0 R] endobj",
        ] {
            assert_eq!(planted(object.as_bytes()), None, "{object}");
        }
    }
}
