//! The signature dictionary and its `/ByteRange`: the two stretches of bytes a signature covers,
//! with nothing but the signature's own hexadecimal string between them. Source: ISO 32000-2,
//! 12.8.1; the rules answer the forgeries of "1 Trillion Dollar Refund" (CCS 2019).

use std::rc::Rc;

use super::document::View;
use super::error::{Error, malformed};
use super::indirect::Indirect;
use super::object::{Dictionary, Object, ObjectId};

/// How the contents of a signature are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubFilter {
    /// `ETSI.CAdES.detached` (PAdES).
    Cades,
    /// `adbe.pkcs7.detached`
    Pkcs7,
    /// `ETSI.RFC3161`, a document time stamp.
    TimeStamp,
    /// `adbe.pkcs7.sha1` and `adbe.x509.rsa_sha1`, no longer acceptable.
    Legacy,
}

/// A signature dictionary that keeps the rules of form.
#[derive(Debug, Clone)]
pub struct SignatureDictionary {
    /// The object.
    pub id: ObjectId,
    /// The object itself.
    pub object: Rc<Indirect>,
    /// How `contents` is built.
    pub sub_filter: SubFilter,
    /// The decoded `/Contents`, zero padding included.
    pub contents: Vec<u8>,
    /// Byte of the file where the hole begins (`<`).
    pub hole_start: u64,
    /// The byte after the hole (`>`).
    pub hole_end: u64,
    /// The byte after the last covered byte.
    pub end: u64,
    /// The revision the signature covers completely.
    pub revision: usize,
    /// Whether white space stands inside the hexadecimal string.
    pub spaced: bool,
}

impl SignatureDictionary {
    /// The four numbers of its range, already checked.
    #[must_use]
    pub const fn byte_range(&self) -> [u64; 4] {
        let rest = self.end.saturating_sub(self.hole_end);
        [0, self.hole_start, self.hole_end, rest]
    }

    /// The dictionary.
    ///
    /// # Errors
    /// Never for a dictionary that was read.
    pub fn dictionary(&self) -> Result<&Dictionary, Error> {
        self.object.dictionary()
    }
}

/// Reads the signature dictionary `id` and checks its form, its byte range and that the range ends
/// where a revision ends.
///
/// # Errors
/// The broken rule: `SIGNATURE_DICTIONARY`, `SUBFILTER_UNKNOWN`, `CONTENTS_INVALID`,
/// `CONTENTS_EMPTY`, `BYTE_RANGE_INVALID`, `BYTE_RANGE_GAP` or `REVISION_END`.
pub fn signature(view: &View<'_, '_>, id: ObjectId) -> Result<SignatureDictionary, Error> {
    let wrong = malformed("SIGNATURE_DICTIONARY", 0, "a signature dictionary");
    let object = view.load(id)?.ok_or(wrong)?;
    let dictionary = object.dictionary()?;
    let sub_filter = sub_filter(dictionary, object.offset())?;
    let (contents, hole, spaced) = contents(&object)?;
    let end = covered_end(view, &object, hole)?;
    let revisions = view.document().revisions();
    let revision = revisions.iter().position(|revision| revision.ends_at(end));
    let wrong = malformed(
        "REVISION_END",
        end,
        "a range that ends where a revision ends",
    );
    let revision = revision.ok_or(wrong)?;
    if hole.1 > end || revisions.get(revision).is_none_or(|r| hole.0 < r.start) {
        return Err(malformed(
            "BYTE_RANGE_INVALID",
            hole.0,
            "a signature inside its revision",
        ));
    }
    let object = Rc::clone(&object);
    let (hole_start, hole_end) = hole;
    Ok(SignatureDictionary {
        id,
        object,
        sub_filter,
        contents,
        hole_start,
        hole_end,
        end,
        revision,
        spaced,
    })
}

