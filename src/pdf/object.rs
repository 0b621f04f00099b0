//! The eight kinds of PDF values, with the place of each value in the bytes it was read from, so
//! that an untouched value can be written again byte by byte. Source: ISO 32000-2, 7.3.

use std::ops::Range;

/// Names an indirect object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// Object number, from 1.
    pub number: u32,
    /// Generation, zero in nearly every file.
    pub generation: u16,
}

impl ObjectId {
    /// The object `number` of generation zero.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self {
            number,
            generation: 0,
        }
    }
}

impl std::fmt::Display for ObjectId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} R", self.number, self.generation)
    }
}

/// A value. Equal means: says the same, however it is written (a real number keeps its digits).
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number without a point.
    Integer(i64),
    /// A number with a point, as written.
    Real(Box<[u8]>),
    /// `/Name`, escapes undone, without the slash.
    Name(Box<[u8]>),
    /// A literal or hexadecimal string, decoded.
    String(Vec<u8>),
    /// `[ … ]`
    Array(Vec<Item>),
    /// `<< … >>`
    Dictionary(Dictionary),
    /// `n g R`
    Reference(ObjectId),
}

/// A value inside an array or dictionary and where it stands in the object's bytes.
#[derive(Debug, Clone)]
pub struct Item {
    /// The value.
    pub object: Object,
    /// Its first byte and the byte after its last, counted from the start of the object's bytes.
    pub span: Range<usize>,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.object == other.object
    }
}

/// A dictionary without duplicate keys and without null values (which mean absence).
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    entries: Vec<(Box<[u8]>, Item)>,
}

impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.entries.len() == other.entries.len()
            && self
                .entries
                .iter()
                .all(|(key, item)| other.item(key) == Some(item))
    }
}

impl Dictionary {
    pub(super) fn from_entries(entries: Vec<(Box<[u8]>, Item)>) -> Self {
        Self { entries }
    }

    /// The value of `key` and its place.
    #[must_use]
    pub fn item(&self, key: &[u8]) -> Option<&Item> {
        self.entries
            .iter()
            .find(|(name, _)| name.as_ref() == key)
            .map(|(_, item)| item)
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<&Object> {
        self.item(key).map(|item| &item.object)
    }

    /// Every key with its value, in the order written.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Item)> {
        self.entries.iter().map(|(key, item)| (key.as_ref(), item))
    }

    /// Whether the value of `key` is the name `name`.
    #[must_use]
    pub fn is_name(&self, key: &[u8], name: &[u8]) -> bool {
        self.get(key).and_then(Object::as_name) == Some(name)
    }

    /// The integer under `key`.
    #[must_use]
    pub fn integer(&self, key: &[u8]) -> Option<i64> {
        self.get(key).and_then(Object::as_integer)
    }

    /// The reference under `key`.
    #[must_use]
    pub fn reference(&self, key: &[u8]) -> Option<ObjectId> {
        self.get(key).and_then(Object::as_reference)
    }
}

impl Object {
    /// The integer, if it is one.
    #[must_use]
    pub const fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// The number, if it is one, integer or real.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => i32::try_from(*number).ok().map(f64::from),
            Self::Real(text) => std::str::from_utf8(text).ok()?.parse().ok(),
            _ => None,
        }
    }

    /// The name without its slash, if it is one.
    #[must_use]
    pub fn as_name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self {
            Some(name)
        } else {
            None
        }
    }

    /// The decoded string, if it is one.
    #[must_use]
    pub fn as_string(&self) -> Option<&[u8]> {
        if let Self::String(bytes) = self {
            Some(bytes)
        } else {
            None
        }
    }

    /// The items, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Item]> {
        if let Self::Array(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// The dictionary, if it is one.
    #[must_use]
    pub const fn as_dictionary(&self) -> Option<&Dictionary> {
        if let Self::Dictionary(dictionary) = self {
            Some(dictionary)
        } else {
            None
        }
    }

    /// The id, if it is a reference.
    #[must_use]
    pub const fn as_reference(&self) -> Option<ObjectId> {
        if let Self::Reference(id) = self {
            Some(*id)
        } else {
            None
        }
    }
}

/// The text of a text string as it stands: UTF-16BE or UTF-8 with their marks, else read as Latin
/// letters. Not safe to show. Source: ISO 32000-2, 7.9.2.2.
#[must_use]
pub fn raw_text(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => {
            let units = rest.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or('\u{FFFD}'))
                .collect()
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes
            .iter()
            .map(|byte| char::from(*byte))
            .collect::<String>(),
    }
}

/// The text of a text string. Control characters become a space, so that the text is safe to show.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    let hidden =
        |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    raw_text(bytes)
        .chars()
        .map(|c| if hidden(c) { ' ' } else { c })
        .collect()
}
