//! The tokenizer and value parser: strict, bounded, over a piece of the file that may have to grow.
//! Source: ISO 32000-2, 7.2 and 7.3.

use super::hexadecimal::{nibble, place_of, plain_hex};
use super::limits;
use super::object::{Dictionary, Item, Object, ObjectId};

/// Why parsing stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The piece ended inside the value and the file goes on.
    More,
    /// A rule is broken at this byte of the piece.
    Syntax {
        code: &'static str,
        at: usize,
        expected: &'static str,
    },
    /// A limit is reached.
    Limit { what: &'static str, limit: usize },
}

/// Reads values from `bytes`; `whole` says that the file ends where the piece ends.
pub(super) struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    whole: bool,
    depth: usize,
    values: usize,
}

pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

const fn is_regular(byte: u8) -> bool {
    !is_blank(byte) && !is_delimiter(byte)
}

impl<'a> Parser<'a> {
    pub(super) const fn new(bytes: &'a [u8], whole: bool) -> Self {
        Self::starting_at(bytes, 0, whole)
    }

    pub(super) const fn starting_at(bytes: &'a [u8], at: usize, whole: bool) -> Self {
        Self {
            bytes,
            at,
            whole,
            depth: 0,
            values: 0,
        }
    }

    pub(super) const fn position(&self) -> usize {
        self.at
    }

    const fn syntax(&self, expected: &'static str) -> Stop {
        Stop::Syntax {
            code: "OBJECT_MALFORMED",
            at: self.at,
            expected,
        }
    }

    const fn end(&self, expected: &'static str) -> Stop {
        if self.whole {
            self.syntax(expected)
        } else {
            Stop::More
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, expected: &'static str) -> Result<u8, Stop> {
        let byte = self.peek().ok_or(self.end(expected))?;
        self.at += 1;
        Ok(byte)
    }

    /// Skips white space and comments.
    pub(super) fn skip_blank(&mut self) {
        let mut comment = false;
        while let Some(byte) = self.peek() {
            comment = match byte {
                b'\r' | b'\n' => false,
                b'%' => true,
                _ => comment,
            };
            if !comment && !is_blank(byte) {
                return;
            }
            self.at += 1;
        }
    }

    /// Skips white space only; `%%EOF` is not skipped.
    pub(super) fn skip_space(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.at += 1;
        }
    }

    /// Skips spaces and line ends. Around cross-references nothing else is white space to every
    /// reader: some stop at a NUL.
    pub(super) fn skip_lines(&mut self) {
        let skipped = |byte: u8| matches!(byte, b' ' | b'\r' | b'\n');
        while self.peek().is_some_and(skipped) {
            self.at += 1;
        }
    }

