//! A font as far as searching needs it: what each code says and how wide it is.
//! Source: ISO 32000-2, 9.6.2, 9.7.4 and 9.10.3.

use std::collections::BTreeMap;

use super::document::View;
use super::error::{Error, malformed};
use super::object::{Dictionary, Object};
use super::parser::Parser;
use super::text_walk::Normal;

/// Codes of one font: no code shown has more than two bytes.
const CODES: usize = 65_536;

/// What codes of a font mean.
pub(super) struct TextFont {
    /// Codes have two bytes.
    wide: bool,
    /// A tree, since fonts have few codes and hashing one costs more than finding it.
    codes: BTreeMap<u16, Code>,
    default_width: f64,
    /// A simple font without `/ToUnicode`: codes are Latin letters.
    latin: bool,
}

/// What a font tells about one code.
#[derive(Default)]
struct Code {
    says: Option<Box<str>>,
    width: Option<f64>,
}

/// One code shown.
pub(super) struct Glyph<'f> {
    /// What it says, if known.
    pub(super) text: Option<&'f str>,
    /// Its width as part of the font's size.
    pub(super) width: f64,
    /// Whether the font states that width.
    pub(super) measured: bool,
    /// Whether it is the one-byte code 32.
    pub(super) is_space: bool,
}

impl TextFont {
    pub(super) fn read(view: &View<'_, '_>, font: &Object) -> Result<Self, Error> {
        let wrong = malformed("STRUCTURE", 0, "a font");
        let font = view.resolve(font)?;
        let font = font.as_dictionary().ok_or(wrong)?;
        let wide = font.is_name(b"Subtype", b"Type0");
        let mut read = Self {
            wide,
            codes: BTreeMap::new(),
            default_width: if wide { 1.0 } else { 0.5 },
            latin: false,
        };
        match font.reference(b"ToUnicode") {
            Some(id) => {
                if let Some(map) = view.load(id)? {
                    let plain = view.plain_data(&map)?;
                    read.map(&plain);
                }
            }
            None => read.latin = !wide,
        }
        if read.latin {
            for code in 32..=255_u8 {
                let text = char::from(code).to_string();
                read.says(u32::from(code), text);
            }
        }
        if wide {
            read.wide_widths(view, font)?;
        } else {
            read.simple_widths(view, font)?;
        }
        Ok(read)
    }

    /// The same font with what its codes say made comparable: once for each code, not for each letter.
    pub(super) fn comparable(mut self, normal: Normal<'_>) -> Self {
        for says in self
            .codes
            .values_mut()
            .filter_map(|code| code.says.as_mut())
        {
            *says = normal(says).into();
        }
        self
    }

    fn simple_widths(&mut self, view: &View<'_, '_>, font: &Dictionary) -> Result<(), Error> {
        let first = font.integer(b"FirstChar").unwrap_or(0);
        let first = u32::try_from(first).unwrap_or(0);
        let widths = view.value(font, b"Widths")?;
        for (code, width) in (first..).zip(widths.as_array().unwrap_or_default()) {
            if let Some(width) = view.resolve(&width.object)?.as_number() {
                self.measures(code, width / 1000.0);
            }
        }
        Ok(())
    }

