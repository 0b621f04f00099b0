//! A font as far as its letters take up room and tell what they say. Stricter than searching: what
//! two sources tell differently is not told at all. Source: ISO 32000-2, 9.6, 9.7, 9.10 and Annex D.

use std::collections::HashMap;

use super::plane::{Box4, Matrix, boxed, union};
use super::walk::Walk;
use crate::pdf::document::View;
use crate::pdf::error::Error;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::text_font::TextFont;

/// Glyph procedures of one Type 3 font.
const PROCEDURES: usize = 1_024;
/// What a letter takes up beside its width, as part of the font's size: left, below, right, above.
const ROOM: Box4 = [-0.2, -0.3, 0.2, 1.0];
/// Names of glyphs that are not the letter itself. Source: ISO 32000-2, Annex D.
const NAMES: [(&[u8], char); 22] = [
    (b"space", ' '),
    (b"zero", '0'),
    (b"one", '1'),
    (b"two", '2'),
    (b"three", '3'),
    (b"four", '4'),
    (b"five", '5'),
    (b"six", '6'),
    (b"seven", '7'),
    (b"eight", '8'),
    (b"nine", '9'),
    (b"period", '.'),
    (b"comma", ','),
    (b"hyphen", '-'),
    (b"slash", '/'),
    (b"colon", ':'),
    (b"parenleft", '('),
    (b"parenright", ')'),
    (b"plus", '+'),
    (b"percent", '%'),
    (b"quotesingle", '\''),
    (b"grave", '`'),
];

/// A font.
pub(super) struct PaintedFont {
    measures: TextFont,
    /// The room one letter takes, around its width, as part of the font's size.
    pub(super) room: Box4,
    /// For a Type 3 font: what one unit of a width is of the font's size.
    unit: Option<f64>,
    encoding: Encoding,
}

/// What its codes say beside `/ToUnicode`.
struct Encoding {
    /// Whether codes of two bytes are used, which only `/ToUnicode` tells.
    wide: bool,
    unicode: bool,
    latin: bool,
    windows: bool,
    differences: HashMap<u8, Option<char>>,
}

/// One code shown.
pub(super) struct Letter {
    /// What it says, if that is certain.
    pub(super) text: Option<String>,
    /// Its width as part of the font's size.
    pub(super) width: f64,
    /// Whether it is the one-byte code 32.
    pub(super) is_space: bool,
}

impl PaintedFont {
    /// Reads a font; `None` when its letters could be anywhere.
    pub(super) fn read(walk: &mut Walk<'_, '_, '_>, font: &Object) -> Option<Self> {
        let view = walk.view;
        let font = view.resolve(font).ok()?;
        let dictionary = font.as_dictionary()?;
        let kind = dictionary.get(b"Subtype").and_then(Object::as_name)?;
        let measures = TextFont::read(view, &font).ok()?;
        let (room, unit) = match kind {
            b"Type3" if !walk.in_glyph => {
                let (room, unit) = procedures(walk, dictionary)?;
                (room, Some(unit))
            }
            b"Type0" => {
                let encoding = view.value(dictionary, b"Encoding").ok()?;
                (encoding.as_name() == Some(b"Identity-H")).then_some((ROOM, None))?
            }
            b"Type1" | b"TrueType" | b"MMType1" => (ROOM, None),
            _ => return None,
        };
        Some(Self {
            measures,
            room,
            unit,
            encoding: Encoding::read(view, dictionary, kind).ok()?,
        })
    }

    /// The codes of a shown string.
    pub(super) fn letters(&self, bytes: &[u8]) -> Vec<Letter> {
        let size = if self.encoding.wide { 2 } else { 1 };
        let codes = bytes.chunks(size);
        let glyphs = self.measures.glyphs(bytes).zip(codes);
        let letter = |(glyph, code): (crate::pdf::text_font::Glyph<'_>, &[u8])| {
            let code = code.first().copied().unwrap_or_default();
            let width = match self.unit {
                Some(unit) => glyph.width * 1000.0 * unit,
                None if glyph.measured => glyph.width,
                None => estimated(code),
            };
            Letter {
                text: self.encoding.told(code, glyph.text),
                width,
                is_space: glyph.is_space,
            }
        };
        glyphs.map(letter).collect()
    }
}

/// A width for a letter of a font that states none: no standard font has a wider one.
fn estimated(code: u8) -> f64 {
    match code {
        b'i' | b'j' | b'l' | b'I' | b'.' | b',' | b':' | b';' | b'\'' | b'|' | b'!' | b' '
        | b'f' | b't' | b'r' | b'(' | b')' | b'-' | b'/' | b'[' | b']' => 0.39,
        b'0'..=b'9' | b'a'..=b'l' | b'n'..=b'v' | b'x'..=b'z' => 0.62,
        b'm' | b'w' | b'W' | b'M' | b'%' | b'@' | 128.. => 1.0,
        _ => 0.8,
    }
}

