//! One cross-reference section: a table, a stream, or a table with a hidden stream. Read strictly;
//! nothing is repaired. Source: ISO 32000-2, 7.5.4 and 7.5.8.

use super::error::{Error, malformed};
use super::filter;
use super::indirect::{self, Indirect, Origin, parse_at};
use super::limits;
use super::meter::{Meter, Work};
use super::object::{Dictionary, Object};
use super::parser::{Parser, Stop};
use super::source::{ByteSource, window};

/// What a cross-reference entry says of an object number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The number is not in use.
    Free,
    /// The object stands in the file.
    InUse {
        /// Byte where `n g obj` begins.
        offset: u64,
        /// Its generation.
        generation: u16,
    },
    /// The object is kept in an object stream.
    Compressed {
        /// Object number of that stream.
        stream: u32,
        /// Its place among the objects of the stream.
        index: u32,
    },
}

/// How a section is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The classic table with a trailer.
    Table,
    /// A cross-reference stream; holds its object number.
    Stream {
        /// Object number of the stream itself.
        number: u32,
    },
}

/// A section as it stands in the file.
pub(super) struct Section {
    pub(super) kind: Kind,
    /// Sorted by object number, each number once.
    pub(super) entries: Vec<(u32, Entry)>,
    /// The trailer dictionary with its raw bytes.
    pub(super) trailer: Indirect,
    /// First byte after the section.
    pub(super) after: u64,
}

impl Section {
    pub(super) fn dictionary(&self) -> Result<&Dictionary, Error> {
        self.trailer.dictionary()
    }

    /// The offset under `/Prev`.
    pub(super) fn previous(&self) -> Result<Option<u64>, Error> {
        let Some(value) = self.dictionary()?.get(b"Prev") else {
            return Ok(None);
        };
        let wrong = malformed("XREF_CHAIN", self.trailer.offset(), "an offset under /Prev");
        value
            .as_integer()
            .and_then(|n| u64::try_from(n).ok())
            .ok_or(wrong)
            .map(Some)
    }
}

const BAD: &str = "XREF_MALFORMED";

/// Reads the section at `offset`.
pub(super) fn read(source: &dyn ByteSource, offset: u64, meter: &Meter) -> Result<Section, Error> {
    if offset >= source.size() {
        return Err(malformed(
            "XREF_CHAIN",
            offset,
            "a cross-reference section inside the file",
        ));
    }
    if window(source, offset, 4)? != b"xref" {
        return read_stream(source, offset, meter);
    }
    let mut section = read_table(source, offset)?;
    meter.charge(Work::Parsed(section.trailer.raw.len()))?;
    if let Some(hidden) = section.dictionary()?.get(b"XRefStm") {
        let place = hidden.as_integer().and_then(|n| u64::try_from(n).ok());
        let place = place.filter(|place| *place < offset);
        let place = place.ok_or(malformed(BAD, offset, "an earlier offset under /XRefStm"))?;
        let stream = read_stream(source, place, meter)?;
        section.entries = merge_hidden(section.entries, stream.entries, place)?;
    }
    Ok(section)
}

/// A hidden stream may only speak of numbers the table leaves free.
fn merge_hidden(
    mut table: Vec<(u32, Entry)>,
    hidden: Vec<(u32, Entry)>,
    offset: u64,
) -> Result<Vec<(u32, Entry)>, Error> {
    let mut added = Vec::new();
    for (number, entry) in hidden {
        match table.binary_search_by_key(&number, |(n, _)| *n) {
            Err(_) => added.push((number, entry)),
            Ok(at) => {
                let Some((_, seen)) = table.get_mut(at) else {
                    continue;
                };
                if *seen == Entry::Free {
                    *seen = entry;
                } else if *seen != entry {
                    return Err(malformed(BAD, offset, "one place for each object"));
                }
            }
        }
    }
    table.extend(added);
    table.sort_unstable_by_key(|(number, _)| *number);
    Ok(table)
}

