//! One indirect object read from its place in the file. Source: ISO 32000-2, 7.3.10 and 7.3.8.

use super::error::{Error, malformed};
use super::limits;
use super::object::{Dictionary, Item, Object, ObjectId};
use super::parser::{Parser, Stop};
use super::source::{ByteSource, window};

/// Where an object was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The byte of the file where `n g obj` begins.
    File {
        /// That byte.
        offset: u64,
    },
    /// Inside an object stream.
    ObjectStream {
        /// Object number of the stream.
        stream: u32,
    },
}

/// An indirect object with the bytes it was read from.
#[derive(Debug)]
pub struct Indirect {
    /// Its name.
    pub id: ObjectId,
    /// Its value; for a stream the dictionary.
    pub object: Object,
    /// Place of the value in `raw`.
    pub body: std::ops::Range<usize>,
    /// The bytes from the start of the object; spans of items count from here.
    pub raw: Vec<u8>,
    /// Where it was read.
    pub origin: Origin,
    /// First byte of the stream data, for a stream.
    pub stream_start: Option<u64>,
}

impl Indirect {
    /// The dictionary of the object or of its stream.
    ///
    /// # Errors
    /// When the object is something else.
    pub fn dictionary(&self) -> Result<&Dictionary, Error> {
        let wrong = malformed("OBJECT_MALFORMED", self.offset(), "a dictionary");
        self.object.as_dictionary().ok_or(wrong)
    }

    /// The byte where the object begins; for an object in a stream, zero.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        match self.origin {
            Origin::File { offset } => offset,
            Origin::ObjectStream { .. } => 0,
        }
    }

    /// The bytes of an item as they stand in the file.
    #[must_use]
    pub fn raw_item(&self, item: &Item) -> &[u8] {
        self.raw.get(item.span.clone()).unwrap_or_default()
    }

    /// The bytes of the whole value as they stand in the file.
    #[must_use]
    pub fn raw_body(&self) -> &[u8] {
        self.raw.get(self.body.clone()).unwrap_or_default()
    }

    /// Where an item stands in the file; `None` for an object kept in an object stream.
    #[must_use]
    pub fn place(&self, item: &Item) -> Option<(u64, u64)> {
        let Origin::File { offset } = self.origin else {
            return None;
        };
        let start = u64::try_from(item.span.start).ok()?.checked_add(offset)?;
        let end = u64::try_from(item.span.end).ok()?.checked_add(offset)?;
        Some((start, end))
    }
}

/// Reads a construct from a piece; told whether the file ends with it.
pub(super) type Parse<'p, T> = dyn FnMut(&[u8], bool) -> Result<T, Stop> + 'p;

/// Runs `parse` on a piece of the file at `offset` that grows until the construct fits.
pub(super) fn parse_at<T>(
    source: &dyn ByteSource,
    offset: u64,
    parse: &mut Parse<'_, T>,
) -> Result<(T, Vec<u8>), Error> {
    let size = source.size();
    let mut length: u64 = 2 << 10;
    loop {
        let bytes = window(source, offset, length)?;
        let whole = offset.saturating_add(length) >= size;
        match parse(&bytes, whole) {
            Ok(value) => return Ok((value, bytes)),
            Err(Stop::More) if length < limits::OBJECT_BYTES => length *= 8,
            Err(Stop::More) => {
                return Err(Error::Limit {
                    what: "bytes of an object",
                    limit: limits::OBJECT_BYTES,
                });
            }
            Err(stop) => return Err(fault(stop, offset)),
        }
    }
}

pub(super) fn fault(stop: Stop, offset: u64) -> Error {
    match stop {
        Stop::More => malformed("OBJECT_MALFORMED", offset, "the rest of the value"),
        Stop::Syntax { code, at, expected } => {
            let at = u64::try_from(at).unwrap_or(0);
            malformed(code, offset.saturating_add(at), expected)
        }
        Stop::Limit { what, limit } => Error::Limit {
            what,
            limit: u64::try_from(limit).unwrap_or(u64::MAX),
        },
    }
}

struct Parsed {
    id: ObjectId,
    object: Object,
    body: std::ops::Range<usize>,
    stream: bool,
    end: usize,
}

