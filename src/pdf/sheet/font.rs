//! The two faces of a sheet, each embedded as the letters used, with its text kept searchable.
//! Source: ISO 32000-2, 9.7 and 9.10.3.

use std::collections::BTreeMap;

use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId};

use crate::domain::language::is_steering;
use crate::pdf::error::Error;
use crate::pdf::filter::deflate;
use crate::pdf::font_program::{metrics, unicode_map};

/// Liberation Sans (SIL Open Font License 1.1), all letters of Vietnamese.
const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/LiberationSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../assets/fonts/LiberationSans-Bold.ttf");

/// How heavy text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// For reading.
    Regular,
    /// For headings.
    Bold,
}

impl Weight {
    const fn program(self) -> &'static [u8] {
        match self {
            Self::Regular => REGULAR,
            Self::Bold => BOLD,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Regular => "LTSHET+LiberationSans",
            Self::Bold => "LTSHEB+LiberationSans-Bold",
        }
    }
}

/// A face and the letters used of it.
pub(super) struct Font {
    weight: Weight,
    face: Face<'static>,
    glyphs: GlyphRemapper,
    /// New glyph id → width in thousandths of the font size.
    widths: BTreeMap<u16, u32>,
    /// New glyph id → what it says.
    letters: BTreeMap<u16, char>,
}

fn unusable(fault: impl ToString) -> Error {
    Error::Unusable {
        code: "TEXT_UNUSABLE",
        detail: fault.to_string(),
    }
}

impl Font {
    pub(super) fn new(weight: Weight) -> Result<Self, Error> {
        Ok(Self {
            weight,
            face: Face::parse(weight.program(), 0).map_err(unusable)?,
            glyphs: GlyphRemapper::new(),
            widths: BTreeMap::new(),
            letters: BTreeMap::new(),
        })
    }

    /// `text` as it is shown: what the face lacks, or what could steer, is written as its code.
    pub(super) fn legible(&self, text: &str) -> String {
        let mut shown = String::new();
        for letter in text.chars() {
            if is_steering(letter) || self.face.glyph_index(letter).is_none() {
                shown.push_str(&letter.escape_unicode().to_string());
            } else {
                shown.push(letter);
            }
        }
        shown
    }

    fn advance(&self, letter: char) -> (u16, u32) {
        let glyph = self.face.glyph_index(letter).unwrap_or(GlyphId(0));
        let advance = u32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0));
        let em = u32::from(self.face.units_per_em()).max(1);
        (glyph.0, advance.saturating_mul(1000) / em)
    }

    /// Width of legible text in thousandths of the font size.
    pub(super) fn width(&self, text: &str) -> u32 {
        text.chars()
            .map(|letter| self.advance(letter).1)
            .fold(0, u32::saturating_add)
    }

    /// Legible text as hexadecimal glyph ids.
    pub(super) fn encode(&mut self, text: &str) -> String {
        let mut codes = String::new();
        for letter in text.chars() {
            let (glyph, advance) = self.advance(letter);
            let new = self.glyphs.remap(glyph);
            self.widths.insert(new, advance);
            self.letters.insert(new, letter);
            codes.push_str(&format!("{new:04X}"));
        }
        codes
    }

    /// The five objects of the font, the first of which is the font itself; `first` is its number.
    pub(super) fn objects(&self, first: usize) -> Result<Vec<Vec<u8>>, Error> {
        let program = subsetter::subset(self.weight.program(), 0, &self.glyphs);
        let program = program.map_err(unusable)?;
        let name = self.weight.name();
        let font = format!(
            "<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H\
             /DescendantFonts[{} 0 R]/ToUnicode {} 0 R>>",
            first.saturating_add(1),
            first.saturating_add(4)
        );
        let widths = self.widths.iter();
        let widths: String = widths
            .map(|(glyph, width)| format!("{glyph}[{width}]"))
            .collect();
        let descendant = format!(
            "<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}\
             /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>\
             /CIDToGIDMap/Identity/FontDescriptor {} 0 R/DW 500/W[{widths}]>>",
            first.saturating_add(2)
        );
        Ok(vec![
            font.into_bytes(),
            descendant.into_bytes(),
            self.descriptor(first.saturating_add(3)).into_bytes(),
            stream(&format!("/Length1 {}", program.len()), &program),
            stream("", unicode_map(&self.letters).as_bytes()),
        ])
    }

    fn descriptor(&self, program: usize) -> String {
        format!(
            "<</Type/FontDescriptor/FontName/{}{}/FontFile2 {program} 0 R>>",
            self.weight.name(),
            metrics(&self.face),
        )
    }
}

/// A deflated stream.
pub(super) fn stream(entries: &str, plain: &[u8]) -> Vec<u8> {
    let packed = deflate(plain);
    let head = format!(
        "<<{entries}/Filter/FlateDecode/Length {}>>\nstream\n",
        packed.len()
    );
    let mut body = head.into_bytes();
    body.extend_from_slice(&packed);
    body.extend_from_slice(b"\nendstream");
    body
}