fn read_table(source: &dyn ByteSource, offset: u64) -> Result<Section, Error> {
    let mut entries = Vec::new();
    let mut at = offset.saturating_add(4);
    loop {
        let (head, _) = parse_at(source, at, &mut subsection)?;
        let (start, count, length) = match head {
            Head::Trailer(length) => {
                at = at.saturating_add(length);
                break;
            }
            Head::Subsection {
                start,
                count,
                length,
            } => (start, count, length),
        };
        at = at.saturating_add(length);
        let total = usize::try_from(count)
            .unwrap_or(usize::MAX)
            .saturating_add(entries.len());
        check_count(total)?;
        are_numbers(start, count).ok_or(malformed(BAD, at, "object numbers up to 8388607"))?;
        at = read_entries(source, at, (start, count), &mut entries)?;
    }
    sort(&mut entries, offset)?;
    let (trailer, after) = read_trailer(source, at)?;
    check_size(&trailer, at)?;
    Ok(Section {
        kind: Kind::Table,
        entries,
        trailer,
        after,
    })
}

fn check_count(total: usize) -> Result<(), Error> {
    if total > limits::XREF_ENTRIES {
        let limit = u64::try_from(limits::XREF_ENTRIES).unwrap_or(u64::MAX);
        return Err(Error::Limit {
            what: "cross-reference entries",
            limit,
        });
    }
    Ok(())
}

/// Whether `count` numbers from `start` on may be object numbers; an empty range too stands among
/// them.
fn are_numbers(start: u64, count: u64) -> Option<()> {
    let end = start.checked_add(count)?;
    (end <= limits::OBJECT_NUMBER.saturating_add(1)).then_some(())
}

/// The `/Size` every trailer has.
fn check_size(trailer: &Indirect, offset: u64) -> Result<(), Error> {
    let size = trailer.dictionary()?.integer(b"Size");
    let size = size.filter(|size| *size > 0);
    size.map(drop)
        .ok_or(malformed(BAD, offset, "a number under /Size"))
}

enum Head {
    Subsection { start: u64, count: u64, length: u64 },
    Trailer(u64),
}

fn subsection(bytes: &[u8], whole: bool) -> Result<Head, Stop> {
    let mut parser = Parser::new(bytes, whole);
    parser.skip_lines();
    match parser.keyword("trailer") {
        Ok(()) => return Ok(Head::Trailer(u64::try_from(parser.position()).unwrap_or(0))),
        Err(Stop::More) => return Err(Stop::More),
        Err(_) => {}
    }
    let narrow = |stop: Stop| match stop {
        Stop::Syntax { at, .. } => Stop::Syntax {
            code: BAD,
            at,
            expected: "a subsection or trailer",
        },
        other => other,
    };
    let start = parser.unsigned().map_err(narrow)?;
    let at = parser.position();
    parser.skip_lines();
    if bytes.get(at..parser.position()) != Some(b" ") {
        return Err(Stop::Syntax {
            code: BAD,
            at,
            expected: "one space between the numbers of a subsection",
        });
    }
    let count = parser.unsigned().map_err(narrow)?;
    let at = parser.position();
    parser.skip_lines();
    if parser.position() == at {
        return Err(Stop::Syntax {
            code: BAD,
            at,
            expected: "a line end",
        });
    }
    Ok(Head::Subsection {
        start,
        count,
        length: u64::try_from(parser.position()).unwrap_or(0),
    })
}

fn read_entries(
    source: &dyn ByteSource,
    mut at: u64,
    (start, count): (u64, u64),
    entries: &mut Vec<(u32, Entry)>,
) -> Result<u64, Error> {
    const LINE: u64 = 20;
    const LINES: u64 = 3_000;
    let mut number = start;
    let mut left = count;
    while left > 0 {
        let lines = left.min(LINES);
        let bytes = window(source, at, lines * LINE)?;
        for line in bytes.chunks(20) {
            let wrong = malformed(BAD, at, "an entry of 20 bytes");
            let entry = entry(line).ok_or(wrong)?;
            let wrong = malformed(BAD, at, "an object number");
            entries.push((u32::try_from(number).or(Err(wrong))?, entry));
            number += 1;
            at = at.saturating_add(LINE);
        }
        if bytes.len() < usize::try_from(lines * LINE).unwrap_or(usize::MAX) {
            return Err(malformed(BAD, at, "an entry of 20 bytes"));
        }
        left -= lines;
    }
    Ok(at)
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let all = digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits)
        .ok()
        .filter(|_| all)?
        .parse()
        .ok()
}