/// The box around every glyph of a Type 3 font and the unit of its widths, in text space.
fn procedures(walk: &mut Walk<'_, '_, '_>, font: &Dictionary) -> Option<(Box4, f64)> {
    let view = walk.view;
    let matrix = view.value(font, b"FontMatrix").ok()?;
    let six: Option<Vec<f64>> = matrix
        .as_array()?
        .iter()
        .map(|item| item.object.as_number())
        .collect();
    let matrix = Matrix::try_from(six?).ok()?;
    let listed = view.value(font, b"CharProcs").ok()?;
    let listed = listed.as_dictionary()?;
    let own = view.value(font, b"Resources").ok()?;
    let mut room: Option<Box4> = None;
    for (count, (_, item)) in listed.iter().enumerate() {
        let place = walk.glyph(item.object.as_reference()?, &own)?;
        if count >= PROCEDURES {
            return None;
        }
        if let Some(place) = place {
            let place = boxed(matrix, place);
            room = Some(room.map_or(place, |known| union(known, place)));
        }
    }
    let [unit, ..] = matrix;
    Some((room.unwrap_or_default(), unit))
}

impl Encoding {
    fn read(view: &View<'_, '_>, font: &Dictionary, kind: &[u8]) -> Result<Self, Error> {
        let descriptor = view.value(font, b"FontDescriptor")?;
        let embedded = descriptor.as_dictionary().is_some_and(|descriptor| {
            [b"FontFile".as_slice(), b"FontFile2", b"FontFile3"]
                .iter()
                .any(|key| descriptor.get(key).is_some())
        });
        let name = font.get(b"BaseFont").and_then(Object::as_name);
        let name = name.unwrap_or_default();
        let symbols = [b"Symbol".as_slice(), b"ZapfDingbats", b"Wingdings"];
        let symbolic = symbols.iter().any(|symbol| name.ends_with(symbol));
        let simple = !matches!(kind, b"Type0" | b"Type3") && !symbolic;
        let encoding = view.value(font, b"Encoding")?;
        let base = match &encoding {
            Object::Dictionary(encoding) => view.value(encoding, b"BaseEncoding")?,
            other => other.clone(),
        };
        let standard = [
            b"StandardEncoding".as_slice(),
            b"WinAnsiEncoding",
            b"MacRomanEncoding",
        ];
        let named = base.as_name().is_some_and(|name| standard.contains(&name));
        let mut read = Self {
            wide: kind == b"Type0",
            unicode: font.get(b"ToUnicode").is_some(),
            latin: simple && (named || !embedded && base == Object::Null),
            windows: simple && base.as_name() == Some(b"WinAnsiEncoding"),
            differences: HashMap::new(),
        };
        if let Some(encoding) = encoding.as_dictionary() {
            let list = view.value(encoding, b"Differences")?;
            let mut code = 0_u8;
            for item in list.as_array().unwrap_or_default() {
                match view.resolve(&item.object)? {
                    Object::Name(name) => {
                        read.differences.insert(code, named_letter(&name));
                        code = code.wrapping_add(1);
                    }
                    other => {
                        let first = other.as_integer().and_then(|one| u8::try_from(one).ok());
                        code = first.unwrap_or_default();
                    }
                }
            }
        }
        Ok(read)
    }

    /// What a code says, if everything that tells it tells the same.
    fn told(&self, code: u8, mapped: Option<&str>) -> Option<String> {
        let mapped = mapped.filter(|text| self.unicode && !text.is_empty());
        if self.wide {
            return mapped.map(str::to_owned);
        }
        let own = match self.differences.get(&code) {
            Some(letter) => *letter,
            None => match code {
                b' '..=b'~' if self.latin => Some(char::from(code)),
                0xA0.. if self.windows => Some(char::from(code)),
                _ => None,
            },
        };
        match (mapped, own) {
            (Some(mapped), Some(own)) => (mapped.chars().eq([own])).then(|| mapped.to_owned()),
            (Some(mapped), None) => Some(mapped.to_owned()),
            (None, own) => own.map(String::from),
        }
    }
}

/// The letter a glyph's name stands for.
fn named_letter(name: &[u8]) -> Option<char> {
    if let [letter] = name {
        return letter.is_ascii_alphabetic().then(|| char::from(*letter));
    }
    if let Some((_, letter)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*letter);
    }
    let digits = name
        .strip_prefix(b"uni")
        .filter(|digits| digits.len() == 4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)
}