    fn wide_widths(&mut self, view: &View<'_, '_>, font: &Dictionary) -> Result<(), Error> {
        let list = view.value(font, b"DescendantFonts")?;
        let first = list.as_array().and_then(|list| list.first());
        let Some(descendant) = first.map(|one| view.resolve(&one.object)).transpose()? else {
            return Ok(());
        };
        let Some(descendant) = descendant.as_dictionary() else {
            return Ok(());
        };
        if let Some(width) = view.value(descendant, b"DW")?.as_number() {
            self.default_width = width / 1000.0;
        }
        let widths = view.value(descendant, b"W")?;
        let mut items = widths.as_array().unwrap_or_default().iter();
        while let Some(first) = items.next() {
            let first = code_of(&view.resolve(&first.object)?);
            let (Some(first), Some(second)) = (first, items.next()) else {
                break;
            };
            match view.resolve(&second.object)? {
                Object::Array(widths) => {
                    for (code, width) in (first..).zip(widths) {
                        let width = view.resolve(&width.object)?.as_number();
                        self.measures(code, width.unwrap_or(0.0) / 1000.0);
                    }
                }
                last => {
                    let (Some(last), Some(width)) = (code_of(&last), items.next()) else {
                        break;
                    };
                    let width = view.resolve(&width.object)?.as_number().unwrap_or(0.0);
                    for code in (first..=last).take(CODES) {
                        self.measures(code, width / 1000.0);
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads `bfchar` and `bfrange` sections.
    fn map(&mut self, plain: &[u8]) {
        let text = String::from_utf8_lossy(plain);
        for section in text.split("beginbfchar").skip(1) {
            let section = section.split("endbfchar").next().unwrap_or("");
            let values = values(section);
            for pair in values.chunks_exact(2) {
                if let [Object::String(code), Object::String(says)] = pair {
                    self.says(number(code), utf16(says));
                }
            }
        }
        for section in text.split("beginbfrange").skip(1) {
            let section = section.split("endbfrange").next().unwrap_or("");
            let values = values(section);
            for triple in values.chunks_exact(3) {
                if let [Object::String(from), Object::String(to), says] = triple {
                    self.range(number(from), number(to), says);
                }
            }
        }
    }

    fn range(&mut self, from: u32, to: u32, says: &Object) {
        match says {
            Object::Array(items) => {
                for (code, item) in (from..=to).zip(items) {
                    if let Some(text) = item.object.as_string() {
                        self.says(code, utf16(text));
                    }
                }
            }
            Object::String(first) => {
                let first = utf16(first);
                let mut letters = first.chars();
                let Some(last) = letters.next_back() else {
                    return;
                };
                for (step, code) in (from..=to).take(CODES).enumerate() {
                    let step = u32::try_from(step).unwrap_or(0);
                    let letter = u32::from(last).checked_add(step).and_then(char::from_u32);
                    let text = letters.as_str().chars().chain(letter).collect();
                    self.says(code, text);
                }
            }
            _ => {}
        }
    }

    fn says(&mut self, code: u32, text: String) {
        if let Some(code) = self.code(code) {
            code.says = Some(text.into());
        }
    }

    fn measures(&mut self, code: u32, width: f64) {
        if let Some(code) = self.code(code) {
            code.width = Some(width);
        }
    }

    /// What is known of a code, `None` for one that cannot be shown.
    fn code(&mut self, code: u32) -> Option<&mut Code> {
        Some(self.codes.entry(u16::try_from(code).ok()?).or_default())
    }

    /// The codes of a shown string.
    pub(super) fn glyphs<'f>(&'f self, bytes: &'f [u8]) -> impl Iterator<Item = Glyph<'f>> {
        let size = if self.wide { 2 } else { 1 };
        bytes.chunks(size).map(move |code| {
            let code = number(code);
            let known = u16::try_from(code).ok();
            let known = known.and_then(|code| self.codes.get(&code));
            let width = known.and_then(|known| known.width);
            Glyph {
                text: known.and_then(|known| known.says.as_deref()),
                width: width.unwrap_or(self.default_width),
                measured: width.is_some() || self.wide,
                is_space: !self.wide && code == 32,
            }
        })
    }
}

fn code_of(object: &Object) -> Option<u32> {
    object
        .as_integer()
        .and_then(|code| u32::try_from(code).ok())
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .take(4)
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|two| u16::from_be_bytes(*two));
    char::decode_utf16(units)
        .map(|letter| letter.unwrap_or('\u{FFFD}'))
        .collect()
}

/// The values of a section, as far as they can be read.
fn values(section: &str) -> Vec<Object> {
    let mut parser = Parser::new(section.as_bytes(), true);
    let mut found = Vec::new();
    loop {
        parser.skip_blank();
        match parser.object() {
            Ok(value) if found.len() < 3 * CODES => found.push(value),
            _ => return found,
        }
    }
}
