//! Strict DER, read and written element by element. Signatures are over exact bytes, so everything
//! here borrows what was received and nothing is ever encoded anew before it is verified.
//! Indefinite lengths, padded lengths and tags above 30 are refused. Source: ITU-T X.690, clause 10.

use super::Error;
use crate::domain::clock::{Timestamp, utc_instant};

/// `BOOLEAN`.
pub const BOOLEAN: u8 = 0x01;
/// `INTEGER`.
pub const INTEGER: u8 = 0x02;
/// `BIT STRING`.
pub const BIT_STRING: u8 = 0x03;
/// `OCTET STRING`.
pub const OCTET_STRING: u8 = 0x04;
/// `NULL`.
pub const NULL: u8 = 0x05;
/// `OBJECT IDENTIFIER`.
pub const OID: u8 = 0x06;
/// `ENUMERATED`.
pub const ENUMERATED: u8 = 0x0a;
/// `UTCTime`.
pub const UTC_TIME: u8 = 0x17;
/// `GeneralizedTime`.
pub const GENERALIZED_TIME: u8 = 0x18;
/// `SEQUENCE`, `SEQUENCE OF`.
pub const SEQUENCE: u8 = 0x30;
/// `SET`, `SET OF`.
pub const SET: u8 = 0x31;

/// `[number]`, constructed.
#[must_use]
pub const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// `[number]`, primitive.
#[must_use]
pub const fn context_primitive(number: u8) -> u8 {
    0x80 | number
}

/// One element: its tag, its value, and the whole of it as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The identifier octet.
    pub tag: u8,
    /// Tag, length and value.
    pub raw: &'a [u8],
    /// The value alone.
    pub value: &'a [u8],
}