/// `nnnnnnnnnn ggggg n` and a line end of two bytes.
fn entry(line: &[u8]) -> Option<Entry> {
    let (offset, rest) = line.split_at_checked(10)?;
    let (generation, rest) = rest.strip_prefix(b" ")?.split_at_checked(5)?;
    let (offset, generation) = (decimal(offset)?, decimal(generation)?);
    let (kind, end) = rest.strip_prefix(b" ")?.split_first()?;
    if !matches!(end, b" \n" | b" \r" | b"\r\n") {
        return None;
    }
    match kind {
        b'f' => Some(Entry::Free),
        b'n' => Some(Entry::InUse {
            offset,
            generation: u16::try_from(generation).ok()?,
        }),
        _ => None,
    }
}

fn sort(entries: &mut [(u32, Entry)], offset: u64) -> Result<(), Error> {
    entries.sort_unstable_by_key(|(number, _)| *number);
    let twice = entries
        .windows(2)
        .any(|pair| matches!(pair, [(one, _), (two, _)] if one == two));
    if twice {
        Err(malformed(BAD, offset, "each object number once"))
    } else {
        Ok(())
    }
}

fn read_trailer(source: &dyn ByteSource, offset: u64) -> Result<(Indirect, u64), Error> {
    let ((object, body, end), mut raw) = parse_at(source, offset, &mut |bytes, whole| {
        let mut parser = Parser::new(bytes, whole);
        parser.skip_blank();
        let start = parser.position();
        let object = parser.object()?;
        Ok((object, start..parser.position(), parser.position()))
    })?;
    if object.as_dictionary().is_none() {
        return Err(malformed(BAD, offset, "a trailer dictionary"));
    }
    raw.truncate(end);
    let after = offset.saturating_add(u64::try_from(end).unwrap_or(0));
    let id = super::object::ObjectId::new(0);
    let origin = Origin::File { offset };
    Ok((
        Indirect {
            id,
            object,
            body,
            raw,
            origin,
            stream_start: None,
        },
        after,
    ))
}

fn read_stream(source: &dyn ByteSource, offset: u64, meter: &Meter) -> Result<Section, Error> {
    let wrong = |expected| malformed(BAD, offset, expected);
    let found = indirect::read(source, offset)
        .or(Err(wrong("the keyword xref or a cross-reference stream")))?;
    meter.charge(Work::Parsed(found.raw.len()))?;
    let dictionary = found.dictionary()?;
    if !dictionary.is_name(b"Type", b"XRef") {
        return Err(wrong("a stream of /Type /XRef"));
    }
    check_size(&found, offset)?;
    let start = found.stream_start.ok_or(wrong("a stream"))?;
    let length = dictionary
        .integer(b"Length")
        .and_then(|n| u64::try_from(n).ok());
    let length = length.ok_or(wrong("a direct /Length"))?;
    let (data, after) = stream_data(source, start, length)?;
    let plain = filter::decode(dictionary, data, offset)?;
    meter.charge(Work::Inflated(plain.len()))?;
    let mut entries = Vec::new();
    decode_entries(dictionary, &plain, &mut entries)
        .ok_or(wrong("entries as /W and /Index say"))??;
    sort(&mut entries, offset)?;
    let kind = Kind::Stream {
        number: found.id.number,
    };
    Ok(Section {
        kind,
        entries,
        trailer: found,
        after,
    })
}

/// The data of a stream and the byte after its `endobj`; `/Length` must be exact.
pub(super) fn stream_data(
    source: &dyn ByteSource,
    start: u64,
    length: u64,
) -> Result<(Vec<u8>, u64), Error> {
    let after = stream_end(source, start, length)?;
    if length > limits::OBJECT_BYTES {
        return Err(Error::Limit {
            what: "bytes of a stream",
            limit: limits::OBJECT_BYTES,
        });
    }
    Ok((window(source, start, length)?, after))
}