    /// The next run of regular characters.
    fn word(&mut self) -> Result<&'a [u8], Stop> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|byte| !is_regular(*byte))
            .unwrap_or(rest.len());
        if length == rest.len() && !self.whole {
            return Err(Stop::More);
        }
        self.at += length;
        Ok(rest.get(..length).unwrap_or_default())
    }

    /// Reads the keyword `expected` or fails.
    pub(super) fn keyword(&mut self, expected: &'static str) -> Result<(), Stop> {
        let start = self.at;
        if self.word()? == expected.as_bytes() {
            return Ok(());
        }
        self.at = start;
        Err(self.syntax(expected))
    }

    /// Reads exactly these bytes or fails.
    pub(super) fn literal(&mut self, expected: &'static str) -> Result<(), Stop> {
        for byte in expected.bytes() {
            if self.take(expected)? != byte {
                self.at -= 1;
                return Err(self.syntax(expected));
            }
        }
        Ok(())
    }

    /// Reads an unsigned decimal number.
    pub(super) fn unsigned(&mut self) -> Result<u64, Stop> {
        let start = self.at;
        let word = self.word()?;
        let digits = !word.is_empty() && word.len() <= 19 && word.iter().all(u8::is_ascii_digit);
        let number = std::str::from_utf8(word)
            .ok()
            .filter(|_| digits)
            .and_then(|w| w.parse().ok());
        number.ok_or(Stop::Syntax {
            code: "OBJECT_MALFORMED",
            at: start,
            expected: "a number",
        })
    }

    /// Reads one value.
    pub(super) fn object(&mut self) -> Result<Object, Stop> {
        self.skip_blank();
        match self.peek().ok_or(self.end("a value"))? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal_string().map(Object::String),
            b'<' => {
                let next = self.bytes.get(self.at + 1).ok_or(self.end("a value"))?;
                if *next == b'<' {
                    self.dictionary()
                } else {
                    self.hex_string().map(Object::String)
                }
            }
            b'[' => self.array(),
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number_or_reference(),
            _ => self.constant(),
        }
    }

    fn constant(&mut self) -> Result<Object, Stop> {
        let start = self.at;
        match self.word()? {
            b"true" => Ok(Object::Boolean(true)),
            b"false" => Ok(Object::Boolean(false)),
            b"null" => Ok(Object::Null),
            _ => {
                self.at = start;
                Err(self.syntax("a value"))
            }
        }
    }

    fn deeper(&mut self) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth > limits::DEPTH {
            return Err(Stop::Limit {
                what: "nested values",
                limit: limits::DEPTH,
            });
        }
        Ok(())
    }

    fn item(&mut self) -> Result<Item, Stop> {
        self.values += 1;
        if self.values > limits::VALUES {
            return Err(Stop::Limit {
                what: "values of an object",
                limit: limits::VALUES,
            });
        }
        self.skip_blank();
        let start = self.at;
        let object = self.object()?;
        Ok(Item {
            object,
            span: start..self.at,
        })
    }

    fn array(&mut self) -> Result<Object, Stop> {
        self.deeper()?;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_blank();
            if self.peek().ok_or(self.end("]"))? == b']' {
                self.at += 1;
                self.depth -= 1;
                return Ok(Object::Array(items));
            }
            if items.len() >= limits::ARRAY_ITEMS {
                return Err(Stop::Limit {
                    what: "items of an array",
                    limit: limits::ARRAY_ITEMS,
                });
            }
            items.push(self.item()?);
        }
    }

    fn dictionary(&mut self) -> Result<Object, Stop> {
        const LIMIT: usize = limits::DICTIONARY_ENTRIES;
        self.deeper()?;
        self.at += 2;
        let mut entries: Vec<(Box<[u8]>, Item)> = Vec::new();
        loop {
            self.skip_blank();
            let start = self.at;
            match self.peek().ok_or(self.end(">>"))? {
                b'>' => {
                    self.literal(">>")?;
                    self.depth -= 1;
                    refuse_duplicates(&entries)?;
                    entries.retain(|(_, item)| item.object != Object::Null);
                    return Ok(Object::Dictionary(Dictionary::from_entries(entries)));
                }
                b'/' if entries.len() < LIMIT => {
                    let key = self.name()?;
                    entries.push((key, self.item()?));
                }
                b'/' => {
                    return Err(Stop::Limit {
                        what: "entries of a dictionary",
                        limit: LIMIT,
                    });
                }
                _ => {
                    self.at = start;
                    return Err(self.syntax("a key or >>"));
                }
            }
        }
    }

    fn name(&mut self) -> Result<Box<[u8]>, Stop> {
        self.at += 1;
        let start = self.at;
        let word = self.word()?;
        if word.len() > limits::NAME_BYTES {
            return Err(Stop::Limit {
                what: "bytes of a name",
                limit: limits::NAME_BYTES,
            });
        }
        if !word.contains(&b'#') {
            return Ok(word.into());
        }
        let mut name = Vec::with_capacity(word.len());
        let mut rest = word.iter();
        while let Some(byte) = rest.next() {
            if *byte != b'#' {
                name.push(*byte);
                continue;
            }
            let digits = (
                rest.next().copied().and_then(nibble),
                rest.next().copied().and_then(nibble),
            );
            let (Some(high), Some(low)) = digits else {
                self.at = start;
                return Err(self.syntax("two hexadecimal digits after #"));
            };
            name.push(high << 4 | low);
        }
        Ok(name.into())
    }

    fn hex_string(&mut self) -> Result<Vec<u8>, Stop> {
        self.at += 1;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = place_of(b'>', rest).ok_or(self.end(">"))?;
        let digits = rest.get(..length).unwrap_or_default();
        if let Some(bytes) = plain_hex(digits) {
            self.at += length + 1;
            return bounded(bytes);
        }
        let mut bytes = Vec::with_capacity(length / 2 + 1);
        let mut half: Option<u8> = None;
        for (index, byte) in digits.iter().enumerate() {
            if is_blank(*byte) {
                continue;
            }
            let Some(value) = nibble(*byte) else {
                self.at += index;
                return Err(self.syntax("a hexadecimal digit"));
            };
            half = match half {
                None => Some(value),
                Some(high) => {
                    bytes.push(high << 4 | value);
                    None
                }
            };
        }
        bytes.extend(half.map(|high| high << 4));
        self.at += length + 1;
        bounded(bytes)
    }

    fn literal_string(&mut self) -> Result<Vec<u8>, Stop> {
        self.at += 1;
        let mut bytes = Vec::new();
        let mut open = 0_usize;
        loop {
            let byte = self.take(")")?;
            match byte {
                b'\\' => bytes.extend(self.escape()?),
                b')' if open == 0 => return bounded(bytes),
                b'\r' => {
                    if self.peek().ok_or(self.end(")"))? == b'\n' {
                        self.at += 1;
                    }
                    bytes.push(b'\n');
                }
                _ => {
                    open = match byte {
                        b'(' => open + 1,
                        b')' => open - 1,
                        _ => open,
                    };
                    bytes.push(byte);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<Option<u8>, Stop> {
        Ok(match self.take(")")? {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\n' => None,
            b'\r' => {
                if self.peek().ok_or(self.end(")"))? == b'\n' {
                    self.at += 1;
                }
                None
            }
            first @ b'0'..=b'7' => {
                let mut value = u16::from(first - b'0');
                for _ in 0..2 {
                    match self.peek().ok_or(self.end(")"))? {
                        digit @ b'0'..=b'7' => value = value * 8 + u16::from(digit - b'0'),
                        _ => break,
                    }
                    self.at += 1;
                }
                u8::try_from(value & 0xFF).ok()
            }
            other => Some(other),
        })
    }

    fn number_or_reference(&mut self) -> Result<Object, Stop> {
        let start = self.at;
        let word = self.word()?;
        let wrong = Stop::Syntax {
            code: "OBJECT_MALFORMED",
            at: start,
            expected: "a number",
        };
        let unsigned = word
            .strip_prefix(b"+")
            .or(word.strip_prefix(b"-"))
            .unwrap_or(word);
        let points = unsigned.iter().filter(|byte| **byte == b'.').count();
        let digits = unsigned.iter().filter(|byte| byte.is_ascii_digit()).count();
        if points + digits != unsigned.len() || points > 1 || digits == 0 || digits > 40 {
            return Err(wrong);
        }
        if points == 1 {
            return Ok(Object::Real(word.into()));
        }
        let number: i64 = std::str::from_utf8(word)
            .ok()
            .and_then(|w| w.parse().ok())
            .ok_or(wrong)?;
        let after = self.at;
        if let Some(id) = self.rest_of_reference(number, word.len())? {
            return Ok(Object::Reference(id));
        }
        self.at = after;
        Ok(Object::Integer(number))
    }

    /// After a number: ` g R`, or nothing read.
    fn rest_of_reference(&mut self, number: i64, width: usize) -> Result<Option<ObjectId>, Stop> {
        let Ok(number) = u32::try_from(number) else {
            return Ok(None);
        };
        if width > 10 {
            return Ok(None);
        }
        self.skip_blank();
        match self.peek() {
            Some(byte) if byte.is_ascii_digit() => {}
            None if !self.whole => return Err(Stop::More),
            _ => return Ok(None),
        }
        let word = self.word()?;
        let generation = std::str::from_utf8(word).ok().and_then(|w| w.parse().ok());
        let Some(generation) = generation else {
            return Ok(None);
        };
        self.skip_blank();
        match self.peek() {
            Some(b'R') => {}
            None if !self.whole => return Err(Stop::More),
            _ => return Ok(None),
        }
        Ok((self.word()? == b"R").then_some(ObjectId { number, generation }))
    }
}

fn refuse_duplicates(entries: &[(Box<[u8]>, Item)]) -> Result<(), Stop> {
    let mut keys: Vec<_> = entries
        .iter()
        .map(|(key, item)| (key, item.span.start))
        .collect();
    keys.sort_unstable();
    for pair in keys.windows(2) {
        if let [(one, _), (two, at)] = pair
            && one == two
        {
            return Err(Stop::Syntax {
                code: "DUPLICATE_KEY",
                at: *at,
                expected: "each key once",
            });
        }
    }
    Ok(())
}

fn bounded(bytes: Vec<u8>) -> Result<Vec<u8>, Stop> {
    if bytes.len() > limits::STRING_BYTES {
        return Err(Stop::Limit {
            what: "bytes of a string",
            limit: limits::STRING_BYTES,
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Object, Stop> {
        Parser::new(bytes, true).object()
    }

    #[test]
    fn values_are_read_with_their_places() {
        let bytes = b"<</A 1/B[1 0 R 2.50 (a\\)\\101)]/C<4 14>/D#20E/x/F null>>";
        let object = read(bytes).unwrap();
        let dictionary = object.as_dictionary().unwrap();
        assert_eq!(dictionary.integer(b"A"), Some(1));
        let items = dictionary.get(b"B").unwrap().as_array().unwrap();
        assert_eq!(items[0].object, Object::Reference(ObjectId::new(1)));
        assert_eq!(&bytes[items[1].span.clone()], b"2.50");
        assert_eq!(items[2].object.as_string(), Some(&b"a)A"[..]));
        assert_eq!(dictionary.get(b"C").unwrap().as_string(), Some(&b"A@"[..]));
        assert!(dictionary.is_name(b"D E", b"x"));
        assert!(dictionary.get(b"F").is_none());
    }

    #[test]
    fn duplicate_keys_and_deep_nesting_are_refused() {
        assert!(matches!(
            read(b"<</A 1/A 1>>"),
            Err(Stop::Syntax {
                code: "DUPLICATE_KEY",
                ..
            })
        ));
        assert!(matches!(read(b"<</A 1/#41 1>>"), Err(Stop::Syntax { .. })));
        assert!(matches!(read(&[b'['; 100]), Err(Stop::Limit { .. })));
        assert!(read(b"99999999999999999999").is_err());
        assert!(read(b"1.2.3").is_err());
    }

    #[test]
    fn a_value_that_may_go_on_asks_for_more() {
        for bytes in [
            &b"12"[..],
            b"/Nam",
            b"(abc",
            b"<12",
            b"[1 2",
            b"<</A",
            b"12 0 ",
        ] {
            assert_eq!(Parser::new(bytes, false).object().unwrap_err(), Stop::More);
        }
        assert_eq!(read(b"12"), Ok(Object::Integer(12)));
    }

    #[test]
    fn order_and_spelling_do_not_matter_but_kinds_do() {
        assert_eq!(read(b"<</A 1/B(x)>>"), read(b"<< /B <78> /A 1 >>"));
        assert_ne!(read(b"<</A 1>>"), read(b"<</A 1.0>>"));
    }
}