/// Reads elements one after the other and remembers where it is, for messages.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    what: &'static str,
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// A reader of `bytes`, which are (part of) a `what`.
    #[must_use]
    pub const fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self {
            what,
            rest: bytes,
            offset: 0,
        }
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes not read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The tag of the next element, if there is one.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element.
    ///
    /// # Errors
    /// [`Error::Der`] if there is none, or it is not DER, or it is longer than what is left.
    pub fn element(&mut self) -> Result<Element<'a>, Error> {
        let (tag, header, length) = header(self.rest).map_err(|fault| self.fault(fault))?;
        let end = header
            .checked_add(length)
            .ok_or_else(|| self.fault("length overflows"))?;
        let missing = "the element is longer than what is left";
        let raw = self.rest.get(..end).ok_or_else(|| self.fault(missing))?;
        let value = raw.get(header..).ok_or_else(|| self.fault(missing))?;
        self.rest = self.rest.get(end..).unwrap_or_default();
        self.offset += end;
        Ok(Element { tag, raw, value })
    }

    /// The next element, which must have `tag`.
    ///
    /// # Errors
    /// [`Error::Der`] as for [`Self::element`], or if the tag is another.
    pub fn required(&mut self, tag: u8) -> Result<Element<'a>, Error> {
        if self.peek().is_some_and(|found| found != tag) {
            return Err(self.fault("another type stands here than expected"));
        }
        self.element()
    }

    /// The next element if it has `tag`.
    ///
    /// # Errors
    /// [`Error::Der`] as for [`Self::element`].
    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Error> {
        if self.peek() == Some(tag) {
            self.element().map(Some)
        } else {
            Ok(None)
        }
    }

    /// A reader of the contents of the next element, which must have `tag`.
    ///
    /// # Errors
    /// [`Error::Der`] as for [`Self::expect`].
    pub fn enter(&mut self, tag: u8) -> Result<Self, Error> {
        let element = self.required(tag)?;
        let header = element.raw.len() - element.value.len();
        let offset = self.offset - element.raw.len() + header;
        Ok(Self {
            what: self.what,
            rest: element.value,
            offset,
        })
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Error::Der`] if something is left.
    pub fn finish(self) -> Result<(), Error> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.fault("unexpected bytes follow"))
        }
    }

    /// An error at the place reached.
    #[must_use]
    pub const fn fault(&self, fault: &'static str) -> Error {
        Error::Der {
            what: self.what,
            offset: self.offset,
            fault,
        }
    }
}

/// Tag, size of the header, length of the value; the fault is [`INDEFINITE`] if there is no length.
pub(crate) fn header(bytes: &[u8]) -> Result<(u8, usize, usize), &'static str> {
    let truncated = "the bytes end inside an element";
    let tag = *bytes.first().ok_or(truncated)?;
    if tag & 0x1f == 0x1f {
        return Err("tag numbers above 30 are not read");
    }
    let first = usize::from(*bytes.get(1).ok_or(truncated)?);
    if first < 0x80 {
        return Ok((tag, 2, first));
    }
    let count = first & 0x7f;
    match count {
        0 => return Err(INDEFINITE),
        1..=4 => {}
        _ => return Err("the length has more than four octets"),
    }
    let octets = bytes.get(2..2 + count).ok_or(truncated)?;
    let length = octets
        .iter()
        .fold(0_usize, |sum, octet| (sum << 8) | usize::from(*octet));
    if octets.first() == Some(&0) || length < 0x80 {
        return Err("the length is not in its shortest form");
    }
    Ok((tag, 2 + count, length))
}

/// The fault of an indefinite length, which BER allows and DER does not.
pub const INDEFINITE: &str = "indefinite length (BER); only DER is read";

/// A reader of the contents of `bytes`, which must be exactly one element with `tag`.
///
/// # Errors
/// [`Error::Der`] if they are not.
pub fn only<'a>(what: &'static str, bytes: &'a [u8], tag: u8) -> Result<Reader<'a>, Error> {
    let mut outer = Reader::new(what, bytes);
    let inner = outer.enter(tag)?;
    outer.finish()?;
    Ok(inner)
}

/// Checks that `bytes` are one element, DER down to the last constructed one, at most 32 deep.
///
/// # Errors
/// [`Error::Der`] if they are not.
pub fn check(what: &'static str, bytes: &[u8]) -> Result<(), Error> {
    let mut reader = Reader::new(what, bytes);
    reader.element()?;
    reader.finish()?;
    check_all(Reader::new(what, bytes), 32)
}

fn check_all(mut reader: Reader<'_>, depth: usize) -> Result<(), Error> {
    while let Some(tag) = reader.peek() {
        if tag & 0x20 == 0 {
            reader.element()?;
        } else if depth == 0 {
            return Err(reader.fault("nested too deeply"));
        } else {
            check_all(reader.enter(tag)?, depth - 1)?;
        }
    }
    Ok(())
}

/// An element with `tag` whose value is `parts` one after the other.
#[must_use]
pub fn encode(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + 6);
    out.push(tag);
    let octets = length.to_be_bytes();
    let used = octets.iter().skip_while(|octet| **octet == 0).copied();
    if length < 0x80 {
        out.extend(octets.last());
    } else {
        let count = u8::try_from(used.clone().count()).unwrap_or(u8::MAX);
        out.push(0x80 | count);
        out.extend(used);
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// An `OBJECT IDENTIFIER` element.
#[must_use]
pub fn oid(oid: &const_oid::ObjectIdentifier) -> Vec<u8> {
    encode(OID, &[oid.as_bytes()])
}

/// The dotted form of the value of an `OBJECT IDENTIFIER`; hex if it has none.
#[must_use]
pub fn dotted(value: &[u8]) -> String {
    const_oid::ObjectIdentifier::from_bytes(value)
        .map_or_else(|_| hex::encode(value), |oid| oid.to_string())
}

/// The value of a non-negative `INTEGER` that fits.
#[must_use]
pub fn small_integer(value: &[u8]) -> Option<u32> {
    let minimal = !matches!(value, [0, next, ..] if next & 0x80 == 0);
    let digits = value
        .strip_prefix(&[0])
        .filter(|rest| !rest.is_empty())
        .unwrap_or(value);
    let fits = (1..=4).contains(&digits.len()) && value.first().is_some_and(|b| b & 0x80 == 0);
    (minimal && fits).then(|| {
        digits
            .iter()
            .fold(0, |sum, digit| (sum << 8) | u32::from(*digit))
    })
}

/// The instant of a `UTCTime` or `GeneralizedTime` in the form RFC 5280, 4.1.2.5 requires: UTC with
/// whole seconds, written with `Z`.
#[must_use]
pub fn time(element: &Element<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(element.value).ok()?;
    let digits = text.strip_suffix('Z')?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match (element.tag, digits.len()) {
        (UTC_TIME, 12) => {
            let year: i16 = digits.get(..2)?.parse().ok()?;
            (
                if year < 50 { year + 2000 } else { year + 1900 },
                digits.get(2..)?,
            )
        }
        (GENERALIZED_TIME, 14) => (digits.get(..4)?.parse().ok()?, digits.get(4..)?),
        _ => return None,
    };
    let two = |at: usize| {
        rest.get(at..at + 2)
            .and_then(|pair| pair.parse::<i8>().ok())
    };
    utc_instant(year, [two(0)?, two(2)?], [two(4)?, two(6)?, two(8)?])
}

#[cfg(test)]
mod tests;