/// Reads the object at `offset`.
pub(super) fn read(source: &dyn ByteSource, offset: u64) -> Result<Indirect, Error> {
    let misplaced = |expected| malformed("OBJECT_MISPLACED", offset, expected);
    if offset >= source.size() {
        return Err(misplaced("an object inside the file"));
    }
    // Inside `14 0 obj` stands `4 0 obj`; who looks for objects finds 14, who follows offsets 4.
    let before = offset.checked_sub(1);
    let before = before.map(|before| window(source, before, 1)).transpose()?;
    if before.is_some_and(|byte| byte.iter().all(u8::is_ascii_digit)) {
        return Err(misplaced("the beginning of an object number"));
    }
    let (parsed, mut raw) = parse_at(source, offset, &mut parse)?;
    raw.truncate(parsed.end);
    raw.shrink_to_fit();
    let after = offset.saturating_add(u64::try_from(parsed.end).unwrap_or(0));
    Ok(Indirect {
        id: parsed.id,
        object: parsed.object,
        body: parsed.body,
        raw,
        origin: Origin::File { offset },
        stream_start: parsed.stream.then_some(after),
    })
}

fn parse(bytes: &[u8], whole: bool) -> Result<Parsed, Stop> {
    let mut parser = Parser::new(bytes, whole);
    let wrong = Stop::Syntax {
        code: "OBJECT_MISPLACED",
        at: 0,
        expected: "an object number",
    };
    let narrow = |stop: Stop| if stop == Stop::More { stop } else { wrong };
    let number = parser.unsigned().map_err(narrow)?;
    parser.skip_blank();
    let generation = parser.unsigned().map_err(narrow)?;
    parser.skip_blank();
    parser.keyword("obj").map_err(narrow)?;
    let number = u32::try_from(number).or(Err(wrong))?;
    let generation = u16::try_from(generation).or(Err(wrong))?;
    parser.skip_blank();
    let start = parser.position();
    let object = parser.object()?;
    let body = start..parser.position();
    parser.skip_blank();
    let is_dictionary = matches!(object, Object::Dictionary(_));
    let stream = is_dictionary && starts_stream(&mut parser)?;
    if !stream {
        parser.keyword("endobj")?;
    }
    let end = parser.position();
    Ok(Parsed {
        id: ObjectId { number, generation },
        object,
        body,
        stream,
        end,
    })
}

/// Reads `stream` and its line end, which may not be a lone carriage return.
fn starts_stream(parser: &mut Parser<'_>) -> Result<bool, Stop> {
    match parser.keyword("stream") {
        Ok(()) => {}
        Err(Stop::More) => return Err(Stop::More),
        Err(_) => return Ok(false),
    }
    match parser.literal("\r\n") {
        Ok(()) => Ok(true),
        Err(Stop::More) => Err(Stop::More),
        Err(Stop::Syntax { .. }) => parser.literal("\n").map(|()| true),
        Err(stop) => Err(stop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read_with_its_raw_values() {
        let file = b"xx12 0 obj << /A 841.88976 /B [1 2] >> endobj".to_vec();
        let object = read(&file, 2).unwrap();
        assert_eq!(object.id, ObjectId::new(12));
        let dictionary = object.dictionary().unwrap();
        assert_eq!(
            object.raw_item(dictionary.item(b"A").unwrap()),
            b"841.88976"
        );
        assert_eq!(object.place(dictionary.item(b"B").unwrap()), Some((30, 35)));
        assert_eq!(read(&file, 3).unwrap_err().code(), "OBJECT_MISPLACED");
        assert_eq!(read(&file, 1).unwrap_err().code(), "OBJECT_MISPLACED");
    }

    #[test]
    fn a_stream_begins_after_its_line_end() {
        let file = b"1 0 obj<</Length 1>>stream\r\nx\nendstream endobj".to_vec();
        assert_eq!(read(&file, 0).unwrap().stream_start, Some(28));
        let file = b"1 0 obj<</Length 1>>stream\rx\nendstream endobj".to_vec();
        assert!(read(&file, 0).is_err());
    }

    #[test]
    fn a_long_object_is_read_in_growing_pieces() {
        let mut file = b"1 0 obj (".to_vec();
        file.extend(std::iter::repeat_n(b'x', 100_000));
        file.extend(b") endobj");
        let object = read(&file, 0).unwrap();
        assert_eq!(object.object.as_string().map(<[u8]>::len), Some(100_000));
    }
}