fn sub_filter(dictionary: &Dictionary, offset: u64) -> Result<SubFilter, Error> {
    let wrong = |expected| Err(malformed("SIGNATURE_DICTIONARY", offset, expected));
    if dictionary
        .get(b"Filter")
        .and_then(Object::as_name)
        .is_none()
    {
        return wrong("a name under /Filter");
    }
    let sub_filter = match dictionary.get(b"SubFilter").and_then(Object::as_name) {
        Some(b"ETSI.CAdES.detached") => SubFilter::Cades,
        Some(b"adbe.pkcs7.detached") => SubFilter::Pkcs7,
        Some(b"ETSI.RFC3161") => SubFilter::TimeStamp,
        Some(b"adbe.pkcs7.sha1" | b"adbe.x509.rsa_sha1") => SubFilter::Legacy,
        _ => return Err(malformed("SUBFILTER_UNKNOWN", offset, "a known /SubFilter")),
    };
    match dictionary.get(b"Type").map(Object::as_name) {
        None => {}
        Some(Some(b"Sig")) if sub_filter != SubFilter::TimeStamp => {}
        Some(Some(b"DocTimeStamp")) if sub_filter == SubFilter::TimeStamp => {}
        Some(_) => return wrong("/Type /Sig, or /DocTimeStamp for a time stamp"),
    }
    if sub_filter == SubFilter::Cades && dictionary.get(b"Cert").is_some() {
        return wrong("no /Cert in a CAdES signature");
    }
    Ok(sub_filter)
}

type Hole = (u64, u64);

fn contents(object: &Indirect) -> Result<(Vec<u8>, Hole, bool), Error> {
    let wrong = |expected| malformed("CONTENTS_INVALID", object.offset(), expected);
    let item = object
        .dictionary()?
        .item(b"Contents")
        .ok_or(wrong("/Contents"))?;
    let decoded = item
        .object
        .as_string()
        .ok_or(wrong("a direct string under /Contents"))?;
    let hole = object
        .place(item)
        .ok_or(wrong("a signature outside object streams"))?;
    let inner = object
        .raw_item(item)
        .strip_prefix(b"<")
        .and_then(|rest| rest.strip_suffix(b">"));
    let inner = inner.ok_or(wrong("a hexadecimal string"))?;
    // The parser let nothing but blanks and digits through, and blanks stand before all digits.
    let blanks = inner.iter().filter(|byte| **byte <= b' ').count();
    let digits = match blanks {
        0 => inner.len(),
        _ => inner.iter().filter(|byte| byte.is_ascii_hexdigit()).count(),
    };
    if digits + blanks != inner.len() || !digits.is_multiple_of(2) {
        return Err(wrong("whole bytes in hexadecimal digits"));
    }
    if decoded.iter().all(|byte| *byte == 0) {
        return Err(malformed("CONTENTS_EMPTY", hole.0, "a signature"));
    }
    Ok((decoded.to_vec(), hole, blanks > 0))
}

/// Checks the four numbers against the hole and gives the end of the second stretch.
fn covered_end(view: &View<'_, '_>, object: &Indirect, hole: Hole) -> Result<u64, Error> {
    let wrong = |expected| malformed("BYTE_RANGE_INVALID", object.offset(), expected);
    let range = object
        .dictionary()?
        .get(b"ByteRange")
        .and_then(Object::as_array);
    let range = range.ok_or(wrong("a direct array under /ByteRange"))?;
    let numbers = range
        .iter()
        .map(|item| item.object.as_integer().and_then(|n| u64::try_from(n).ok()));
    let numbers: Option<Vec<u64>> = numbers.collect();
    let [start, length, second, rest] = numbers
        .and_then(|numbers| <[u64; 4]>::try_from(numbers).ok())
        .ok_or(wrong("four numbers, none negative"))?;
    let end = second
        .checked_add(rest)
        .filter(|end| *end <= view.document().source().size());
    let end = end.ok_or(wrong("a range inside the file"))?;
    if start != 0 || length == 0 || rest == 0 || second <= length {
        return Err(wrong("two stretches in order, the first at byte 0"));
    }
    if (length, second) != hole {
        return Err(malformed(
            "BYTE_RANGE_GAP",
            length,
            "a gap that is exactly /Contents",
        ));
    }
    Ok(end)
}