/// The byte after `endobj` of a stream whose data has `length` bytes from `start`.
pub(super) fn stream_end(source: &dyn ByteSource, start: u64, length: u64) -> Result<u64, Error> {
    let end = start.checked_add(length).filter(|end| *end < source.size());
    let end = end.ok_or(malformed(
        "STREAM_MALFORMED",
        start,
        "a stream inside the file",
    ))?;
    let parsed = parse_at(source, end, &mut |bytes, whole| {
        let mut parser = Parser::new(bytes, whole);
        parser.skip_space();
        parser.keyword("endstream")?;
        parser.skip_blank();
        parser.keyword("endobj")?;
        Ok(parser.position())
    });
    let wrong = malformed("STREAM_MALFORMED", end, "endstream after /Length bytes");
    let (used, _) = parsed.or(Err(wrong))?;
    Ok(end.saturating_add(u64::try_from(used).unwrap_or(0)))
}

fn integers(object: &Object) -> Option<Vec<u64>> {
    let items = object.as_array()?.iter();
    items
        .map(|item| item.object.as_integer().and_then(|n| u64::try_from(n).ok()))
        .collect()
}

fn decode_entries(
    dictionary: &Dictionary,
    plain: &[u8],
    entries: &mut Vec<(u32, Entry)>,
) -> Option<Result<(), Error>> {
    let widths = integers(dictionary.get(b"W")?)?;
    let [first, second, third] = widths
        .try_into()
        .ok()
        .filter(|[kind, place, rest]: &[u64; 3]| *kind <= 4 && *place <= 8 && *rest <= 4)?;
    let size = u64::try_from(dictionary.integer(b"Size")?).ok()?;
    let index = dictionary
        .get(b"Index")
        .map_or(Some(vec![0, size]), integers)?;
    let width = usize::try_from(first + second + third)
        .ok()
        .filter(|width| *width > 0)?;
    let mut rows = plain.chunks_exact(width);
    for pair in index.chunks(2) {
        let [start, count] = pair else { return None };
        let total = usize::try_from(*count).ok()?.saturating_add(entries.len());
        if let Err(fault) = check_count(total) {
            return Some(Err(fault));
        }
        are_numbers(*start, *count)?;
        for step in 0..*count {
            let row = rows.next()?;
            let (kind, rest) = field(row, first)?;
            let (two, rest) = field(rest, second)?;
            let (three, _) = field(rest, third)?;
            let kind = if first == 0 { 1 } else { kind };
            let number = u32::try_from(start.checked_add(step)?).ok()?;
            entries.push((number, stream_entry(kind, two, three)?));
        }
    }
    // A row nobody asked for is one that another reader may use.
    if rows.next().is_some() {
        return None;
    }
    Some(Ok(()))
}

fn field(row: &[u8], width: u64) -> Option<(u64, &[u8])> {
    let (bytes, rest) = row.split_at_checked(usize::try_from(width).ok()?)?;
    Some((
        bytes
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)),
        rest,
    ))
}

fn stream_entry(kind: u64, two: u64, three: u64) -> Option<Entry> {
    match kind {
        0 => Some(Entry::Free),
        1 => Some(Entry::InUse {
            offset: two,
            generation: u16::try_from(three).ok()?,
        }),
        2 => {
            let (stream, index) = (u32::try_from(two).ok()?, u32::try_from(three).ok()?);
            Some(Entry::Compressed { stream, index })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_entry_by_entry() {
        let file = b"xref\n0 1\n0000000000 65535 f \n3 1\n0000000017 00000 n \ntrailer <</Size 4>> startxref".to_vec();
        let section = read(&file, 0, &Meter::default()).unwrap();
        let in_use = Entry::InUse {
            offset: 17,
            generation: 0,
        };
        assert_eq!(section.entries, [(0, Entry::Free), (3, in_use)]);
        assert_eq!(section.dictionary().unwrap().integer(b"Size"), Some(4));
    }

    #[test]
    fn a_crooked_table_is_refused() {
        for table in [
            "xref\n0 2\n0000000000 65535 f \ntrailer <<>> ",
            "xref\n0 1\n0000000000 65535 x \ntrailer <<>> ",
            "xref\n0 1\n00000000 65535 f \ntrailer <<>> ",
            "xref\n0 1\n0000000000 65535 f \n0 1\n0000000000 65535 f \ntrailer <<>> ",
            "xref\n0 9999999999\n",
        ] {
            assert!(
                read(&table.as_bytes().to_vec(), 0, &Meter::default()).is_err(),
                "{table}"
            );
        }
    }
}
